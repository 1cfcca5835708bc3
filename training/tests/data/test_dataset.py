from collections.abc import Callable

import pytest
import torch

from vsrrg.engine.window import window
from vsrrg_training.config import Recipe, RecipeError
from vsrrg_training.data.dataset import NO_RAIN, ClipDataset

Make = Callable[..., Recipe]
Open = Callable[[Recipe], ClipDataset]


def test_an_item_depends_on_seed_and_index_alone(recipe: Make, dataset: Open) -> None:
    one, again, other = dataset(recipe()), dataset(recipe()), dataset(recipe(seed=1))
    one[0]
    assert all(torch.equal(a, b) for a, b in zip(one[7], again[7], strict=True))
    assert not torch.equal(one[7].packed, other[7].packed)
    assert not torch.equal(one[7].packed, one[8].packed)


def test_items_are_packed_clips_with_their_rain(recipe: Make, dataset: Open) -> None:
    clips = dataset(recipe(data={"no_rain": 0.3}))
    kinds = set()
    for index in range(24):
        packed, rain, kind, _ = clips[index]
        assert packed.shape == rain.shape == (4, 6, 16, 16)
        kinds.add(int(kind))
        # Rain is brighter luma and leaves grey shifts no colour; a dry clip has none at all.
        assert rain[:, :4].min() > -1e-6
        assert (rain[:, :4].amax() > 0.05) == (int(kind) != NO_RAIN)
        if int(kind) == NO_RAIN:
            assert not rain.any()
    assert kinds == {NO_RAIN, 0, 1}


@pytest.mark.parametrize("kind", ["moving", "static", "stills", "held"])
def test_every_kind_of_footage_moves_as_it_should(recipe: Make, dataset: Open, kind: str) -> None:
    sources = {name: float(name == kind) for name in ("moving", "static", "stills", "held")}
    clips = dataset(recipe(data={"sources": sources, "no_rain": 1.0}))
    change = [(clips[i].packed[1:] - clips[i].packed[:-1]).abs().mean() for i in range(6)]
    if kind == "held":
        assert max(change) == 0
    elif kind == "static":
        assert max(change) < 0.01
    else:
        assert max(change) > 0.01


def test_pictures_that_repeat_repeat_with_their_rain(recipe: Make, dataset: Open) -> None:
    clips = dataset(recipe(data={"repeats": 1.0, "no_rain": 0.0, "frames": 10}))
    shown = [clips[index].packed for index in range(12)]
    distinct = {len(torch.unique(packed.flatten(1), dim=0)) for packed in shown}
    assert 1 in distinct  # a still
    assert max(distinct) > 1 and max(distinct) < 10  # pulldown


def test_clips_may_begin_and_end_as_the_product_shows_it(recipe: Make, dataset: Open) -> None:
    frames = {"frames": 7, "no_rain": 0.0}
    plain, ending = (dataset(recipe(data=frames | {"ends": ends})) for ends in (0.0, 1.0))
    start, end = window(2, 2, 7, lambda i: i == 2), window(4, 2, 5, lambda i: False)
    seen = set()
    for index in range(8):
        whole, one = plain[index], ending[index]
        begins = torch.equal(one.packed[:5], whole.packed[start])
        assert begins or torch.equal(one.packed[2:], whole.packed[end])
        assert torch.equal(one.rain[:5] if begins else one.rain[2:], whole.rain[start if begins else end])
        seen.add(begins)
    assert seen == {True, False}


def test_unusable_footage_and_weights_are_refused(recipe: Make, dataset: Open) -> None:
    with pytest.raises(RecipeError, match="rain types are thin, wide"):
        dataset(recipe(data={"rain_weights": {"hail": 1.0}}))
    with pytest.raises(RecipeError, match="no footage"):
        dataset(recipe(data={"videos": None, "stills": None}))


def test_rain_weights_choose_the_types(recipe: Make, dataset: Open) -> None:
    clips = dataset(recipe(data={"rain_weights": {"thin": 0.0}, "no_rain": 0.0}))
    assert {int(clips[index].kind) for index in range(8)} == {1}


def test_distractions_are_in_both_twins(recipe: Make, dataset: Open) -> None:
    plain, distracted = (
        dataset(recipe(data={"distractions": share, "no_rain": 1.0, "sources": {"moving": 1.0}}))
        for share in (0.0, 1.0)
    )
    changed = 0
    for index in range(8):
        before, after = plain[index], distracted[index]
        changed += int((before.packed - after.packed).abs().max() > 0.02)
        assert not after.rain.any()
    assert changed >= 4
