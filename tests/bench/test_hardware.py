"""Limits, the reference stack and memory: figures that grow with what they measure."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from vsrrg.bench import ceilings, reference


def test_limits_of_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ceilings, "MATRIX", {"cpu": 256})
    monkeypatch.setattr(ceilings, "COPIED", 1 << 20)
    monkeypatch.setattr(ceilings, "SECONDS", 0.02)
    limits = ceilings.measure_limits("cpu", torch.float32)
    assert 1e8 < limits.matrix < 1e14 and 1e8 < limits.copy < 1e13
    assert limits.upload is limits.download is limits.device_copy is None


def test_the_reference_stack_is_the_same_work_every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    assert reference.FLOPS == 33_973_862_400
    monkeypatch.setattr(reference, "LEAST_SECONDS", 0.0)
    monkeypatch.setattr(reference, "COLUMNS", 16)
    small = min(reference.reference_stack("cpu", torch.float32)() for _ in range(3))
    monkeypatch.setattr(reference, "COLUMNS", 160)
    large = min(reference.reference_stack("cpu", torch.float32)() for _ in range(3))
    assert large > 2 * small > 0


def test_peak_memory_outlives_what_took_it_and_is_not_inherited() -> None:
    program = """if 1:
        import subprocess, sys
        from vsrrg.bench.memory import peak_ram
        before = peak_ram()
        held = b"x" * (200 << 20)
        del held
        words = "from vsrrg.bench.memory import peak_ram; print(peak_ram())"
        child = subprocess.run([sys.executable, "-c", words], capture_output=True, check=True)
        print(before, peak_ram(), int(child.stdout))
    """
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    before, after, child = map(int, done.stdout.split())
    assert after >= before + (190 << 20)
    assert 5 << 20 < child < 100 << 20
