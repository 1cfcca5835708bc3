"""docs/plugins.md: every hook has its section, every example in it is a plugin that works."""

from __future__ import annotations

import inspect
import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import fields, is_dataclass
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import numpy as np
import pluggy
import pytest
import torch
from click.testing import CliRunner

import vsrrg
from vsrrg.backends.base import Backend, BoundedSession, Session
from vsrrg.cli.main import cli
from vsrrg.engine import FrameFilter, Options, View
from vsrrg.hooks import (
    API_VERSION,
    ErrorDescriptor,
    FilterDescriptor,
    HostAdapter,
    Job,
    Observer,
    Summary,
    spec,
)
from vsrrg.hooks.manager import PluginManager, standing_in
from vsrrg.hooks.resolve import create_derainer, find_backend, find_model, model_names
from vsrrg.models import ModelDescriptor
from vsrrg.models.base import DerainModel
from vsrrg.video import ColorSpec, Frame, PixelFormat
from vsrrg_training import hooks as training
from vsrrg_training.datasets import DataSet, PairedClip
from vsrrg_training.datasets.find import paired_clips
from vsrrg_training.evaluation import Metric
from vsrrg_training.evaluation.metric import measured
from vsrrg_training.evaluation.registry import chosen
from vsrrg_training.rain import RainLayer, RainType, make_rainy

PAGE = (Path(__file__).parents[2] / "docs/plugins.md").read_text()
GRAY = PixelFormat("gray", 8)

ITEMS: dict[str, tuple[type, ...]] = {
    "vsrrg_models": (ModelDescriptor, DerainModel),
    "vsrrg_backends": (Backend, Session, BoundedSession),
    "vsrrg_adapters": (HostAdapter,),
    "vsrrg_filters": (FilterDescriptor, FrameFilter, View),
    "vsrrg_observers": (Observer, Job, Summary),
    "vsrrg_commands": (click.Command,),
    "vsrrg_errors": (ErrorDescriptor,),
    "vsrrg_rain_types": (RainType, RainLayer),
    "vsrrg_datasets": (DataSet, PairedClip),
    "vsrrg_metrics": (Metric,),
}
"""What each hook returns, and what that is made of or is given."""


def hooks() -> list[str]:
    """Every hook there is, in the order of its specification."""
    found = []
    for module in (spec, training):
        manager = pluggy.PluginManager("vsrrg")
        manager.add_hookspecs(module)
        known = [name for name, one in vars(manager.hook).items() if isinstance(one, pluggy.HookCaller)]
        found += sorted(
            known, key=lambda name, module=module: inspect.getsourcelines(getattr(module, name))[1]
        )  # type: ignore[misc]
    return found


def sections() -> dict[str, str]:
    """Text by heading."""
    parts = re.split(r"^#+ (.+)\n", re.sub(r"^```.*?^```", _shield, PAGE, flags=re.M | re.S), flags=re.M)
    return {name: text.replace("\0", "#") for name, text in zip(parts[1::2], parts[2::2], strict=True)}


def _shield(block: re.Match[str]) -> str:
    return block[0].replace("#", "\0")


def blocks(heading: str, language: str) -> list[str]:
    """The code in a section."""
    return re.findall(rf"^```{language}\n(.*?)^```", sections()[heading], re.M | re.S)


type Load = Callable[..., ModuleType]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Load]:
    """Installs the (first) Python of a section as a plugin, and that of others with it; gives its module."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)
    with ExitStack() as stack:

        def load(*headings: str) -> ModuleType:
            entries = []
            for n, heading in enumerate(headings):
                (tmp_path / f"vsrrg_example{n}.py").write_text(blocks(heading, "python")[0])
                monkeypatch.delitem(sys.modules, f"vsrrg_example{n}", raising=False)
                entries.append(EntryPoint(f"example{n}", f"vsrrg_example{n}", "vsrrg"))
            manager = PluginManager(entries)
            for heading, state in zip(headings, manager.states[-len(headings) :], strict=True):
                assert (state.state, state.api) == ("active", API_VERSION), state.reason
                assert heading not in ITEMS or state.hooks == (heading,)
            stack.enter_context(standing_in(manager))
            return sys.modules["vsrrg_example0"]

        yield load


def run(*words: str | Path) -> str:
    """What a command prints."""
    done = CliRunner().invoke(cli, list(map(str, words)), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def rainy(tmp_path: Path, *, code: int = 60) -> Path:
    """A lossless gray clip of 5 frames, 32x24, in which a bright column moves."""
    import av

    path = tmp_path / "rain.mkv"
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("ffv1", rate=24, width=32, height=24, pix_fmt="gray")
        for frame in pictures(code):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, "gray")))
        container.mux(stream.encode(None))
    return path


def pictures(code: int = 60) -> list[np.ndarray[Any, np.dtype[np.uint8]]]:
    made = [np.full((24, 32), code, np.uint8) for _ in range(5)]
    for n, picture in enumerate(made):
        picture[:, 6 * n : 6 * n + 2] = 200
    return made


def derained(**options: Any) -> list[Any]:
    """The clip's frames after the engine, on the CPU."""
    color = ColorSpec("bt709", "full")
    frames = [Frame((picture,), GRAY, color) for picture in pictures()]
    chosen = Options(device="cpu", scene_cuts=False, **options)
    return [frame.planes[0] for frame in create_derainer(chosen).stream(frames)]


