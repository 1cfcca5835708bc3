"""Output options of ffmpeg in the user's own words."""

from __future__ import annotations

import shlex

from vsrrg.errors import OptionError

_SHORT = {
    "vcodec": "c:v", "codec:v": "c:v", "acodec": "c:a", "codec:a": "c:a", "scodec": "c:s", "codec:s": "c:s",
}  # fmt: skip


def parse_ffmpeg_args(text: str) -> tuple[list[str], dict[str, str | None]]:
    """The words of ffmpeg's output options, and the (last) value of each option; None for flags.

    The video encoder ("-c:v") is among the values only, for as a word it would hold for cover pictures too.

    Raises:
        OptionError: the text does not consist of options.
    """
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise OptionError("ffmpeg-args", f"--ffmpeg-args {text!r} has an open quotation mark") from error
    kept: list[str] = []
    values: dict[str, str | None] = {}
    name: str | None = None
    for word in words:
        before = name
        if len(word) > 1 and word[0] == "-" and not (word[1].isdigit() or word[1] == "."):
            name = _SHORT.get(word[1:], word[1:])
            values[name] = None
        elif name is None:
            raise OptionError(
                "ffmpeg-args", f"{word!r} in --ffmpeg-args belongs to no option; write '-name value' pairs"
            )
        else:
            values[name] = word
            name = None
        if "c:v" not in (name, before):
            kept.append(word)
    return kept, values
