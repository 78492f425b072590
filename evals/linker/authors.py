"""Labelled persons: spellings left out of the index, names that nobody there bears, and namesakes with a context."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

import orjson

from evals.linker.gold import HELD_OUT, Example
from evals.linker.methods import Answer
from evals.linker.persons import FILE, context_of
from evals.linker.report import Measured
from stores.catalogue import Catalogue
from stores.errors import InputError
from stores.keys import name_key
from tools.linking.linker import CatalogueLinker


def persons(catalogue: Path, gold: Path) -> tuple[Measured, list[float]]:
    """Return what the linker and plain look-up answer for every labelled person, and the seconds of each link.

    Args:
        catalogue: the SQLite file of a home with persons and, for namesakes, their papers; a copy of it is changed.
        gold: folder of the labels.

    Raises:
        InputError: the labels are missing.
    """
    try:
        rows: list[dict[str, Any]] = [orjson.loads(line) for line in (gold / FILE).read_bytes().splitlines()]
    except OSError as error:
        raise InputError("the file of labelled persons is missing", where=str(gold / FILE)) from error
    ours: list[Answer] = []
    plain: list[Answer] = []
    seconds: list[float] = []
    with _without_spellings(catalogue, rows) as copy:
        linker = CatalogueLinker(copy)
        for row in rows:
            context = context_of(row)
            begin = perf_counter()
            link = linker.link("author", row["text"], context)
            seconds.append(perf_counter() - begin)
            ids = tuple(candidate.id for candidate in link.candidates)
            ours.append(Answer(ids, link.confidence, link.nil or not ids, link.confidence))
            named = dict.fromkeys(one.id for one, _, _ in copy.authorities.named("author", row["text"]))
            plain.append(Answer(tuple(named), 1.0, not named))
    examples = [Example(row["text"], frozenset(row["gold_ids"]), row["source"], HELD_OUT) for row in rows]
    return Measured("author", examples, {"linker": ours, "exact name": plain}, sources=True), seconds


@contextmanager
def _without_spellings(path: Path, rows: Sequence[dict[str, Any]]) -> Iterator[Catalogue]:
    """Copy a catalogue and take out of it the spellings that are tested; an official name stays."""
    with tempfile.TemporaryDirectory() as folder:
        copied = Path(folder) / "catalogue.sqlite"
        for suffix in ("", "-wal"):
            if (source := path.with_name(path.name + suffix)).is_file():
                shutil.copyfile(source, copied.with_name(copied.name + suffix))
        catalogue = Catalogue(copied, create=True)
        try:
            with catalogue.database.transaction() as connection:
                for row in rows:
                    for id_ in row["gold_ids"] if row["source"] == "variant" else ():
                        _forget(connection, id_, name_key(row["text"]))
            yield catalogue
        finally:
            catalogue.close()


def _forget(connection: sqlite3.Connection, id_: str, key: str) -> None:
    sql = (
        "SELECT name.rowid FROM name JOIN authority ON authority.rowid = name.authority"
        " WHERE authority.type = 'author' AND authority.id = ? AND key = ? AND kind != 'name'"
    )
    for (place,) in connection.execute(sql, (id_, key)).fetchall():
        connection.execute("INSERT INTO name_fts (name_fts, rowid, key) VALUES ('delete', ?, ?)", (place, key))
        connection.execute("DELETE FROM name WHERE rowid = ?", (place,))
