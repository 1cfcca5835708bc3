"""The site builds without a warning and without a network, and every link on it leads somewhere."""

from __future__ import annotations

import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.blocks import PAGES, ROOT

PUBLIC = (
    *(
        "vsrrg",
        "vsrrg.backends",
        "vsrrg.compare",
        "vsrrg.engine",
        "vsrrg.errors",
        "vsrrg.ffmpeg",
        "vsrrg.hooks",
    ),
    *("vsrrg.kernels", "vsrrg.models", "vsrrg.testing", "vsrrg.vapoursynth", "vsrrg.video"),
    *("vsrrg_training.datasets", "vsrrg_training.evaluation", "vsrrg_training.rain"),
)
MAXIMUM = 3_000_000
"""Bytes of all pictures."""

pytestmark = pytest.mark.timeout(300)


def build(source: Path, target: Path) -> subprocess.CompletedProcess[str]:
    words: list[str | Path] = [
        "-q",
        "-W",
        "--keep-going",
        "-c",
        ROOT / "docs/site",
        "-d",
        target / "doctrees",
        source,
        target / "html",
    ]
    return subprocess.run(
        [sys.executable, "-m", "sphinx", *words],
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT}:{ROOT}/training", "PATH": "", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site."""
    target = tmp_path_factory.mktemp("site")
    done = build(ROOT, target)
    assert done.returncode == 0, done.stderr
    return target / "html"


def test_every_page_is_there_and_can_be_found(site: Path) -> None:
    contents = (site / "docs/index.html").read_text()
    for page in PAGES:
        built = Path(page).with_suffix(".html")
        assert (site / built).exists(), page
        path = (
            "#" if page == "docs/index.md" else f"../{built}" if built.parts[0] != "docs" else str(built)[5:]
        )
        assert page == "README.md" or f'href="{path}"' in contents, page
    assert 'url=docs/index.html"' in (site / "index.html").read_text()


def test_nothing_comes_from_elsewhere(site: Path) -> None:
    for path in site.rglob("*.html"):
        for tag in re.findall(r"<(?:script|link|img|iframe|source)\b[^>]*>", path.read_text()):
            assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", tag), f"{path}: {tag}"
    for path in site.rglob("*.css"):
        assert not re.search(r"url\(\s*[\"']?(?:https?:)?//|@import", path.read_text()), path


def test_every_public_name_is_in_the_reference(site: Path) -> None:
    text = "".join(path.read_text() for path in (site / "docs/api").glob("*.html"))
    modules = [importlib.import_module(name) for name in PUBLIC]
    for module in modules:
        for name in getattr(module, "__all__", ()):
            one = getattr(module, name)
            if not (inspect.isclass(one) or inspect.isfunction(one)):
                continue
            homes = [home.__name__ for home in modules if getattr(home, name, None) is one]
            assert any(f'id="{home}.{name}"' in text for home in homes), f"{module.__name__}.{name}"


def test_pictures_are_small_and_shown() -> None:
    pictures = [path for path in (ROOT / "docs/images").rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in pictures) < MAXIMUM
    text = "".join((ROOT / page).read_text() for page in PAGES)
    for path in pictures:
        assert f"images/{path.relative_to(ROOT / 'docs/images')}" in text, path


DEAD = {
    "[gone](gone.md)": "gone.md",
    "[gone](#nowhere)": "nowhere",
    "[gone](index.md#elsewhere)": "elsewhere",
    "![gone](images/gone.png)": "gone.png",
    "[gone](../vsrrg/gone.py)": "gone.py",
}


def test_dead_links_are_noticed(tmp_path: Path) -> None:
    docs = tmp_path / "source/docs"
    docs.mkdir(parents=True)
    (docs / "index.md").write_text("# Start\n")
    (docs / "other.md").write_text("# Other\n\n" + "\n\n".join(DEAD))
    done = build(tmp_path / "source", tmp_path)
    assert done.returncode != 0
    for line, said in enumerate(DEAD.values()):
        assert re.search(rf"other.md:{2 * line + 3}: WARNING: .*{said}", done.stderr), done.stderr
