import hashlib
import json
import tomllib
from pathlib import Path

import cv2
import numpy as np

from vsrrg_training.run.folder import RunFolder


def test_a_folder_tells_what_the_run_was(tmp_path: Path) -> None:
    source = tmp_path / "clip.mp4"
    source.write_bytes(b"frames")
    folder = RunFolder(tmp_path / "run")
    folder.describe({"seed": 4, "minutes": None, "data": {"crop": 32}}, 4, [source], 0)
    folder.describe({"seed": 4, "minutes": None, "data": {"crop": 32}}, 4, [source], 7)
    assert tomllib.loads((tmp_path / "run" / "recipe.toml").read_text()) == {"seed": 4, "data": {"crop": 32}}
    origin = json.loads((tmp_path / "run" / "origin.json").read_text())
    assert origin["seed"] == 4
    assert origin["data"] == {f"{tmp_path.name}/clip.mp4": hashlib.sha256(b"frames").hexdigest()}
    assert [start["step"] for start in origin["starts"]] == [0, 7]
    assert {"torch", "vsrrg", "python"} <= set(origin["starts"][0]["versions"])


def test_samples_are_pictures(tmp_path: Path) -> None:
    picture = np.zeros((4, 6, 3), np.uint8)
    picture[:, :, 0] = 200
    RunFolder(tmp_path).sample(12, picture)
    stored = cv2.imread(str(tmp_path / "samples" / "step-0000012.png"))
    assert stored is not None
    assert stored.shape == (4, 6, 3) and stored[0, 0].tolist() == [0, 0, 200]
