"""The topics and keywords that papers carry, counted."""

from collections.abc import Sequence
from typing import NamedTuple

import orjson

from stores.catalogue.database import Database
from stores.keys import name_key

_EXAMPLES = 3  # papers of a topic that are named


class TopicCount(NamedTuple):
    """A topic with the papers that carry it, of which some are named.

    Attributes:
        name: as the first of these papers writes it.
        papers: how many carry it.
        paper_ids: the first few of them.
    """

    name: str
    papers: int
    paper_ids: tuple[str, ...]


class Topics:
    """Counts topics."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def most_frequent(self, most: int, among: Sequence[str] | None = None) -> list[TopicCount]:
        """Return the topics and keywords that most papers carry, the most frequent first; equal ones by name.

        Args:
            most: how many.
            among: ids of the papers that count; None for all.
        """
        within = (
            ""
            if among is None
            else " AND paper IN (SELECT rowid FROM paper WHERE id IN (SELECT value FROM json_each(?)))"
        )
        given = [] if among is None else [orjson.dumps(list(among)).decode()]
        counted = self._db.rows(
            "SELECT key, count(DISTINCT paper) AS papers, min(paper) FROM topic"
            f" WHERE key != ''{within} GROUP BY key ORDER BY papers DESC, key LIMIT ?",
            [*given, most],
        )
        return [
            TopicCount(self._name(str(key), int(str(first))), int(str(papers)), self._carriers(str(key), within, given))
            for key, papers, first in counted
        ]

    def _name(self, key: str, paper: int) -> str:
        """Return how a paper writes the topic with this key."""
        ((record,),) = self._db.rows("SELECT record FROM paper WHERE rowid = ?", (paper,))
        held = orjson.loads(str(record))
        names = [topic["name"] for topic in held.get("topics", ())] + list(held.get("keywords", ()))
        return next((name for name in names if name_key(name) == key), key)

    def _carriers(self, key: str, within: str, given: Sequence[str]) -> tuple[str, ...]:
        rows = self._db.rows(
            "SELECT id FROM paper WHERE rowid IN"
            f" (SELECT DISTINCT paper FROM topic WHERE key = ?{within} ORDER BY paper LIMIT {_EXAMPLES}) ORDER BY rowid",
            [key, *given],
        )
        return tuple(str(id_) for (id_,) in rows)
