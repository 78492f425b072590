"""The papers that satisfy conditions, found by SQL alone."""

from typing import Any

import orjson

from stores.catalogue.affiliations import WITHIN
from stores.catalogue.database import Database
from stores.keys import name_key
from stores.records import Condition, PaperFilter

_LISTED = "(SELECT value FROM json_each(?))"
# Conditions that many papers may satisfy: with the plus, SQLite checks them while it goes through the index of years and
# ids, and does not look up each of those papers, whose rows hold whole texts. Of no use in a file without that index.
_BROAD = frozenset(("topic", "country", "venue"))
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
        where, parameters = _where(wanted, bare=self._db.bare)
        # One array instead of tens of thousands of rows, each of which would become a tuple: half the time.
        found = f"SELECT id FROM paper WHERE {where} ORDER BY {_ORDER[wanted.sort]}"
        ((ids,),) = self._db.rows(f"SELECT json_group_array(id) FROM ({found})", parameters)
        return orjson.loads(ids)  # type: ignore[no-any-return]

    def count(self, wanted: PaperFilter) -> int:
        """Return how many papers satisfy the filter."""
        where, parameters = _where(wanted, bare=self._db.bare)
        return int(str(self._db.rows(f"SELECT count(*) FROM paper WHERE {where}", parameters)[0][0]))

    def rows(self, wanted: PaperFilter) -> set[int]:
        """Return the papers that satisfy the filter as numbers that tell them apart, cheaper to compare than ids."""
        where, parameters = _where(wanted, bare=self._db.bare)
        return {int(row) for (row,) in self._db.rows(f"SELECT rowid FROM paper WHERE {where}", parameters)}

    def by_year(self, wanted: PaperFilter) -> dict[int, int]:
        """Return how many papers that satisfy the filter are of each year; papers without a year are left out."""
        where, parameters = _where(wanted, bare=self._db.bare)
        sql = f"SELECT year, count(*) FROM paper WHERE {where} AND year NOT NULL GROUP BY year"
        return {int(year): int(count) for year, count in self._db.rows(sql, parameters)}


def phrases(texts: tuple[str, ...] | list[str]) -> str:
    """Return an FTS5 query that matches any of the texts as a phrase of words."""
    keys = dict.fromkeys(key for key in map(name_key, texts) if key)
    return " OR ".join(f'"{key}"' for key in keys)


def _where(wanted: PaperFilter, *, bare: bool) -> tuple[str, list[Any]]:
    parts: list[str] = ["1"]
    parameters: list[Any] = []
    for condition in wanted.conditions:
        alternatives, values = _CLAUSES[condition.type](condition)
        # One list of all alternatives: with OR, SQLite would read each paper once for every one of them.
        row = "+rowid" if condition.type in _BROAD and not bare else "rowid"
        clause = f"{row} IN ({' UNION ALL '.join(alternatives)})" if alternatives else "0"
        parts.append(f"NOT ({clause})" if condition.negated else clause)
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
    return f"SELECT paper FROM {table} WHERE {column} IN ({marks})"


def _linked(table: str, condition: Condition) -> tuple[list[str], list[Any]]:
    alternatives: list[str] = []
    values: list[Any] = []
    keys = [key for key in map(name_key, condition.texts) if key]
    for column, found in (("id", list(condition.ids)), ("key", keys)):
        if found:
            alternatives.append(_in(column, table, found))
            values += found
    return alternatives, values


def _affiliated(condition: Condition) -> tuple[list[str], list[Any]]:
    """Return the alternatives of an organization or a country: ids may be of both, where either will do.

    Names count only in strings of which no organization (for a country: no country) is known.
    """
    codes = [id_ for id_ in condition.ids if is_country_code(id_)]
    organizations = [id_ for id_ in condition.ids if not is_country_code(id_)]
    alternatives: list[str] = []
    values: list[Any] = []
    for column, ids, found in (("organization_id", organizations, WITHIN), ("country_code", codes, _LISTED)):
        if ids:
            alternatives.append(f"SELECT paper FROM affiliation WHERE {column} IN {found}")
            alternatives.append(
                "SELECT paper FROM affiliation WHERE organization_id IS NULL AND key IN"
                f" (SELECT key FROM affiliation_link WHERE {column} IN {found})"
            )
            values += [orjson.dumps(ids).decode()] * (2 * found.count("?"))
    if match := phrases(condition.texts):
        column = "country_code" if condition.type == "country" else "organization_id"
        # The plus keeps SQLite from reading all strings with no organization where a handful hold the words.
        alternatives.append(
            f"SELECT paper FROM affiliation WHERE +{column} IS NULL AND rowid IN"
            " (SELECT rowid FROM affiliation_fts WHERE affiliation_fts MATCH ?)"
            f" AND NOT EXISTS (SELECT 1 FROM affiliation_link AS link WHERE link.key = affiliation.key AND link.{column} NOT NULL)"
        )
        values.append(match)
    return alternatives, values


def is_country_code(id_: str) -> bool:
    """Return whether an id is a country's: two capital letters."""
    return len(id_) == 2 and id_.isascii() and id_.isupper()  # noqa: PLR2004


def _topic(condition: Condition) -> tuple[list[str], list[Any]]:
    alternatives, values = _linked("topic", condition)
    if match := phrases(condition.texts):
        alternatives.append(
            "SELECT paper FROM passage WHERE rowid IN (SELECT rowid FROM passage_fts WHERE passage_fts MATCH ?)"
        )
        values.append(match)
    return alternatives, values


def _venue(condition: Condition) -> tuple[list[str], list[Any]]:
    keys = list(dict.fromkeys(key for key in map(name_key, (*condition.ids, *condition.texts)) if key))
    if not keys:
        return [], []
    # Each venue is looked at once: the next one is a step in the index, whatever the number of papers between.
    every = (
        "WITH RECURSIVE venue(key) AS (SELECT min(venue_key) FROM paper UNION ALL"
        " SELECT (SELECT min(venue_key) FROM paper WHERE venue_key > key) FROM venue WHERE key NOT NULL)"
    )
    like = " OR ".join("' ' || key || ' ' LIKE ?" for _ in keys)
    inside = f"SELECT rowid FROM paper WHERE venue_key IN ({every} SELECT key FROM venue WHERE {like})"
    return [inside], [f"% {key} %" for key in keys]


def _year(condition: Condition) -> tuple[list[str], list[Any]]:
    years = [int(text) for text in condition.texts if text.isdecimal()]
    return ["SELECT rowid FROM paper WHERE year = ?" for _ in years], list(years)


_CLAUSES = {
    "author": lambda c: _linked("author", c),
    "funder": lambda c: _linked("funding", c),
    "organization": _affiliated,
    "country": _affiliated,
    "topic": _topic,
    "venue": _venue,
    "year": _year,
}
