import numpy as np

from vsrrg.engine import picture
from vsrrg.engine.picture import Picture


def planes(seed=0):
    rng = np.random.default_rng(seed)
    return [rng.integers(0, 255, shape, np.uint8) for shape in ((48, 64), (24, 32), (24, 32))]


def test_copies_show_the_same_and_one_other_sample_does_not():
    same = Picture(planes())
    assert Picture(planes()) == same
    assert hash(Picture(planes())) == hash(same)
    for plane in range(3):
        for row in range(len(planes()[plane])):
            other = planes()
            other[plane][row, 5] ^= 1
            assert Picture(other) != same


def test_bits_count_not_values():
    zero, minus = np.zeros((4, 4), np.float32), np.full((4, 4), -0.0, np.float32)
    nan = np.full((4, 4), np.nan, np.float32)
    assert Picture([zero]) != Picture([minus])
    assert Picture([nan]) == Picture([nan.copy()])


def test_frames_that_differ_all_over_are_told_apart_by_a_few_rows(monkeypatch):
    read = []
    checksum = picture._checksum

    def counting(chosen):
        chosen = list(chosen)
        read.append(sum(len(plane) for plane in chosen))
        return checksum(iter(chosen))

    monkeypatch.setattr(picture, "_checksum", counting)
    pictures = [Picture(planes(seed)) for seed in range(5)]
    assert len({*pictures}) == 5
    assert read == [16 + 12 + 12] * 5
    assert pictures[0] == Picture(planes(0))
    assert read[5:] == [16 + 12 + 12, 96, 96]
