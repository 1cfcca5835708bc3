"""Tables in terminals that are too narrow for them."""

from __future__ import annotations

import pytest

from vsrrg.cli.tables import pieces, print_figures


def test_columns_that_do_not_fit_come_in_another_table() -> None:
    assert pieces([10, 5, 5, 5], 25, names=1) == [[0, 1, 2, 3]]
    assert pieces([10, 5, 5, 5], 24, names=1) == [[0, 1, 2], [0, 3]]
    assert pieces([10, 5, 99, 5], 24, names=1) == [[0, 1], [0, 2], [0, 3]]
    assert pieces([10, 5], 1, names=2) == [[0, 1]]


def test_no_figure_is_broken(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("vsrrg.cli.tables.PIPE_WIDTH", 30)
    columns = ("case", "fps before", "fps now", "speed")
    row = ("64x48 [fast]", "123,456,789", "987,654,321", "x 8.00 faster")
    print_figures(columns, [row], names=1)
    shown = capsys.readouterr().out
    assert all(word in shown for word in (*columns, *row))
    assert shown.count("64x48 [fast]") == 3 and max(map(len, shown.splitlines())) <= 30
