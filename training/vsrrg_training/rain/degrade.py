"""What camera and codec do to a clip after the rain has fallen."""

from __future__ import annotations

import io

import av
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from vsrrg_training.rain.draw import chance, log_uniform, uniform


def degrade(rainy: Tensor, clean: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Sensor noise, sharpening, compression and 8-bit rounding of a clip and its rain-free twin, both
    (T, 3, H, W) in 0..1.

    The same noise lies on both, so that their difference is the rain alone: the network is taught to leave
    noise where it is.
    """
    if chance(generator, 0.3):
        amount = uniform(generator, 0.2, 1.0)
        rainy, clean = _sharpen(rainy, amount), _sharpen(clean, amount)
    if chance(generator, 0.6):
        noise = _noise(clean, generator)
        rainy, clean = rainy + noise, clean + noise
    rainy, clean = rainy.clamp(0, 1), clean.clamp(0, 1)
    if chance(generator, 0.25):
        crf = round(uniform(generator, 14, 28))
        rainy, clean = _compress(rainy, crf), _compress(clean, crf)
    return torch.round(rainy * 255) / 255, torch.round(clean * 255) / 255


def _sharpen(clip: Tensor, amount: float) -> Tensor:
    blurred = F.avg_pool2d(F.pad(clip, (1, 1, 1, 1), mode="replicate"), 3, stride=1)
    return clip + amount * (clip - blurred)


def _noise(scene: Tensor, generator: torch.Generator) -> Tensor:
    """Shot and read noise, mostly common to the three channels, sometimes softened by the camera's own
    filter.
    """
    frames, _, height, width = scene.shape
    strength = log_uniform(generator, 0.0015, 0.02)
    device = generator.device
    grey = torch.randn(frames, 1, height, width, generator=generator, device=device)
    colour = torch.randn(frames, 3, height, width, generator=generator, device=device)
    noise = grey + uniform(generator, 0.0, 0.7) * colour
    if chance(generator, 0.4):
        noise = F.avg_pool2d(F.pad(noise, (1, 0, 1, 0), mode="replicate"), 2, stride=1) * 1.6
    return noise * strength * (0.4 + scene.clamp(0, 1).sqrt())


def _compress(clip: Tensor, crf: int) -> Tensor:
    """The clip after H.264 at the given quality, through 8-bit 4:2:0."""
    frames, _, height, width = clip.shape
    even_h, even_w = height - height % 2, width - width % 2
    arrays = (clip * 255).round().byte().permute(0, 2, 3, 1).cpu().numpy()
    stream_bytes = io.BytesIO()
    with av.open(stream_bytes, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=25, options={"crf": str(crf), "preset": "superfast"})
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = even_w, even_h, "yuv420p"
        stream.thread_count = 1
        for array in arrays:
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(array[:even_h, :even_w]), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    stream_bytes.seek(0)
    with av.open(stream_bytes, "r") as source:
        decoded = np.stack([frame.to_ndarray(format="rgb24") for frame in source.decode(video=0)])
    result = clip.clone()
    result[:, :, :even_h, :even_w] = torch.from_numpy(decoded[:frames]).permute(0, 3, 1, 2).to(clip) / 255
    return result
