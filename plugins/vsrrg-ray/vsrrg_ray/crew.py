"""The workers of a job as Ray's actors: started where there is room, given tasks, replaced when lost."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from time import monotonic
from typing import Any

from vsrrg.errors import one_line
from vsrrg.pieces.tasks import Failed, Job, Lost, Outcome, Source, Task
from vsrrg_ray.cluster import ClusterError, Slot, in_short
from vsrrg_ray.sameness import versions
from vsrrg_ray.storage import Sample
from vsrrg_ray.worker import Ready, as_actor

log = logging.getLogger("vsrrg.ray")

TRIES = 3
"""Workers that a machine may lose in a row before nobody is started there any more."""
ROUND = 10.0
"""Seconds between two looks for machines that have joined."""
POLLS = 50
"""Questions a second, at most, for how far workers are."""
PATIENCE = 1.0
"""Seconds at least between two questions to one worker."""
_MISSING = "ModuleNotFoundError"
_NO_ROOM = (
    "no machine of the cluster has room for a worker: one needs CPUs (--cores-per-worker), and with "
    "--device cuda GPUs (--gpus-per-worker)"
)


@dataclass(eq=False)
class _Hand:
    """A worker, and what it is at."""

    number: int
    """Of all workers, in the order in which they were started."""
    slot: Slot
    actor: Any
    answer: Any
    """Of the task at hand, or, at first, of the question whether it is ready."""
    task: Task | None = None
    is_ready: bool = False
    frames: int = 0
    asked: Any = None
    """Answer to the question how far it is."""
    asked_at: float = 0.0


class Crew:
    """The workers of one job, on a cluster that this process has joined.

    No worker has more than one task, so that what a lost one costs is one task.
    """

    def __init__(
        self, job: Job, sample: Sample, find_slots: Callable[[], Sequence[Slot]], most: int | None = None
    ) -> None:
        """Start no workers yet, and never more than `most` at a time.

        Args:
            sample: what all of them must see.
            find_slots: where there is room for workers now.
        """
        self._job = job
        self._sample = sample
        self._versions = versions(job.options)
        self._find_slots = find_slots
        self._worker: Any = None
        """The class of the workers, once there is one."""
        self._most = most
        self._slots: Sequence[Slot] = ()
        self._looked = -ROUND
        self._hands: list[_Hand] = []
        self._started = 0
        self._lost: Counter[str] = Counter()
        """Workers lost in a row, by machine."""
        self._without: dict[str, str] = {}
        """Machines where nobody is started any more, and why."""
        self._fingerprints: dict[str, Slot] = {}
        """Ways of computing, and where each was seen first."""

    def settle(self) -> None:
        """Starts workers where there is room for more.

        Raises:
            ClusterError: no machine can work.
        """
        if monotonic() - self._looked > ROUND:
            self._slots, self._looked = self._find_slots(), monotonic()
        here = Counter(hand.slot for hand in self._hands)
        room = Counter(slot for slot in self._slots if slot.node not in self._without)
        free = (room - here).elements()
        for slot in islice(free, None if self._most is None else max(0, self._most - len(self._hands))):
            self._hands.append(self._start(slot))
        if not self._hands:
            raise ClusterError("ray-cluster", "; ".join(self._without.values()) or _NO_ROOM)

    @property
    def room(self) -> int:
        """Workers that there is room for."""
        return len(self._slots) if self._most is None else min(len(self._slots), self._most)

    def _start(self, slot: Slot) -> _Hand:
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        if self._worker is None:
            self._worker = as_actor()  # once, for the cluster is sent each anew
        actor = self._worker.options(
            num_cpus=slot.cores,
            num_gpus=slot.gpus,
            scheduling_strategy=NodeAffinitySchedulingStrategy(slot.node, soft=False),
        ).remote(self._job, slot)
        self._started += 1
        return _Hand(self._started, slot, actor, actor.ready.remote(self._sample, self._versions))

    @property
    def working(self) -> int:
        """Workers that are ready."""
        return sum(hand.is_ready for hand in self._hands)

    @property
    def frames(self) -> Counter[Source]:
        """Frames of each file derained in tasks under way, as far as was heard."""
        counted: Counter[Source] = Counter()
        for hand in self._hands:
            if hand.task is not None:
                counted[hand.task.source] += hand.frames
        return counted

    def idle(self) -> Iterator[_Hand]:
        """Workers that are ready and have no task."""
        return (hand for hand in self._hands if hand.is_ready and hand.task is None)

    def give(self, hand: _Hand, task: Task) -> None:
        """Gives a worker a task."""
        hand.task, hand.frames, hand.asked_at = task, 0, monotonic()
        hand.answer = hand.actor.do.remote(task)

    def wait(self, seconds: float) -> list[tuple[int, Task, Outcome]]:
        """Waits for the next answers, no longer than some seconds.

        Returns what came of tasks, with the number of the worker.
        """
        import ray

        answers = {hand.answer: hand for hand in self._hands if hand.answer is not None}
        if not answers:
            return []
        ray.wait(list(answers), num_returns=1, timeout=seconds, fetch_local=False)
        ready, _ = ray.wait(list(answers), num_returns=len(answers), timeout=0)
        outcomes = []
        for answer in ready:
            hand = answers[answer]
            task, outcome = hand.task, self._read(hand)
            if task is not None and outcome is not None:
                outcomes.append((hand.number, task, outcome))
        self._ask()
        return outcomes

    def _read(self, hand: _Hand) -> Outcome | None:
        """The outcome of a hand's task; None for its first answer, which tells whether it is ready."""
        import ray
        from ray.exceptions import RayError, RayTaskError

        try:
            outcome: Outcome | Ready = ray.get(hand.answer)
        except RayError as error:
            log.debug("a worker was lost on %s: %s", hand.slot.host, error)
            cause = error.cause if isinstance(error, RayTaskError) else None
            reason = one_line(cause) if isinstance(cause, Exception) else in_short(str(error))
            if _MISSING in reason and not hand.is_ready:
                outcome = Failed(
                    f"{hand.slot.host} lacks what is needed: {reason}; install the same everywhere"
                )
            else:
                outcome = Lost(reason)
                log.warning("a worker was lost on %s: %s", hand.slot.host, reason)
        hand.answer = None
        node = hand.slot.node
        if isinstance(outcome, Lost):
            self._dismiss(hand)
            self._looked = -ROUND
            self._lost[node] += 1
            others = any(other.is_ready and other.slot.node != node for other in self._hands)
            # One that was ready may have been lost by the fault of its task.
            if self._lost[node] >= TRIES and (others or not hand.is_ready):
                self._leave_out(node, f"{hand.slot.host} loses its workers: {outcome.reason}")
        elif hand.is_ready:
            self._lost[node] = 0
        elif isinstance(outcome, Failed):
            self._dismiss(hand)
            self._leave_out(node, outcome.reason)
        hand.task, hand.frames = None, 0
        if isinstance(outcome, Ready):
            hand.is_ready = True
            self._compare(hand.slot, outcome.fingerprint)
            return None
        return outcome

    def _leave_out(self, node: str, reason: str) -> None:
        if node not in self._without:
            self._without[node] = reason
            log.warning("a machine is left out: %s", reason)

    def _compare(self, slot: Slot, fingerprint: str) -> None:
        """Tells where workers round in another way than those before them."""
        if not fingerprint:
            return
        if self._fingerprints and fingerprint not in self._fingerprints:
            first = next(iter(self._fingerprints.values()))
            log.warning(
                "%s computes on its %s a little differently from the %s of %s, so the pixels of pieces may "
                "differ in their last bits; --device and --precision may bring them together",
                *(slot.host, slot.device, first.device, first.host),
            )
        self._fingerprints.setdefault(fingerprint, slot)

    def _ask(self) -> None:
        """Asks those who are long at a task how far they are; answers are read when they are there."""
        import ray
        from ray.exceptions import RayError

        asked = {hand.asked: hand for hand in self._hands if hand.asked is not None}
        for answer in ray.wait(list(asked), num_returns=len(asked), timeout=0)[0] if asked else []:
            hand, asked[answer].asked = asked[answer], None
            try:
                frames = ray.get(answer)
            except RayError:
                continue  # The answer to its task will tell.
            if hand.task is not None:
                hand.frames = frames
        now = monotonic()
        every = max(PATIENCE, len(self._hands) / POLLS)
        for hand in self._hands:
            if hand.task is not None and hand.asked is None and now - hand.asked_at > every:
                hand.asked_at = now
                hand.asked = hand.actor.frames.remote()

    def _dismiss(self, hand: _Hand) -> None:
        import ray

        self._hands.remove(hand)
        ray.kill(hand.actor)

    def close(self) -> None:
        """Ends all workers at once; what they were at is begun anew by the next job."""
        for hand in list(self._hands):
            self._dismiss(hand)
