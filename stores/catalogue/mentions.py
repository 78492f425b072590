"""People, organizations, funders and topics that papers' own metadata name, kept as authority records.

They make every author of an ingested paper linkable before any registry is loaded. A registry's record of the same id
wins; these are only added, and brought up to date by `refresh`.
"""

import sqlite3
from collections import Counter, defaultdict

import orjson

from stores.catalogue.authorities import Authorities
from stores.catalogue.changes import note
from stores.catalogue.database import Database
from stores.keys import name_key
from stores.records import Authority, AuthorityType, Paper

_KEPT = 5  # affiliations and venues kept as facts that tell namesakes apart


class Mentions:
    """Adds what papers mention to the authority records."""

    def __init__(self, database: Database, authorities: Authorities) -> None:
        self._db = database
        self._authorities = authorities
        self._seen: set[tuple[str, str, str]] = set()

    def put(self, connection: sqlite3.Connection, paper: Paper) -> None:
        """Add what one paper names and no record has yet."""
        for author in paper.authors:
            self._add(connection, "author", author.id, author.name)
        for funding in paper.funding:
            if funding.funder_id:
                self._add(connection, "funder", funding.funder_id, funding.name)
        for topic in paper.topics:
            if topic.id:
                self._add(connection, "topic", topic.id, topic.name)

    def _add(self, connection: sqlite3.Connection, type_: AuthorityType, id_: str, name: str) -> None:
        key = (type_, id_, name)
        if key in self._seen or not name.strip():
            return
        self._seen.add(key)
        found = connection.execute(
            "SELECT rowid, source FROM authority WHERE type = ? AND id = ?", (type_, id_)
        ).fetchone()
        if not found:
            self._authorities.put(connection, Authority(id=id_, type=type_, name=name), source="papers")
        elif found[1] == "papers":
            known = {k for (k,) in connection.execute("SELECT key FROM name WHERE authority = ?", (found[0],))}
            if name_key(name) not in known:
                note(connection)
                self._authorities.add_name(connection, found[0], type_, name, "variant")

    def refresh(self, connection: sqlite3.Connection) -> None:
        """Recount papers and facts of the records that only papers name, and drop those that no paper names any more."""
        note(connection)
        for type_, table in (("author", "author"), ("funder", "funding"), ("topic", "topic")):
            connection.execute(
                f"UPDATE authority SET prior = (SELECT count(DISTINCT paper) FROM {table} WHERE {table}.id = authority.id)"
                " WHERE source = 'papers' AND type = ?",
                (type_,),
            )
        gone = "SELECT rowid FROM authority WHERE source = 'papers' AND prior = 0"
        for (row,) in connection.execute(gone).fetchall():
            self._authorities.remove(connection, row)
        self._refresh_authors(connection)

    def _refresh_authors(self, connection: sqlite3.Connection) -> None:
        sql = (
            "SELECT authority.rowid, year, venue, affiliation.text FROM authority"
            " JOIN author ON author.id = authority.id JOIN paper ON paper.rowid = author.paper"
            " LEFT JOIN affiliation ON affiliation.paper = author.paper AND affiliation.position = author.position"
            " WHERE authority.type = 'author' AND authority.source = 'papers'"
        )
        years: dict[int, list[int]] = defaultdict(list)
        venues: dict[int, Counter[str]] = defaultdict(Counter)
        affiliations: dict[int, Counter[str]] = defaultdict(Counter)
        for row, year, venue, affiliation in connection.execute(sql):
            if year:
                years[row].append(year)
            if venue:
                venues[row][venue] += 1
            if affiliation:
                affiliations[row][affiliation] += 1
        facts = []
        for row, prior in connection.execute(
            "SELECT rowid, prior FROM authority WHERE type = 'author' AND source = 'papers'"
        ):
            value = {
                "affiliations": [{"name": text, "n": n} for text, n in affiliations[row].most_common(_KEPT)],
                "venues": dict(venues[row].most_common(_KEPT)),
                "first_year": min(years[row], default=None),
                "last_year": max(years[row], default=None),
                "n_papers": int(prior),
            }
            facts.append((orjson.dumps(value).decode(), row))
        connection.executemany("UPDATE authority SET facts = ? WHERE rowid = ?", facts)
