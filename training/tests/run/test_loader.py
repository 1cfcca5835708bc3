import pytest
import torch
from torch import Tensor
from torch.utils.data import Dataset

from vsrrg_training.config import RecipeError
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


class Damaged(Numbers):
    def __getitem__(self, index: int) -> Tensor:
        if index == 2:
            raise RecipeError("training-file", "still 2 is damaged")
        return super().__getitem__(index)


@pytest.mark.parametrize("workers", [0, 1])
def test_what_users_must_put_right_is_told_without_a_traceback_of_the_worker(workers: int) -> None:
    batches = step_loader(Damaged(), StepSampler(0, 3, 2), workers=workers, prefetch=2)
    assert next(batches).tolist() == [0, 1]
    with pytest.raises(RecipeError, match=r"^still 2 is damaged$"):
        next(batches)
