from collections.abc import Callable

import pytest
import torch

from vsrrg.models.rrgnet import RRGNet, RRGNetConfig
from vsrrg_training.config import DistillConfig, LossConfig, RecipeError
from vsrrg_training.data.dataset import Clip
from vsrrg_training.derain import DerainObjective, PictureObjective
from vsrrg_training.distill import output_guidance

SIZES = {"half": 8, "quarter": 8, "eighth": 8, "eighth_blocks": 1, "refine_blocks": 1}
Make = Callable[..., RRGNet]


@pytest.fixture
def network() -> Make:
    def make(seed: int = 0, **changes: int) -> RRGNet:
        torch.manual_seed(seed)
        model = RRGNet(RRGNetConfig(**(SIZES | {"radius": 1} | changes)))
        with torch.no_grad():
            model.decoder.rain.weight.mul_(5)
        return model

    return make


@pytest.fixture
def batch() -> Clip:
    generator = torch.Generator().manual_seed(3)
    packed = torch.rand(2, 6, 6, 16, 16, generator=generator)
    rain = 0.3 * (torch.rand(2, 6, 6, 16, 16, generator=generator) < 0.1)
    return Clip(packed, rain, torch.tensor([0, 1]), torch.tensor([False, True]))


def test_a_teacher_that_is_the_student_adds_nothing(network: Make, batch: Clip) -> None:
    alone, _ = DerainObjective(network(), LossConfig())(batch)
    guided, sums = DerainObjective(network(), LossConfig(), teacher=network())(batch)
    assert sums["guidance"] == 0 and sums["residual"] == 0
    assert guided == alone


def test_single_pictures_train_their_part_and_nothing_else(network: Make, batch: Clip) -> None:
    objective = PictureObjective(network(picture=8), LossConfig())
    single = Clip(batch.packed[:, :1], batch.rain[:, :1], batch.kind, batch.review)
    before = {name: value.clone() for name, value in objective.network.named_parameters()}
    loss, sums = objective.train()(single)
    loss.backward()
    assert "presence" in sums and loss > 0
    for name, value in objective.network.named_parameters():
        assert (value.grad is not None) == name.startswith("picture."), name
    picture = objective.picture(single)
    assert picture is not None and picture.shape == (2 * 32, 3 * 32, 3)
    assert all(torch.equal(before[name], value) for name, value in objective.network.named_parameters())


def test_dry_pictures_teach_the_gate_and_not_the_layer(network: Make, batch: Clip) -> None:
    objective = PictureObjective(network(picture=8), LossConfig())
    dry = Clip(batch.packed[:, :1], torch.zeros_like(batch.rain[:, :1]), batch.kind, batch.review)
    objective(dry)[0].backward()
    part = objective.network.picture
    assert part is not None and part.rain.weight.grad is not None and part.presence.weight.grad is not None
    assert not part.rain.weight.grad.any() and part.presence.weight.grad.any()


def test_single_pictures_need_a_part_for_them(network: Make) -> None:
    with pytest.raises(RecipeError, match=r"give model\.picture channels"):
        PictureObjective(network(), LossConfig())


def test_video_leaves_the_part_for_pictures_alone(network: Make, batch: Clip) -> None:
    objective = DerainObjective(network(picture=8), LossConfig())
    objective(batch)[0].backward()
    assert all(p.grad is None for n, p in objective.network.named_parameters() if n.startswith("picture."))


@pytest.mark.parametrize("changes", [{"radius": 2}, {"half": 16, "eighth": 24}, {}])
def test_a_teacher_of_any_size_guides_the_student_alone(
    network: Make, batch: Clip, changes: dict[str, int]
) -> None:
    objective = DerainObjective(network(), LossConfig(), teacher=network(1, **changes))
    before = {name: value.clone() for name, value in objective.named_parameters()}
    optimizer = torch.optim.SGD([p for p in objective.parameters() if p.requires_grad], 1.0)
    loss, sums = objective.train()(batch)
    assert sums["guidance"] > 0 and sums["residual"] > 0
    loss.backward()
    optimizer.step()
    changed = {
        name.split(".")[0] for name, value in objective.named_parameters() if (value != before[name]).any()
    }
    assert changed == {"network", "bridge"} if "half" in changes else changed == {"network"}
    assert not objective.teacher.training  # type: ignore[union-attr]


def test_only_new_clips_are_guided_where_asked(network: Make, batch: Clip) -> None:
    def guidance(distill: DistillConfig, reviewed: list[bool]) -> float:
        objective = DerainObjective(network(), LossConfig(), teacher=network(1), distill=distill)
        _, sums = objective(batch._replace(review=torch.tensor(reviewed)))
        return float(sums["guidance"])

    every = DistillConfig(new_only=False)
    assert guidance(every, [True, True]) == guidance(every, [False, False]) > 0
    assert guidance(DistillConfig(new_only=True), [True, True]) == 0


def test_a_teacher_is_trusted_where_it_is_right() -> None:
    truth = torch.zeros(1, 1, 6, 4, 4)
    student = torch.full_like(truth, 0.1)
    new = torch.tensor([True])
    wrong = torch.full_like(truth, 0.2)
    trusting, wary = DistillConfig(trust=0.0), DistillConfig(trust=0.05)
    assert output_guidance(student, wrong, truth, new, trusting) > 0.09
    assert output_guidance(student, wrong, truth, new, wary) < 0.01
    right = output_guidance(student, truth, truth, new, wary)
    assert right == output_guidance(student, truth, truth, new, trusting) > 0.09
