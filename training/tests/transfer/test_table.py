import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from vsrrg_training.cli.main import main
from vsrrg_training.config import RecipeError
from vsrrg_training.data import dataset
from vsrrg_training.transfer import figures
from vsrrg_training.transfer import table as tables
from vsrrg_training.transfer.config import TransferRecipe
from vsrrg_training.transfer.table import METHODS, make_table

Make = Callable[..., TransferRecipe]


@pytest.fixture
def small(
    transfer_recipe: Make, footage: Path, real: Path, rain: Any, monkeypatch: pytest.MonkeyPatch
) -> TransferRecipe:
    monkeypatch.setattr(figures, "CROPS", 8)
    monkeypatch.setattr(figures, "_BATCH", 4)
    monkeypatch.setattr(tables, "METHODS", (METHODS[0], METHODS[3], METHODS[6]))
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
        ("untrained teachers", 2),
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
