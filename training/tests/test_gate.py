from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from vsrrg_training.config import RecipeError
from vsrrg_training.derain import build_model
from vsrrg_training.gate import PLACES, Seen, table, watch

TINY = {"radius": 1, "half": 8, "quarter": 8, "eighth": 8, "eighth_blocks": 1, "refine_blocks": 1}


def test_the_gate_lies_above_every_clip_without_rain() -> None:
    seen = Seen(dry=[0.1, 0.35, 0.2], wet=[0.3, 0.36, 0.9, 0.99])
    assert seen.gate == (0.37, 0.45)
    assert seen.lost() == 0.5
    assert "gate: 0.37 0.45; it leaves 50.0% of the rainy clips" in table(seen)
    assert "| 3 without rain | 0.100 |" in table(seen)


def test_it_stays_a_gate_where_nothing_tells_rain() -> None:
    dry, wet = Seen(dry=[1.0], wet=[1.0]).gate
    assert 0 <= dry < wet <= 1


def test_videos_and_photographs_are_shown_with_and_without_rain(footage: Path, rain: Any) -> None:
    torch.manual_seed(0)
    network, _ = build_model({**TINY, "presence": True, "picture": 8})
    lines: list[str] = []
    seen = watch(network, footage / "videos", rain=rain, cache=footage / "cache", report=lines.append)
    videos = len(list((footage / "videos").iterdir()))
    assert len(seen.dry) == PLACES * videos == len(lines) and 0 < len(seen.wet) <= len(seen.dry)
    assert all(0 < value < 1 for value in (*seen.dry, *seen.wet))
    again = watch(network, footage / "videos", rain=rain, cache=footage / "cache")
    assert np.array_equal(again.wet, seen.wet)
    single = watch(network, footage / "stills", pictures=True, rain=rain)
    assert len(single.dry) == len(list((footage / "stills").iterdir()))
    assert single.dry != single.wet


def test_clips_that_are_too_short_are_named(footage: Path, rain: Any) -> None:
    network, _ = build_model({**TINY, "presence": True, "radius": 6})
    with pytest.raises(RecipeError, match="at least 13 frames"):
        watch(network, footage / "videos", rain=rain, cache=footage / "cache")
    assert next(network.parameters()).dtype == torch.float32


def test_a_model_that_does_not_tell_is_named(footage: Path) -> None:
    network, _ = build_model(TINY)
    with pytest.raises(RecipeError, match=r"train it with model\.presence"):
        watch(network, footage / "videos")
    with pytest.raises(RecipeError, match=r"model\.picture channels"):
        watch(network, footage / "stills", pictures=True)
