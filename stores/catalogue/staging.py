"""Vectors of a rebuild, kept apart until all are there: nothing that reads the catalogue sees them before `swap`.

A rebuild that is killed leaves them, and the next one goes on where they end, if it is to make the same.
"""

import sqlite3
from collections.abc import Sequence

from stores.catalogue.database import Database
from stores.catalogue.indexing import Indexing

_PLAN = "rebuild"


class Staging:
    """The marks of one rebuild, in place of those of `Indexing`: each indexed paper is due once."""

    def __init__(self, database: Database, indexing: Indexing) -> None:
        self._db = database
        self._indexing = indexing

    def begin(self, plan: str) -> bool:
        """Prepare a rebuild; return whether an interrupted one by the same plan is gone on with.

        Args:
            plan: whatever decides what is made, as text.
        """
        if self._db.meta(_PLAN) == plan:
            return True
        with self._db.transaction() as connection:
            connection.execute("DELETE FROM staged")
            connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_PLAN, plan))
        return False

    def due(self) -> int:
        """Return how many papers are still to be done."""
        sql = "SELECT count(*) FROM paper WHERE indexed IS NOT NULL AND rowid NOT IN (SELECT paper FROM staged)"
        return int(self._db.rows(sql)[0][0])

    def pending(self, limit: int, after: int = 0) -> tuple[int, list[str]] | None:
        """Return the next papers that are due, in the order of storing, with where to go on; None at the end."""
        sql = (
            "SELECT rowid, id FROM paper WHERE indexed IS NOT NULL AND rowid > ?"
            " AND rowid NOT IN (SELECT paper FROM staged) ORDER BY rowid LIMIT ?"
        )
        rows = self._db.rows(sql, (after, limit))
        return (rows[-1][0], [id_ for _, id_ in rows]) if rows else None

    def mark(
        self, connection: sqlite3.Connection, papers: Sequence[tuple[str, str, bytes]], model: str, documents: str
    ) -> None:
        """Record that these papers have new vectors; the names of the models are those of `swap`."""
        del model, documents
        connection.executemany(
            "INSERT OR REPLACE INTO staged SELECT rowid, ? FROM paper WHERE id = ? AND digest = ?",
            [(vector, id_, digest) for id_, digest, vector in papers],
        )

    def obsolete(self) -> list[str]:
        """Return none: the new index is made of what is there."""
        return []

    def forget(self, connection: sqlite3.Connection, passage_ids: Sequence[str]) -> None:
        """Do nothing, for there is nothing to forget."""

    def swap(self, connection: sqlite3.Connection, passages: tuple[str, str] | None, documents: str | None) -> None:
        """Put what was staged in place of what serves.

        Args:
            connection: of a transaction; readers see all of it or nothing.
            passages: the folder of the new passage index and the name of its model; None where it stays.
            documents: the name of the new model of document vectors; None where they stay.
        """
        if documents is not None:
            connection.execute("DELETE FROM document_vector")
            connection.execute("INSERT INTO document_vector SELECT paper, vector FROM staged")
            self._indexing.note_documents(connection, documents)
        if passages is not None:
            folder, model = passages
            connection.execute("UPDATE paper SET indexed = ? WHERE indexed IS NOT NULL", (model,))
            connection.execute("DELETE FROM obsolete")
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('passages', ?)", (folder,))
        self._indexing.bump(connection)
        connection.execute("DELETE FROM staged")
        connection.execute("DELETE FROM meta WHERE key = ?", (_PLAN,))
