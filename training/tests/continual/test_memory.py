from pathlib import Path
from random import Random

import pytest
import torch

from vsrrg_training.config import RecipeError
from vsrrg_training.continual.memory import ReviewMemory, StoredLayer, describe, k_centre
from vsrrg_training.rain import RainLayer


def layer(seed: int, *, share: float = 0.05, light: bool = False) -> RainLayer:
    generator = torch.Generator().manual_seed(seed)
    alpha = torch.rand(3, 16, 16, generator=generator) * (torch.rand(3, 16, 16, generator=generator) < share)
    return RainLayer(alpha, torch.full((3, 3, 16, 16), 0.75) if light else None)


def test_a_stored_layer_comes_back_to_half_a_code() -> None:
    original = layer(1, light=True)
    stored = StoredLayer.store("heavy", original)
    again = stored.layer()
    assert (again.alpha - original.alpha).abs().max() <= 0.5 / 255 + 1e-6
    assert again.light is not None and torch.allclose(again.light, torch.tensor(0.75))
    assert stored.size < original.alpha.numel()


def test_types_share_the_budget_and_old_rain_makes_room_from_the_end() -> None:
    memory = ReviewMemory(4000)
    memory.learn("heavy", [layer(n) for n in range(60)])
    first = list(memory.layers["heavy"])
    assert 1000 < memory.size <= 4000
    memory.learn("light", [layer(100 + n) for n in range(60)])
    memory.learn("night", [layer(200 + n) for n in range(60)])
    assert memory.size <= 4000
    kept = memory.layers["heavy"]
    assert 0 < len(kept) < len(first) and kept == first[: len(kept)]
    sizes = [sum(stored.size for stored in layers) for layers in memory.layers.values()]
    assert max(sizes) < 1.5 * min(sizes)


def test_a_budget_without_room_for_one_layer_is_refused() -> None:
    with pytest.raises(RecipeError, match="too little for one layer of 'heavy'"):
        ReviewMemory(10).learn("heavy", [layer(1)])


def test_k_centre_covers_the_range_with_its_first_part() -> None:
    points = torch.cat(
        (torch.randn(50, 2, generator=torch.Generator().manual_seed(0)) * 0.1, torch.eye(2) * 9)
    )
    order = k_centre(points)
    assert sorted(order) == list(range(52))
    assert {50, 51} <= set(order[:3])


def test_layers_are_told_apart_by_what_they_look_like() -> None:
    vertical, horizontal = torch.zeros(3, 16, 16), torch.zeros(3, 16, 16)
    vertical[:, :, ::4], horizontal[:, ::4] = 0.5, 0.5
    (_, _, across, down, later, _), other = describe(vertical), describe(horizontal)
    assert across > down and other[2] < other[3]
    assert later < across
    assert describe(torch.zeros(3, 16, 16)).isfinite().all()


def test_a_memory_survives_its_file_and_draws_the_same(tmp_path: Path) -> None:
    memory = ReviewMemory(100_000)
    memory.learn("heavy", [layer(n) for n in range(4)])
    memory.learn("lit", [layer(n, light=True) for n in range(4)])
    memory.save(tmp_path / "memory.safetensors")
    again = ReviewMemory.load(tmp_path / "memory.safetensors")
    assert again.size == memory.size and list(again.layers) == ["heavy", "lit"]
    kinds = set()
    for seed in range(12):
        one, other = memory.draw(Random(seed)), again.draw(Random(seed))
        assert one[0] == other[0] and torch.equal(one[1].alpha, other[1].alpha)
        assert (one[1].light is None) == (one[0] == "heavy")
        kinds.add(one[0])
    assert kinds == {"heavy", "lit"}


@pytest.mark.parametrize("content", [None, b"", b"\x10\x00\x00\x00\x00\x00\x00\x00{}"])
def test_a_damaged_memory_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "memory.safetensors"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RecipeError, match=r"memory\.safetensors cannot be read"):
        ReviewMemory.load(path)
