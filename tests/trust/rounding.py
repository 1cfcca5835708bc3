"""By how much frames differ where the hardware, the number of threads or the precision is another one.

    python -m tests.trust.rounding

Derains the start of the demo clip in processes that are told to use older instructions of the CPU, and
compares their frames, in code values of 8 bits, with those of one that may use all.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import click
import numpy as np

RAIN = Path(__file__).parents[2] / "examples" / "rain-demo.mp4"
DERAIN = """
import sys
from itertools import islice
import av, numpy as np, torch, vsrrg
source, target, model, precision, threads, count = sys.argv[1:]
torch.set_num_threads(int(threads))
with av.open(source) as video:
    frames = vsrrg.derain_frames(
        islice(video.decode(video=0), int(count)), model=model, device="cpu", precision=precision
    )
    np.save(target, np.stack([frame.to_ndarray() for frame in frames]))
"""
OLDER = {
    "AVX2": {"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2"},
    "SSE": {"ATEN_CPU_CAPABILITY": "default", "ONEDNN_MAX_CPU_ISA": "SSE41"},
}
"""What torch and oneDNN are told of the CPU."""
WAYS: list[tuple[str, int, dict[str, str]]] = [
    ("the same again", 2, {}),
    ("one thread", 1, {}),
    *((f"{name} only", 2, told) for name, told in OLDER.items()),
]


@click.command(help=__doc__.partition("\n")[0])
@click.option("--model", default="general", show_default=True)
@click.option("--frames", type=click.IntRange(5), default=24, show_default=True)
def main(model: str, frames: int) -> None:
    with tempfile.TemporaryDirectory() as name:

        def derained(precision: str, threads: int, told: dict[str, str]) -> np.ndarray:
            target = Path(name) / "frames.npy"
            words = [str(RAIN), str(target), model, precision, str(threads), str(frames)]
            subprocess.run([sys.executable, "-c", DERAIN, *words], check=True, env=os.environ | told)
            return np.load(target).astype(int)

        print(f"{'':24} {'differ':>9} {'by more than 1':>15} {'most':>5}")
        for precision in ("fp32", "bf16"):
            reference = derained(precision, 2, {})
            for what, threads, told in WAYS:
                tell(f"{precision}, {what}", derained(precision, threads, told) - reference)
            if precision == "bf16":
                tell("bf16 against fp32", reference - derained("fp32", 2, {}))


def tell(what: str, change: np.ndarray) -> None:
    size = np.abs(change)
    print(f"{what:24} {(size > 0).mean():9.2g} {(size > 1).mean():15.2g} {size.max():5d}", flush=True)


if __name__ == "__main__":
    main()
