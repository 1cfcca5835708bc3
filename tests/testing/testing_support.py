"""Runs a suite on something, promise by promise, and says which are broken."""

from __future__ import annotations

import pytest

from vsrrg.testing.promises import Suite, promises


def broken_promises(suite: type[Suite], *asked: str) -> dict[str, str]:
    """What each test that fails says, of those that are asked for or of all; by names without `test_`."""
    found = {}
    tests = {name.removeprefix("test_"): test for name, test in promises(suite).items()}
    for name in asked or tests:
        try:
            tests[name](suite())
        except pytest.fail.Exception as failure:
            found[name] = str(failure)
        except pytest.skip.Exception:
            pass
    return found
