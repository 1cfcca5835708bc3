"""Rain types of plugins: found, drawn everywhere, and blamed by name where they fail."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from vsrrg.errors import PluginError
from vsrrg_training.config import RecipeError
from vsrrg_training.rain import RainLayer, RainType, make_rainy, registry
from vsrrg_training.rain.types import TYPES, Looks

RANGES: dict[str, Any] = {
    "description": "for tests",
    "density": (500, 4000),
    "length": (3, 9),
    "sigma": (0.4, 0.9),
    "alpha": (0.3, 0.9),
    "angle": (0, 30),
}

Offer = Callable[..., None]


@pytest.fixture
def offers(install: Callable[..., None]) -> Offer:
    """Installs plugins, each with what it returns (or a function that does) as its rain types."""

    return lambda **plugins: install(**{name: {"vsrrg_rain_types": types} for name, types in plugins.items()})


def hail(name: str = "hail", **changes: Any) -> RainType:
    return RainType(name=name, **{**RANGES, **changes})


def left_half(kind: RainType, scene: Tensor, generator: torch.Generator) -> RainLayer:
    """White on the left half of the frame."""
    alpha = torch.zeros(len(scene), *scene.shape[-2:])
    alpha[:, :, : scene.shape[-1] // 2] = 0.5
    return RainLayer(alpha, torch.ones_like(scene))


def fall(name: str) -> Tensor:
    clean = torch.full((2, 3, 40, 60), 0.2)
    clip = make_rainy(clean, name, torch.Generator().manual_seed(0))
    return clip.rainy - clip.clean


def test_plugins_types_come_after_the_own_and_fall(offers: Offer) -> None:
    offers(snow=[hail(), hail("sleet")])
    assert list(registry.rain_types()) == [*TYPES, "hail", "sleet"]
    assert fall("hail").abs().max() > 0.02
    with pytest.raises(RecipeError, match=r"unknown rain type 'graupel'.*light.*sleet"):
        registry.find_type("graupel")


def test_a_type_may_bring_its_own_layer_and_light(offers: Offer) -> None:
    offers(snow=[hail(layer=left_half)])
    effect = fall("hail")
    assert (effect[..., :30] > 0.1).float().mean() > 0.9
    # Splashes may lie anywhere.
    assert (effect[..., 30:].abs() < 1e-3).float().mean() > 0.8


@pytest.mark.parametrize(
    ("types", "message"),
    [
        ([hail("light")], "plugin snow offers a rain type 'light', a name that vsrrg_training.builtin has"),
        ([hail("none")], "plugin snow offers a rain type 'none'"),
        ([hail(), hail()], "plugin snow offers a rain type 'hail', a name that snow has"),
        (["hail"], "plugin snow returned from vsrrg_rain_types something other than a list of RainType"),
        (lambda: [hail(alpha=(0.5, 1.5))], r"plugin snow failed .* 'hail': alpha is \(0.5, 1.5\)"),
        (lambda: [hail(length=(0, 4))], r"plugin snow failed .* length .* 1 <= low <= high"),
        (lambda: [hail(density=(9, 5))], "plugin snow failed .* density"),
        (lambda: [hail(density="many")], "plugin snow failed .* density is 'many'"),
        (lambda: [hail(background=2.0)], "plugin snow failed .* chance background is 2.0"),
        (lambda: [hail(layer="maker")], "plugin snow failed .* layer is 'maker'"),
        (lambda: [hail("Big Hail")], "plugin snow failed .* 'Big Hail' is no name"),
    ],
)
def test_bad_types_are_one_sentence_with_the_plugins_name(offers: Offer, types: object, message: str) -> None:
    offers(snow=types)
    with pytest.raises(PluginError, match=message) as caught:
        registry.rain_types()
    assert "\n" not in str(caught.value)


def test_two_plugins_with_one_name_are_both_named(offers: Offer) -> None:
    offers(ice=[hail()], snow=[hail()])
    with pytest.raises(PluginError, match="plugin snow offers a rain type 'hail', a name that ice has"):
        registry.rain_types()


@pytest.mark.parametrize(
    ("maker", "message"),
    [
        (lambda *_: 1 / 0, "ZeroDivisionError"),
        (lambda *_: torch.zeros(2, 40, 60), "a Tensor instead of a RainLayer"),
        (lambda *_: RainLayer(torch.zeros(2, 3, 40, 60)), "opacity of the shape"),
        (lambda *_: RainLayer(torch.full((2, 40, 60), 1.5)), "opacity outside 0..1"),
        (lambda *_: RainLayer(torch.full((2, 40, 60), torch.nan)), "opacity outside 0..1"),
        (lambda *_: RainLayer(torch.zeros(2, 40, 60), torch.zeros(3)), "light of the shape"),
    ],
)
def test_failing_makers_are_named(offers: Offer, maker: Callable[..., Any], message: str) -> None:
    offers(snow=[hail(layer=maker)])
    with pytest.raises(PluginError, match=f"plugin snow failed to make rain of type 'hail': .*{message}"):
        fall("hail")


PAGE = Path(__file__).parents[3] / "docs" / "rain.md"
"""The page whose example is the plugin here."""

LOADED = """
import json, sys
from dataclasses import fields
from pathlib import Path
from vsrrg_training.config import DataConfig
from torch.utils.data import DataLoader
from vsrrg_training.data.dataset import ClipDataset
from vsrrg_training.rain import RAIN_TYPES

