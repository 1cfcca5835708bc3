"""Raw video in NUT over a pipe: pixels with their own timestamps, and the sample aspect ratio."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import IO, Any

from vsrrg.errors import FormatError, MediaError
from vsrrg.ffmpeg.nut_writer import NutWriter
from vsrrg.video.color import ColorSpec, Matrix, Range
from vsrrg.video.frame import Frame
from vsrrg.video.pix_fmts import PixFmt, find_pix_fmt, read_planes

MAGIC = b"nut/multimedia container\0"
_BUFFER = 1 << 20


class NutReader:
    """Frames of the first video stream of a NUT file or pipe, pts in `time_base`.

    Planes are views of what was read. NUT has no colour tags, so they are the caller's to give; unknown
    ones (None) are guessed.
    """

    def __init__(
        self,
        file: IO[bytes],
        *,
        pix_fmt: str | None = None,
        color: ColorSpec | None = None,
        matrix: Matrix | None = None,
        range: Range | None = None,
    ) -> None:
        """Read the header; `pix_fmt` overrules it where NUT's codes are ambiguous.

        Raises:
            MediaError: it is not NUT, or not raw video.
            FormatError: the pixel format is not supported.
        """
        import av

        try:
            self._container = av.open(file, "r", format="nut", buffer_size=_BUFFER)
        except av.FFmpegError as error:
            raise MediaError("unknown-stream", f"the stream is empty or not NUT: {error.strerror}") from error
        videos = self._container.streams.video
        if not videos or videos[0].codec_context.name != "rawvideo":
            raise MediaError(
                "unknown-stream", "the NUT stream holds no raw video; write it with '-c:v rawvideo -f nut'"
            )
        self.stream: Any = videos[0]
        context = videos[0].codec_context
        self.width: int = context.width
        self.height: int = context.height
        self.pix_fmt: PixFmt = find_pix_fmt(pix_fmt or context.pix_fmt or "unknown")
        base = self.stream.time_base
        self.time_base = Fraction(base.numerator, base.denominator)
        self.color = color or ColorSpec.guess(
            self.pix_fmt.format, self.width, self.height, matrix, range or self.pix_fmt.range
        )

    def __iter__(self) -> Iterator[Frame]:
        """The frames in order.

        Raises:
            MediaError: the stream ends within a frame.
        """
        import av

        size = self.pix_fmt.frame_bytes(self.width, self.height)
        count = 0
        try:
            for packet in self._container.demux(self.stream):
                if packet.size == 0:
                    continue
                if packet.is_corrupt or packet.size < size:
                    raise MediaError(
                        "truncated-stream",
                        f"the stream ends within frame {count}, after {packet.size} of {size} bytes",
                    )
                if packet.size != size:
                    raise FormatError(
                        "frame-bytes",
                        f"frame {count} has {packet.size} bytes, but {self.width}x{self.height} "
                        f"{self.pix_fmt.name} needs {size}; is the pixel format another one?",
                    )
                planes = read_planes(memoryview(packet), self.pix_fmt, self.width, self.height)
                yield Frame(planes, self.pix_fmt.format, self.color, packet.pts)
                count += 1
        except av.FFmpegError as error:
            if isinstance(error, av.error.BrokenPipeError):
                raise
            raise MediaError(
                "damaged-stream", f"the NUT stream is damaged after {count} frames: {error.strerror}"
            ) from error

    def writer(self, file: IO[bytes], size: tuple[int, int] | None = None) -> NutWriter:
        """A writer of the same kind of stream, time base and aspect ratio included, maybe of another size."""
        width, height = size or (self.width, self.height)
        aspect, rate = self.stream.sample_aspect_ratio, self.stream.base_rate
        return NutWriter(
            file,
            self.pix_fmt,
            width=width,
            height=height,
            fourcc=self.stream.codec_context.codec_tag.encode("latin-1"),
            time_base=self.time_base,
            rate=Fraction(rate.numerator, rate.denominator) if rate else None,
            aspect=Fraction(aspect.numerator, aspect.denominator) if aspect else None,
        )

    def close(self) -> None:
        """Let go of the file, which stays open."""
        self._container.close()
