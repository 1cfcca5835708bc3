"""What the frames that are to be derained look like, told by ffmpeg itself."""

from __future__ import annotations

import logging
import re
import shlex
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import get_args

from vsrrg.errors import FormatError, MediaError
from vsrrg.ffmpeg.process import telling_line
from vsrrg.video.color import ColorSpec, Matrix, Range
from vsrrg.video.pix_fmts import PIX_FMTS, find_pix_fmt

_ONE_STEP = {
    "yuyv422": "yuv422p", "uyvy422": "yuv422p", "yvyu422": "yuv422p", "uyyvyy411": "yuv411p",
    "nv12": "yuv420p", "nv21": "yuv420p", "nv16": "yuv422p", "nv24": "yuv444p", "nv42": "yuv444p",
    "p010": "yuv420p10le", "p012": "yuv420p12le", "p016": "yuv420p16le", "p210": "yuv422p10le",
    "p212": "yuv422p12le", "p216": "yuv422p16le", "p410": "yuv444p10le", "p412": "yuv444p12le",
    "p416": "yuv444p16le", "nv20": "yuv422p10le", "y210": "yuv422p10le", "y212": "yuv422p12le",
    "rgb24": "gbrp", "bgr24": "gbrp", "0rgb": "gbrp", "rgb0": "gbrp", "0bgr": "gbrp", "bgr0": "gbrp",
    "rgb48": "gbrp16le", "bgr48": "gbrp16le", "x2rgb10": "gbrp10le", "x2bgr10": "gbrp10le",
}  # fmt: skip
"""Formats that only order the same samples differently, and the planar one that ffmpeg turns them into
exactly.
Names are without the byte order."""

_NOT_IN_NUT = re.compile(r"gray(f16|f32)|gbrpf16|yuv440p1[02]")
"""Planar formats for which NUT has no code."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class StreamFormat:
    """The frames of a stream."""

    width: int
    height: int
    pix_fmt: str
    time_base: Fraction
    start: Fraction = Fraction(0)
    """Time of the first frame in seconds."""
    range: str = "unknown"
    """ffmpeg's name of the range ("tv", "pc", "unknown"); likewise the three tags below."""
    matrix: str = "unknown"
    primaries: str = "unknown"
    transfer: str = "unknown"
    interlaced: bool = False
    aspect: str = "0/1"
    """Of a sample; 0/1 if unknown."""
    turns: int = 0
    """Quarter turns to the left, 0 to 3, by which players set the picture upright."""

    @property
    def color(self) -> ColorSpec:
        """Matrix and range for the engine, guessed where the tags are unknown."""
        fmt = PIX_FMTS[self.working_pix_fmt].format
        matrices: tuple[Matrix, ...] = get_args(Matrix)
        matrix = next((m for m in matrices if m == self.matrix and m != "rgb"), None)
        range_: Range | None = {"tv": "limited", "pc": "full"}.get(self.range)  # type: ignore[assignment]
        return ColorSpec.guess(fmt, self.width, self.height, matrix, range_)

    @property
    def working_pix_fmt(self) -> str:
        """The planar pixel format in which the frames are derained; conversion to it loses nothing.

        Raises:
            FormatError: there is none, as for formats with alpha or a palette.
        """
        return working_pix_fmt(self.pix_fmt)

    def is_whole(self, size: tuple[int, int], pix_fmt: str) -> bool:
        """Whether frames of so many columns and rows end with whole chroma samples in a pixel format."""
        fmt = (PIX_FMTS.get(pix_fmt) or PIX_FMTS[self.working_pix_fmt]).format
        return not (size[0] % (1 << fmt.sub_w) or size[1] % (1 << fmt.sub_h))


def working_pix_fmt(name: str) -> str:
    """The planar, little-endian pixel format that holds exactly the samples of this one.

    Raises:
        FormatError: there is none that the engine takes and a NUT pipe carries.
    """
    stem = name[:-2] if name.endswith(("le", "be")) else name
    wide = stem != name
    if stem.startswith("yuvj"):
        stem = "yuv" + stem[4:]
    target = _ONE_STEP.get(stem) or (stem + "le" if wide else stem)
    if target not in PIX_FMTS:
        find_pix_fmt(name)
    if (
        target not in PIX_FMTS
        or PIX_FMTS[target].layout != "planar"
        or _NOT_IN_NUT.fullmatch(target.removesuffix("le"))
    ):
        raise FormatError(
            "unsupported-format",
            f"pixel format {name!r} cannot go through a pipe; convert to yuv444p16le, gray16le or gbrpf32le",
        )
    return target


def inspect(command: Sequence[str], *, what: str) -> StreamFormat:
    """Run a cut graph's `inspect_command`; `what` names the stream in messages.

    Raises:
        MediaError: it cannot be opened or decoded, or holds no frame.
    """
    log.debug("run: %s", shlex.join(command))
    run = subprocess.run(
        command, capture_output=True, stdin=subprocess.DEVNULL, text=True, errors="replace", process_group=0
    )
    found = parse_showinfo(run.stderr)
    if found is None:
        reason = telling_line(run.stderr.splitlines()) if run.returncode else "it holds no frame"
        raise MediaError("decoding-failed", f"{what} cannot be decoded: {reason}")
    return found


def parse_showinfo(text: str) -> StreamFormat | None:
    """The format of the first frame in the lines of ffmpeg's showinfo filter; None if there is no frame."""
    base = re.search(r"config in time_base: (\d{1,10}/[1-9]\d{0,9})\b", text)
    frame = re.search(
        r"\] n: *0 pts: *(NOPTS|-?\d{1,19}) .*? fmt:(\S+) .*?sar:(\S+) s:(\d{1,9})x(\d{1,9}) i:(\S)", text
    )
    if base is None or frame is None:
        return None
    degrees = re.search(r"displaymatrix: rotation of (-?\d{1,3}\.\d+) degrees", text[frame.start() :])
    tags = {}
    for tag in ("range", "space", "primaries", "trc"):
        match = re.search(rf"\bcolor_{tag}:(\S+)", text[frame.start() :])
        tags[tag] = match[1] if match and match[1] != "reserved" else "unknown"
    return StreamFormat(
        width=int(frame[4]),
        height=int(frame[5]),
        pix_fmt=frame[2],
        time_base=Fraction(base[1]),
        start=Fraction(0) if frame[1] == "NOPTS" else int(frame[1]) * Fraction(base[1]),
        range=tags["range"],
        matrix=tags["space"],
        primaries=tags["primaries"],
        transfer=tags["trc"],
        interlaced=frame[6] in "TB",
        aspect=frame[3],
        turns=round(float(degrees[1]) / 90) % 4 if degrees else 0,
    )
