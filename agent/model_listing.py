"""`quodvide models list` and `recommend`: which chat models there are, what they need, and which suits this machine."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from agent import settings as settings_
from agent.json_output import to_json
from agent.models.catalogue.entries import BUNDLED, Entry
from agent.models.catalogue.names import source
from agent.models.catalogue.rows import Row, rows, shown
from agent.models.catalogue.speed import Speed, measure, reckoned
from agent.models.gguf import GIB, memory_available
from stores.home import Home

if TYPE_CHECKING:
    from rich.table import Table

RESERVE = GIB  # for the indexes of Quodvide and for what else runs here


def print_list(home: Path | None, name: str | None, *, every: bool, json: bool) -> int:
    """Print the models, or all files of one."""
    from rich.console import Console

    settings = settings_.load(home)
    available = memory_available()
    found = rows(Home(settings.home).models, settings.chat, available)
    if name:
        entry = source(name).entry
        found = [row for row in found if row.entry == entry and entry is not None]
        every = True
    if json:
        typer.echo(to_json([record(row) for row in found], indent=True))
        return 0
    console = Console(emoji=False)
    console.print(table(found if every else shown(found)))
    console.print()
    if name and found and found[0].entry:
        for line in _about(found[0].entry):
            console.print(line, highlight=False, markup=False, soft_wrap=True)
        return 0
    console.print("bundled: SmolLM2 135M Instruct, which comes with the installation.", highlight=False, markup=False)
    context = f"a context of {settings.chat.n_ctx:,} tokens"
    if settings.chat.contexts > 1:
        context = f"{settings.chat.contexts} contexts of {settings.chat.n_ctx:,} tokens"
    line = f"needs: memory with {context}; {available / GIB:.1f} GiB is available."
    console.print(line, highlight=False, markup=False)
    if not every:
        line = "`quodvide models list NAME` shows the other quantizations of a model, and what to know of it."
        console.print(line, highlight=False, markup=False)
    return 0


def table(found: list[Row]) -> "Table":
    """Return a row for each file, within 80 columns."""
    from rich.table import Table
    from rich.text import Text

    made = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1, 0, 0))
    made.add_column("name", overflow="fold", min_width=12)
    made.add_column("params", justify="right", no_wrap=True)
    for name in ("quant.", "size", "needs"):
        made.add_column(name, justify="right" if name != "quant." else "left", no_wrap=True)
    made.add_column("licence", overflow="fold")
    made.add_column("state", no_wrap=True)
    for row in found:
        entry = row.entry
        made.add_row(
            Text(entry.name if entry else row.name),
            _parameters(entry) if entry else "",
            row.quantization,
            f"{row.bytes / 1e9:.2f} GB",
            f"{row.memory / GIB:.1f} GiB" if row.memory is not None else "",
            entry.licence if entry else "",
            _state(row),
        )
    return made


def _state(row: Row) -> str:
    state = "in use" if row.in_use else row.state
    if row.in_use and row.state == "not here":
        state = "in use, missing"
    return state if row.fits else f"{state}, too large"


def _parameters(entry: Entry) -> str:
    return f"{entry.parameters * 1000:.0f} M" if entry.parameters < 1 else f"{entry.parameters:.1f} B"


def _about(entry: Entry) -> list[str]:
    lines = [f"{entry.title}, {_parameters(entry)} parameters, made for {entry.context:,} tokens of context."]
    lines.append(f"Licence: {entry.licence}{'' if entry.commercial else '; no commercial use'}.")
    if entry.template:
        lines.append(f"Its chat template {entry.template}.")
    if entry.note:
        lines.append(f"Note: {entry.note}.")
    if entry.repository:
        lines.append(f"From {entry.repository}; sizes are rounded until a file is here.")
    return lines


def record(row: Row) -> dict[str, Any]:
    """Return a row as it is written in JSON; sizes in bytes."""
    about = row.entry.model_dump(exclude={"files", "default", "name"}) if row.entry else {}
    return {
        "name": row.name,
        "quantization": row.quantization,
        "bytes": row.bytes,
        "memory": row.memory,
        "fits": row.fits,
        "state": row.state,
        "in_use": row.in_use,
        "path": str(row.path),
        **about,
    }


def print_recommendation(home: Path | None, within: float, *, json: bool) -> int:
    """Print which models this machine can run, how fast they will be, and which of them to take."""
    settings = settings_.load(home)
    available = memory_available()
    bundled = measure(settings.chat.threads)
    found = [
        (row, reckoned(row.entry, row.quantization, bundled))
        for row in rows(Home(settings.home).models, settings.chat, available - RESERVE)
        if row.entry and row.quantization == row.entry.default and row.entry.name != BUNDLED
    ]
    best = recommended(found, within)
    if json:
        told = [{**record(row), "sentence_s": round(speed.sentence_s, 1)} for row, speed in found]
        here = {"memory_available": available, "cores": _cores(), "busy": bundled.busy}
        measured = {"reads": round(bundled.reads, 1), "writes": round(bundled.writes, 1)}
        typer.echo(
            to_json(
                {"recommended": best and best.name, "machine": here, "bundled": measured, "models": told}, indent=True
            )
        )
        return 0
    _tell(found, best, bundled, available, within)
    return 0


def recommended(found: list[tuple[Row, Speed]], within: float) -> Row | None:
    """Return the model with the most parameters that fits, may be used by all, and words a sentence within some seconds."""
    suitable = [
        row for row, speed in found if row.fits and row.entry and row.entry.commercial and speed.sentence_s <= within
    ]
    # Of two of one size the one that the catalogue has later is the newer.
    return max(reversed(suitable), key=lambda row: row.entry.parameters if row.entry else 0, default=None)


def _tell(found: list[tuple[Row, Speed]], best: Row | None, bundled: Speed, available: int, within: float) -> None:
    from rich.console import Console
    from rich.table import Table

    made = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    made.add_column("name")
    for name in ("needs", "reads", "writes", "a sentence"):
        made.add_column(name, justify="right", no_wrap=True)
    made.add_column("")
    for row, speed in found:
        said = "recommended" if best and row.name == best.name else "" if row.fits else "too large"
        if row.entry and not row.entry.commercial and not said:
            said = "no commercial use"
        needs = f"{(row.memory or 0) / GIB:.1f} GiB"
        made.add_row(
            row.name, needs, f"{speed.reads:.0f}/s", f"{speed.writes:.1f}/s", f"{speed.sentence_s:.0f} s", said
        )
    console = Console(emoji=False)
    busy = " beside other work, so that an idle machine is faster" if bundled.busy else ""
    lines = [
        f"{available / GIB:.1f} GiB of memory is available, {RESERVE / GIB:.0f} GiB of it kept for the rest; {_cores()} cores.",
        f"The bundled model reads {bundled.reads:.0f} and writes {bundled.writes:.0f} tokens a second here, measured now{busy}.",
        "The speed of the others is reckoned from that by their size.",
    ]
    for line in lines:
        console.print(line, highlight=False, markup=False)
    console.print()
    console.print(made)
    console.print()
    for line in _conclusion(best, within):
        console.print(line, highlight=False, markup=False)


def _conclusion(best: Row | None, within: float) -> list[str]:
    if best is None:
        return [
            f"None of them fits and words a sentence within {within:g} s (--within): stay with the bundled model, whose answers are quotations."
        ]
    lines = [
        f"{best.name} is the largest of those that fit and word a sentence within {within:g} s (--within).",
        "Only the bundled model's answers were measured for this release; `quodvide eval` measures another's.",
    ]
    if best.state != "here":
        lines.append(f"  quodvide models pull {best.name}")
    return lines if best.in_use else [*lines, f"  quodvide models use {best.name}"]


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
