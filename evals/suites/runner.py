"""Runs a suite: every row by the product and by what stands beside it, judged, and written as it is ready."""

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
from pydantic import ConfigDict

from evals.measures import peak_megabytes, quantile
from evals.suites.bench import Bench
from evals.suites.figures import Figure, figure, value
from evals.suites.task import Item, Measure, Solved, Task, identity, measure_of
from stores.errors import ConfigError, InputError, QuodvideError
from stores.records import Record


class Reported(Record):
    """A figure of a suite, with the same figure of each baseline."""

    model_config = ConfigDict(ser_json_inf_nan="strings")

    name: str
    about: str
    better: str
    figure: Figure
    baselines: dict[str, float] = {}  # noqa: RUF012 - pydantic copies it


class Cost(Record):
    """What a suite took.

    Attributes:
        seconds, seconds_p95: an item took, at the median and the 95th percentile.
        calls, input_tokens, output_tokens: of the chat model, an item.
        cost: of all items, in US dollars; nan where it is not known.
        megabytes: the most that the process had held when the suite ended: its own where it was the first one.
    """

    model_config = ConfigDict(ser_json_inf_nan="strings")

    seconds: float
    seconds_p95: float
    calls: float
    input_tokens: float
    output_tokens: float
    cost: float
    megabytes: float


class Summary(Record):
    """What came of one suite."""

    suite: str
    about: str
    mode: str
    items: int
    failed: int
    figures: tuple[Reported, ...]
    cost: Cost


def solved(task: Task[Any, Any], bench: Bench) -> Iterator[Item]:
    """Yield what comes of each row.

    Raises:
        ConfigError: the task has no such mode.
        InputError: there is no row, or two have one id.
    """
    if bench.mode not in task.modes:
        raise ConfigError(f"{task.name} has no mode {bench.mode!r}", hint=f"It has: {', '.join(task.modes)}")
    rows = bench.cut(task.dataset(bench))
    if not rows:
        raise InputError(f"holds no item for {task.name}", where=str(bench.data))
    id_, times = Counter(map(identity, rows)).most_common(1)[0]
    if times > 1:
        raise InputError(
            f"holds {times} items {id_!r} for {task.name}", where=str(bench.data), hint="Each needs an id of its own"
        )
    with task.solver(bench, rows) as ways:
        for row in rows:
            started, error = time.perf_counter(), ""
            try:
                found = ways.solve(row)
            except QuodvideError as failure:
                found, error = Solved(task.failed(row)), str(failure)
            spent = time.perf_counter() - started
            yield Item(
                id=identity(row),
                scores=task.scorer(row, found.output),
                baselines={name: task.scorer(row, way(row)) for name, way in ways.baselines.items()},
                seconds=spent if found.seconds is None else found.seconds,
                usage=found.usage,
                cost=found.cost,
                shown=task.shown(row, found.output),
                error=error,
            )


def run(task: Task[Any, Any], bench: Bench, path: Path) -> Summary:
    """Run a suite, write its items as JSON Lines, and return what came of it."""
    items = []
    with path.open("wb") as out:
        for item in solved(task, bench):
            items.append(item)
            out.write(item.model_dump_json().encode() + b"\n")
            out.flush()
    return summary(task, bench, items)


def summary(task: Task[Any, Any], bench: Bench, items: list[Item]) -> Summary:
    """Return the figures of some items."""
    return Summary(
        suite=task.name,
        about=task.about,
        mode=bench.mode,
        items=len(items),
        failed=sum(bool(item.error) for item in items),
        figures=tuple(
            Reported(
                name=name,
                about=measure.about,
                better=measure.better,
                figure=figure([item.scores[name] for item in items if name in item.scores], measure.kind, bench.seed),
                baselines=_baselines(items, name, measure),
            )
            for name, measure in named(task, items)
        ),
        cost=_cost(items),
    )


def named(task: Task[Any, Any], items: list[Item]) -> Iterator[tuple[str, Measure]]:
    """Yield the figures that items have, in the order of the task's measures, groups by name."""
    present = {name for item in items for name in item.scores}
    for base, measure in task.measures.items():
        for name in sorted(name for name in present if measure_of(name) == base):
            yield name, measure


def _baselines(items: list[Item], name: str, measure: Measure) -> dict[str, float]:
    ways = dict.fromkeys(way for item in items for way in item.baselines)
    of_way = {way: [item.baselines[way][name] for item in items if name in item.baselines.get(way, {})] for way in ways}
    return {way: value(found, measure.kind) for way, found in of_way.items() if found}


def _cost(items: list[Item]) -> Cost:
    seconds, count = [item.seconds for item in items], max(1, len(items))
    return Cost(
        seconds=quantile(seconds, 0.5),
        seconds_p95=quantile(seconds, 0.95),
        calls=sum(item.usage.calls for item in items) / count,
        input_tokens=sum(item.usage.input_tokens for item in items) / count,
        output_tokens=sum(item.usage.output_tokens for item in items) / count,
        cost=sum(item.cost for item in items),
        megabytes=peak_megabytes(),
    )


def read_items(path: Path) -> list[Item]:
    """Return the items that a run wrote.

    Raises:
        InputError: it is not such a file.
    """
    try:
        return [Item.model_validate(orjson.loads(line)) for line in path.read_bytes().splitlines()]
    except OSError as error:
        raise InputError("cannot be read", where=str(path)) from error
    except ValueError as error:
        raise InputError("holds no items of an evaluation", where=str(path)) from error
