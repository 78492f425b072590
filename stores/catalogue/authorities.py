"""Canonical records and their names in SQLite."""

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import orjson

from stores.catalogue.changes import note
from stores.catalogue.database import Database
from stores.catalogue.papers import batches
from stores.keys import name_key
from stores.records import Authority, AuthorityType, NameKind

_COLUMNS = "authority.rowid, authority.type, authority.id, authority.name, country_code, prior, status, facts"


class NamedAuthority(tuple[Authority, str, NameKind]):
    """An authority with the one of its names that matched, and that name's kind."""

    __slots__ = ()


class KnownName(NamedTuple):
    """That some records of one type have a name of one kind: how many, and what the most popular of them is.

    Attributes:
        key: normal form of the name.
        type: type of the records.
        kind: kind of the name.
        records: number of records.
        prior: popularity of the most popular record.
        types: that record's own types (education, funder, government, ...), where it has any.
    """

    key: str
    type: AuthorityType
    kind: NameKind
    records: int
    prior: float
    types: tuple[str, ...]


class Authorities:
    """The authority records of a catalogue."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def put(self, connection: sqlite3.Connection, authority: Authority, *, source: str = "registry") -> str:
        """Store a record with its names; return "added", "changed" or "unchanged".

        A record that only papers' metadata name never replaces one of a registry.
        """
        body = authority.model_dump_json()
        digest = hashlib.sha256(f"{source}{body}".encode()).hexdigest()
        found = connection.execute(
            "SELECT rowid, digest, source FROM authority WHERE type = ? AND id = ?", (authority.type, authority.id)
        ).fetchone()
        if found and (found[1] == digest or (source == "papers" and found[2] == "registry")):
            return "unchanged"
        note(connection)
        if found:
            self.remove(connection, found[0])
        row = connection.execute(
            "INSERT INTO authority (type, id, name, country_code, prior, status, facts, source, digest)"
            " VALUES (?,?,?,?,?,?,?,?,?)",
            (authority.type, authority.id, authority.name, authority.country_code, authority.prior, authority.status,
             orjson.dumps(authority.facts).decode(), source, digest),
        ).lastrowid or 0  # fmt: skip
        seen: set[tuple[str, str]] = set()
        for text, kind in ((authority.name, "name"), *authority.names):
            key = name_key(text) or text.casefold().strip()
            if key and (key, kind) not in seen:
                seen.add((key, kind))
                self.add_name(connection, row, authority.type, text, kind)
        return "changed" if found else "added"

    def add_name(self, connection: sqlite3.Connection, row: int, type_: str, text: str, kind: NameKind) -> None:
        """Add one name to the record of this row."""
        key = name_key(text) or text.casefold().strip()
        name_row = connection.execute(
            "INSERT INTO name (authority, type, text, key, kind) VALUES (?,?,?,?,?)", (row, type_, text, key, kind)
        ).lastrowid
        connection.execute("INSERT INTO name_fts (rowid, key) VALUES (?,?)", (name_row, key))

    def remove(self, connection: sqlite3.Connection, row: int) -> None:
        """Remove the record of this row with its names."""
        note(connection)
        for name_row, key in connection.execute("SELECT rowid, key FROM name WHERE authority = ?", (row,)).fetchall():
            connection.execute("INSERT INTO name_fts (name_fts, rowid, key) VALUES ('delete',?,?)", (name_row, key))
        connection.execute("DELETE FROM authority WHERE rowid = ?", (row,))

    def get(self, type_: AuthorityType, ids: Sequence[str], *, names: bool = True) -> list[Authority]:
        """Return the records with these ids, in this order, leaving out ids that are not stored.

        Args:
            type_: type of the records.
            ids: of the records.
            names: whether to read their further names too.
        """
        found: dict[str, Authority] = {}
        for part in batches(list(ids), 30_000):
            marks = ",".join("?" * len(part))
            sql = f"SELECT {_COLUMNS} FROM authority WHERE type = ? AND id IN ({marks})"
            rows = self._db.rows(sql, [type_, *part])
            found |= {a.id: a for a in (self._read(rows).values() if names else (_record(row, ()) for row in rows))}
        return [found[id_] for id_ in ids if id_ in found]

    def every(self, type_: AuthorityType) -> Iterator[Authority]:
        """Yield all records of one type without their further names, in a stable order."""
        for head in self._db.rows(f"SELECT {_COLUMNS} FROM authority WHERE type = ? ORDER BY rowid", (type_,)):
            yield _record(head, ())

    def named(self, type_: AuthorityType, text: str) -> list[NamedAuthority]:
        """Return the records one of whose names has the same key as `text`."""
        return self._with_names("name.key = ? AND name.type = ?", [name_key(text), type_])

    def with_words(self, type_: AuthorityType, text: str, limit: int = 50) -> list[NamedAuthority]:
        """Return records whose names share words (or beginnings of words) with `text`, by BM25, best first."""
        words = [word for word in name_key(text).split() if len(word) > 1][:20]
        if not words:
            return []
        match = " OR ".join(f'"{word}"*' if len(word) > 3 else f'"{word}"' for word in words)  # noqa: PLR2004
        sql = (
            "SELECT name.rowid FROM name_fts JOIN name ON name.rowid = name_fts.rowid"
            " WHERE name_fts MATCH ? AND name.type = ? ORDER BY bm25(name_fts), name.rowid LIMIT ?"
        )
        rows = [row[0] for row in self._db.rows(sql, [match, type_, limit])]
        order = {row: n for n, row in enumerate(rows)}
        marks = ",".join("?" * len(rows))
        found = self._with_names(f"name.rowid IN ({marks})", list(rows), keep_rows=True)
        return [hit for _, hit in sorted(((order[row], hit) for row, hit in found), key=lambda pair: pair[0])]

    def known(self, keys: Sequence[str]) -> list[KnownName]:
        """Return what is known of names with these keys; for looking up all word sequences of a text at once."""
        found = []
        for part in batches(list(keys), 30_000):
            # SQLite takes the bare column from the row that holds the maximum.
            sql = (
                "SELECT key, name.type, kind, count(*), max(prior), facts ->> '$.types' FROM name"
                " JOIN authority ON authority.rowid = name.authority"
                f" WHERE key IN ({','.join('?' * len(part))}) GROUP BY key, name.type, kind"
            )
            for key, type_, kind, count, prior, types in self._db.rows(sql, part):
                known_types = tuple(orjson.loads(types)) if types and str(types).startswith("[") else ()
                found.append(KnownName(key, type_, kind, count, prior, known_types))
        return found

    def venues(self, keys: Sequence[str]) -> dict[str, str]:
        """Return, of these name keys, those that are names of venues of papers, with the venue as written."""
        found: dict[str, str] = {}
        for part in batches(list(keys), 30_000):
            marks = ",".join("?" * len(part))
            sql = f"SELECT DISTINCT venue_key FROM paper WHERE venue_key IN ({marks})"
            for (key,) in self._db.rows(sql, part):
                rows = self._db.rows("SELECT venue FROM paper WHERE venue_key = ? LIMIT 1", (key,))
                found[str(key)] = str(rows[0][0])
        return found

    def has_words(self, type_: AuthorityType, words: Sequence[str], *, beginning: bool = True) -> bool:
        """Return whether one name of this type holds all these words (of `name_key`).

        Args:
            type_: type of the records.
            words: the words, in any order.
            beginning: whether the last may be the beginning of a word only.
        """
        match = " AND ".join(f'"{word}"' for word in words) + ("*" if beginning and len(words[-1]) > 2 else "")  # noqa: PLR2004
        sql = (
            "SELECT 1 FROM name_fts JOIN name ON name.rowid = name_fts.rowid"
            " WHERE name_fts MATCH ? AND name.type = ? LIMIT 1"
        )
        return bool(self._db.rows(sql, (match, type_)))

    def with_all_words(self, type_: AuthorityType, words: Sequence[str], limit: int = 50) -> list[NamedAuthority]:
        """Return records one of whose names holds all these words (of `name_key`), the most popular first."""
        sql = (
            "SELECT name.rowid FROM name_fts JOIN name ON name.rowid = name_fts.rowid"
            " JOIN authority ON authority.rowid = name.authority"
            " WHERE name_fts MATCH ? AND name.type = ? ORDER BY prior DESC, name.rowid LIMIT ?"
        )
        rows = [row[0] for row in self._db.rows(sql, [" AND ".join(f'"{word}"' for word in words), type_, limit])]
        return self._with_names(f"name.rowid IN ({','.join('?' * len(rows))})", rows) if words else []

    def beginning(self, type_: AuthorityType, text: str, limit: int) -> list[str]:
        """Return names of records of this type that hold all words of `text`, the last as the beginning of one.

        Where several records have one name it comes once. The most popular come first.
        """
        words = name_key(text).split()
        if not words:
            return []
        match = " AND ".join(f'"{word}"' for word in words) + "*"
        sql = (
            "SELECT authority.name FROM name_fts JOIN name ON name.rowid = name_fts.rowid"
            " JOIN authority ON authority.rowid = name.authority WHERE name_fts MATCH ? AND name.type = ?"
            " GROUP BY authority.name ORDER BY max(prior) DESC, authority.name LIMIT ?"
        )
        return [str(name) for (name,) in self._db.rows(sql, (match, type_, limit))]

    def of_names(self, type_: AuthorityType, rows: Sequence[int]) -> list[tuple[int, Authority, str, NameKind]]:
        """Return (row, record, name, kind) for those of these rows of the name table whose record is of this type."""
        where = f"name.rowid IN ({','.join('?' * len(rows))}) AND name.type = ?"
        return [(row, *hit) for row, hit in self._with_names(where, [*rows, type_], keep_rows=True)]

    def names(self, types: Iterable[AuthorityType] | None = None) -> Iterator[tuple[int, str, str, str, str, NameKind]]:
        """Yield (row of the name, type, id, text, key, kind) for every name, in a stable order."""
        last = 0
        wanted = None if types is None else set(types)
        sql = (
            "SELECT name.rowid, name.type, authority.id, text, key, kind FROM name"
            " JOIN authority ON authority.rowid = name.authority WHERE name.rowid > ? ORDER BY name.rowid LIMIT 20000"
        )
        while rows := self._db.rows(sql, (last,)):
            for row in rows:
                if wanted is None or row[1] in wanted:
                    yield row
            last = int(rows[-1][0])

    def counts(self) -> dict[str, int]:
        """Return the number of records of each type."""
        return {str(t): int(n) for t, n in self._db.rows("SELECT type, count(*) FROM authority GROUP BY type")}

    def _with_names(self, where: str, parameters: list[Any], *, keep_rows: bool = False) -> list:  # type: ignore[type-arg]
        sql = (
            f"SELECT {_COLUMNS}, name.text, name.kind, name.rowid FROM name JOIN authority"
            f" ON authority.rowid = name.authority WHERE {where} ORDER BY prior DESC, authority.id"
        )
        rows = self._db.rows(sql, parameters)
        records = self._read([row[:8] for row in rows])
        hits = [(row[10], NamedAuthority((records[int(row[0])], str(row[8]), row[9]))) for row in rows]
        return hits if keep_rows else [hit for _, hit in hits]

    def _read(self, rows: list[tuple[Any, ...]]) -> dict[int, Authority]:
        heads = {int(row[0]): row for row in rows}
        names: dict[int, list[tuple[str, NameKind]]] = {row: [] for row in heads}
        for part in batches(list(heads), 30_000):
            marks = ",".join("?" * len(part))
            sql = f"SELECT authority, text, kind FROM name WHERE authority IN ({marks}) ORDER BY rowid"
            for row, text, kind in self._db.rows(sql, list(part)):
                if kind != "name":
                    names[int(row)].append((str(text), kind))
        return {row: _record(head, tuple(names[row])) for row, head in heads.items()}


def _record(head: tuple[Any, ...], names: tuple[tuple[str, NameKind], ...]) -> Authority:
    """Return the record of one row of _COLUMNS; what is stored was valid when it was."""
    return Authority.model_construct(
        id=head[2], type=head[1], name=head[3], names=names, country_code=head[4], prior=head[5], status=head[6],
        facts=orjson.loads(str(head[7])),
    )  # fmt: skip
