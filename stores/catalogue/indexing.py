"""Which papers still need vectors, and which passages the derived indexes must forget."""

import sqlite3
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import orjson

from stores.catalogue.changes import note
from stores.catalogue.database import Database
from stores.catalogue.papers import batches

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Indexing:
    """The bookkeeping between the catalogue and the indexes derived from it."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def pending(self, limit: int, after: int = 0) -> tuple[int, list[str]] | None:
        """Return the next papers without vectors, in the order of storing, with where to go on; None at the end."""
        sql = "SELECT rowid, id FROM paper WHERE indexed IS NULL AND rowid > ? ORDER BY rowid LIMIT ?"
        rows = self._db.rows(sql, (after, limit))
        return (rows[-1][0], [id_ for _, id_ in rows]) if rows else None

    def mark(
        self,
        connection: sqlite3.Connection,
        papers: Sequence[tuple[str, str, bytes]],
        model: str,
        documents: str | None = None,
    ) -> None:
        """Record that these papers' passages are indexed.

        Args:
            connection: of a transaction.
            papers: (paper id, digest of the version that was embedded, document vector as little-endian float32); a paper
                that has another digest by now is left as it is.
            model: name of the embedder of passages.
            documents: name of that of documents; None for the same.
        """
        self.note_documents(connection, documents or model)
        connection.executemany(
            "INSERT OR REPLACE INTO document_vector SELECT rowid, ? FROM paper WHERE id = ? AND digest = ?",
            [(vector, id_, digest) for id_, digest, vector in papers],
        )
        self.bump(connection)
        connection.executemany(
            "UPDATE paper SET indexed = ? WHERE id = ? AND digest = ?",
            [(model, id_, digest) for id_, digest, _ in papers],
        )

    @staticmethod
    def note_documents(connection: sqlite3.Connection, model: str) -> None:
        """Record which embedder makes the document vectors."""
        connection.execute("INSERT OR REPLACE INTO meta VALUES ('document model', ?)", (model,))

    @staticmethod
    def bump(connection: sqlite3.Connection) -> None:
        """Record that vectors change."""
        note(connection)
        connection.execute(
            "INSERT INTO meta VALUES ('revision', '1') ON CONFLICT (key) DO UPDATE SET value = CAST(value AS INTEGER) + 1"
        )

    def revision(self) -> int:
        """Return a number that grows with every change of vectors; derived indexes note the one they were made at."""
        return int(self._db.meta("revision") or 0)

    def models(self) -> set[str]:
        """Return the names of the embedders that made the vectors of passages."""
        return self.passage_index()[1]

    def document_models(self) -> set[str]:
        """Return the names of the embedders that made the vectors of documents."""
        if not self._db.rows("SELECT 1 FROM document_vector LIMIT 1"):
            return set()
        noted = self._db.meta("document model")
        return {noted} if noted else self.models()  # older catalogues had one model for both

    def passage_index(self) -> tuple[str, set[str]]:
        """Return the name of the folder of the passage index that is in force, and whose vectors it holds."""
        sql = "SELECT (SELECT value FROM meta WHERE key = 'passages'), (SELECT json_group_array(DISTINCT indexed) FROM paper WHERE indexed IS NOT NULL)"
        folder, models = self._db.rows(sql)[0]
        return str(folder or "passages"), set(orjson.loads(models))

    def recipe(self, model: str) -> str | None:
        """Return what was remembered of an embedder."""
        return self._db.meta(f"embedder {model}")

    @staticmethod
    def remember(connection: sqlite3.Connection, model: str, recipe: str) -> None:
        """Keep how an embedder is opened, under its name."""
        connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (f"embedder {model}", recipe))

    def obsolete(self) -> list[str]:
        """Return passage ids that the passage index may still hold and must forget."""
        return [id_ for (id_,) in self._db.rows("SELECT passage_id FROM obsolete ORDER BY passage_id")]

    def forget(self, connection: sqlite3.Connection, passage_ids: Sequence[str]) -> None:
        """Record that the passage index has forgotten these passages."""
        connection.executemany("DELETE FROM obsolete WHERE passage_id = ?", [(id_,) for id_ in passage_ids])

    def document_vectors(self) -> Iterator[tuple[str, bytes]]:
        """Yield (paper id, vector as little-endian float32) of every indexed paper, in the order of storing."""
        rows = [row for (row,) in self._db.rows("SELECT paper FROM document_vector ORDER BY paper")]
        for part in batches(rows, 2000):
            sql = (
                "SELECT paper.id, vector FROM document_vector JOIN paper ON paper.rowid = document_vector.paper"
                " WHERE document_vector.paper BETWEEN ? AND ? ORDER BY document_vector.paper"
            )
            yield from self._db.rows(sql, (part[0], part[-1]))

    def vectors(self, paper_ids: Sequence[str]) -> "dict[str, NDArray[np.float32]]":
        """Return the document vectors of these papers, leaving out papers without one."""
        import numpy as np

        sql = (
            "SELECT paper.id, vector FROM document_vector JOIN paper ON paper.rowid = document_vector.paper"
            " WHERE paper.id IN (SELECT value FROM json_each(?))"
        )
        rows = self._db.rows(sql, [orjson.dumps(list(paper_ids)).decode()])
        return {id_: np.frombuffer(vector, dtype="<f4") for id_, vector in rows}

    def mean_vector(self, most: int) -> "NDArray[np.float32] | None":
        """Return the mean (d,) of at most so many document vectors, spread evenly over the papers as they were stored.

        None when there are none.
        """
        import numpy as np

        last = int(str(self._db.rows("SELECT ifnull(max(paper), 0) FROM document_vector")[0][0]))
        wanted = sorted({round((n + 1) * last / most) for n in range(most)})
        sql = "SELECT vector FROM document_vector WHERE paper IN (SELECT value FROM json_each(?))"
        rows = self._db.rows(sql, [orjson.dumps(wanted).decode()])
        return np.stack([np.frombuffer(vector, dtype="<f4") for (vector,) in rows]).mean(axis=0) if rows else None

    def passage_ids(self) -> list[str]:
        """Return the ids of all passages of papers that are marked as indexed."""
        sql = "SELECT passage.id FROM passage JOIN paper ON paper.rowid = passage.paper WHERE indexed IS NOT NULL"
        return [id_ for (id_,) in self._db.rows(sql)]

    def problems(self) -> list[str]:
        """Return what is wrong inside the catalogue itself, a line each; empty when all is well."""
        found = [f"SQLite: {line}" for (line,) in self._db.rows("PRAGMA integrity_check") if line != "ok"]
        found += [f"foreign key broken in {row[0]}" for row in self._db.rows("PRAGMA foreign_key_check")]
        bare = self._db.rows("SELECT count(*) FROM paper WHERE rowid NOT IN (SELECT paper FROM passage)")[0][0]
        if bare:
            found.append(f"{bare} papers have no passage")
        ordinals = self._db.rows("SELECT paper, ordinal FROM passage ORDER BY paper, ordinal")
        if any(a == b for a, b in pairwise(ordinals)):
            found.append("a passage is stored twice")
        return found
