"""Whatever workers answer, every file ends up done or failed, and nothing is done twice at a time."""

from __future__ import annotations

from collections import deque
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from vsrrg.pieces.schedule import AGAIN, TRIES, Schedule
from vsrrg.pieces.tasks import (
    Derain,
    Derained,
    Done,
    Entire,
    Failed,
    Join,
    Look,
    Looked,
    Lost,
    Outcome,
    Source,
    Task,
    Uncut,
)  # fmt: skip


def source(name: str) -> Source:
    return Source(Path(name), Path("out") / name, Path("out") / f".{name}", 1000, 0)


A, B = source("a"), source("b")


def piece(number: int, head: str = "seam", tail: str = "seam", effort: int = 0) -> Derained:
    return Derained(number, 10, head, tail, effort, 1.0, 0.1)


def looked(pieces: int, *made: Derained) -> Looked:
    return Looked(10 * pieces, pieces, made, 0.1)


def drain(schedule: Schedule) -> list[Task]:
    tasks = []
    while (task := schedule.next()) is not None:
        tasks.append(task)
    return tasks


def test_pieces_come_before_the_next_file_and_the_join_before_them() -> None:
    schedule = Schedule([A, B], wanted=8)
    look = schedule.next()
    assert look == Look(A, 8)
    schedule.take(look, looked(2))
    first, second = schedule.next(), schedule.next()
    assert [first, second] == [Derain(A, 0), Derain(A, 1)]
    assert schedule.next() == Look(B, 8)
    schedule.take(Look(B, 8), looked(2))
    schedule.take(Derain(A, 1), piece(1))
    schedule.take(Derain(A, 0), piece(0))
    assert schedule.next() == Join(A)
    schedule.take(Join(A), Done(20, 1.0, ()))
    assert (set(schedule.done), schedule.frames, schedule.finished) == ({A}, 20, False)


def test_finished_pieces_are_taken_over() -> None:
    schedule = Schedule([A], 8)
    schedule.take(schedule.next(), looked(3, piece(0), piece(2)))  # type: ignore[arg-type]
    assert (schedule.frames, schedule.found) == (20, {A: 20})
    assert drain(schedule) == [Derain(A, 1)]
    schedule.take(Derain(A, 1), piece(1))
    assert drain(schedule) == [Join(A)]


def test_a_lost_worker_costs_its_piece_and_the_third_the_file() -> None:
    schedule = Schedule([A], 8)
    schedule.take(schedule.next(), looked(2))  # type: ignore[arg-type]
    assert drain(schedule) == [Derain(A, 0), Derain(A, 1)]
    schedule.take(Derain(A, 0), piece(0))
    for _ in range(TRIES - 1):
        schedule.take(Derain(A, 1), Lost("gone"))
        assert drain(schedule) == [Derain(A, 1)]
    schedule.take(Derain(A, 1), Lost("gone"))
    assert (
        schedule.finished and "3 workers were lost over it; the last said: gone" in schedule.failed[A].reason
    )
    assert schedule.frames == 0


def test_a_failure_that_may_pass_is_tried_again_elsewhere_and_others_are_not() -> None:
    schedule = Schedule([A, B], 8)
    schedule.take(schedule.next(), looked(2))  # type: ignore[arg-type]
    drain(schedule)
    for _ in range(AGAIN):
        schedule.take(Derain(A, 1), Failed("disk full", again=True))
        assert drain(schedule) == [Derain(A, 1)]
    schedule.take(Derain(A, 1), Failed("disk full", again=True))
    schedule.take(Look(B, 8), Failed("no video"))
    assert schedule.finished and schedule.failed == {
        A: Failed("disk full", again=True),
        B: Failed("no video"),
    }
    schedule.take(Derain(A, 0), piece(0))  # too late, and no harm
    assert schedule.frames == 0


def test_pieces_that_saw_other_frames_than_their_neighbours_are_made_anew_from_further_back() -> None:
    schedule = Schedule([A], 8)
    schedule.take(schedule.next(), looked(3))  # type: ignore[arg-type]
    drain(schedule)
    schedule.take(Derain(A, 0), piece(0, head="", tail="x"))
    schedule.take(Derain(A, 1), piece(1, head="broken", tail="y"))
    schedule.take(Derain(A, 2), piece(2, head="y", tail=""))
    assert drain(schedule) == [Derain(A, 1, effort=1)]
    assert schedule.frames == 20
    schedule.take(Derain(A, 1, effort=1), piece(1, head="broken", tail="y", effort=3))
    assert drain(schedule) == [Entire(A)] and schedule.frames == 0
    schedule.take(Entire(A), Done(30, 1.0, ()))
    assert schedule.finished and set(schedule.done) == set(schedule.whole) == {A}


def test_a_file_that_cannot_be_cut_is_derained_at_once_once() -> None:
    schedule = Schedule([A], 8)
    schedule.take(schedule.next(), looked(4))  # type: ignore[arg-type]
    first, second = schedule.next(), schedule.next()
    schedule.take(first, Uncut("odd"))  # type: ignore[arg-type]
    schedule.take(second, Uncut("odd"))  # type: ignore[arg-type]
    assert drain(schedule) == [Entire(A)]
    schedule.take(Entire(A), Lost("gone"))
    assert drain(schedule) == [Entire(A)]


OUTCOMES = {
    Look: st.sampled_from([looked(0), looked(1), looked(3), looked(3, piece(1)), Failed("no"), Lost("gone")]),
    Join: st.sampled_from([Done(30, 1.0, ()), Uncut("odd"), Failed("no", again=True), Lost("gone")]),
    Entire: st.sampled_from([Done(30, 1.0, ()), Failed("no"), Lost("gone")]),
}


@settings(max_examples=200)
@given(st.data())
def test_any_answers_in_any_order(data: st.DataObject) -> None:
    schedule = Schedule([A, B, source("c")], wanted=3)
    under_way: deque[Task] = deque()
    for _ in range(400):
        while len(under_way) < 3 and (task := schedule.next()) is not None:
            assert task not in under_way
            under_way.append(task)
        if schedule.finished:
            break
        assert under_way, "nothing is under way, and nothing is to be done"
        under_way.rotate(data.draw(st.integers(0, 2)))
        task = under_way.popleft()
        outcome: Outcome
        if isinstance(task, Derain):
            head = data.draw(st.sampled_from(["seam"] * 5 + ["broken"]))
            made = piece(task.number, head=head if task.number else "", effort=task.effort)
            outcome = data.draw(
                st.sampled_from([made] * 6 + [Lost("gone"), Failed("no", True), Uncut("odd")])
            )
        else:
            outcome = data.draw(OUTCOMES[type(task)])
        schedule.take(task, outcome)
    assert schedule.finished
    assert set(schedule.done) | set(schedule.failed) == {A, B, source("c")}
    assert not set(schedule.done) & set(schedule.failed)
    assert schedule.frames == 30 * len(schedule.done)
