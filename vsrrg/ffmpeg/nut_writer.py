"""Writes raw video as NUT, after the format's specification (nut.txt, version 3).

PyAV could mux NUT, but not set a stream's aspect ratio, and it picks a time base of its own. Raw video needs
little of the format: every frame is a key frame with a syncpoint and a checked header of its own.
"""

from __future__ import annotations

from fractions import Fraction
from typing import IO

from vsrrg.errors import MediaError
from vsrrg.video.frame import Frame
from vsrrg.video.pix_fmts import PixFmt, write_planes

_ID = b"nut/multimedia container\0"
_MAIN = b"NM\x7a\x56\x1f\x5f\x04\xad"
_STREAM = b"NS\x11\x40\x5b\xf2\xf9\xdb"
_INFO = b"NI\xab\x68\xb5\x96\xba\x78"
_RATE = b"r_frame_rate"
_SYNCPOINT = b"NK\xe4\xad\xee\xca\x45\x69"

_KEY, _CODED_PTS, _SIZE_MSB, _CHECKSUM, _CODED = 1, 8, 32, 64, 4096
_PTS_SHIFT = 7
_MAX_DISTANCE = 65536


class NutWriter:
    """Writes frames as the one video stream of a NUT file. The file is not closed."""

    def __init__(
        self,
        file: IO[bytes],
        pix_fmt: PixFmt,
        *,
        width: int,
        height: int,
        fourcc: bytes,
        time_base: Fraction,
        rate: Fraction | None = None,
        aspect: Fraction | None = None,
    ) -> None:
        """Write the headers; raises OSError if the file cannot be written.

        `fourcc` is NUT's code of the pixel format; `rate` (of frames) and `aspect` (of samples) are written
        where they are known.
        """
        self._file = file
        self._pix_fmt = pix_fmt
        sar = aspect or Fraction(0, 1)
        main = [3, 1, _MAX_DISTANCE, 1, time_base.numerator, time_base.denominator]
        # One entry for all frame codes: flags, size and pts are written with each frame.
        main += [_CODED, 6, 0, 1, 0, 0, 0, 255]
        main += [0]  # no elision headers
        stream = [0, _PTS_SHIFT, time_base.denominator, 0, 0, 0, width, height]
        stream += [sar.numerator, sar.denominator if aspect else 0, 0]
        file.write(_ID + _packet(_MAIN, _numbers(main)))
        # Stream 0, of class 0 (video).
        file.write(_packet(_STREAM, _numbers([0, 0, len(fourcc)]) + fourcc + _numbers(stream)))
        if rate is not None:
            # Without it a reader must guess the durations of frames. 2 stands for -1, the type of a string.
            value = f"{rate.numerator}/{rate.denominator}".encode()
            field = _numbers([len(_RATE)]) + _RATE + _numbers([2, len(value)]) + value
            file.write(_packet(_INFO, _numbers([1, 0, 0, 0, 1]) + field))

    def write(self, frame: Frame) -> None:
        """Write one frame and flush it; raises OSError if the other end is closed or full."""
        data = write_planes(frame.planes, self._pix_fmt)
        if frame.pts is None or frame.pts < 0:
            raise MediaError("irregular-timestamps", f"NUT holds no frame with the timestamp {frame.pts}")
        head = b"\0" + _numbers(
            [_CODED_PTS | _SIZE_MSB | _CHECKSUM | _KEY, frame.pts + (1 << _PTS_SHIFT), len(data)]
        )
        self._file.write(_packet(_SYNCPOINT, _numbers([frame.pts, 0])) + head + _crc(head))
        self._file.write(data)
        self._file.flush()

    def close(self) -> None:
        """Flush; NUT needs no end mark."""
        self._file.flush()


def _packet(startcode: bytes, content: bytes) -> bytes:
    """A packet of less than 4096 bytes, which needs no checksum in front."""
    return startcode + _numbers([len(content) + 4]) + content + _crc(content)


def _numbers(values: list[int]) -> bytes:
    """Values as NUT's v: seven bits a byte, high ones first, the top bit set on all but the last."""
    out = bytearray()
    for value in values:
        groups = [value & 0x7F]
        while value := value >> 7:
            groups.append(value & 0x7F | 0x80)
        out += bytes(reversed(groups))
    return bytes(out)


def _crc(data: bytes) -> bytes:
    """CRC-32 with the polynomial 0x04C11DB7, high bit first, begun with 0."""
    crc = 0
    for byte in data:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ 0x04C11DB7) & 0xFFFFFFFF if crc & 0x80000000 else crc << 1
    return crc.to_bytes(4, "big")
