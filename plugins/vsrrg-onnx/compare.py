"""How far the pixels of a backend are from torch's, in fp32 on the CPU: where the README's figures come from.

    python plugins/vsrrg-onnx/compare.py --model general --frames 100
    python plugins/vsrrg-onnx/compare.py --format yuv422p10 --format rgb32f

Differences are counted in code values of 8 bits.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from vsrrg.bench.choices import parse_format
from vsrrg.bench.footage import footage
from vsrrg.engine import Options
from vsrrg.hooks.resolve import create_derainer
from vsrrg.video import codes

DEMO = Path(__file__).parents[2] / "examples" / "rain-demo.mp4"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--model", default="general")
    parser.add_argument("--backend", default="onnxruntime")
    parser.add_argument("--format", action="append", default=[], help="such as yuv420p8, the default")
    parser.add_argument("--input", type=Path, default=DEMO)
    parser.add_argument("--frames", type=int, default=25)
    chosen = parser.parse_args()
    print(
        f"{chosen.frames} frames of {chosen.input.name}, model {chosen.model}, {chosen.backend} beside torch"
    )
    print(f"{'format':12}{'largest':>9}{'differ':>10}{'by > 1':>10}")
    for name in chosen.format or ["yuv420p8"]:
        fmt = parse_format(name)
        clip = footage(chosen.input, 640, 360, fmt, chosen.frames)
        torch, other = (
            create_derainer(Options(model=chosen.model, backend=backend, device="cpu", precision="fp32"))
            for backend in ("torch", chosen.backend)
        )
        apart = []
        for a, b in zip(torch.stream(clip), other.stream(clip), strict=True):
            for i, (x, y) in enumerate(zip(a.planes, b.planes, strict=True)):
                unit = codes(fmt, a.color, i).scale / (224 if i and fmt.family == "yuv" else 219)
                apart.append(np.abs(x.astype(np.float64) - y.astype(np.float64)).ravel() / unit)
        every = np.concatenate(apart)
        print(f"{name:12}{every.max():9.2g}{(every > 0).mean():10.1e}{(every > 1.001).mean():10.1e}")


if __name__ == "__main__":
    main()
