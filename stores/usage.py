"""The log of calls of chat models: one row a call in one SQLite file, with counts and names, never a text.

A thread of its own writes, so that no answer waits for the disk; what it cannot write is left out.
"""

import logging
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from stores.errors import StoreError
from stores.home import private
from stores.records import Record

By = Literal["day", "thread", "model", "route", "role"]
T = TypeVar("T")
OK, CANCELLED = "ok", "cancelled"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS call (
  id INTEGER PRIMARY KEY, at TEXT NOT NULL, model TEXT NOT NULL, role TEXT NOT NULL, route TEXT NOT NULL, thread TEXT,
  input_tokens INTEGER, cached_tokens INTEGER, output_tokens INTEGER, seconds REAL NOT NULL, cost REAL,
  code TEXT NOT NULL, fallback_reason TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS call_at ON call (at);
CREATE INDEX IF NOT EXISTS call_thread ON call (thread) WHERE thread IS NOT NULL"""
_COLUMNS: dict[By, str] = {"day": "substr(at, 1, 10)", **{name: name for name in get_args(By)[1:]}}
_PATIENCE = 10  # seconds that a call is kept for while another process writes
_LOG = logging.getLogger(__name__)


class Call(Record):
    """One call of a chat model.

    Attributes:
        at: when it began, ISO 8601 in UTC.
        model: its name.
        role: what it was asked for, such as word or generate.
        route: the intent of the question that it served; without one the role.
        thread: the conversation, if any.
        input_tokens: read, those reused counted in; None where the call ended before they were known.
        cached_tokens: of those, reused from a call before.
        output_tokens: written.
        seconds: from the call to its end, waiting included.
        cost: US dollars; None where it is not known.
        code: "ok", "cancelled" (the caller stopped reading or went away), or the error.
        fallback_reason: why it stood in for another model; None when it did not.
    """

    at: str
    model: str
    role: str
    route: str
    thread: str | None = None
    input_tokens: int | None = None
    cached_tokens: int | None = None
    output_tokens: int | None = None
    seconds: float
    cost: float | None = None
    code: str = OK
    fallback_reason: str | None = None


class Sums(Record):
    """Calls that have something in common, added up; `unpriced` counts those whose cost is not known."""

    group: tuple[str | None, ...]
    calls: int = 0
    failed: int = 0
    cancelled: int = 0
    stood_in: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    seconds: float = 0.0
    cost: float = 0.0
    unpriced: int = 0


class UsageLog:
    """The log of one home folder; safe to use from several threads and processes.

    Args:
        path: the SQLite file; made at the first call.
        days: how long calls are kept; 0 for ever.
    """

    def __init__(self, path: Path, days: int = 0) -> None:
        self._path, self._days = path, days
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="usage")
        self._connection: sqlite3.Connection | None = None
        self._tidied: date | None = None
        self._said = False

    def add(self, call: Call) -> None:
        """Write a call soon; never waits and never fails."""
        with suppress(RuntimeError):  # the log was closed, or the interpreter ends
            self._worker.submit(self._add, call)

    def total(self, *, since: date | None = None, thread: str | None = None) -> Sums:
        """Return all calls added up, as `sums`."""
        return next(iter(self.sums((), since=since, thread=thread)), Sums(group=()))

    def sums(self, by: Sequence[By], *, since: date | None = None, thread: str | None = None) -> list[Sums]:
        """Return calls added up by what they have in common, in its order.

        Args:
            by: what they have in common.
            since: the first day, in UTC.
            thread: only those of this conversation.

        Raises:
            StoreError: the log cannot be read.
        """
        groups = [_COLUMNS[name] for name in by]
        figures = (
            f"count(*), count(*) FILTER (WHERE code NOT IN ('{OK}', '{CANCELLED}')),"
            f" count(*) FILTER (WHERE code = '{CANCELLED}'), count(fallback_reason),"
            " coalesce(sum(input_tokens), 0), coalesce(sum(cached_tokens), 0), coalesce(sum(output_tokens), 0),"
            " total(seconds), total(cost), count(*) - count(cost)"
        )
        order = f" GROUP BY {', '.join(groups)} ORDER BY {', '.join(groups)}" if groups else ""
        where, values = _where(since, thread)
        rows = self._rows(f"SELECT {', '.join([*groups, figures])} FROM call{where}{order}", values)
        names = list(Sums.model_fields)[1:]
        return [Sums(group=row[: len(groups)], **dict(zip(names, row[len(groups) :], strict=True))) for row in rows]

    def calls(self, *, since: date | None = None, thread: str | None = None) -> list[Call]:
        """Return the calls in their order.

        Raises:
            StoreError: the log cannot be read.
        """
        names = list(Call.model_fields)
        where, values = _where(since, thread)
        rows = self._rows(f"SELECT {', '.join(names)} FROM call{where} ORDER BY at, id", values)
        return [Call(**dict(zip(names, row, strict=True))) for row in rows]

    def forget(self, thread: str) -> None:
        """Take the name of a conversation out of its calls.

        Raises:
            StoreError: the log cannot be written.
        """

        def rename(connection: sqlite3.Connection) -> None:
            with connection:
                connection.execute("UPDATE call SET thread = NULL WHERE thread = ?", (thread,))

        self._asked(rename, None)

    def close(self) -> None:
        """Write what waits, and close the file."""
        self._worker.shutdown()
        if self._connection is not None:
            self._connection.close()

    def _add(self, call: Call) -> None:
        try:
            _patiently(lambda: self._write(call))
        except (OSError, sqlite3.Error) as error:
            if not self._said:
                _LOG.debug("%s: calls of models are not counted (%s)", self._path, error)
                self._said = True

    def _write(self, call: Call) -> None:
        names = list(Call.model_fields)
        sql = f"INSERT INTO call ({', '.join(names)}) VALUES ({', '.join(':' + name for name in names)})"
        today = datetime.now(UTC).date()
        connection = self._opened()
        with connection:
            if self._days and self._tidied != today:
                first = (today - timedelta(days=self._days)).isoformat()
                connection.execute("DELETE FROM call WHERE at < ?", (first,))
                self._tidied = today
            connection.execute(sql, call.model_dump())

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = self._open()
        return self._connection

    def _open(self) -> sqlite3.Connection:
        private(self._path)
        connection = sqlite3.connect(self._path, check_same_thread=False, timeout=_PATIENCE)
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.executescript(_SCHEMA)
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _rows(self, sql: str, values: Sequence[str]) -> list[tuple[Any, ...]]:
        return self._asked(lambda connection: connection.execute(sql, values).fetchall(), [])

    def _asked(self, do: Callable[[sqlite3.Connection], T], nothing: T) -> T:
        """Return what is done with the file behind all that waits to be written; `nothing` where there is no file."""

        def run() -> T:
            return _patiently(lambda: do(self._opened())) if self._path.is_file() else nothing

        try:
            return self._worker.submit(run).result()
        except (OSError, sqlite3.Error) as error:
            hint = "Move the file away to begin a new log"
            raise StoreError(f"the log of usage cannot be used ({error})", where=str(self._path), hint=hint) from error


def _patiently(do: Callable[[], T]) -> T:
    """Do something with the file, again where SQLite itself does not wait for another process, such as one that makes it."""
    from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_random

    again = retry_if_exception_type(sqlite3.OperationalError)
    return Retrying(retry=again, wait=wait_random(0.01, 0.1), stop=stop_after_delay(_PATIENCE), reraise=True)(do)


def _where(since: date | None, thread: str | None) -> tuple[str, list[str]]:
    bounds = {"at >= ?": since.isoformat() if since else None, "thread = ?": thread}
    given = {condition: value for condition, value in bounds.items() if value is not None}
    return f" WHERE {' AND '.join(given)}" if given else "", list(given.values())
