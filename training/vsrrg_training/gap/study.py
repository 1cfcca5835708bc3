"""The study itself: synthetic against real rain, as figures."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from vsrrg_training.config import RecipeError
from vsrrg_training.data.dataset import RainModel, default_rain
from vsrrg_training.datasets.clips import Footage as Files
from vsrrg_training.datasets.find import clean_clips, clean_stills, rainy_clips, rainy_stills
from vsrrg_training.gap.checks import Check, check
from vsrrg_training.gap.coverage import Coverage, cover
from vsrrg_training.gap.distance import Distance, Pair, distance, pairs
from vsrrg_training.gap.figures import Family
from vsrrg_training.gap.footage import Footage, Medium, drawn_clips, drawn_stills, filmed, real_stills
from vsrrg_training.gap.provenance import Source, digest, generator_source
from vsrrg_training.gap.response import Network
from vsrrg_training.gap.samples import Sample, measure_footage
from vsrrg_training.gap.two_sample import TwoSample, tell_apart

MEDIA: tuple[Medium, ...] = ("still", "clip")
LOOKS: tuple[Family, ...] = ("streaks", "gradients")
"""Families of figures that every sample has, whatever network is asked."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What to compare, and how much of it; footage is a folder or data set (docs/datasets.md)."""

    videos: Path
    """Clean clips for the generator to rain on."""
    stills: Path | None = None
    """Clean stills; wanted where there are real ones."""
    real_videos: Path | None = None
    """Filmed rain."""
    real_stills: Path | None = None
    """Photographs of rain."""
    against: tuple[Path, ...] = ()
    """Other rainy clips, shown beside."""
    skip: frozenset[str] = frozenset()
    """Names, without suffix, of real stills to leave out."""
    model: str | None = None
    """A network to ask; None asks none."""
    types: tuple[str, ...] = ()
    """Rain types; none means all."""
    clips: int = 6
    """Clips of each type."""
    pictures: int = 16
    """Stills of each type."""
    frames: int = 10
    """Frames of each clip."""
    seed: int = 1
    device: str | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Study:
    """What was found."""

    plan: Plan
    types: tuple[str, ...]
    samples: list[Sample]
    coverage: list[Coverage]
    checks: list[Check]
    pairs: list[Pair]
    distances: list[Distance]
    tests: list[TwoSample]
    sources: list[Source]


def run_study(
    plan: Plan,
    *,
    rain: RainModel | None = None,
    cache: Path | None = None,
    note: Callable[[str], None] | None = None,
) -> Study:
    """Measure everything and compare; `note` hears of progress.

    Raises RecipeError for unknown types, missing folders and files that cannot be read.
    """
    rain = rain or default_rain()
    unknown = [name for name in plan.types if name not in rain.RAIN_TYPES]
    if unknown:
        raise RecipeError(
            "training-unknown-name",
            f"unknown rain type {unknown[0]!r}: choose from {', '.join(rain.RAIN_TYPES)}",
        )
    types = plan.types or tuple(rain.RAIN_TYPES)
    found = _find(plan)
    network = Network(plan.model, plan.device) if plan.model else None
    samples: list[Sample] = []
    for footage in _footage(plan, found, types, rain, cache):
        if note and (not samples or samples[-1].group != footage.group):
            note(f"{footage.group}, {footage.medium}s")
        samples.append(measure_footage(footage, network))
    groups = ("synthetic", *types, "rain-free")
    checks = [row for medium in MEDIA for row in check(samples, medium)]
    return Study(
        plan=plan,
        types=types,
        samples=samples,
        coverage=[row for medium in MEDIA for row in cover(samples, medium)],
        checks=checks,
        pairs=[row for medium in MEDIA for row in pairs(samples, medium, LOOKS, _weak(checks, medium))],
        distances=[
            apart
            for medium in MEDIA
            for group in ("real", *groups)
            if (apart := distance(samples, medium, group, LOOKS, plan.seed))
        ],
        tests=[
            row
            for medium in MEDIA
            for group in groups
            if (row := tell_apart(samples, medium, group, LOOKS, plan.seed))
        ],
        sources=[generator_source(), *found.sources()],
    )


def _weak(checks: Sequence[Check], medium: Medium) -> frozenset[str]:
    return frozenset(row.figure for row in checks if row.medium == medium and not row.trusted)


@dataclass(frozen=True)
class _Material:
    """What was found of what a plan names."""

    clean_clips: Mapping[str, Files]
    clean_stills: Sequence[Path]
    real_clips: Mapping[str, Files]
    real_stills: Sequence[Path]
    others: Mapping[str, Files]

    def sources(self) -> list[Source]:
        files = {
            "clean videos": _files(self.clean_clips),
            "clean stills": self.clean_stills,
            "real videos": _files(self.real_clips),
            "real stills": self.real_stills,
            "other clips": _files(self.others),
        }
        return [digest(role, paths) for role, paths in files.items() if paths]


def _find(plan: Plan) -> _Material:
    if plan.real_stills and not plan.stills:
        raise RecipeError(
            "training-options", "real stills are compared with rain on clean stills: give --stills, too"
        )
    photographs = rainy_stills(plan.real_stills) if plan.real_stills else []
    strangers = plan.skip - {path.stem for path in photographs}
    if strangers:
        raise RecipeError(
            "training-options", f"{sorted(strangers)[0]!r}, to be skipped, is not among the real stills"
        )
    return _Material(
        clean_clips=clean_clips(plan.videos),
        clean_stills=clean_stills(plan.stills) if plan.stills else [],
        real_clips=rainy_clips(plan.real_videos) if plan.real_videos else {},
        real_stills=[path for path in photographs if path.stem not in plan.skip],
        others=rainy_clips(*plan.against),
    )


def _files(clips: Mapping[str, Files]) -> list[Path]:
    return [path for clip in clips.values() for path in ((clip,) if isinstance(clip, Path) else clip)]


def _footage(
    plan: Plan, found: _Material, types: Sequence[str], rain: RainModel, cache: Path | None
) -> Iterator[Footage]:
    # What can be wrong with the user's files comes first, what takes long last.
    parts = [
        filmed(found.others, plan.frames, "other"),
        filmed(found.real_clips, plan.frames, "real"),
        real_stills(found.real_stills),
    ]
    if found.clean_stills:
        parts.append(drawn_stills(found.clean_stills, types, plan.pictures, plan.seed, rain))
    parts.append(drawn_clips(plan.videos, types, plan.clips, plan.frames, plan.seed, rain, cache))
    return chain.from_iterable(parts)