# The page as a whole


def test_every_hook_has_a_section_an_example_and_a_test() -> None:
    assert list(ITEMS) == hooks()
    assert [name for name in sections() if name.startswith("vsrrg_")] == hooks()
    tests = [name for name in globals() if name.startswith("test_")]
    for hook in hooks():
        assert any(f"def {hook}()" in code for code in blocks(hook, "python")), hook
        module = spec if hasattr(spec, hook) else training
        assert not inspect.signature(getattr(module, hook)).parameters, f"{hook} has arguments: explain them"
        assert any(name.startswith(f"test_{hook}") for name in tests), f"no test is named test_{hook}..."


@pytest.mark.parametrize("hook", ITEMS)
def test_every_field_method_and_argument_is_explained(hook: str) -> None:
    module = spec if hasattr(spec, hook) else training
    returned = str(inspect.signature(getattr(module, hook)).return_annotation)
    assert returned.removeprefix("list[").removesuffix("]").rpartition(".")[2] == ITEMS[hook][0].__name__
    text = re.sub(r"^```.*?^```", "", sections()[hook], flags=re.M | re.S)
    spans = re.findall(r"`([^`]+)`", text)
    for item in ITEMS[hook]:
        for name in names(item):
            assert any(re.search(rf"\b{name}\b", span) for span in spans), f"{item.__name__}: {name}"


def names(item: type) -> list[str]:
    """Fields of a dataclass; members of a protocol, and the arguments of its methods."""
    if is_dataclass(item):
        return [field.name for field in fields(item)]
    if not getattr(item, "_is_protocol", False):
        return []
    found = [name for name in item.__annotations__ if not name.startswith("_")]
    for name, member in vars(item).items():
        if name.startswith("_"):
            continue
        if isinstance(member, property):
            found.append(name)
        elif callable(member):
            found += [name, *list(inspect.signature(member).parameters)[1:]]
    return found


def test_the_page_has_one_title_and_the_hooks_of_training_are_part_of_it() -> None:
    headings = re.findall(r"^(#+) (.+)\n", re.sub(r"^```.*?^```", "", PAGE, flags=re.M | re.S), flags=re.M)
    assert [name for marks, name in headings if marks == "#"] == ["Plugins"]
    chapters = ["The smallest plugin", "Rules", *hooks()[:-3], "Hooks of training"]
    assert [name for marks, name in headings if marks == "##"] == chapters
    assert [name for marks, name in headings if marks == "###"] == hooks()[-3:]


def test_what_would_be_missed_is_noticed() -> None:
    """The test above is no good if these are empty."""
    assert names(Observer) == [
        *("started", "job", "advanced", "job", "done", "total"),
        *("finished", "job", "summary", "failed", "job", "error"),
    ]
    assert {"available", "open", "model", "device", "precision", "name"} == set(names(Backend))
    assert {"memory", "least_memory", "at_once"} < set(names(BoundedSession))
    assert {"name", "load", "card"} < set(names(ModelDescriptor))


def test_what_the_page_says_of_versions_and_variables_is_so() -> None:
    assert f"`vsrrg.hooks.API_VERSION` is {API_VERSION}." in PAGE
    assert PAGE.count(f"vsrrg_api = {API_VERSION}\n") == PAGE.count("vsrrg_api = ") == len(ITEMS) + 1
    code = "\n".join(path.read_text() for path in Path(vsrrg.__file__).parent.rglob("*.py"))
    assert set(re.findall(r"VSRRG_[A-Z]+", PAGE)) == set(re.findall(r"VSRRG_(?:PLUGINS|TRACE)", code))


def test_the_packages_file_is_one_that_installs() -> None:
    import tomllib

    (text,) = blocks("The smallest plugin", "toml")
    assert tomllib.loads(text)["project"]["entry-points"]["vsrrg"] == {"snow": "vsrrg_snow"}
    assert "# vsrrg_snow.py" in blocks("The smallest plugin", "python")[0]


def test_the_smallest_plugin(load: Load) -> None:
    load("The smallest plugin")
    assert run("snow") == "frozen rain\n"
    states = {state["name"]: state for state in json.loads(run("plugins", "--json"))}
    assert states["example0"]["hooks"] == ["vsrrg_commands"]


# The examples, one by one


def test_vsrrg_models_example(load: Load) -> None:
    load("vsrrg_models")
    assert model_names()[-1] == "minimum"
    assert "removes whatever moves and is bright" in run("models", "minimum")
    # At the ends the one neighbour stands on both sides.
    assert all((picture == 60).all() for picture in derained(model="minimum"))
    network, window = find_model("minimum").load(), torch.rand(1, 3, 6, 4, 5)
    assert torch.equal(network(window), network.fuse([network.encode(one) for one in window.unbind(1)]))


