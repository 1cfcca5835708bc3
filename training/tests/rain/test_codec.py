"""Clips through codecs."""

import pytest
import torch
import torch.nn.functional as F

from vsrrg_training.rain.codec import CODECS, Codec, compress, draw_codec


@pytest.mark.parametrize("codec", CODECS, ids=lambda codec: codec.name)
def test_lower_quality_loses_more_and_the_size_stays(codec: Codec) -> None:
    noise = torch.rand(4, 3, 22, 26, generator=torch.Generator().manual_seed(0))
    clip = F.interpolate(noise, size=(67, 81), mode="bicubic").clamp(0, 1)
    good, bad = (compress(clip, codec, round(quality)) for quality in codec.quality)
    assert good.shape == bad.shape == clip.shape
    errors = [(other - clip)[..., :66, :80].square().mean().item() for other in (good, bad)]
    assert 0 < errors[0] < errors[1] < 0.02


def test_every_codec_is_drawn() -> None:
    generator = torch.Generator().manual_seed(0)
    drawn = [draw_codec(generator) for _ in range(150)]
    assert {codec.name for codec, _ in drawn} == {codec.name for codec in CODECS}
    assert all(codec.quality[0] <= quality <= codec.quality[1] for codec, quality in drawn)


def test_clips_that_a_codec_cannot_bear_are_refused() -> None:
    codec = next(codec for codec in CODECS if codec.name == "libx265")
    with pytest.raises(ValueError, match="libx265 takes 64 pixels or more, not 80x63"):
        compress(torch.zeros(1, 3, 63, 80), codec, 20)


@pytest.mark.parametrize("frames", [1, 2])
@pytest.mark.parametrize("codec", CODECS, ids=lambda codec: codec.name)
def test_short_clips_of_still_pictures(codec: Codec, frames: int) -> None:
    still = torch.linspace(0, 1, 80).expand(frames, 3, 64, 80)
    assert (compress(still, codec, 16) - still).abs().mean() < 0.03
