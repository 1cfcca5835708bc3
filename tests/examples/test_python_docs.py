"""What docs/python.md says in words; tests/docs runs its code."""

from __future__ import annotations

from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "python.md"


def test_the_table_names_every_kind() -> None:
    from vsrrg.frames.kinds import KINDS

    rows = PAGE.read_text().partition("| --- |")[2].partition("\n\n")[0].splitlines()[1:]
    assert len(rows) == len(KINDS)
