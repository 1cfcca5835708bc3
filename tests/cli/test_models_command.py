"""``vsrrg models``: list and card, of installed models and of the user's own files."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.cli.cli_support import vsrrg
from vsrrg.models.rrgnet import RRGNet, RRGNetConfig
from vsrrg.models.weights import save_weights


@pytest.fixture(scope="module")
def weight_file(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A weight file of an untrained network, and its hash."""
    path = tmp_path_factory.mktemp("weights") / "mine.safetensors"
    config = RRGNetConfig()
    card = {
        "description": "untrained",
        "precisions": ["fp32", "bf16"],
        "data": ["a", "b"],
        "psnr": {"still": 33.5},
    }
    digest = save_weights(
        path, RRGNet(config).state_dict(), config=asdict(config), name="mine", version="0.3", card=card
    )
    return path, digest


def test_card_of_a_weight_file(weight_file: tuple[Path, str]) -> None:
    path, digest = weight_file
    done = vsrrg("models", path)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[:3] == ["mine: untrained", f"source: {path}", "precisions: bf16, fp32"]
    assert "version: 0.3" in lines and f"sha256: {digest}" in lines
    assert "data: a, b" in lines
    assert "psnr:\n  still: 33.5" in done.stdout
    assert "  arch: rrgnet" in lines


def test_card_as_json(weight_file: tuple[Path, str]) -> None:
    path, digest = weight_file
    facts = json.loads(vsrrg("models", path, "--json").stdout)
    assert (facts["name"], facts["frames"]) == ("mine", 2 * RRGNetConfig().radius + 1)
    assert facts["card"]["sha256"] == digest
    assert facts["card"]["psnr"] == {"still": 33.5}


def test_list_is_a_table_or_json() -> None:
    from vsrrg.models import builtin_models

    names = [model.name for model in builtin_models()]
    assert [fact["name"] for fact in json.loads(vsrrg("models", "--json").stdout)] == names
    table = vsrrg("models").stdout
    rows = {line.split()[0]: line for line in table.splitlines() if line.strip()}
    assert "precisions" in rows["name"] and "sha256" in rows["name"]
    for model in builtin_models():
        assert model.card["sha256"][:12] in rows[model.name]


def test_unknown_model_is_one_sentence() -> None:
    done = vsrrg("models", "snwo")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("vsrrg: there is no model named 'snwo': choose one of")
    assert len(done.stderr.splitlines()) == 1
