"""Plots of the study, as SVG to put into a page."""

import io
import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from vsrrg_training.gap.coverage import HIGH, LOW, values
from vsrrg_training.gap.distance import Pair
from vsrrg_training.gap.figures import FIGURES, Family
from vsrrg_training.gap.footage import Medium
from vsrrg_training.gap.pictures import GRADIENT_STEPS
from vsrrg_training.gap.ridges import Floats
from vsrrg_training.gap.samples import Sample
from vsrrg_training.gap.study import Study

REAL, SYNTHETIC, DRY, OTHER = "#c2410c", "#64748b", "#0f766e", "#7c3aed"
"""Colours of the origins, the same all over the page."""
TYPE_COLOURS = "tab10"
TYPE_SHARE = 0.33
"""Height at which the densities of the types are drawn, so that they do not hide the others."""

_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "gap",
    "font.size": 8,
    "axes.titlesize": 8.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#94a3b8",
    "axes.labelcolor": "#475569",
    "xtick.color": "#475569",
    "ytick.color": "#475569",
    "figure.facecolor": "none",
    "axes.facecolor": "none",
}
_WIDTH = 11.0
_COLUMNS = 4
_FEW = 12
_DRAWN = 3


def densities(study: Study, medium: Medium, families: Sequence[Family]) -> str:
    """Densities of every figure: all synthetic samples filled, types thin, real ones bold (ticks if few)."""
    covered = [row.figure for row in study.coverage if row.medium == medium]
    keys = [key for key in covered if FIGURES[key].family in families]
    chosen = [sample for sample in study.samples if sample.medium == medium]
    return _grid([partial(_density, study=study, samples=chosen, key=key) for key in keys], height=1.55)


def gradients(study: Study, medium: Medium) -> str:
    """Mean histograms of the differences of neighbours, logarithmic."""
    middles = (GRADIENT_STEPS[1:] + GRADIENT_STEPS[:-1]) / 2

    def panel(axes: Any, row: int, title: str) -> None:
        lines = ("synthetic", SYNTHETIC, "-"), ("rain-free", DRY, "--"), ("real", REAL, "-")
        for origin, colour, style in lines:
            rows = [s.histogram[row] for s in study.samples if s.origin == origin and s.medium == medium]
            if rows:
                axes.semilogy(middles[1:-1], np.mean(rows, 0)[1:-1].clip(1e-7), style, color=colour, lw=1.4)
        axes.set_title(title)
        axes.set_xlabel("difference, codes")
        _plain(axes)

    return _grid(
        [
            partial(panel, row=0, title="horizontal neighbours"),
            partial(panel, row=1, title="vertical neighbours"),
        ],
        columns=2,
        height=2.4,
        side=0.5,
        foot=0.45,
    )


def scatters(study: Study, pairs: Sequence[Pair]) -> str:
    """Real on synthetic samples in the least covered pairs of figures."""

    def panel(axes: Any, pair: Pair) -> None:
        for origin, colour, size in (("synthetic", SYNTHETIC, 9), ("real", REAL, 13)):
            rows = [s for s in study.samples if s.origin == origin and s.medium == pair.medium]
            points = np.array([[s.figures.get(key, math.nan) for key in pair.figures] for s in rows])
            axes.scatter(*points.T, s=size, color=colour, alpha=0.55, lw=0, label=origin)
        for key, scale, label in zip(
            pair.figures, (axes.set_xscale, axes.set_yscale), (axes.set_xlabel, axes.set_ylabel), strict=True
        ):
            if FIGURES[key].logarithmic:
                scale("log")
            label(_label(key))
        axes.set_title(f"{pair.coverage:.0%} covered")
        _plain(axes)

    shown = pairs[:_DRAWN]
    return _grid(
        [partial(panel, pair=pair) for pair in shown], columns=_DRAWN, height=2.8, side=0.5, foot=0.45
    )


def checks(study: Study, medium: Medium) -> str:
    """Estimates over truth, a panel for each figure."""

    def panel(axes: Any, row: Any) -> None:
        truth, estimate = np.array(row.pairs).T
        logarithmic = FIGURES[row.figure].logarithmic and min(truth.min(), estimate.min()) > 0
        axes.scatter(truth, estimate, s=7, lw=0, alpha=0.6, color=SYNTHETIC if row.trusted else REAL)
        both = min(truth.min(), estimate.min()), max(truth.max(), estimate.max())
        axes.plot(both, both, color="#94a3b8", lw=0.8)
        if logarithmic:
            axes.set_xscale("log")
            axes.set_yscale("log")
        axes.set_title(f"{FIGURES[row.figure].title}: {row.correlation:.2f}")
        _plain(axes)

    rows = [row for row in study.checks if row.medium == medium]
    return _grid([partial(panel, row=row) for row in rows], columns=5, height=1.75, side=0.45)


