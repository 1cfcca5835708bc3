from pathlib import Path

import pytest
import torch
from torch import Tensor

from vsrrg_training.config import RecipeError
from vsrrg_training.data.consensus import consensus
from vsrrg_training.data.dataset import NO_RAIN, Clip
from vsrrg_training.data.footage import load_videos
from vsrrg_training.transfer.config import WeakConfig
from vsrrg_training.transfer.pairs import Pairs
from vsrrg_training.transfer.weak import CODE, WeakClips, weak_pair


def still_clip() -> tuple[Tensor, Tensor]:
    """A still scene (7, 6, 32, 32), and the same with one streak in frame 3 and noise below a code."""
    generator = torch.Generator().manual_seed(0)
    noise = torch.rand(1, 6, 8, 8, generator=generator)
    scene = torch.nn.functional.interpolate(noise, size=(32, 32), mode="bicubic")
    scene[:, :4] = scene[:, :1]  # no edges between the phases of luma
    clean = (0.2 + 0.4 * scene).expand(7, -1, -1, -1).clone()
    rainy = clean + 0.4 * CODE * torch.rand(clean.shape, generator=generator)
    rainy[3, :4, 8:16, 20] += 0.2
    return clean, rainy


def test_neighbours_show_the_scene_without_the_streak() -> None:
    clean, rainy = still_clip()
    found = consensus(rainy)
    assert (found.background[:, :4, 2:-2, 2:-2] - clean[:, :4, 2:-2, 2:-2]).abs().max() < 5 * CODE
    assert found.spread.max() < 0.1  # the frames beside the streak's see it in one neighbour of four
    with pytest.raises(ValueError, match="give 5"):
        consensus(rainy[:4])


def test_an_excess_over_the_neighbours_is_rain_and_noise_is_none() -> None:
    _, rainy = still_clip()
    shown, rain = weak_pair(rainy, WeakConfig())
    torch.testing.assert_close(rain[3, :4, 9:15, 20], torch.full((4, 6), 0.2), atol=2 * CODE, rtol=0)
    assert rain[3, :4, :, :19].abs().max() == 0
    assert rain[[0, 1, 2, 4, 5, 6]].abs().max() == 0
    torch.testing.assert_close(shown[3, :4, 9:15, 20], rainy[3, :4, 9:15, 20])


def test_where_neighbours_disagree_nothing_is_asked() -> None:
    _, rainy = still_clip()
    generator = torch.Generator().manual_seed(1)
    rainy[:, :4, 24:, :8] = torch.rand(7, 4, 8, 8, generator=generator)
    shown, rain = weak_pair(rainy, WeakConfig())
    restless = (slice(None), slice(0, 4), slice(26, 31), slice(1, 7))
    assert (shown[restless] != rainy[restless]).float().mean() > 0.8
    assert (rain[restless] != 0).float().mean() < 0.1


def test_weak_clips_come_from_the_learned_part(real: Path, footage: Path) -> None:
    videos = load_videos(real / "rainy-videos", footage / "cache", rainy=True)
    clips = WeakClips(videos, 0.5, WeakConfig(), 1, crop=32, frames=4)
    assert [len(packed) for packed, _ in clips.pairs] == [6]
    clip = clips[3]
    assert clip.packed.shape == clip.rain.shape == (4, 6, 16, 16)
    assert torch.equal(clip.packed, clips[3].packed)
    assert any(clips[n].kind != NO_RAIN for n in range(8))
    with pytest.raises(RecipeError, match="long and large enough"):
        WeakClips(videos, 0.5, WeakConfig(), 1, crop=32, frames=8)


class Numbered:
    def __init__(self, sign: int) -> None:
        self.sign = sign

    def __getitem__(self, index: int) -> Clip:
        value = torch.tensor(self.sign * (index + 1))
        return Clip(value, value, value, value)


def test_few_pairs_come_again_and_weak_clips_between_them() -> None:
    alone = Pairs(Numbered(1), 3, 0)  # type: ignore[arg-type]
    assert [int(alone[n].packed) for n in range(7)] == [1, 2, 3, 1, 2, 3, 1]
    mixed = Pairs(Numbered(1), 3, 0, weak=Numbered(-1), share=0.25)  # type: ignore[arg-type]
    weak = [n for n in range(400) if mixed[n].packed < 0]
    assert 70 < len(weak) < 130
    assert all(int(mixed[n].packed) == -(n + 1) for n in weak)


def test_a_still_shows_its_first_frame_all_the_time() -> None:
    frames = torch.arange(3).view(3, 1, 1, 1).expand(3, 6, 4, 4)

    class Counting:
        def __getitem__(self, index: int) -> Clip:
            return Clip(frames + 10 * index, frames, torch.tensor(0), torch.tensor(False))

    still = Pairs(Counting(), 2, 0, still=True)[1]  # type: ignore[arg-type]
    assert (still.packed == 10).all() and (still.rain == 0).all() and still.packed.shape == frames.shape
