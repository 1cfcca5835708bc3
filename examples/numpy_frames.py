"""Numpy arrays in a pipeline of one's own: decode, derain, look at what was removed, encode.

python examples/numpy_frames.py rain.mp4 clean.mp4
"""

import sys
from collections.abc import Iterator

import av
import numpy as np

import vsrrg

source, target = sys.argv[1:]


def decode() -> Iterator[np.ndarray]:
    """Frames (height, width, 3), uint8, R'G'B'."""
    with av.open(source) as video:
        for frame in video.decode(video=0):
            yield frame.to_ndarray(format="rgb24")


with av.open(source) as video:
    stream = video.streams.video[0]
    rate, width, height = stream.average_rate, stream.width, stream.height
removed = []
with av.open(target, "w") as video:
    encoder = video.add_stream("libx264", rate=rate, options={"crf": "16"})
    encoder.width, encoder.height = width, height
    for rainy, clean in zip(decode(), vsrrg.derain_frames(decode(), model="fast"), strict=True):
        removed.append((rainy.astype(int) - clean).mean())
        video.mux(encoder.encode(av.VideoFrame.from_ndarray(clean, format="rgb24")))
    video.mux(encoder.encode())
print(f"{len(removed)} frames; {np.mean(removed):.2f} of 255 codes of brightness were rain, in the mean")
