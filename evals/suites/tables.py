"""Figures as tables: on the terminal and in Markdown."""

import math
from collections.abc import Iterable, Iterator, Sequence

from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from evals.suites.figures import Figure
from evals.suites.results import Run
from evals.suites.runner import Cost, Reported, Summary

_NAME = 18  # characters that the names of a line have at least


def table(suite: Summary) -> Table:
    """Return the figures of one suite for a terminal, what stands beside it in the last columns."""
    beside = list(dict.fromkeys(name for one in suite.figures for name in one.baselines))
    lines = [row(one, beside) for one in suite.figures]
    shown = laid_out(["figure", "value", "95 % interval", "n", *beside], lines, 1, f"{suite.suite} ({suite.mode})")
    shown.caption = cost(suite.cost) + (f"; {suite.failed} of {suite.items} failed" if suite.failed else "")
    return shown


def laid_out(headings: Sequence[str], lines: Iterable[Sequence[str]], names: int, title: str | None = None) -> Table:
    """Return a table whose first columns are names, which wrap, and the others numbers, of which only headings wrap."""
    cells = [list(line) for line in lines]
    shown = Table(title=title, box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for n, heading in enumerate(headings):
        if n < names:
            shown.add_column(heading, min_width=max(_NAME // names, len(heading)))
        else:
            shown.add_column(heading.replace(" %", "\u00a0%").replace(" ", "\n"), justify="right", no_wrap=True)
    for line in cells:
        shown.add_row(*map(escape, line))
    return shown


def row(one: Reported, beside: Iterable[str]) -> list[str]:
    """Return a figure as cells."""
    mark = " ↓" if one.better == "lower" else ""
    others = [number(one.baselines[name]) if name in one.baselines else "" for name in beside]
    return [one.name + mark, number(one.figure.value), interval(one.figure), f"{one.figure.n:,}", *others]


def number(value: float, sign: str = "") -> str:
    """Return a value to three places; "+" for sign shows that of what is above 0 too."""
    return "–" if math.isnan(value) else f"{value:{sign}.3f}"


def interval(figure: Figure) -> str:
    """Return an interval."""
    return "–" if math.isnan(figure.low) else f"{figure.low:.3f}–{figure.high:.3f}"


def cost(one: Cost) -> str:
    """Return what a suite took, in one line."""
    dollars = "of unknown cost" if math.isnan(one.cost) else f"US$ {one.cost:,.4f} in all"
    model = (
        f"{one.calls:.1f} calls of the chat model, {one.input_tokens:.0f} tokens read and {one.output_tokens:.0f} written an item, "
        f"{dollars}"
        if one.calls
        else "no call of the chat model"
    )
    return (
        f"{1000 * one.seconds:.0f} ms an item at the median, {1000 * one.seconds_p95:.0f} ms at p95; {model}; "
        f"the process held {one.megabytes:,.0f} MB at most so far"
    )


def markdown(run: Run) -> Iterator[str]:
    """Yield a run as lines of Markdown."""
    environment = run.environment
    yield f"# Evaluation of {run.at[:10]}"
    yield ""
    yield (
        f"Chat model {environment.get('model')}, embedding {environment.get('embedding')}, "
        f"{run.machine.cores} cores ({run.machine.processor}), seed {run.seed}, mode {run.mode}."
    )
    for suite in run.suites:
        yield ""
        yield f"## {suite.suite}"
        yield ""
        lost = f", {suite.failed:,} of them failed" if suite.failed else ""
        yield f"{suite.about} {suite.items:,} items{lost}; {cost(suite.cost)}."
        yield ""
        yield from _markdown_table(suite.figures)


def _markdown_table(figures: Sequence[Reported]) -> Iterator[str]:
    beside = list(dict.fromkeys(name for one in figures for name in one.baselines))
    yield markdown_row(["figure", "value", "95 % interval", "n", *beside])
    yield markdown_row(["---"] * (4 + len(beside)))
    for one in figures:
        yield markdown_row(row(one, beside))


def markdown_row(cells: Sequence[str]) -> str:
    """Return a row of a table in Markdown."""
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"
