"""The papers that satisfy conditions, found by SQL alone."""

from typing import Any

from stores.catalogue.database import Database
from stores.keys import name_key
from stores.records import Condition, PaperFilter

_ORDER = {
    "relevance": "year DESC, id",
    "newest": "year DESC, id",
    "oldest": "year IS NULL, year, id",
    "most_cited": "cited_by_count IS NULL, cited_by_count DESC, year DESC, id",
}


class Filters:
    """Answers which papers satisfy a filter."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def find(self, wanted: PaperFilter) -> list[str]:
        """Return the ids of all papers that satisfy the filter, in its order; `limit` is the caller's business."""
        where, parameters = _where(wanted)
        sql = f"SELECT id FROM paper WHERE {where} ORDER BY {_ORDER[wanted.sort]}"
        return [str(row[0]) for row in self._db.rows(sql, parameters)]

    def count(self, wanted: PaperFilter) -> int:
        """Return how many papers satisfy the filter."""
        where, parameters = _where(wanted)
        return int(str(self._db.rows(f"SELECT count(*) FROM paper WHERE {where}", parameters)[0][0]))


def phrases(texts: tuple[str, ...] | list[str]) -> str:
    """Return an FTS5 query that matches any of the texts as a phrase of words."""
    keys = dict.fromkeys(key for key in map(name_key, texts) if key)
    return " OR ".join(f'"{key}"' for key in keys)


def _where(wanted: PaperFilter) -> tuple[str, list[Any]]:
    parts: list[str] = ["1"]
    parameters: list[Any] = []
    for condition in wanted.conditions:
        alternatives, values = _CLAUSES[condition.type](condition)
        clause = " OR ".join(alternatives) or "0"
        parts.append(f"NOT ({clause})" if condition.negated else f"({clause})")
        parameters += values
    if wanted.year_from is not None:
        parts.append("year >= ?")
        parameters.append(wanted.year_from)
    if wanted.year_to is not None:
        parts.append("year <= ?")
        parameters.append(wanted.year_to)
    return " AND ".join(parts), parameters


def _in(column: str, table: str, values: tuple[str, ...] | list[str]) -> str:
    marks = ",".join("?" * len(values))
    return f"rowid IN (SELECT paper FROM {table} WHERE {column} IN ({marks}))"


def _linked(table: str, condition: Condition) -> tuple[list[str], list[Any]]:
    alternatives: list[str] = []
    values: list[Any] = []
    keys = [key for key in map(name_key, condition.texts) if key]
    for column, found in (("id", list(condition.ids)), ("key", keys)):
        if found:
            alternatives.append(_in(column, table, found))
            values += found
    return alternatives, values


def _affiliated(condition: Condition, column: str) -> tuple[list[str], list[Any]]:
    alternatives: list[str] = []
    values: list[Any] = []
    if condition.ids:
        alternatives.append(_in(column, "affiliation", condition.ids))
        values += condition.ids
    if match := phrases(condition.texts):
        alternatives.append(
            "rowid IN (SELECT paper FROM affiliation WHERE rowid IN"
            " (SELECT rowid FROM affiliation_fts WHERE affiliation_fts MATCH ?))"
        )
        values.append(match)
    return alternatives, values


def _topic(condition: Condition) -> tuple[list[str], list[Any]]:
    alternatives, values = _linked("topic", condition)
    if match := phrases(condition.texts):
        alternatives.append(
            "rowid IN (SELECT paper FROM passage WHERE rowid IN (SELECT rowid FROM passage_fts WHERE passage_fts MATCH ?))"
        )
        values.append(match)
    return alternatives, values


def _venue(condition: Condition) -> tuple[list[str], list[Any]]:
    keys = list(dict.fromkeys(key for key in map(name_key, (*condition.ids, *condition.texts)) if key))
    return ["' ' || venue_key || ' ' LIKE ?" for _ in keys], [f"% {key} %" for key in keys]


def _year(condition: Condition) -> tuple[list[str], list[Any]]:
    years = [int(text) for text in condition.texts if text.isdecimal()]
    return ["year = ?" for _ in years], list(years)


_CLAUSES = {
    "author": lambda c: _linked("author", c),
    "funder": lambda c: _linked("funding", c),
    "organization": lambda c: _affiliated(c, "organization_id"),
    "country": lambda c: _affiliated(c, "country_code"),
    "topic": _topic,
    "venue": _venue,
    "year": _year,
}
