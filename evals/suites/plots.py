"""Plots of a report: the figures of a suite with their intervals, and quality against time over several runs."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from agent.pages.svg import COLOURS, SERIES, drawing
from evals.suites.runner import Reported, Summary
from evals.suites.tables import interval, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDTH = 560  # CSS pixels
_ROW = 26
_MARGIN = 46
_LEFT = 0.42  # share of the width that names take
_SCATTER = 300


def shares(suite: Summary) -> list[Reported]:
    """Return the figures that lie between 0 and 1, which one axis can show."""
    return [
        one
        for one in suite.figures
        if not math.isnan(one.figure.value) and one.figure.low >= 0 and one.figure.high <= 1 and one.name not in TIMES
    ]


TIMES = {"first words", "length", "milliseconds"}


def figures(suite: Summary) -> str:
    """Return a dot with its interval for each share, and a mark for the same of each baseline; "" without any."""
    shown = shares(suite)
    if not shown:
        return ""
    height = _ROW * len(shown) + _MARGIN
    beside = list(dict.fromkeys(name for one in shown for name in one.baselines))

    def draw(figure: "Figure") -> None:
        axes = figure.add_axes((_LEFT, 30 / height, 0.95 - _LEFT, (height - _MARGIN) / height))
        for place, one in enumerate(reversed(shown)):
            axes.plot(
                [one.figure.low, one.figure.high], [place, place], color=SERIES[0], linewidth=3, solid_capstyle="round"
            )
            axes.plot([one.figure.value], [place], "o", color=SERIES[0], markersize=7)
            for n, name in enumerate(beside):
                if name in one.baselines and not math.isnan(one.baselines[name]):
                    axes.plot(
                        [one.baselines[name]], [place], "|", color=SERIES[1 + n % 7], markersize=13, markeredgewidth=2.5
                    )
        axes.set_ylim(-0.6, len(shown) - 0.4)
        axes.set_yticks(range(len(shown)), [_label(one) for one in reversed(shown)])
        axes.set_xlim(-0.02, 1.02)
        _plain(axes)

    told = "; ".join(f"{one.name} {number(one.figure.value)} ({interval(one.figure)})" for one in shown)
    return drawing(f"plot{suite.suite}", (_WIDTH, height), f"Figures of {suite.suite}", f"{told}.", draw)


def legend(suite: Summary) -> list[tuple[str, str]]:
    """Return colour and name of each baseline that the plot of a suite shows."""
    beside = dict.fromkeys(name for one in shares(suite) for name in one.baselines)
    return [("c0", "quodvide, with its 95 % interval"), *((f"c{1 + n % 7}", name) for n, name in enumerate(beside))]


def against_time(name: str, title: str, points: Sequence[tuple[str, float, float]]) -> str:
    """Return quality over seconds an item, a point of its colour for each run (label, seconds, value)."""

    def draw(figure: "Figure") -> None:
        from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

        axes = figure.add_axes((0.1, 0.16, 0.86, 0.78))
        for n, (_, seconds, value) in enumerate(points):
            axes.plot([1000 * seconds], [value], "o", color=SERIES[n % 8], markersize=9)
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda tick, _: f"{tick:,g}"))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_xlabel("milliseconds an item, median", color=COLOURS["soft"])
        _plain(axes)

    told = "; ".join(f"{label}: {number(value)} in {1000 * seconds:.0f} ms" for label, seconds, value in points)
    return drawing(name, (_WIDTH, _SCATTER), title, f"{told}.", draw)


def _label(one: Reported) -> str:
    return f"{one.name} ↓" if one.better == "lower" else one.name


def _plain(axes: "Axes") -> None:
    axes.patch.set_visible(False)
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(COLOURS["line"])
    axes.grid(axis="x", color=COLOURS["line"], linewidth=1)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, pad=6, labelcolor=COLOURS["soft"], which="both")
