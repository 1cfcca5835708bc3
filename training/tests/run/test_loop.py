import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from vsrrg.files import UNFINISHED
from vsrrg_training.config import OptimConfig, Recipe, RecipeError
from vsrrg_training.data.dataset import ClipDataset
from vsrrg_training.run.checkpoint import FILE_NAME, load_checkpoint, save_checkpoint
from vsrrg_training.run.loop import learning_rate
from vsrrg_training.train import train
from vsrrg_training.weights import read_state

Make = Callable[..., Recipe]
Open = Callable[[Recipe], ClipDataset]


def test_a_resumed_run_equals_a_straight_one_to_the_bit(recipe: Make, dataset: Open, tmp_path: Path) -> None:
    straight = train(recipe(), tmp_path / "a", dataset=dataset(recipe()))
    train(recipe(), tmp_path / "b", dataset=dataset(recipe()), stop_at=3)
    resumed = train(recipe(), tmp_path / "b", dataset=dataset(recipe()), resume=True)
    assert straight.step == resumed.step == 6
    for one, other in (
        (straight.network.state_dict(), resumed.network.state_dict()),
        (straight.average.state, resumed.average.state),
    ):
        assert all(torch.equal(one[name], other[name]) for name in one)
    first = load_checkpoint(tmp_path / "a").optimizer["state"]
    second = load_checkpoint(tmp_path / "b").optimizer["state"]
    assert all(torch.equal(first[i]["exp_avg_sq"], second[i]["exp_avg_sq"]) for i in first)


def test_training_learns_the_cheap_rain(recipe: Make, dataset: Open, tmp_path: Path) -> None:
    held = {"held": 1.0, "moving": 0.0, "static": 0.0, "stills": 0.0}
    short = recipe(
        steps=300,
        log_every=100,
        model={"half": 16},
        data={"no_rain": 0.0, "sources": held},
        optim={"lr": 3e-3, "batch": 4},
        loss={"clean_weight": 0.0, "gradient_weight": 0.0},
    )
    train(short, tmp_path, dataset=dataset(short))
    loss, gain = curve(tmp_path, "loss"), curve(tmp_path, "gain_db")
    assert list(loss) == [100, 200, 300]
    assert loss[300] < 0.8 * loss[100]
    assert gain[300] > 2


def test_bf16_takes_part_and_stays_finite(recipe: Make, dataset: Open, tmp_path: Path) -> None:
    short = recipe(steps=2, optim={"precision": "bf16"})
    done = train(short, tmp_path, dataset=dataset(short))
    assert all(p.dtype == torch.float32 and bool(p.isfinite().all()) for p in done.network.parameters())


def test_a_signal_ends_the_step_and_saves(recipe: Make, dataset: Open, tmp_path: Path) -> None:
    clips = dataset(recipe())
    original = clips.rain.make_rainy
    asked: list[int] = []

    def interrupt(*arguments: object) -> object:
        if not asked:
            asked.append(1)
            os.kill(os.getpid(), signal.SIGTERM)
        return original(*arguments)  # type: ignore[arg-type]

    clips.rain.make_rainy = interrupt  # type: ignore[assignment,method-assign]
    lines: list[str] = []
    done = train(recipe(data={"no_rain": 0.0}), tmp_path, dataset=clips, report=lines.append)
    assert done.step < 6
    assert load_checkpoint(tmp_path).step == done.step
    assert lines[-1].startswith("stopped at step")
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_a_run_in_the_way_is_not_overwritten(recipe: Make, dataset: Open, tmp_path: Path) -> None:
    train(recipe(), tmp_path, dataset=dataset(recipe()), stop_at=1)
    with pytest.raises(RecipeError, match="--resume"):
        train(recipe(), tmp_path, dataset=dataset(recipe()))
    with pytest.raises(RecipeError, match=r"another recipe \(model.half was 8 and is 16\)"):
        train(recipe(model={"half": 16}), tmp_path, dataset=dataset(recipe()), resume=True)


def test_initial_weights_are_taken_where_they_fit(recipe: Make, dataset: Open, tmp_path: Path) -> None:
    first = train(recipe(), tmp_path / "a", dataset=dataset(recipe()), stop_at=1)
    state = read_state(tmp_path / "a").state
    assert all(torch.equal(state[name], value) for name, value in first.average.state.items())
    lines: list[str] = []
    train(
        recipe(seed=9), tmp_path / "b", dataset=dataset(recipe()), init=state, stop_at=1, report=lines.append
    )
    assert lines[0] == f"took {len(state)} tensors from the initial weights"
    with pytest.raises(RecipeError, match="no tensor"):
        train(recipe(), tmp_path / "c", dataset=dataset(recipe()), init={"x": torch.ones(1)})


def test_the_clock_can_end_the_schedule(recipe: Make, dataset: Open, tmp_path: Path) -> None:
    done = train(recipe(steps=1000, minutes=0.01), tmp_path, dataset=dataset(recipe()))
    assert 0 < done.step < 1000
    assert done.progress >= 1


def test_the_learning_rate_warms_up_and_ends_at_zero() -> None:
    config = OptimConfig(lr=1.0, warmup=10)
    assert learning_rate(config, 0, 0.0) == pytest.approx(0.1)
    assert learning_rate(config, 9, 0.0) == pytest.approx(1.0)
    assert learning_rate(config, 500, 0.5) == pytest.approx(0.5)
    assert learning_rate(config, 1000, 1.2) == pytest.approx(0.0)


def test_a_failed_save_leaves_the_old_checkpoint(
    recipe: Make, dataset: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = train(recipe(), tmp_path, dataset=dataset(recipe()), stop_at=1)

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", fail)
    with pytest.raises(OSError, match="No space"):
        save_checkpoint(done.checkpoint(), tmp_path / FILE_NAME)
    assert load_checkpoint(tmp_path).step == 1
    assert not list(tmp_path.glob(f"{UNFINISHED}*"))


def test_damaged_and_missing_checkpoints_are_named(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="no checkpoint"):
        load_checkpoint(tmp_path)
    (tmp_path / FILE_NAME).write_bytes(b"PK\x03\x04 rubbish")
    with pytest.raises(RecipeError, match="is damaged or not the checkpoint of a run"):
        load_checkpoint(tmp_path)


def curve(folder: Path, name: str) -> dict[int, float]:
    """A run's curve: value by step."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(folder / "curves"))
    events.Reload()
    return {event.step: event.value for event in events.Scalars(name)}