if __name__ == "__main__":
    footage = Path(sys.argv[1])
    data = dict(videos=str(footage / "videos"), crop=32, frames=3, no_rain=0.0, other_rain=0.0)
    config = DataConfig(**data, rain_weights={"hail": 1.0, "curtain": 1.0})
    clips = ClipDataset(config, 0, cache=footage / "cache")
    loader = DataLoader(clips, 2, sampler=range(8), num_workers=1, multiprocessing_context="forkserver")
    kinds = [RAIN_TYPES[int(kind)] for batch in loader for kind in batch.kind]
    print(json.dumps(kinds))
"""


@pytest.fixture
def python(tmp_path: Path) -> Callable[..., str]:
    """Runs Python where a plugin is installed; gives back what it prints."""
    info = tmp_path / "vsrrg_hail-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: vsrrg-hail\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[vsrrg]\nhail = vsrrg_hail\n")
    example = PAGE.read_text().split("```python\n")[1].split("```")[0]
    (tmp_path / "vsrrg_hail.py").write_text(example)

    def run(*words: object) -> str:
        path = os.pathsep.join([str(tmp_path), *sys.path])
        done = subprocess.run(
            [sys.executable, *map(str, words)],
            env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_an_installed_plugins_rain_falls_in_loader_workers(
    python: Callable[..., str], footage: Path, tmp_path: Path
) -> None:
    script = tmp_path / "loaded.py"
    script.write_text(LOADED)
    assert set(json.loads(python(script, footage))) == {"hail", "curtain"}


def test_vsrrg_itself_loads_such_a_plugin(python: Callable[..., str]) -> None:
    states = {state["name"]: state for state in json.loads(python("-m", "vsrrg", "plugins", "--json"))}
    assert states["hail"]["state"] == "active"
    assert states["hail"]["hooks"] == ["vsrrg_rain_types"]


def test_the_page_says_what_is_drawn() -> None:
    page = PAGE.read_text()
    for kind in TYPES.values():
        ranges = (kind.density, kind.length, kind.sigma, kind.alpha, kind.angle)
        cells = " | ".join(f"{low:g} to {high:g}" for low, high in ranges)
        assert f"| {kind.name} | {kind.description} | {cells} |" in page
    for field in fields(Looks):
        assert f"| {field.name} | {field.default:g} |" in page
