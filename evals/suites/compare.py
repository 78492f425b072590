"""`quodvide eval compare A B`: what changed from one run to another, over the items that both have.

The difference has a bootstrap interval over pairs, and a p-value of the paired permutation test: how often runs that are
alike would differ as much.
"""

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table

from agent.pages.text import clean
from agent.recording import flat
from evals.suites.figures import Difference, difference, value
from evals.suites.plots import TIMES
from evals.suites.results import Run, read_run
from evals.suites.runner import read_items
from evals.suites.tables import laid_out, number
from evals.suites.task import Item, Measure, measure_of
from evals.suites.tasks import task
from stores.errors import InputError
from stores.records import Record

_SURE = 0.05
_REPEAT = {"settings_digest", "corpus.generation"}  # what other fields tell, or what tells nothing


class Compared(Record):
    """A figure in both runs, on their common items."""

    suite: str
    name: str
    better: str
    first: float
    second: float
    difference: Difference

    @property
    def worse(self) -> bool:
        """Return whether the second run is worse by more than chance would bring."""
        change = self.difference.value if self.better == "higher" else -self.difference.value
        return change < 0 and self.difference.p < _SURE


class Flip(Record):
    """An item that came out otherwise in the second run; `change` is the sum of what its scores gained."""

    suite: str
    id: str
    change: float
    shown: tuple[str, str]


def compared(first: Path, second: Path, seed: int = 13) -> tuple[list[Compared], list[Flip]]:
    """Return how the figures of two runs compare, and the items that changed, the worst first.

    Raises:
        InputError: a folder holds no run, or they have no suite in common.
    """
    suites = {one.suite: one for one in read_run(first).suites}
    found: list[Compared] = []
    flips: list[Flip] = []
    for suite in read_run(second).suites:
        if suite.suite not in suites:
            continue
        old, new = (_by_id(folder / f"{suite.suite}.jsonl") for folder in (first, second))
        ids = [id_ for id_ in old if id_ in new]
        a, b = [old[id_] for id_ in ids], [new[id_] for id_ in ids]
        measures = task(suite.suite).measures
        # What only one run measured is shown too; a measure that the suite no longer has is not.
        names = dict.fromkeys(one.name for one in (*suites[suite.suite].figures, *suite.figures))
        for name in names:
            if measure := measures.get(measure_of(name)):
                found += _compared(suite.suite, name, measure, a, b, seed)
        flips += _flips(suite.suite, measures, a, b)
    if not found:
        raise InputError("have no suite or no item in common", where=f"{first} and {second}")
    return found, sorted(flips, key=lambda flip: (flip.change, flip.suite, flip.id))


def circumstances(first: Run, second: Run) -> list[str]:
    """Return what two runs were not alike in: mode, files of data that both read, and what figures depend on."""
    files = first.data.keys() & second.data.keys()
    before, after = (
        {"mode": run.mode, **dict(flat(run.environment)), **{name: run.data[name] for name in files}}
        for run in (first, second)
    )
    return sorted(name for name in (before | after).keys() - _REPEAT if before.get(name) != after.get(name))


def _compared(suite: str, name: str, measure: Measure, a: list[Item], b: list[Item], seed: int) -> Iterator[Compared]:
    both = [(x.scores.get(name), y.scores.get(name)) for x, y in zip(a, b, strict=True)]
    if measure.kind == "ratio":
        # An item that only one run found something to count in counts for nothing in the other.
        none = (0.0, 0.0)
        pairs = [(x or none, y or none) for x, y in both if x is not None or y is not None]
    else:
        pairs = [(x, y) for x, y in both if x is not None and y is not None]
    if not pairs:
        return
    before, after = [x for x, _ in pairs], [y for _, y in pairs]
    change = difference(before, after, measure.kind, seed)
    yield Compared(
        suite=suite,
        name=name,
        better=measure.better,
        first=value(before, measure.kind),
        second=value(after, measure.kind),
        difference=change,
    )


def _flips(suite: str, measures: Mapping[str, Measure], a: list[Item], b: list[Item]) -> Iterator[Flip]:
    for x, y in zip(a, b, strict=True):
        change = _gained(measures, x, y)
        if change:
            shown = str(next(iter(y.shown.values()), "")), str(y.shown.get("given", y.shown.get("wrong", y.error)))
            yield Flip(suite=suite, id=y.id, change=change, shown=shown)


def _gained(measures: Mapping[str, Measure], x: Item, y: Item) -> float:
    """Return what an item gained over all that is counted; times and lengths are not."""
    gained = 0.0
    for name in sorted({*x.scores, *y.scores}):
        measure = measures.get(measure_of(name))
        if measure is not None and measure.kind == "ratio" and measure_of(name) not in TIMES:
            change = _value(y, name) - _value(x, name)
            gained += change if measure.better == "higher" else -change
    return gained


def _value(item: Item, name: str) -> float:
    value, of = item.scores.get(name, (0.0, 0.0))
    return value / of if of else 0.0


def _by_id(path: Path) -> dict[str, Item]:
    return {item.id: item for item in read_items(path)}


def table(found: list[Compared]) -> Table:
    """Return the comparison for a terminal."""
    headings = ("suite", "figure", "first", "second", "change", "95 % interval", "p", "n")
    shown = laid_out(headings, map(_cells, found), 2)
    for line, one in zip(shown.rows, found, strict=True):
        line.style = "red" if one.worse else "green" if one.difference.p < _SURE else ""
    return shown


def _cells(one: Compared) -> list[str]:
    change = one.difference
    return [
        one.suite,
        one.name + (" ↓" if one.better == "lower" else ""),
        number(one.first),
        number(one.second),
        number(change.value, "+"),
        f"{number(change.low, '+')} to {number(change.high, '+')}",
        f"{change.p:.3f}",
        f"{change.n:,}",
    ]


def main() -> int:
    """Print the comparison; with --fail-worse return 1 when a figure is worse by more than chance would bring."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("first", type=Path, help="--output of a run")
    parser.add_argument("second", type=Path, help="--output of a later run")
    parser.add_argument("--items", type=int, default=10, help="items shown that changed for the worse")
    parser.add_argument("--seed", type=int, default=13, help="of intervals and tests")
    parser.add_argument(
        "--fail-worse",
        action="store_true",
        help="exit with 1 when a figure other than of time or length is worse, p < 0.05",
    )
    options = parser.parse_args()
    found, flips = compared(options.first, options.second, options.seed)
    console = Console()
    if others := circumstances(read_run(options.first), read_run(options.second)):
        console.print(f"The runs are not alike in: {', '.join(others)}", markup=False)
    console.print(table(found))
    worse = [flip for flip in flips if flip.change < 0]
    console.print(f"{len(worse)} items are worse, {len(flips) - len(worse)} better", markup=False)
    for flip in worse[: options.items]:
        line = f"{flip.suite} {flip.id} ({flip.change:+.2f}): {' → '.join(flip.shown)}"
        console.print(clean(line)[:400], markup=False)
    # A busy machine makes no run worse.
    return 1 if options.fail_worse and any(one.worse for one in found if measure_of(one.name) not in TIMES) else 0
