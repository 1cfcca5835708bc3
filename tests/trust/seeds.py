"""Small whole files of many kinds, from which damaged ones are made, and odd ones that are as they are."""

from __future__ import annotations

import subprocess
from pathlib import Path

from vsrrg.ffmpeg.binary import find_ffmpeg

_PICTURE = "testsrc2=size={size}:rate=12"
_EXACT = ("-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact", "-threads", "1")
"""The same bytes each time, so that a number names the same damaged file."""

H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-g", "6")
SEEDS: dict[str, tuple[str, ...]] = {
    "h264-aac.mp4": (*H264, "-c:a", "aac", "-movflags", "+faststart"),
    "moov-last.mp4": (*H264, "-c:a", "aac"),
    "fragments.mp4": (*H264, "-movflags", "frag_keyframe+empty_moov"),
    "hevc.mp4": ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:pools=none"),
    "h264-flac.mkv": (*H264, "-c:a", "flac"),
    "ffv1.mkv": ("-c:v", "ffv1", "-level", "3", "-slices", "4", "-c:a", "pcm_s16le"),
    "vp9-opus.webm": ("-c:v", "libvpx-vp9", "-cpu-used", "8", "-deadline", "realtime", "-c:a", "libopus"),
    "prores.mov": ("-c:v", "prores_ks", "-pix_fmt", "yuv422p10le", "-c:a", "pcm_s16le"),
    "mjpeg.mov": ("-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-c:a", "pcm_s16le"),
    "mpeg4-mp3.avi": ("-c:v", "mpeg4", "-c:a", "libmp3lame"),
    "huffyuv.avi": ("-c:v", "huffyuv", "-c:a", "pcm_s16le"),
    "h264-aac.ts": (*H264, "-c:a", "aac"),
    "mpeg2-mp2.ts": ("-c:v", "mpeg2video", "-c:a", "mp2"),
    "plain.y4m": ("-pix_fmt", "yuv420p", "-an"),
    "deep.y4m": ("-pix_fmt", "yuv422p10le", "-strict", "-1", "-an"),
    "raw.nut": ("-c:v", "rawvideo", "-pix_fmt", "yuv420p", "-c:a", "pcm_s16le"),
    "ffv1.nut": ("-c:v", "ffv1", "-c:a", "pcm_s16le"),
    "h264.flv": (*H264, "-c:a", "aac"),
}
"""Files by name, and ffmpeg's output options that make them."""


def ffmpeg(*words: str | Path) -> None:
    """Run the ffmpeg that vsrrg finds."""
    command = [find_ffmpeg(), "-nostdin", "-v", "error", "-y", *map(str, words)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)


def clip(path: Path, *words: str, size: str = "32x24", frames: int = 12, filters: str = "null") -> Path:
    """A moving test picture with a tone."""
    picture = f"{_PICTURE.format(size=size)},{filters}"
    tone = ("-f", "lavfi", "-t", f"{frames / 12:.3f}", "-i", "sine=sample_rate=16000")
    ffmpeg("-f", "lavfi", "-i", picture, *tone, "-frames:v", str(frames), *_EXACT, *words, path)
    return path


def make_seeds(folder: Path) -> list[Path]:
    """All whole files, in order."""
    return [clip(folder / name, *words) for name, words in SEEDS.items()]


