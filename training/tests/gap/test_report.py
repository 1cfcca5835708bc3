"""What a study with enough samples shows, as tables and as a page."""

import json
from pathlib import Path

import numpy as np

from vsrrg_training.gap.checks import check
from vsrrg_training.gap.coverage import cover
from vsrrg_training.gap.distance import distance, pairs
from vsrrg_training.gap.report import html
from vsrrg_training.gap.study import Plan, Study
from vsrrg_training.gap.tables import markdown, save_json
from vsrrg_training.gap.two_sample import tell_apart

from .conftest import made_sample


def study() -> Study:
    """60 real stills, and 40 light ones with half of their density."""
    random = np.random.default_rng(0)
    samples = []
    for i in range(100):
        real = i < 60
        density, tilt = random.uniform(1000, 2000) * (1 if real else 0.5), random.uniform(0, 20)
        samples.append(
            made_sample(
                f"sample {i}",
                {"density": density, "tilt": tilt},
                origin="real" if real else "synthetic",
                group="real <stills>" if real else "light",
                truth={} if real else {"density": density + 10, "tilt": 20 - tilt},
            )
        )
    looks = ("streaks",)
    against = [distance(samples, "still", group, looks) for group in ("real", "synthetic")]
    test = tell_apart(samples, "still", "synthetic", looks)
    return Study(
        plan=Plan(videos=Path("clean")),
        types=("light",),
        samples=samples,
        coverage=cover(samples, "still"),
        checks=check(samples, "still"),
        pairs=pairs(samples, "still", looks),
        distances=[row for row in against if row],
        tests=[test] if test else [],
        sources=[],
    )


def test_tables_say_what_was_found() -> None:
    text = markdown(study())
    (density,) = (line for line in text.splitlines() if line.startswith("| streak density, per"))
    assert "outside higher" in density and density.endswith("| 1.00 |")
    assert "| stills: real, halved |" in text
    (together,) = (line for line in text.splitlines() if line.startswith("| stills: synthetic"))
    assert "streak density +" in together
    assert "### Pairs of figures" in text


def test_the_page_says_the_same() -> None:
    page = html(study(), "vsrrg-train gap --videos 'a & b'")
    assert '<span class="chip outside">outside</span> <small>real goes higher</small>' in page
    assert "-1.00 weak" in page
    assert "real &lt;stills&gt;" in page and "a &amp; b" in page
    assert "real, halved" in page
    assert page.count("<svg") == page.count("</svg>") >= 3


def test_json_has_no_numbers_that_are_none() -> None:
    found = json.loads(save_json(study(), "gap"), parse_constant=lambda text: text)
    assert found["distances"][0]["frechet"] is None
    assert len(found["samples"]) == 100
    assert found["checks"][0] | {"samples": 40} == found["checks"][0]
