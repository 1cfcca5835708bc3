"""Damage to files, the same for the same number."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

type Mutation = Callable[[bytearray, Random], bytearray]


def _place(data: bytearray, random: Random, longest: int) -> slice:
    """A run of 1 to `longest` bytes within the data."""
    length = min(random.randint(1, longest), len(data))
    start = random.randint(0, len(data) - length)
    return slice(start, start + length)


def bits(data: bytearray, random: Random) -> bytearray:
    """Single bits flip, anywhere."""
    for _ in range(random.choice((1, 4, 16, 64))):
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)
    return data


def run(data: bytearray, random: Random) -> bytearray:
    """A run of bytes becomes noise."""
    where = _place(data, random, 400)
    data[where] = random.randbytes(where.stop - where.start)
    return data


def blank(data: bytearray, random: Random) -> bytearray:
    """A run of bytes becomes zeros or ones, as where a disk has failed."""
    where = _place(data, random, 4096)
    data[where] = bytes([random.choice((0, 255))]) * (where.stop - where.start)
    return data


def truncated(data: bytearray, random: Random) -> bytearray:
    """The file ends early."""
    return data[: random.randrange(len(data))]


def headless(data: bytearray, random: Random) -> bytearray:
    """The file begins late."""
    return data[random.randrange(1, min(len(data), 4096)) :]


def removed(data: bytearray, random: Random) -> bytearray:
    """A block is missing."""
    del data[_place(data, random, 2048)]
    return data


def doubled(data: bytearray, random: Random) -> bytearray:
    """A block is there twice."""
    where = _place(data, random, 2048)
    data[where.stop : where.stop] = data[where]
    return data


def swapped(data: bytearray, random: Random) -> bytearray:
    """Two blocks have changed places."""
    size = min(random.choice((16, 188, 512, 2048)), len(data) // 2)
    one, two = (random.randrange(len(data) // size) * size for _ in range(2))
    data[one : one + size], data[two : two + size] = data[two : two + size], data[one : one + size]
    return data


def header(data: bytearray, random: Random) -> bytearray:
    """Damage to the first bytes alone."""
    for _ in range(random.choice((1, 2, 8))):
        data[random.randrange(min(len(data), 600))] = random.randrange(256)
    return data


def numbers(data: bytearray, random: Random) -> bytearray:
    """Fields of the header become the numbers at which arithmetic breaks."""
    limits = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
    for _ in range(random.choice((1, 3))):
        size = random.choice((1, 2, 4))
        start = random.randrange(max(1, min(len(data), 2000) - size))
        value = random.choice(limits) & (256**size - 1)
        data[start : start + size] = value.to_bytes(size, random.choice(("big", "little")))
    return data


def tail(data: bytearray, random: Random) -> bytearray:
    """Damage to the last bytes alone, where some files keep their index."""
    for _ in range(random.choice((1, 4, 16))):
        data[-1 - random.randrange(min(len(data), 1500))] = random.randrange(256)
    return data


def followed(data: bytearray, random: Random) -> bytearray:
    """Noise follows the file."""
    return data + random.randbytes(random.randint(1, 3000))


MUTATIONS: tuple[Mutation, ...] = (
    bits, run, blank, truncated, headless, removed, doubled, swapped, header, numbers, tail, followed,
)  # fmt: skip


def mutate(data: bytes, number: int) -> tuple[str, bytes]:
    """What was done, and the damaged bytes; every fifth is damaged twice."""
    random = Random(number)
    done, damaged = [], bytearray(data)
    for _ in range(2 if number % 5 == 0 else 1):
        mutation = random.choice(MUTATIONS)
        done.append(mutation.__name__)
        damaged = mutation(damaged, random)
        if not damaged:
            break
    return "+".join(done), bytes(damaged)
