"""``python -m vsrrg`` is the shell program."""

from vsrrg.cli.main import main

main()