def colours(study: Study) -> dict[str, str]:
    """A colour for each rain type."""
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    chosen = colormaps[TYPE_COLOURS]
    return {kind: to_hex(chosen(k % chosen.N)) for k, kind in enumerate(study.types)}


def _density(axes: Any, study: Study, samples: Sequence[Sample], key: str) -> None:
    figure = FIGURES[key]
    pooled, real = values(samples, key, "synthetic"), values(samples, key, "real")
    everything = np.concatenate((pooled, real))
    logarithmic = figure.logarithmic and everything.min() > 0
    shape = np.log if logarithmic else np.asarray
    low, high = np.quantile(shape(everything), (0.005, 0.995))
    margin = 0.08 * (high - low) + 1e-9
    grid = np.linspace(low - margin, high + margin, 160)
    at = np.exp(grid) if logarithmic else grid
    top = _curve(axes.fill_between, at, grid, shape(pooled), color=SYNTHETIC, alpha=0.25, lw=0)
    for kind, colour in colours(study).items():
        own = np.array([s.figures.get(key, math.nan) for s in samples if s.group == kind])
        own = own[np.isfinite(own)]
        if len(own) >= _FEW:
            _curve(axes.plot, at, grid, shape(own), TYPE_SHARE, color=colour, lw=0.8)
        else:
            axes.vlines(own, 0, 0.12 * top, color=colour, lw=0.8)
    dry = values(samples, key, "rain-free")
    dry = dry[dry > 0] if logarithmic else dry
    if len(dry) >= _FEW:
        _curve(axes.plot, at, grid, shape(dry), color=DRY, lw=1, ls="--")
    else:
        axes.vlines(dry, 0, 0.25 * top, color=DRY, lw=1, ls="--")
    if len(real) >= _FEW:
        top = max(top, _curve(axes.plot, at, grid, shape(real), color=REAL, lw=1.8))
    else:
        axes.vlines(real, 0, 0.5 * top, color=REAL, lw=1.4)
    for edge in np.quantile(pooled, (LOW, HIGH)):
        axes.axvline(edge, color="#94a3b8", lw=0.7, ls=":")
    if logarithmic:
        axes.set_xscale("log")
    axes.set_xlim(at[0], at[-1])
    axes.set_ylim(0, 1.25 * top if top else None)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_title(_label(key))
    _plain(axes)


def _curve(
    draw: Callable[..., object], at: Floats, grid: Floats, points: Floats, share: float = 1.0, **style: Any
) -> float:
    """Draw a kernel density of `points` and return its height; nothing where there are too few."""
    from scipy.stats import gaussian_kde

    if len(points) < 4 or not np.ptp(points):
        return 0.0
    height = share * gaussian_kde(points)(grid)
    draw(at, height, **style)
    return float(height.max())


def _label(key: str) -> str:
    figure = FIGURES[key]
    return f"{figure.title}, {figure.unit}" if figure.unit else figure.title


def _plain(axes: Any) -> None:
    """Few ticks, and no powers of ten."""
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

    for axis in (axes.xaxis, axes.yaxis):
        if not len(axis.get_ticklocs()):
            continue
        if axis.get_scale() == "log":
            decades = math.log10(axis.get_view_interval()[1] / axis.get_view_interval()[0])
            axis.set_major_locator(LogLocator(subs=(1, 2, 5) if decades < 2 else (1,), numticks=6))
            axis.set_minor_formatter(NullFormatter())
        else:
            axis.set_major_locator(MaxNLocator(4))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def _grid(
    panels: Sequence[Callable[[Any], None]],
    *,
    height: float,
    columns: int = _COLUMNS,
    side: float = 0.1,
    foot: float = 0.25,
) -> str:
    """Panels as high as `height` inches, with `side` and `foot` inches for the labels of their axes."""
    import matplotlib
    from matplotlib.figure import Figure

    if not panels:
        return ""
    rows = -(-len(panels) // columns)
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(_WIDTH, height * rows))
        grid = figure.add_gridspec(
            rows,
            columns,
            left=side / _WIDTH,
            right=1 - 0.1 / _WIDTH,
            top=1 - 0.25 / (height * rows),
            bottom=foot / (height * rows),
            wspace=columns * (side + 0.15) / _WIDTH,
            hspace=(foot + 0.3) / (height - foot - 0.3),
        )
        for k, panel in enumerate(panels):
            panel(figure.add_subplot(grid[divmod(k, columns)]))
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :].replace("DejaVu Sans", "system-ui").replace("'system-ui'", "system-ui")
