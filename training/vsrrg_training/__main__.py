"""``python -m vsrrg_training``: the command line, for launchers that start modules (torchrun)."""

from vsrrg_training.cli.main import main

if __name__ == "__main__":
    main(prog_name="vsrrg-train")
