"""Completion in bash, which takes ``cuda:1`` and ``mask:left=`` for several words."""

from __future__ import annotations

import os
import shlex
from typing import Any, ClassVar

from click.shell_completion import CompletionItem, ShellComplete, add_completion_class

_BREAKS = {":", "="}


class BashComplete(ShellComplete):
    """Joins what bash has taken apart, and gives back the part that it knows as the last word."""

    name: ClassVar[str] = "bash"
    source_template: ClassVar[str] = """\
%(complete_func)s() {
    local kind word
    while IFS=, read -r kind word; do
        case $kind in
            file) compopt -o default ;;
            dir) compopt -o dirnames ;;
            open) compopt -o nospace; COMPREPLY+=("$word") ;;
            plain) COMPREPLY+=("$word") ;;
        esac
    done < <(env COMP_WORDS="$(printf '%%s\\n' "${COMP_WORDS[@]}")" COMP_CWORD="$COMP_CWORD" \\
        %(complete_var)s=bash_complete "$1" 2>/dev/null)
}
complete -o nosort -F %(complete_func)s %(prog_name)s
"""

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the last, and the last, as far as they are typed."""
        typed = os.environ["COMP_WORDS"].split("\n")
        number = int(os.environ["COMP_CWORD"])
        words = joined((typed + [""] * (number + 1 - len(typed)))[: number + 1])
        self._known = words[-1].removesuffix(typed[number] if number < len(typed) else "")
        if typed[number : number + 1] and set(typed[number]) <= _BREAKS and typed[number]:
            self._known = words[-1]
        return [_unquoted(word) for word in words[1:-1]], words[-1]

    def format_completion(self, item: CompletionItem[Any]) -> str:
        """Kind and word, without what bash has already."""
        if item.type != "plain":
            return f"{item.type},"
        kind = "open" if item.value.endswith(("=", ":")) else "plain"
        return f"{kind},{item.value.removeprefix(self._known)}"


def joined(words: list[str]) -> list[str]:
    """The words, with ``:`` put back between its neighbours, and ``=`` where such a word goes on."""
    found: list[str] = []
    sticky = False
    for word in words:
        breaks = bool(word) and set(word) <= _BREAKS
        inside = bool(found) and ":" in found[-1]
        if found and (sticky or (breaks and (":" in word or inside))):
            found[-1] += word
            sticky = breaks
        else:
            found.append(word)
            sticky = False
    return found


def _unquoted(word: str) -> str:
    try:
        return "".join(shlex.split(word))
    except ValueError:
        return word


add_completion_class(BashComplete)
