"""Where in a paper's texts the words of a topic stand, by the very rules by which the full-text index finds them."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing

import orjson

from stores.catalogue.database import Database
from stores.catalogue.filters import phrases

Span = tuple[int, int]

_TOKENIZE = "porter unicode61 remove_diacritics 2"  # as passage_fts in schema.sql
# Not letters, and no part of any text once `_plain` has gone over it.
_BEGIN, _END = "\x02", "\x03"
_PLAIN = str.maketrans(dict.fromkeys("\x00\x02\x03", " "))


class Wording:
    """Finds phrases in texts as the catalogue's full-text index does: stemmed, without accents."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def passages(self, paper_ids: Sequence[str], texts: Sequence[str]) -> dict[str, str]:
        """Return, by paper, the id of its first passage whose text or paper's names hold one of the phrases."""
        match = phrases(tuple(texts))
        if not match:
            return {}
        sql = (
            "SELECT paper.id, passage.id, min(ordinal) FROM passage JOIN paper ON paper.rowid = passage.paper"
            " WHERE paper.id IN (SELECT value FROM json_each(?))"
            " AND passage.rowid IN (SELECT rowid FROM passage_fts WHERE passage_fts MATCH ?) GROUP BY paper.id"
        )
        rows = self._db.rows(sql, (orjson.dumps(list(paper_ids)).decode(), match))
        return {str(paper): str(passage) for paper, passage, _ in rows}


def spans(texts: Sequence[str], wanted: Sequence[str]) -> list[Span | None]:
    """Return for each text where the first of the wanted phrases stands in it, in code points; None where none does."""
    found: list[Span | None] = [None] * len(texts)
    match = phrases(tuple(wanted))
    if not match or not texts:
        return found
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"CREATE VIRTUAL TABLE texts USING fts5 (text, tokenize='{_TOKENIZE}')")
        connection.executemany(
            "INSERT INTO texts (rowid, text) VALUES (?, ?)", enumerate(text.translate(_PLAIN) for text in texts)
        )
        sql = "SELECT rowid, highlight(texts, 0, ?, ?) FROM texts WHERE texts MATCH ?"
        for row, marked in connection.execute(sql, (_BEGIN, _END, match)):
            found[row] = (marked.index(_BEGIN), marked.index(_END) - 1)
    return found