def test_vsrrg_backends_example(load: Load) -> None:
    load("vsrrg_backends", "vsrrg_models")
    assert all((picture == 60).all() for picture in derained(model="minimum", backend="torch-fp64"))
    session = find_backend("torch-fp64").open(find_model("minimum"), device="cpu", precision="fp32")
    assert session.fuse([session.encode(torch.rand(1, 6, 2, 2))] * 3).dtype == torch.float64


def test_vsrrg_adapters_example(load: Load) -> None:
    load("vsrrg_adapters", "vsrrg_models")
    video = np.repeat(np.stack(pictures())[..., None], 3, axis=-1)
    clean = vsrrg.derain(video, model="minimum", device="cpu", scene_cuts=False)
    assert (clean.shape, clean.dtype) == (video.shape, video.dtype) and (clean == 60).all()
    assert np.array_equal(vsrrg.derain(video, strength=0), video)
    with pytest.raises(vsrrg.errors.OptionError, match="or numpy arrays of RGB pictures"):
        vsrrg.derain(video[..., :2])
    with pytest.raises(vsrrg.errors.OptionError, match="no option 'steps'"):
        vsrrg.derain(video, steps=3)


def test_vsrrg_filters_example(load: Load, tmp_path: Path) -> None:
    load("vsrrg_filters", "vsrrg_models")
    inside = np.zeros((24, 32), bool)
    inside[4:14, 8:20] = True
    masked = derained(model="minimum", filters=("mask:left=8,top=4,width=12,height=10",))
    halved = derained(model="minimum", filters=("split",))
    for rain, one, other in zip(pictures(), masked, halved, strict=True):
        assert np.array_equal(one, np.where(inside, rain, 60))
        assert np.array_equal(other[:, :16], rain[:, :16]) and (other[:, 16:] == 60).all()

    seen = set()

    def look(layer: torch.Tensor, view: View) -> torch.Tensor:
        seen.update(*(frame.planes[0].ravel().tolist() for frame in view.frames))
        return layer

    lifted = derained(model="minimum", filters=("lift:by=100", FrameFilter(rain=look)))
    assert seen == {160, 255} and lifted[1][0, 6] == 200 - (255 - 160)
    with pytest.raises(vsrrg.errors.OptionError, match="filter 'mask' needs left, top, width, height"):
        derained(filters=("mask",))

    (command,) = blocks("vsrrg_filters", "sh")
    rainy(tmp_path)
    run(*command.split()[1:], "--model", "minimum", "--device", "cpu")
    assert (tmp_path / "clean.mkv").exists()
    assert {fact["name"] for fact in json.loads(run("filters", "--json"))} == {"mask", "lift", "split"}


def test_vsrrg_observers_example(load: Load, tmp_path: Path) -> None:
    load("vsrrg_observers")
    name: dict[str, Any] = {}
    exec(blocks("vsrrg_observers", "python")[1], name)
    name["run"](range(3))
    with pytest.raises(TypeError):
        name["run"](None)
    first, second = map(json.loads, (tmp_path / "vsrrg-jobs.jsonl").read_text().splitlines())
    assert (first["kind"], first["source"], first["frames"]) == ("count", "camera 1", 3)
    assert second["error"] == "'NoneType' object is not iterable"


def test_vsrrg_commands_example(load: Load, tmp_path: Path) -> None:
    load("vsrrg_commands")
    rainy(tmp_path)
    (command,) = blocks("vsrrg_commands", "sh")
    assert run(*command.split()[1:]) == "5\n"
    assert "Say how many frames FILE has." in run("--help")


def test_vsrrg_errors_example(load: Load, tmp_path: Path) -> None:
    page = blocks("vsrrg_errors", "text")[0]
    (tmp_path / "snow-too-cold.md").write_text(page)
    module = load("vsrrg_errors")
    with pytest.raises(vsrrg.errors.OptionError, match="not at -30") as refusal:
        module.check(-30)
    assert run("explain", refusal.value.code) == page


def test_vsrrg_rain_types_example(load: Load) -> None:
    load("vsrrg_rain_types")
    scene = torch.full((3, 3, 48, 64), 0.3)
    for name in ("sleet", "curtain"):
        clip = make_rainy(scene, name, torch.Generator().manual_seed(1))
        assert (clip.rainy - clip.clean).abs().max() > 0.01, name


def test_vsrrg_datasets_example(load: Load, tmp_path: Path) -> None:
    import cv2

    load("vsrrg_datasets")
    for half in ("rainy", "clean"):
        (tmp_path / "sill" / half / "noon").mkdir(parents=True)
        assert cv2.imwrite(str(tmp_path / "sill" / half / "noon" / "0.png"), np.zeros((8, 8, 3), np.uint8))
    (clip,) = paired_clips(Path(f"windowsill:{tmp_path / 'sill'}"))
    assert clip.name == "noon"


def test_vsrrg_metrics_example(load: Load) -> None:
    load("vsrrg_metrics")
    restored = np.stack([np.full((4, 4), 20, np.uint8), np.full((4, 4), 27, np.uint8)])
    assert measured(chosen([], truth=False), "clip", restored, restored) == {"unrest": 7}
    assert measured(chosen([], truth=False), "clip", restored[:1], restored[:1]) == {}
