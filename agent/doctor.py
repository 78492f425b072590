"""What is wrong with an installation, a line each; the chat model runs in a process of its own, which may die."""

import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import typer

from agent import settings as settings_
from stores.errors import QuodvideError

_FREE = 500_000_000  # bytes; less than this on the home's disk is worth a word


def examine(home: Path | None) -> int:
    """Run every check, print a line for each, and return 0 when all passed, else 1."""
    settings = settings_.load(home)
    checks: list[tuple[str, Callable[[], Iterator[str]]]] = [
        ("python", _python),
        ("sqlite", _sqlite),
        ("home folder", lambda: _home(settings)),
        ("embedding model", lambda: _embedding(settings)),
        ("chat model", lambda: _chat(settings)),
        ("models elsewhere", lambda: _elsewhere(settings)),
        ("network", lambda: _network(settings)),
    ]
    failed = 0
    for name, check in checks:
        try:
            for line in check():
                typer.echo(f"ok    {name}: {line}")
        except QuodvideError as error:
            failed += 1
            typer.echo(f"FAIL  {name}: {error}")
    return 1 if failed else 0


def _python() -> Iterator[str]:
    yield sys.version.split()[0]


def _sqlite() -> Iterator[str]:
    with sqlite3.connect(":memory:") as connection:
        connection.execute("CREATE VIRTUAL TABLE t USING fts5 (x)")
    connection.close()
    yield f"{sqlite3.sqlite_version} with full-text search"


def _home(settings: settings_.Settings) -> Iterator[str]:
    from agent.wiring import Parts

    home = settings.home
    existing = next(path for path in (home, *home.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    if free < _FREE:
        raise QuodvideError(f"only {free / 1e6:.0f} MB are free on its disk", where=str(home), hint="Free some space")
    if not home.exists():
        yield f"{home} is not there yet; `quodvide ingest FILE` makes it ({free / 1e9:.0f} GB free)"
        return
    parts = Parts(settings)
    counts = parts.catalogue.papers.counts()
    parts.close()
    yield f"{home}: {counts['papers']:,} papers, {counts['pending']:,} of them without vectors ({free / 1e9:.0f} GB free)"


def _embedding(settings: settings_.Settings) -> Iterator[str]:
    from agent.embedders import PARTS, Embedders

    embedders = Embedders(settings)
    for part in PARTS:
        model = embedders.wanted(part)
        vector = model.embed(["a few words"])
        yield f"{part}: {model.name}, {vector.shape[1]} dimensions"


def _elsewhere(settings: settings_.Settings) -> Iterator[str]:
    """Say which models elsewhere have a part; they are not asked for anything."""
    from agent.chat_models import ChatModels

    models = ChatModels(settings)
    some = False
    for role in settings_.ROLES:
        named = settings.roles.of(role)
        if any(name != settings_.LOCAL for name in named):
            some = True
            models.of(role)
            yield f"{role}: {', then '.join(models.names(role))}"
    if not some:
        yield "none has a part"


def _network(settings: settings_.Settings) -> Iterator[str]:
    from agent.offline import leaving

    found = [f"{what} ({setting})" for setting, what in leaving(settings)]
    yield from found or ["nothing leaves this machine"]
    if settings.offline:
        yield "offline: connections that would leave it are refused"


def _chat(settings: settings_.Settings) -> Iterator[str]:
    from agent.chat_models import chat_model_path
    from agent.models.probe import probe_model

    path = chat_model_path(settings)
    if path is None:
        yield "none is configured; answers are quotations"
        return
    adapter = settings.chat.adapter
    result = probe_model(path, n_ctx=512, adapter=adapter.expanduser().resolve() if adapter else None)
    if not result.ok:
        raise QuodvideError(result.line, where="" if str(path) in result.line else str(path))
    yield result.line
