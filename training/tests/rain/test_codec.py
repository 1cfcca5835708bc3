"""Clips through codecs."""

import pytest
import torch
import torch.nn.functional as F

from vsrrg_training.rain.codec import CODECS, Codec, compress, draw_codec


@pytest.mark.parametrize("codec", CODECS, ids=lambda codec: codec.name)
def test_lower_quality_loses_more_and_the_size_stays(codec: Codec) -> None:
    noise = torch.rand(4, 3, 12, 16, generator=torch.Generator().manual_seed(0))
    clip = F.interpolate(noise, size=(37, 51), mode="bicubic").clamp(0, 1)
    good, bad = (compress(clip, codec, round(quality)) for quality in codec.quality)
    assert good.shape == bad.shape == clip.shape
    errors = [(other - clip)[..., :36, :50].square().mean().item() for other in (good, bad)]
    assert 0 < errors[0] < errors[1] < 0.02


def test_every_codec_is_drawn() -> None:
    generator = torch.Generator().manual_seed(0)
    drawn = [draw_codec(generator) for _ in range(150)]
    assert {codec.name for codec, _ in drawn} == {codec.name for codec in CODECS}
    assert all(codec.quality[0] <= quality <= codec.quality[1] for codec, quality in drawn)
