"""The crew: order, errors, threads of its own, and a host that notices nothing."""

from __future__ import annotations

from threading import Event, current_thread

import pytest
import torch

from vsrrg.engine.crew import MOST, Caller, OneAtATime, Threads, crew_for


@pytest.mark.parametrize("crew", [Caller(), OneAtATime(), Threads(1, 1), Threads(3, 1)], ids=str)
def test_work_may_wait_for_work_given_before_it(crew):
    laters = [crew.submit(lambda: 0)]
    for n in range(1, 50):
        laters.append(crew.submit(lambda n=n, before=laters[-1]: before() + n))
    assert laters[-1]() == laters[-1]() == sum(range(50))


def test_frames_are_worked_on_side_by_side():
    crew, met = Threads(2, 1), Event()
    waiting = crew.submit(lambda: met.wait(10))
    crew.submit(met.set)
    assert waiting()


@pytest.mark.parametrize("crew", [Caller(), Threads(2, 1)], ids=["caller", "two"])
def test_errors_reach_the_caller(crew):
    def fail():
        raise ValueError("no frame")

    with pytest.raises(ValueError, match="no frame"):
        crew.submit(fail)()
    assert crew.submit(lambda: 1)() == 1


def test_the_hosts_own_threads_keep_their_number():
    mine = torch.get_num_threads()
    crew = Threads(2, 3)
    seen = {crew.submit(lambda: (torch.get_num_threads(), current_thread().name))() for _ in range(8)}
    assert {threads for threads, _ in seen} == {3}
    assert all(name.startswith("vsrrg") for _, name in seen)
    assert torch.get_num_threads() == mine
    # A thread of the host's that comes later is asked for what the host had chosen.
    later = Threads(1, mine)
    assert later.submit(torch.get_num_threads)() == mine


def test_a_crew_for_every_device():
    cores = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        assert crew_for(torch.device("cpu")).size == 1
        torch.set_num_threads(2 * MOST)
        crew = crew_for(torch.device("cpu"))
        assert crew.size == MOST and crew.submit(torch.get_num_threads)() == 2
        assert crew_for(torch.device("cpu")) is crew
        assert crew_for(torch.device("meta")).size == 1
    finally:
        torch.set_num_threads(cores)
