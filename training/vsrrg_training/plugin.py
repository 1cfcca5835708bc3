"""What this package adds to vsrrg itself: the codes of its errors, for ``vsrrg explain``."""

from __future__ import annotations

from pathlib import Path

from vsrrg.hooks import ErrorDescriptor, hookimpl

vsrrg_api = 1

ERRORS = {
    "training-recipe": "A recipe, or a change to it on the command line, cannot be used.",
    "training-options": "The options of a command do not go together, or a value is not allowed.",
    "training-unknown-name": "There is no rain type, or no metric, of that name.",
    "training-file": "A file of training cannot be read or written, or is damaged.",
    "training-no-footage": "There is no footage of the wanted kind where it was looked for.",
    "training-unfit-footage": "Footage is too short or too small for this, or shows too little.",
    "training-no-pair": "The rainy and the clean half of a clip do not fit each other, or one is missing.",
    "training-same-name": "Two clips, frames or folders are called alike.",
    "training-folder-taken": "The folder for a run holds one already.",
    "training-no-run": "There is no run where one was named, or its checkpoint is damaged.",
    "training-other-run": "A checkpoint, weights or a report belong to another run or model.",
    "training-no-part": "The model lacks the part that was asked for.",
}
"""Codes of errors and what they mean; the folder errors has a page on each."""


@hookimpl
def vsrrg_errors() -> list[ErrorDescriptor]:
    """Adds the codes of the errors that only training has."""
    pages = Path(__file__).parent / "errors"
    return [ErrorDescriptor(code, line, pages / f"{code}.md") for code, line in ERRORS.items()]
