"""One SQLite file: a pool of connections, transactions, and its failures in plain words."""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

from stores.errors import StoreError, StoreMissing

SCHEMA_VERSION = 1
# What a file without the derived tables is read with: nothing in them, for this connection alone.
_EMPTY = (
    "CREATE TEMP TABLE affiliation_link (key, place, organization_id, country_code, score, method);"
    "CREATE TEMP TABLE organization_within (within, organization_id);"
)
_APPLICATION_ID = 0x51564445  # "QVDE", so that another program's SQLite file is recognised as foreign


class Database:
    """Opens the catalogue file; every statement or transaction gets a connection that no other thread uses meanwhile.

    Args:
        path: the SQLite file.
        create: whether to make the file when it does not exist.

    Attributes:
        bare: whether the file was written before the derived tables were thought of, and is only read.

    Raises:
        StoreMissing: there is no such file and `create` is false.
        StoreError: the file is not ours, damaged, of another version, or cannot be written.
    """

    def __init__(self, path: Path, *, create: bool = False) -> None:
        self.path = path
        self._local = threading.local()
        self._all: list[sqlite3.Connection] = []
        self._free: list[sqlite3.Connection] = []
        self._guard = threading.Lock()
        if not create and not path.is_file():
            raise StoreMissing(
                "nothing was ingested here yet", where=str(path.parent), hint="Run `quodvide ingest FILE` first"
            )
        self.bare = False
        with self.translated():
            if create:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._check()
            self._add_derived(create)

    def _add_derived(self, create: bool) -> None:
        if create:
            with self._lent() as connection:
                connection.executescript(f"BEGIN; {_sql('derived.sql')} COMMIT;")
            return
        there = "SELECT count(*) FROM sqlite_master WHERE name = 'organization_within'"
        with self._lent() as connection:
            self.bare = not connection.execute(there).fetchone()[0]
            if self.bare:
                connection.executescript(_EMPTY)

    def _check(self) -> None:
        with self._lent() as connection:
            self._check_file(connection)

    def _check_file(self, connection: sqlite3.Connection) -> None:
        (found,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if tables == 0:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.executescript(
                f"BEGIN; {_sql('schema.sql')} PRAGMA application_id={_APPLICATION_ID}; PRAGMA user_version={SCHEMA_VERSION}; COMMIT;"
            )
        elif found != _APPLICATION_ID:
            raise StoreError("is an SQLite file of another program", where=str(self.path), hint="Choose another --home")
        elif version != SCHEMA_VERSION:
            raise StoreError(
                f"was written by another version (schema {version}, this one reads {SCHEMA_VERSION})",
                where=str(self.path),
                hint="Ingest into a new --home",
            )

    @contextmanager
    def _lent(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection: that of this thread's transaction, or one that nobody uses.

        Connections are not bound to threads, because LangGraph runs every question in new ones, and a new connection
        has read nothing of the file yet.
        """
        held: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if held is not None:
            yield held
            return
        with self._guard:
            connection = self._free.pop() if self._free else None
        if connection is None:
            connection = self._open()
        try:
            yield connection
        finally:
            with self._guard:
                self._free.append(connection)

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=30)
        connection.executescript(
            "PRAGMA foreign_keys=ON; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-32000; PRAGMA temp_store=MEMORY;"
        )
        if self.bare:
            connection.executescript(_EMPTY)
        with self._guard:
            self._all.append(connection)
        return connection

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one reading statement and return all its rows."""
        with self.translated(), self._lent() as connection:
            return connection.execute(sql, parameters).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection inside a write transaction that is whole or not at all; this thread reads through it meanwhile."""
        with self.translated(), self._lent() as connection:
            self._local.connection = connection
            try:
                connection.execute("BEGIN IMMEDIATE")
                try:
                    yield connection
                    connection.execute("COMMIT")
                except BaseException:
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
                    raise
            finally:
                del self._local.connection

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Raise SQLite's failures as StoreError, in one line that says what to do."""
        try:
            yield
        except sqlite3.ProgrammingError:
            raise
        except sqlite3.OperationalError as error:
            raise StoreError(f"cannot be used ({error})", where=str(self.path), hint=_hint(str(error))) from error
        except sqlite3.DatabaseError as error:
            hint = "Restore it from a copy, or move it away and ingest again"
            raise StoreError(f"is damaged or not an SQLite file ({error})", where=str(self.path), hint=hint) from error
        except OSError as error:
            where = str(error.filename or self.path)
            raise StoreError(f"cannot be written ({error.strerror})", where=where, hint=_hint(str(error))) from error

    def meta(self, key: str) -> str | None:
        """Return a value of the meta table."""
        found = self.rows("SELECT value FROM meta WHERE key = ?", (key,))
        return str(found[0][0]) if found else None

    def close(self) -> None:
        """Close all connections."""
        with self._guard:
            for connection in self._all:
                connection.close()
            self._all.clear()
            self._free.clear()
        self._local = threading.local()


def _sql(name: str) -> str:
    return resources.files("stores.catalogue").joinpath(name).read_text("utf-8")


def _hint(error: str) -> str:
    if "full" in error or "No space" in error:
        return "The disk is full: free some space and run the command again, it goes on where it stopped"
    if "locked" in error:
        return "Another process is writing: wait for it to end and run the command again"
    if "readonly" in error or "unable to open" in error or "denied" in error:
        return "Check that you may write in this folder, or choose another with --home"
    return "Run `quodvide verify`"
