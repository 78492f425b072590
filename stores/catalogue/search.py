"""Full-text search over passages with FTS5 and BM25."""

import math
import re
from collections.abc import Collection, Sequence
from typing import Any

from stores.catalogue.database import Database

# Weights of the columns title, text, names in BM25.
_WEIGHTS = "2.0, 1.0, 0.5"
_MOST_TERMS = 200
_TERM = re.compile(r"\w+")


class Search:
    """Finds passages by words."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def passages(self, terms: Sequence[str], k: int, among: Collection[str] | None = None) -> list[tuple[str, float]]:
        """Return up to `k` (passage id, BM25 score) that hold any of the terms, best first; higher is better.

        Args:
            terms: words or phrases, their punctuation ignored; one that comes twice counts twice. Only the first 200 are
                looked for.
            k: how many.
            among: ids of the papers to search in; None for all.
        """
        query = " OR ".join(f'"{" ".join(words)}"' for term in terms[:_MOST_TERMS] if (words := _TERM.findall(term)))
        if not query or k <= 0 or (among is not None and not among):
            return []
        restriction = ""
        parameters: list[Any] = [query]
        if among is not None:
            # json_each takes any number of ids in one parameter.
            import orjson

            # The plus keeps SQLite from probing the full-text index once for each of the rows.
            restriction = (
                " AND +passage_fts.rowid IN (SELECT rowid FROM passage WHERE paper IN"
                " (SELECT rowid FROM paper WHERE id IN (SELECT value FROM json_each(?))))"
            )
            parameters.append(orjson.dumps(list(among)).decode())
        sql = (
            f"SELECT passage.id, -hits.score FROM (SELECT rowid AS row, bm25(passage_fts, {_WEIGHTS}) AS score"
            f" FROM passage_fts WHERE passage_fts MATCH ?{restriction} ORDER BY score, rowid LIMIT ?) AS hits"
            " JOIN passage ON passage.rowid = hits.row ORDER BY hits.score, hits.row"
        )
        return [(str(id_), float(score)) for id_, score in self._db.rows(sql, [*parameters, k])]

    def rarity(self, terms: Sequence[str]) -> dict[str, float]:
        """Return the inverse document frequency of each term over passages; 0 for one that nearly all hold."""
        frequency = self.document_frequency(terms)
        total = max(2, int(str(self._db.rows("SELECT ifnull(max(rowid), 0) FROM passage")[0][0])))
        return {term: max(0.0, math.log(total / (1 + count))) for term, count in frequency.items()}

    def document_frequency(self, terms: Sequence[str]) -> dict[str, int]:
        """Return in how many passages each term (a word or a phrase) occurs."""
        counts = {}
        for term in dict.fromkeys(terms):
            words = _TERM.findall(term)
            sql = "SELECT count(*) FROM passage_fts WHERE passage_fts MATCH ?"
            counts[term] = int(str(self._db.rows(sql, ('"' + " ".join(words) + '"',))[0][0])) if words else 0
        return counts
