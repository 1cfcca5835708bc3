"""Torch tensors, on whatever device they are: torchcodec's decoder where it is installed, PyAV's elsewhere.

python examples/torch_frames.py rain.mp4 clean.mp4
"""

import sys
from collections.abc import Iterator

import av
import torch

import vsrrg

source, target = sys.argv[1:]
device = "cuda" if torch.cuda.is_available() else "cpu"


def decode() -> Iterator[torch.Tensor]:
    """Frames (3, height, width), uint8."""
    try:
        from torchcodec.decoders import VideoDecoder

        decoder = VideoDecoder(source, device=device)
    except (ImportError, RuntimeError):  # Not installed, or it finds no FFmpeg.
        with av.open(source) as video:
            for frame in video.decode(video=0):
                yield torch.from_numpy(frame.to_ndarray(format="rgb24")).permute(2, 0, 1).to(device)
    else:
        yield from decoder


with av.open(source) as video:
    stream = video.streams.video[0]
    rate, width, height = stream.average_rate, stream.width, stream.height
with av.open(target, "w") as video:
    encoder = video.add_stream("libx264", rate=rate, options={"crf": "16"})
    encoder.width, encoder.height = width, height
    for clean in vsrrg.derain_frames(decode(), model="fast", device=device):
        bright = (clean.float() * 1.05).clamp(0, 255).byte()  # Whatever comes next, on the same device.
        pixels = bright.permute(1, 2, 0).contiguous().cpu().numpy()
        video.mux(encoder.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
    video.mux(encoder.encode())
