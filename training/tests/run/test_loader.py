import subprocess
import sys

import pytest
import torch
from torch import Tensor
from torch.utils.data import Dataset

from vsrrg_training.run.loader import StepSampler, step_loader


class Numbers(Dataset[Tensor]):
    def __getitem__(self, index: int) -> Tensor:
        return torch.tensor(index)


@pytest.mark.parametrize("workers", [0, 2])
def test_batches_go_on_where_a_run_stopped_whatever_the_workers(workers: int) -> None:
    batches = step_loader(Numbers(), StepSampler(2, 5, 4), workers=workers, prefetch=2)
    assert [batch.tolist() for batch in batches] == [[8, 9, 10, 11], [12, 13, 14, 15], [16, 17, 18, 19]]


def test_processes_share_each_batch() -> None:
    shares = [list(StepSampler(1, 3, 4, rank=rank, world=2)) for rank in range(2)]
    assert shares == [[4, 5, 8, 9], [6, 7, 10, 11]]


def test_an_error_ends_the_process_though_its_workers_ignore_signals() -> None:
    script = """
import torch
from torch.utils.data import TensorDataset
from vsrrg_training.run.loader import StepSampler, step_loader
batches = iter(step_loader(TensorDataset(torch.arange(400)), StepSampler(0, 100, 4), workers=1, prefetch=2))
next(batches)
raise RuntimeError("broken off")
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=90)
    assert done.returncode == 1 and "broken off" in done.stderr
