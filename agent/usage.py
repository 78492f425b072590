"""`quodvide usage` and `/usage`: what chat models were called for, and what it took."""

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, cast, get_args

import typer
from rich.console import Console
from rich.table import Table

from agent import batch
from agent import settings as settings_
from agent.json_output import to_json
from agent.show import one_line
from stores.errors import ConfigError, StoreMissing
from stores.home import Home
from stores.usage import By, Call, Sums, UsageLog

USUAL: tuple[By, ...] = ("model", "route")
_FIGURES = ("calls", "failed", "cancelled", "stood in", "read", "reused", "written", "seconds", "US$")
_LEAST = 10  # characters of a name's column, however narrow the terminal
_ALWAYS = {"calls", "read", "written", "seconds", "US$"}  # the other columns only where they say something


def names_of(text: str) -> tuple[By, ...]:
    """Return what is to be added up, from names with commas; without any the usual.

    Raises:
        ConfigError: a name is not known.
    """
    given = dict.fromkeys(name.strip() for name in text.split(",") if name.strip())
    if unknown := [name for name in given if name not in get_args(By)]:
        raise ConfigError(f"calls are not added up by {unknown[0]!r}", hint=f"Give some of {', '.join(get_args(By))}")
    return cast("tuple[By, ...]", tuple(given)) or USUAL


def report(home: Path | None, by: str, since: date | None, target: str, *, export: bool, json: bool) -> int:
    """Print sums of calls as a table or as JSON, or write every call as a line of CSV.

    Args:
        home: the home folder.
        by: what is added up, names with commas; empty for the usual.
        since: the first day, in UTC.
        target: where CSV and JSON go; - for standard output.
        export: whether CSV is wanted.
        json: whether JSON is wanted.

    Raises:
        StoreMissing: there is no such folder.
        StoreError: the log cannot be read.
        ConfigError: the target cannot be written, or `by` names what is not known.
    """
    names = names_of(by)
    folder = Home(settings_.load(home).home)
    if not folder.root.is_dir():
        raise StoreMissing(
            "nothing was ingested here yet", where=str(folder.root), hint="Run `quodvide ingest FILE` first"
        )
    with _opened(folder) as log:
        if export:
            _write(as_csv(log.calls(since=since)), target)
            return 0
        rows, total = log.sums(names, since=since), log.total(since=since)
    if json:
        found = {"by": names, "rows": [as_record(each, names) for each in rows], "total": as_record(total, ())}
        _write(to_json(found, indent=True) + b"\n", target)
    elif rows:
        Console(emoji=False).print(table(names, rows, total))
    else:
        typer.echo("No call of a chat model was counted yet.", err=True)
    return 0


def print_thread(console: Console, home: Home, thread: str) -> None:
    """Print the sums of a conversation by model and route.

    Raises:
        StoreError: the log cannot be read.
    """
    with _opened(home) as log:
        rows, total = log.sums(USUAL, thread=thread), log.total(thread=thread)
    if rows:
        console.print(table(USUAL, rows, total))
    else:
        console.print("No chat model was called in this conversation.", highlight=False)


@contextmanager
def _opened(home: Home) -> Iterator[UsageLog]:
    log = UsageLog(home.usage)
    try:
        yield log
    finally:
        log.close()


def table(by: Sequence[By], rows: Sequence[Sums], total: Sums) -> Table:
    """Return a row for each sum, and the total."""
    shown = [_figures(each) for each in (*rows, total)]
    some = [n for n, name in enumerate(_FIGURES) if name in _ALWAYS or any(row[n] != "0" for row in shown)]
    made = Table(box=None, pad_edge=False, header_style="bold")
    for name in by:
        made.add_column(name, overflow="fold", min_width=_LEAST)
    for n in some:
        made.add_column(_FIGURES[n], justify="right", no_wrap=True)
    for each, figures in zip(rows, shown, strict=False):
        names = ["(none)" if name is None else one_line(name) for name in each.group]
        made.add_row(*names, *(figures[n] for n in some))
    made.add_row()
    made.add_row("all", *("" for _ in by[1:]), *(shown[-1][n] for n in some))
    if total.unpriced:
        many = "1 call has" if total.unpriced == 1 else f"{total.unpriced:,} calls have"
        made.caption = f"+ {many} no known price"
        made.caption_justify = "left"
    return made


def _figures(each: Sums) -> list[str]:
    counts = (each.calls, each.failed, each.cancelled, each.stood_in)
    tokens = (each.input_tokens, each.cached_tokens, each.output_tokens)
    unknown = "+" if each.unpriced else " "
    return [*(f"{count:,}" for count in (*counts, *tokens)), f"{each.seconds:,.1f}", f"{each.cost:,.4f}{unknown}"]


def as_record(each: Sums, by: Sequence[By]) -> dict[str, Any]:
    """Return a sum with what it is of under its names."""
    return {**dict(zip(by, each.group, strict=True)), **each.model_dump(exclude={"group"})}


def as_csv(calls: Sequence[Call]) -> bytes:
    """Return a line of names and a line for each call; what is not known is empty."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(Call.model_fields))
    writer.writeheader()
    writer.writerows(call.model_dump() for call in calls)
    return text.getvalue().encode()


def _write(text: bytes, target: str) -> None:
    with batch.writing(target) as out:
        out.write(text)
