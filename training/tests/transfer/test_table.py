import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from vsrrg_training.cli.main import main
from vsrrg_training.config import RecipeError
from vsrrg_training.data import dataset
from vsrrg_training.transfer import figures
from vsrrg_training.transfer import table as tables
from vsrrg_training.transfer.config import TransferRecipe
from vsrrg_training.transfer.table import MEASURED, METHODS, Judges, _judged, frame_by_frame, make_table

Make = Callable[..., TransferRecipe]


@pytest.fixture
def small(
    transfer_recipe: Make, footage: Path, real: Path, rain: Any, monkeypatch: pytest.MonkeyPatch
) -> TransferRecipe:
    monkeypatch.setattr(figures, "CROPS", 8)
    monkeypatch.setattr(figures, "_BATCH", 4)
    monkeypatch.setattr(tables, "METHODS", (METHODS[0], METHODS[3]))
    monkeypatch.setattr(dataset, "default_rain", lambda: rain)
    monkeypatch.setattr("vsrrg_training.evaluation.scenes.default_rain", lambda: rain)
    return transfer_recipe(
        steps=1,
        recognise={"steps": 1},
        restore={"steps": 1},
        encoder={"steps": 1},
        table={
            "shares": [0.5, 1.0],
            "ablation": 0.5,
            "seeds": 1,
            "validation": str(footage / "videos"),
            "rainy": [str(real / "rainy-videos" / "street.mp4")],
            "frames": 5,
            "crop": [32, 32],
            "rainy_frames": 5,
            "rainy_crop": [64, 64],
        },
    )


def test_every_cell_is_made_once(small: TransferRecipe, footage: Path, tmp_path: Path) -> None:
    text = make_table(small, tmp_path, report=lambda _: None, cache=footage / "cache")
    stored = json.loads((tmp_path / "table.json").read_text())
    cells = {(cell["method"], cell["pairs"]) for cell in stored["cells"]}
    assert cells == {
        ("rainy input", 0),
        ("scratch", 2),
        ("scratch", 4),
        ("transfer, weak video", 2),
    }
    assert stored["recipe"]["seed"] == 0 and "commit" in stored
    assert {"psnr_y", "removed", "psnr_to_input", "street:streaks"} <= set(stored["cells"][1]["figures"])
    assert text == (tmp_path / "table.md").read_text()
    assert "| transfer, weak video | 2 |" in text and "### Real rain: street" in text
    with pytest.raises(RecipeError, match="--resume"):
        make_table(small, tmp_path, cache=footage / "cache")
    lines: list[str] = []
    again = make_table(small, tmp_path, resume=True, report=lines.append, cache=footage / "cache")
    assert again == text
    assert not any("step" in line for line in lines)


def test_bad_recipes_are_named(real: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(
        f"[real]\nrainy_stills = {str(real)!r}\nclean_stills = {str(real)!r}\n[data]\npool = 0\n"
    )
    arguments = ["ttl", "--config", str(recipe), "--to", str(tmp_path / "run")]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1 and "number of synthetic pairs" in result.output
    result = CliRunner().invoke(main, [*arguments, "--set", "data.pool=2", "--table"])
    assert result.exit_code == 1 and "no [table] section" in result.output
    assert not (tmp_path / "run").exists()


def test_pictures_are_judged_frame_by_frame() -> None:
    planes = [tuple(np.full((4, 4), value, np.uint8) for _ in range(3)) for value in (1, 5, 9)]
    windows: list[list[int]] = []

    def derain(clip: Any) -> Any:
        windows.append([int(frame[0][0, 0]) for frame in clip])
        return clip

    assert [int(f[0][0, 0]) for f in frame_by_frame(derain, planes)] == [1, 5, 9]  # type: ignore[arg-type]
    assert windows == [[1] * 3, [5] * 3, [9] * 3]


def test_cells_are_judged_again_on_other_clips(small: TransferRecipe, footage: Path, tmp_path: Path) -> None:
    def measured(crop: tuple[int, int]) -> dict[str, float]:
        assert small.table
        changed = small.model_copy(update={"table": small.table.model_copy(update={"crop": crop})})
        return _judged(tmp_path, Judges(changed, footage / "cache"), None)

    first = measured((32, 32))
    assert first["psnr_to_input"] == 100 and first["removed"] == 0
    (tmp_path / MEASURED).write_text(
        (tmp_path / MEASURED).read_text().replace('"removed": 0.0', '"removed": 7')
    )
    assert measured((32, 32))["removed"] == 7
    assert measured((48, 32)) != first
