import pytest
import torch

from vsrrg.models.rrgnet import RRGNetConfig
from vsrrg_training.derain import build_model, take_fitting
from vsrrg_training.transfer.config import EncoderConfig
from vsrrg_training.transfer.crops import Seen
from vsrrg_training.transfer.encoder import EncoderObjective, FeatureBridge, Student, _disagreement
from vsrrg_training.transfer.teachers import (
    RecogniseObjective,
    RestoreObjective,
    recogniser,
    relief,
    restorer,
)

SMALL = RRGNetConfig(half=8, quarter=8, eighth=8, eighth_blocks=1)
WIDE = RRGNetConfig(half=10, quarter=12, eighth=14, eighth_blocks=1)


def pictures(count: int = 8, seed: int = 0) -> Seen:
    generator = torch.Generator().manual_seed(seed)
    sharp = 0.3 + 0.1 * torch.rand(count, 6, 16, 16, generator=generator)
    rainy = (torch.arange(count) % 2).float()
    packed = sharp.clone()
    packed[rainy > 0.5, :4, :, ::4] += 0.3
    return Seen(packed, sharp, rainy)


def test_relief_sees_neither_light_nor_colour() -> None:
    packed = pictures().packed
    changed = packed.clone()
    changed[:, :4] += 0.1
    changed[:, 4:] += 0.1
    torch.testing.assert_close(relief(changed), relief(packed), atol=1e-5, rtol=0)
    assert relief(packed)[:, :4].std() > 0.1
    assert (relief(packed)[:, 4:] == 0).all()
    torch.manual_seed(0)
    blind, seeing = recogniser(SMALL), recogniser(SMALL, on_relief=False)
    torch.testing.assert_close(blind(changed)[1], blind(packed)[1])
    assert (seeing(changed)[1] - seeing(packed)[1]).abs().max() > 1e-4


@pytest.mark.parametrize("task", ["recognise", "restore"])
def test_teachers_learn_their_task(task: str) -> None:
    torch.manual_seed(0)
    objective = (
        RecogniseObjective(recogniser(SMALL)) if task == "recognise" else RestoreObjective(restorer(SMALL))
    )
    optimizer = torch.optim.AdamW(objective.parameters(), 5e-3)
    losses = []
    for step in range(60):
        loss, _ = objective(pictures(seed=step))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert sum(losses[-5:]) < 0.7 * sum(losses[:5])
    picture = objective.picture(pictures(4))
    assert picture is not None and picture.dtype.name == "uint8"


def test_the_student_comes_nearer_to_frozen_teachers_and_fits_an_rrgnet() -> None:
    torch.manual_seed(0)
    teachers = [recogniser(WIDE), restorer(WIDE)]
    before = [{name: value.clone() for name, value in t.state_dict().items()} for t in teachers]
    student = Student(SMALL)
    objective = EncoderObjective(student, teachers, EncoderConfig())
    trained = [p for p in objective.parameters() if p.requires_grad]
    assert not {id(p) for t in teachers for p in t.parameters()} & {id(p) for p in trained}
    optimizer = torch.optim.AdamW(trained, 5e-3)
    losses = []
    for step in range(60):
        loss, sums = objective(pictures(seed=step))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert set(sums) == {"features_0", "answers_0", "features_1", "answers_1"}
    assert sum(losses[-5:]) < 0.8 * sum(losses[:5])
    for teacher, state in zip(teachers, before, strict=True):
        assert all(torch.equal(value, state[name]) for name, value in teacher.state_dict().items())
    network, _ = build_model({"half": 8, "quarter": 8, "eighth": 8, "eighth_blocks": 1})
    assert take_fitting(network, student.state_dict()) == len(student.encoder.state_dict())
    assert torch.equal(network.encoder.stem.weight, student.encoder.stem.weight)


def test_features_are_compared_whatever_their_loudness() -> None:
    torch.manual_seed(0)
    teacher, student = recogniser(WIDE), Student(WIDE)
    packed = pictures().packed
    taught = teacher.encoder(packed)
    loud, louder = (
        taught._replace(half=k * taught.half, quarter=k * taught.quarter, eighth=k * taught.eighth)
        for k in (10, 100)
    )
    bridge = FeatureBridge(WIDE, WIDE)
    with torch.no_grad():
        for layer in bridge.maps.children():
            layer.weight.zero_()
            layer.bias.zero_()
    found = student(packed)
    assert bridge(found, louder).item() == pytest.approx(bridge(found, loud).item(), rel=0.1)


def test_a_student_starts_blind_to_light_and_colour() -> None:
    torch.manual_seed(0)
    student = Student(SMALL)
    packed = pictures().packed
    changed = packed.clone()
    changed[:, :4] += 0.3
    changed[:, 4:] -= 0.2
    inner = (slice(None), slice(None), slice(2, -2), slice(2, -2))
    torch.testing.assert_close(student(changed).half[inner], student(packed).half[inner], atol=1e-4, rtol=0)


def test_a_student_that_answers_the_same_to_everything_costs_one() -> None:
    taught = torch.tensor([-2.0, 0.0, 1.0, 3.0])
    constant = torch.logit(torch.sigmoid(taught).mean()).expand(4)
    assert _disagreement(constant, taught).item() == pytest.approx(1, abs=1e-3)
    assert _disagreement(taught, taught).item() == pytest.approx(0, abs=1e-5)
    pictures_taught = torch.tensor([[[[0.1, -0.1]]]])
    assert _disagreement(torch.zeros(1, 1, 1, 2), pictures_taught).item() == pytest.approx(1, abs=0.05)
