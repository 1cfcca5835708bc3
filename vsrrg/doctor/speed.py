"""How fast this machine derains, in a look of a second."""

from __future__ import annotations

from vsrrg.doctor.check import Finding, note, ok

MODEL, WIDTH, HEIGHT = "fast", 640, 360
MINUTE = 60 * 25 * (1280 * 720) / (WIDTH * HEIGHT)
"""A minute of 1280x720 at 25 frames a second, counted in frames of the size above: time goes with pixels."""


def speed() -> Finding:
    """Frames a second of a pass of a second, once two passes have warmed everything up."""
    from vsrrg.bench.case import LEAST, Effort
    from vsrrg.bench.footage import footage
    from vsrrg.bench.machine import describe
    from vsrrg.bench.passes import pass_length, play
    from vsrrg.engine import Options
    from vsrrg.hooks.resolve import create_derainer
    from vsrrg.video import PixelFormat

    machine = describe(None)
    derainer = create_derainer(Options(model=MODEL))
    fmt = PixelFormat("yuv", 8, sub_w=1, sub_h=1)
    frames = footage(None, WIDTH, HEIGHT, fmt, LEAST)
    play(derainer.stream, frames)
    count = pass_length(Effort(), play(derainer.stream, frames).seconds)
    fps = 1 / play(derainer.stream, footage(None, WIDTH, HEIGHT, fmt, count)).seconds
    facts = {
        "model": MODEL,
        "size": f"{WIDTH}x{HEIGHT}",
        "device": machine.device,
        "fps": round(fps, 2),
        "seconds_for_a_minute_of_720p25": round(MINUTE / fps, 1),
        "load": machine.load,
    }
    found = (
        f"{MODEL} on {machine.device}: {fps:.1f} fps at {WIDTH}x{HEIGHT}, "
        f"about {in_words(MINUTE / fps)} for a minute of 720p25"
    )
    if machine.busy:
        return note(
            f"{found}; the machine is busy (load {machine.load:.1f} on {machine.cores} cores)",
            "Run it again when the machine is idle: the figure is too low.",
            **facts,
        )
    return ok(found, **facts)


def in_words(seconds: float) -> str:
    """A time as people say it: "40 seconds", "4 minutes", "3 hours"."""
    for unit, length in (("hour", 3600), ("minute", 60)):
        if seconds >= 1.5 * length:
            return f"{seconds / length:.0f} {unit}s"
    return f"{seconds:.0f} seconds" if seconds >= 1.5 else "a second"
