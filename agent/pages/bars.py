"""Plots of years: bars of counts one above the other, and stacked shares."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from agent.pages.svg import COLOURS, SERIES, drawing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDTH = 400  # CSS pixels
_PANEL = 138  # height of a panel of bars with its title and its years
_SHARES = 270
_LABELLED = 12  # bars that have room for their numbers
_TICKS = 8
_SHOWN_SHARE = 0.08  # of a year's papers; less has no room for its number
_PLAIN_TICKS = {"length": 0, "pad": 6}


def panels(name: str, title: str, counts: Mapping[str, Mapping[int, int]], years: Sequence[int]) -> str:
    """Return a panel of bars for each count, one above the other over the same years."""
    height = _PANEL * len(counts)

    def draw(figure: "Figure") -> None:
        for n, (heading, of) in enumerate(counts.items()):
            top = (height - n * _PANEL) / height
            axes = figure.add_axes((0.1, top - (_PANEL - 28) / height, 0.88, (_PANEL - 74) / height))
            _bars(axes, [of.get(year, 0) for year in years], years, SERIES[n])
            figure.text(0.02, top - 12 / height, heading, color=COLOURS["soft"], va="center", fontsize=12)

    said = "; ".join(f"{heading}: {_told(of, years)}" for heading, of in counts.items())
    return drawing(name, (_WIDTH, height), title, said + ".", draw)


def _told(of: Mapping[int, int], years: Sequence[int]) -> str:
    if len(years) <= _LABELLED:
        return ", ".join(f"{of.get(year, 0):,} in {year}" for year in years)
    most = max(years, key=lambda year: of.get(year, 0))
    return f"{sum(of.values()):,} from {years[0]} to {years[-1]}, most in {most} with {of.get(most, 0):,}"


def _bars(axes: "Axes", values: Sequence[int], years: Sequence[int], colour: str) -> None:
    axes.bar(range(len(years)), values, width=0.72, color=colour, linewidth=0)
    axes.set_xlim(-0.6, len(years) - 0.4)
    axes.set_ylim(0, max([*values, 1]) * 1.02)
    _frame(axes)
    _year_ticks(axes, years)
    if len(years) <= _LABELLED:
        axes.set_yticks([])
        for x, value in enumerate(values):
            if value:
                axes.annotate(
                    f"{value:,}", (x, value), (0, 4), textcoords="offset points", ha="center", color=COLOURS["ink"]
                )
    else:
        _count_ticks(axes, max(values))


def shares(
    name: str, title: str, series: Sequence[tuple[str, Mapping[int, float]]], years: Sequence[int], *, rest: bool
) -> str:
    """Return the shares of each year, 0 to 1, stacked; what they leave of a year is drawn when `rest` is true."""

    def draw(figure: "Figure") -> None:
        axes = figure.add_axes((0.1, 0.1, 0.88, 0.86))
        places = [year - years[0] for year in years]
        base = [0.0] * len(years)
        left = [max(0.0, 1 - sum(of.get(year, 0.0) for _, of in series)) for year in years]
        parts = [(SERIES[n], [of.get(year, 0.0) for year in years]) for n, (_, of) in enumerate(series)]
        for colour, values in [*parts, (COLOURS["other"], left)] if rest else parts:
            bars = axes.bar(places, values, 0.78, base, color=colour, edgecolor=COLOURS["card"], linewidth=1)
            if len(years) <= _LABELLED:
                labels = [f"{round(100 * value)}%" if value >= _SHOWN_SHARE else "" for value in values]
                axes.bar_label(bars, labels, label_type="center", color=COLOURS["on"], fontsize=11)
            base = [below + value for below, value in zip(base, values, strict=True)]
        axes.set_xlim(-0.6, places[-1] + 0.6)
        axes.set_ylim(0, max([1.0, *base]))
        _frame(axes)
        _year_ticks(axes, range(years[0], years[-1] + 1))
        axes.set_yticks([0, 0.5, 1], ["0%", "50%", "100%"])
        axes.tick_params(axis="y", labelcolor=COLOURS["soft"], **_PLAIN_TICKS)

    latest = years[-1]
    told = ", ".join(f"{label} {round(100 * of.get(latest, 0.0))}%" for label, of in series)
    said = f"Shares of the papers of each year from {years[0]} to {latest}. In {latest}: {told}."
    return drawing(name, (_WIDTH, _SHARES), title, said, draw)


def _frame(axes: "Axes") -> None:
    axes.patch.set_visible(False)
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(COLOURS["line"])


def _year_ticks(axes: "Axes", years: Sequence[int]) -> None:
    step = -(-len(years) // _TICKS)
    # Counted from the end, so that the latest year always has its label.
    places = list(range(len(years) - 1, -1, -step))[::-1]
    axes.set_xticks(places, [str(years[x]) for x in places])
    axes.tick_params(axis="x", labelcolor=COLOURS["soft"], **_PLAIN_TICKS)


def _count_ticks(axes: "Axes", most: int) -> None:
    from matplotlib.ticker import MaxNLocator, StrMethodFormatter

    axes.yaxis.set_major_locator(MaxNLocator(nbins=3, integer=True, min_n_ticks=1))
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.set_ylim(0, max(most, 1) * 1.05)
    axes.tick_params(axis="y", labelcolor=COLOURS["soft"], **_PLAIN_TICKS)
    axes.grid(axis="y", color=COLOURS["line"], linewidth=1)
    axes.set_axisbelow(True)
