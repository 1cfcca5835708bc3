import pytest

from vsrrg_training.config import Recipe, RecipeError
from vsrrg_training.run.checkpoint import check_same_recipe


def recipe(**changes: object) -> dict[str, object]:
    return Recipe.model_validate({"model": {"half": 8}, **changes}).model_dump(mode="json")


def test_length_and_place_may_differ() -> None:
    check_same_recipe(recipe(), recipe(steps=7, minutes=3, threads=2, workers=0, device="cuda"), Recipe)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seed": 4}, r"seed was 0 and is 4"),
        ({"model": {"half": 16}}, r"model\.half was 8 and is 16"),
        ({"data": {"rain_weights": {"light": 2}}}, r"data\.rain_weights\.light was None and is 2"),
    ],
)
def test_another_recipe_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        check_same_recipe(recipe(), recipe(**changes), Recipe)


def test_entries_that_came_later_count_with_their_defaults() -> None:
    old = recipe()
    data = old["data"]
    assert isinstance(data, dict)
    del data["repeats"], old["distill"]
    check_same_recipe(old, recipe(), Recipe)
    with pytest.raises(RecipeError, match=r"data\.repeats was 0\.0 and is 0\.5"):
        check_same_recipe(old, recipe(data={"repeats": 0.5}), Recipe)
