"""Whether the contents of the catalogue are still the same: a mark renewed by every change, and a digest."""

import hashlib
import sqlite3

from stores.catalogue.database import Database


def note(connection: sqlite3.Connection) -> None:
    """Record that papers, records or vectors change in this transaction.

    The mark is random, not a count, because a copy put back may grow by as many other changes.
    """
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('mark', lower(hex(randomblob(8))))")


class Changes:
    """Tells one state of a catalogue from another."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def mark(self) -> str | None:
        """Return what stands for this state and no other, or None in a catalogue that was last written before marks."""
        return self._db.meta("mark")

    def digest(self) -> str:
        """Return the SHA-256 of what is stored, in the order of storing, which decides between equals.

        It takes about a second for a million papers and records, so callers keep it under the mark.
        """
        found = hashlib.sha256()
        for sql in (
            "SELECT digest, indexed FROM paper ORDER BY rowid",
            "SELECT digest, prior FROM authority ORDER BY rowid",
            "SELECT key, organization_id, country_code FROM affiliation_link ORDER BY key, place",
        ):
            for row in self._db.rows(sql):
                found.update(repr(row).encode())
        return found.hexdigest()