def make_odd(folder: Path) -> dict[str, Path]:
    """Files that are odd without damage, by what is odd about them."""
    odd: dict[str, Path] = {}
    point = "format=yuv444p,crop=1:1"
    raw = ("-f", "rawvideo", "-c:v", "rawvideo")
    odd["empty"] = folder / "empty.mp4"
    odd["empty"].touch()
    odd["one byte"] = folder / "byte.mkv"
    odd["one byte"].write_bytes(b"\x1a")
    odd["text"] = folder / "text.avi"
    odd["text"].write_text("no video, but words\n" * 50)
    odd["raw samples"] = clip(folder / "samples.yuv", *raw, "-an")
    odd["one frame"] = clip(folder / "one.mp4", *H264, frames=1)
    odd["1x1"] = clip(folder / "point.mkv", "-c:v", "ffv1", filters=point)
    odd["1x1, 4:2:0"] = clip(folder / "point.y4m", "-pix_fmt", "yuv420p", "-an", filters=point)
    odd["33x25"] = clip(folder / "odd.nut", "-c:v", "ffv1", size="33x25")
    odd["wide"] = clip(folder / "wide.mkv", "-c:v", "ffv1", size="1024x2")
    odd["no sound"] = clip(folder / "silent.mp4", *H264, "-an")
    odd["alpha"] = clip(folder / "alpha.mkv", "-c:v", "ffv1", "-pix_fmt", "yuva420p")
    odd["palette"] = clip(folder / "palette.gif", "-an")
    fields = ("-c:v", "mpeg2video", "-flags:v", "+ildct+ilme+bitexact")
    odd["interlaced"] = clip(folder / "interlaced.ts", *fields, filters="setfield=tff")
    odd["sound only"] = clip(folder / "sound.mka", "-vn", "-c:a", "flac")
    odd["huge gap"] = clip(
        folder / "gap.mkv", "-c:v", "ffv1", filters="setpts='PTS+gte(N,6)*100000/TB'", frames=12
    )
    odd["huge gap, ts"] = clip(
        folder / "gap.ts", *H264, "-an", "-fps_mode", "passthrough", filters="setpts='PTS+gte(N,6)*50000/TB'"
    )
    negative = ("-avoid_negative_ts", "disabled", "-fps_mode", "passthrough", "-copyts")
    odd["negative pts"] = clip(folder / "negative.mkv", *H264, *negative, filters="setpts=PTS-0.5/TB")
    odd["negative pts, mp4"] = clip(folder / "negative.mp4", *H264, *negative, filters="setpts=PTS-0.5/TB")
    odd["no timestamps"] = clip(folder / "bare.h264", *H264, "-an")
    odd["no timestamps, B"] = clip(folder / "reordered.avi", *H264, "-bsf:v", "setts=pts=NOPTS", "-an")
    odd["equal pts"] = clip(folder / "equal.nut", "-c:v", "ffv1", "-bsf:v", "setts=pts=10:dts=10", "-an")
    odd["backward pts"] = clip(
        folder / "backward.nut", "-c:v", "ffv1", "-bsf:v", "setts=pts=PTS-2*DURATION*gte(N\\,6)", "-an"
    )
    odd["variable rate"] = clip(
        folder / "vfr.mkv", *H264, "-fps_mode", "passthrough", filters="setpts='N*N/TB/100'"
    )
    odd |= _changing(folder)
    return odd


def _changing(folder: Path) -> dict[str, Path]:
    """Files whose format changes on the way; and one whose middle cannot be decoded."""

    def joined(name: str, *parts: Path) -> Path:
        (folder / name).write_bytes(b"".join(part.read_bytes() for part in parts))
        return folder / name

    small = clip(folder / "small.ts", *H264, "-an")
    large = clip(folder / "large.ts", *H264, "-an", size="64x48")
    deep = clip(folder / "10-bit.ts", *H264, "-pix_fmt", "yuv420p10le", "-an")
    full = clip(folder / "full.ts", *H264, "-pix_fmt", "yuvj420p", "-colorspace", "smpte170m", "-an")
    wide = clip(folder / "444.ts", *H264, "-pix_fmt", "yuv444p", "-an")
    mpeg2 = clip(folder / "mpeg2.ts", "-c:v", "mpeg2video", "-an")
    bare = [clip(folder / f"{size}.h264", *H264, "-an", size=size) for size in ("32x24", "64x48")]
    whole = clip(folder / "whole.ts", "-c:v", "mpeg2video", "-g", "4", "-an", frames=24).read_bytes()
    middle = folder / "middle.ts"
    third = len(whole) // 564 * 188
    middle.write_bytes(whole[:third] + bytes(third) + whole[2 * third :])
    return {
        "size changes": joined("size.ts", small, large),
        "size changes, bare": joined("size.h264", *bare),
        "size changes and back": joined("back.ts", small, large, small),
        "format changes": joined("format.ts", small, wide),
        "depth changes": joined("depth.ts", small, deep),
        "colours change": joined("colours.ts", small, full),
        "codec changes": joined("codec.ts", small, mpeg2),
        "time starts anew": joined("twice.ts", small, small),
        "middle lost": middle,
    }
