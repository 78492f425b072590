"""Which organizations and countries the affiliation strings of papers name, as far as linking found out.

All of it is derived: a paper's own record and digest never change by it, and it can be made anew at any time.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence

import orjson

from stores.catalogue.changes import note
from stores.catalogue.database import Database
from stores.records import Record

_STATE = "affiliation links"
# The organizations of one list of ids, and all that are part of them; the list is given twice, as JSON.
WITHIN = (
    "(SELECT value FROM json_each(?) UNION SELECT organization_id FROM organization_within"
    " WHERE within IN (SELECT value FROM json_each(?)))"
)


class AffiliationLink(Record):
    """An institution that an affiliation string names.

    Attributes:
        organization_id: its record; None where only a country is known.
        country_code: where it is; None where that is not known.
        score: how probable it is that the organization is right; 0 without one.
        method: how the organization was found; "none" without one.
    """

    organization_id: str | None = None
    country_code: str | None = None
    score: float = 0.0
    method: str = "none"


class Affiliations:
    """The links of affiliation strings, by the strings' keys."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def state(self) -> object:
        """Return what the links were made with, as given to `begin`; None before."""
        found = self._db.meta(_STATE)
        return orjson.loads(found) if found else None

    def begin(self, connection: sqlite3.Connection, state: object) -> None:
        """Note what links are made with from now on, and forget those that were made with anything else."""
        text = orjson.dumps(state, option=orjson.OPT_SORT_KEYS).decode()
        if connection.execute("SELECT value FROM meta WHERE key = ?", (_STATE,)).fetchone() != (text,):
            connection.execute("DELETE FROM affiliation_link")
            connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_STATE, text))

    def pending(self) -> list[tuple[str, str]]:
        """Return (key, text) of every string that has neither an organization of its own nor a link, by key."""
        sql = (
            "SELECT key, min(text) FROM affiliation WHERE organization_id IS NULL AND key != ''"
            " AND key NOT IN (SELECT key FROM affiliation_link) GROUP BY key ORDER BY key"
        )
        return [(str(key), str(text)) for key, text in self._db.rows(sql)]

    def put(self, connection: sqlite3.Connection, links: Iterable[tuple[str, Sequence[AffiliationLink]]]) -> None:
        """Store the links of strings, given by key; an empty sequence says that nothing is known of that string."""
        note(connection)
        connection.executemany(
            "INSERT OR REPLACE INTO affiliation_link VALUES (?,?,?,?,?,?)",
            [
                (key, place, one.organization_id, one.country_code, one.score, one.method)
                for key, found in links
                for place, one in enumerate(found or (AffiliationLink(),))
            ],
        )

    def prune(self, connection: sqlite3.Connection) -> None:
        """Forget the links of strings that no paper carries any more."""
        connection.execute(
            "DELETE FROM affiliation_link WHERE key NOT IN (SELECT key FROM affiliation WHERE organization_id IS NULL)"
        )

    def organizations(self) -> dict[str, int]:
        """Return every organization that papers name, by their own records or by links, with its number of papers."""
        sql = (
            "SELECT id, count(*) FROM (SELECT organization_id AS id, paper FROM affiliation WHERE organization_id NOT NULL"
            " UNION SELECT link.organization_id, paper FROM affiliation_link AS link JOIN affiliation USING (key)"
            " WHERE link.organization_id NOT NULL AND affiliation.organization_id IS NULL) GROUP BY id"
        )
        return {str(id_): int(count) for id_, count in self._db.rows(sql)}

    def papers(self, ids: Sequence[str]) -> dict[str, int]:
        """Return how many papers name each of these organizations, or one that is part of it; none is left out."""
        sql = (
            f"SELECT count(*) FROM (SELECT paper FROM affiliation WHERE organization_id IN {WITHIN}"
            " UNION SELECT paper FROM affiliation WHERE organization_id IS NULL AND key IN"
            f" (SELECT key FROM affiliation_link WHERE organization_id IN {WITHIN}))"
        )
        return {id_: int(self._db.rows(sql, (orjson.dumps([id_]).decode(),) * 4)[0][0]) for id_ in ids}

    def set_within(self, connection: sqlite3.Connection, above: Iterable[tuple[str, str]]) -> None:
        """Store (organization, a record above it) pairs in place of all that were there."""
        connection.execute("DELETE FROM organization_within")
        connection.executemany(
            "INSERT INTO organization_within (organization_id, within) VALUES (?,?)", dict.fromkeys(above)
        )

    def within(self, ids: Sequence[str]) -> set[str]:
        """Return these organizations and all that are part of them."""
        sql = "SELECT organization_id FROM organization_within WHERE within IN (SELECT value FROM json_each(?))"
        return {*ids, *(str(id_) for (id_,) in self._db.rows(sql, (orjson.dumps(list(ids)).decode(),)))}

    def links(self, keys: Sequence[str]) -> dict[str, list[AffiliationLink]]:
        """Return the links of strings, given by key; a string of which nothing is known is left out."""
        found: dict[str, list[AffiliationLink]] = defaultdict(list)
        sql = (
            "SELECT key, organization_id, country_code, score, method FROM affiliation_link"
            " WHERE key IN (SELECT value FROM json_each(?)) AND (organization_id NOT NULL OR country_code NOT NULL)"
            " ORDER BY key, place"
        )
        for key, organization, country, score, method in self._db.rows(sql, (orjson.dumps(list(keys)).decode(),)):
            found[str(key)].append(
                AffiliationLink(organization_id=organization, country_code=country, score=score, method=method)
            )
        return dict(found)

    def counts(self) -> dict[str, int]:
        """Return how many distinct strings without an organization of their own there are, and how many are linked."""
        sql = (
            "SELECT (SELECT count(DISTINCT key) FROM affiliation WHERE organization_id IS NULL AND key != ''),"
            " count(DISTINCT CASE WHEN organization_id NOT NULL THEN key END),"
            " count(DISTINCT CASE WHEN country_code NOT NULL THEN key END) FROM affiliation_link"
        )
        return dict(zip(("strings", "organizations", "countries"), map(int, self._db.rows(sql)[0]), strict=True))
