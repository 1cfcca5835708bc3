from pathlib import Path

import pytest

from vsrrg_training.config import Recipe, RecipeError, load_recipe
from vsrrg_training.continual.config import SequenceRecipe
from vsrrg_training.transfer.config import TransferRecipe

SHIPPED = sorted((Path(__file__).parents[1] / "configs").glob("*.toml"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_recipes_are_valid(path: Path) -> None:
    kind = {"sequence": SequenceRecipe, "ttl": TransferRecipe}.get(path.stem.split("-")[0], Recipe)
    assert load_recipe(path, (), kind).steps > 0


def test_overrides_reach_nested_entries_and_keep_their_type(tmp_path: Path) -> None:
    path = tmp_path / "r.toml"
    path.write_text("seed = 3\n[data]\ncrop = 64\n")
    recipe = load_recipe(
        path, ["data.crop=96", "optim.lr=5e-4", "name=fast", "data.rain_weights={ light = 2 }"], Recipe
    )
    assert (recipe.seed, recipe.data.crop, recipe.optim.lr, recipe.name) == (3, 96, 5e-4, "fast")
    assert recipe.data.rain_weights == {"light": 2.0}


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("data.crop=63", "data.crop"),
        ("data.crops=64", "data.crops: recipes of this command have no such entry"),
        ("steps", "section.key=value"),
        ("seed.x=1", "seed is a value"),
        ("data.scale=[2, 1]", "low <= high"),
    ],
)
def test_bad_overrides_are_named(tmp_path: Path, override: str, message: str) -> None:
    path = tmp_path / "r.toml"
    path.write_text("seed = 3\n")
    with pytest.raises(RecipeError, match=message):
        load_recipe(path, [override], Recipe)


def test_unreadable_recipes_are_named(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"missing\.toml"):
        load_recipe(tmp_path / "missing.toml", (), Recipe)
    (tmp_path / "bad.toml").write_text("steps = = 3")
    with pytest.raises(RecipeError, match="not valid TOML"):
        load_recipe(tmp_path / "bad.toml", (), Recipe)
