import json
import pickle
import random
import stat

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from vsrrg.errors import ModelError
from vsrrg.models.weights import load_weights, read_header, save_weights

CONFIG = {"arch": "tiny", "radius": 2}
CARD = {"description": "for tests", "figures": {"dB": 4.2}}


@pytest.fixture
def state():
    generator = torch.Generator().manual_seed(0)
    return {
        "a.weight": torch.randn(4, 3, 3, 3, generator=generator).to(memory_format=torch.channels_last),
        "a.bias": torch.randn(4, generator=generator).half(),
        "b": torch.randn(5, generator=generator).bfloat16(),
        "scalar": torch.tensor(3),
        "empty": torch.zeros(0, 2),
    }


@pytest.fixture
def path(tmp_path, state):
    save_weights(tmp_path / "x.safetensors", state, config=CONFIG, name="x", version="1.0", card=CARD)
    return tmp_path / "x.safetensors"


def test_what_is_saved_is_loaded(tmp_path, state):
    path = tmp_path / "x.safetensors"
    digest = save_weights(path, state, config=CONFIG, name="x", version="1.0", card=CARD)
    weights = load_weights(path)
    assert (weights.name, weights.version, weights.config, weights.card) == ("x", "1.0", CONFIG, CARD)
    assert weights.sha256 == digest == read_header(path).sha256
    assert weights.state.keys() == state.keys()
    for key, value in state.items():
        assert weights.state[key].dtype == value.dtype
        assert torch.equal(weights.state[key], value)


def test_the_hash_depends_on_everything(tmp_path, state):
    def digest(state=state, config=CONFIG, name="x", version="1", card=CARD):
        return save_weights(
            tmp_path / "y.safetensors", state, config=config, name=name, version=version, card=card
        )

    changed = [
        digest(),
        digest(name="y"),
        digest(version="2"),
        digest(config={**CONFIG, "radius": 1}),
        digest(card={}),
        digest({**state, "b": state["b"] * 2}),
        digest({**state, "b": state["b"].view(torch.float16)}),
        digest({**state, "scalar": state["scalar"][None]}),
        digest({("c" if key == "b" else key): value for key, value in state.items()}),
    ]
    assert len(set(changed)) == len(changed)
    assert digest() == changed[0]


def test_any_changed_byte_is_noticed(path):
    content = path.read_bytes()
    rng = random.Random(0)
    for position in range(len(content)):
        broken = bytearray(content)
        broken[position] ^= rng.randrange(1, 256)
        path.write_bytes(broken)
        if position >= 8 and content[position] == 0x20 and chr(broken[position]).isspace():
            continue  # padding of the header: white space for white space
        with pytest.raises(ModelError):
            load_weights(path)


@pytest.mark.parametrize("share", [0, 0.001, 0.1, 0.5, 0.99])
def test_a_truncated_file(path, share):
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(ModelError, match=r"x\.safetensors is damaged"):
        load_weights(path)
    with pytest.raises(ModelError):
        read_header(path)


@pytest.mark.parametrize(
    "content", [b"", b"GIF89a", bytes(100), b"\xff" * 100, b'{"a": 1}', random.Random(1).randbytes(4096)]
)
def test_garbage(path, content):
    path.write_bytes(content)
    with pytest.raises(ModelError, match="damaged or not one of vsrrg's"):
        load_weights(path)


def test_an_edited_header_is_noticed(path):
    with safe_open(path, framework="pt") as file:
        metadata = file.metadata()
    for field, value in [("config", json.dumps({**CONFIG, "radius": 3})), ("version", "9"), ("name", "y")]:
        save_file(load_file(path), path.with_name("z.safetensors"), {**metadata, field: value})
        with pytest.raises(ModelError, match="does not match its hash"):
            load_weights(path.with_name("z.safetensors"))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"vsrrg": None}, "no weight file of vsrrg"),
        ({"vsrrg": "2"}, "layout '2', and this vsrrg reads '1'"),
        ({"sha256": None, "card": None}, "lacks card, sha256"),
        ({"config": "{"}, "not valid JSON"),
        ({"config": "[]"}, "must be JSON objects"),
    ],
    ids=str,
)
def test_headers_of_others(path, change, says):
    with safe_open(path, framework="pt") as file:
        metadata = {**file.metadata(), **change}
    metadata = {key: value for key, value in metadata.items() if value is not None}
    save_file(load_file(path), path, metadata)
    for read in (read_header, load_weights):
        with pytest.raises(ModelError, match=says):
            read(path)


def test_a_file_without_header(path):
    save_file({"a": torch.zeros(1)}, path)
    with pytest.raises(ModelError, match="no weight file of vsrrg"):
        load_weights(path)


@pytest.mark.parametrize("zipped", [True, False])
def test_pickles_are_not_opened(path, zipped):
    torch.save({"a": torch.zeros(1)}, path, _use_new_zipfile_serialization=zipped)
    with pytest.raises(ModelError, match="is a pickled checkpoint, which could run code"):
        load_weights(path)
    path.write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(ModelError, match="pickled"):
        read_header(path)


def test_missing_files_and_folders(tmp_path):
    with pytest.raises(ModelError, match=r"cannot read .*: No such file"):
        load_weights(tmp_path / "none.safetensors")
    with pytest.raises(ModelError, match=r"cannot read .*: Is a directory"):
        load_weights(tmp_path)


def test_values_that_are_not_finite_are_not_saved(tmp_path, state):
    state["b"][2] = torch.nan
    with pytest.raises(ModelError, match="tensor 'b' holds values that are not finite"):
        save_weights(tmp_path / "x.safetensors", state, config=CONFIG, name="x", version="1", card={})
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_replaced_whole_or_not_at_all(path, state, monkeypatch):
    before = path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(ModelError, match=r"cannot write .*x\.safetensors: No space left on device"):
        save_weights(path, {**state, "b": state["b"] * 2}, config=CONFIG, name="x", version="2", card={})
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_others_may_read_the_file(path):
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    with pytest.raises(ModelError, match="cannot write"):
        save_weights(path.parent / "no" / "x", {}, config={}, name="x", version="1", card={})
