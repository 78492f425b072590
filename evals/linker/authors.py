"""Labelled persons: spellings left out of the index, names that nobody there bears, and namesakes with a context."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

from evals.linker.gold import HELD_OUT, Example
from evals.linker.methods import Answer
from evals.linker.persons import FILE, context_of
from evals.linker.report import Measured
from evals.rows import MentionRow, read_rows
from stores.catalogue import Catalogue
from stores.errors import InputError
from stores.keys import name_key
from tools.linking.linker import CatalogueLinker


def persons(catalogue: Path, gold: Path) -> tuple[Measured, list[float]]:
    """Return what the linker and plain look-up answer for every labelled person, and the seconds of each link.

    A namesake whose only paper is the one that the mention comes from, which is left out, would not be known: no candidate,
    and "no match" is the right answer.

    Args:
        catalogue: the SQLite file of a home with persons and, for namesakes, their papers; a copy of it is changed.
        gold: file of the labels, or the folder of the shared one.

    Raises:
        InputError: the labels are missing, or a line is none.
    """
    path = gold / FILE if gold.is_dir() else gold
    try:
        rows = read_rows(path, MentionRow)
    except OSError as error:
        raise InputError("the file of labelled persons is missing", where=str(path)) from error
    examples: list[Example] = []
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
            gone = _gone(copy, context.paper_id) if row["source"] == "homonym" else set()
            left = [candidate for candidate in link.candidates if candidate.id not in gone]
            sure = left[0].score if left else 0.0
            ours.append(Answer(tuple(one.id for one in left), sure, link.nil or not left, sure))
            named = dict.fromkeys(one.id for one, _, _ in copy.authorities.named("author", row["text"]))
            plain.append(Answer(tuple(id_ for id_ in named if id_ not in gone), 1.0, not named))
            right = frozenset(row["gold_ids"]) - gone
            examples.append(Example(row["text"], right, row["source"], HELD_OUT, known=bool(named)))
    return Measured("author", examples, {"linker": ours, "exact name": plain}, sources=True), seconds


def _gone(catalogue: Catalogue, paper: str | None) -> set[str]:
    """Return the persons who would not be known without a paper: it is their only one."""
    sql = (
        "SELECT a.id FROM author a JOIN paper ON paper.rowid = a.paper WHERE paper.id = ? AND a.id IS NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM author b WHERE b.id = a.id AND b.paper != a.paper)"
    )
    return {str(id_) for (id_,) in catalogue.database.rows(sql, (paper,))}


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
