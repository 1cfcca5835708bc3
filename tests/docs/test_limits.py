"""What the page on limits says in figures is what the evaluation found."""

from __future__ import annotations

import re

from tests.docs.blocks import ROOT

EVALUATION = (ROOT / "docs" / "evaluation.md").read_text(encoding="utf-8")
LIMITS = (ROOT / "docs" / "limits.md").read_text(encoding="utf-8")


def found(title: str, column: str) -> str:
    """A figure of `general` in the table under a heading."""
    table = EVALUATION.split(f"### {title}\n")[1].split("\n###")[0]
    rows = [[cell.strip() for cell in row.split("|")[1:-1]] for row in table.splitlines() if "|" in row]
    (general,) = (row for row in rows if row[0] == "general")
    return general[rows[0].index(column)]


def test_shares_of_rain_that_go() -> None:
    moving, still = (
        found(f"{kind} scenes, mean over rain types", "rain removed") for kind in ("Moving", "Still")
    )
    defocus, oblique = (found("Moving scenes, rain removed", kind) for kind in ("defocus", "oblique"))
    told = re.findall(r"(\d+) %", LIMITS.split("## Where rain stays")[1])
    assert [f"{share}%" for share in told[:4]] == [defocus, oblique, moving, still]


def test_harm_to_pixels_without_rain() -> None:
    kinds = ("Moving", "Still", "Panning")
    codes = [float(found(f"{kind} scenes, mean over rain types", "damage, codes")) for kind in kinds]
    assert f"change by {min(codes):.1f} to {max(codes):.1f} codes" in LIMITS
