"""A promise of the contract as a test: what a suite is made of, and what it says when a promise is broken."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn, cast

import pytest


class Suite(ABC):
    """Tests to inherit from: every `test_` method is one promise of the contract.

    The subclass says in attributes what is tested; its name must begin with `Test`, as pytest asks. Raises
    TypeError where such a class leaves something out.
    """

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        members = inspect.getmembers(cls)
        lacking = [name for name, member in members if getattr(member, "__isabstractmethod__", False)]
        if lacking and cls.__name__.startswith("Test"):  # Which pytest would pass over without a word.
            raise TypeError(f"{cls.__name__} does not say what is tested: it lacks {', '.join(lacking)}")

    @property
    @abstractmethod
    def subject(self) -> str:
        """What messages call the thing that is tested."""


class Broken(AssertionError):
    """A promise is broken; the message says how, with figures."""


def broken(how: str) -> NoReturn:
    """Ends a test of a suite: the promise is broken in this way."""
    raise Broken(how)


def promise[Test: Callable[..., None]](documented: str) -> Callable[[Test], Test]:
    """Makes a method of a suite the test of one promise, which the first paragraph of its docstring states.

    `documented` is the dotted path of what makes the promise, in its own docstring.
    """

    def decorate(test: Test) -> Test:
        @wraps(test)
        def checked(self: Suite) -> None:
            try:
                test(self)
                return
            except Broken as error:
                how = str(error)
            pytest.fail(f"{self.subject}: {how}\n{stated(test)}\nSee {documented}.", pytrace=False)

        checked.documented = documented  # type: ignore[attr-defined]
        return cast("Test", checked)

    return decorate


def promises(suite: type[Suite]) -> dict[str, Any]:
    """The tests of a suite by name."""
    return {name: test for name, test in inspect.getmembers(suite) if hasattr(test, "documented")}


def stated(test: Callable[..., object]) -> str:
    """The promise of a test, in one line."""
    paragraph, _, _ = inspect.cleandoc(test.__doc__ or "").partition("\n\n")
    return "Promised: " + " ".join(paragraph.split())
