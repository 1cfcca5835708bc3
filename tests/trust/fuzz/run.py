"""Fuzzes a parser, guided by the branches that inputs reach: `python -m tests.trust.fuzz.run y4m`.

Needs atheris: `pip install -e '.[fuzz]'`. Where something else comes out than what the target allows, the
exit code is not 0, and the input lies in the working directory; `--replay FILE` runs it without atheris.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from importlib import import_module
from pathlib import Path

TARGETS = ("y4m", "nut", "raw", "weights", "plan", "results", "recipe", "words")
MEMORY = 2048
"""MiB that a target may take in all."""


def main() -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--replay", type=Path)
    words = parser.parse_args()
    name = f"tests.trust.fuzz.{words.target}"
    if words.replay is not None:
        import_module(name).target(words.replay.read_bytes())
        return
    import atheris

    with atheris.instrument_imports(include=["vsrrg", "vsrrg_training"]):
        module = import_module(name)
        module.warm_up()
    with tempfile.TemporaryDirectory(prefix="vsrrg-") as corpus:
        for n, seed in enumerate(module.seeds()):
            Path(corpus, str(n)).write_bytes(seed)
        limits = [
            f"-max_total_time={words.seconds}",
            f"-rss_limit_mb={MEMORY}",
            "-timeout=20",
            "-max_len=8192",
        ]
        atheris.Setup([sys.argv[0], *limits, "-print_final_stats=1", corpus], module.target)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
