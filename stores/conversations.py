"""Conversations in one SQLite file: LangGraph's checkpointer to go on from, and the turns that were answered, whole.

The checkpointer keeps every state of a thread for ever; only the newest is needed to go on, so older ones are pruned.
Turns are kept beside it, as the caller's JSON, because a state that held them would be written again at every turn.
"""

import sqlite3
import unicodedata
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite import SqliteSaver

from stores.errors import InputError, StoreBusy, StoreError
from stores.home import Home, private
from stores.records import Record
from stores.usage import UsageLog

_SCHEMA = """
CREATE TABLE IF NOT EXISTS turn (
  thread TEXT NOT NULL, n INTEGER NOT NULL, at TEXT NOT NULL, question TEXT NOT NULL,
  waiting INTEGER NOT NULL,       -- 1 while a choice is awaited
  body TEXT NOT NULL,             -- JSON
  PRIMARY KEY (thread, n)
) WITHOUT ROWID"""
_SERVED = "served/"  # begins the name of a conversation with the server
_LOCKS = 256  # lock files; threads that share one wait for each other
_PATIENCE = 120.0  # seconds that a turn waits for another process's turn in the same thread


class Turn(Record):
    """One question of a conversation and what became of it, as the caller's JSON."""

    n: int
    at: str
    question: str
    waiting: bool
    body: str


class Thread(Record):
    """A conversation in a list; `turns` counts those that are no longer kept too, `at` is the time of the last."""

    name: str
    turns: int = 0
    question: str = ""
    at: str = ""
    waiting: bool = False


def thread_name(text: str) -> str:
    """Return the name under which a conversation is kept: composed characters, no blanks around it, half ones spelled out.

    Raises:
        InputError: nothing is left of it.
    """
    name = unicodedata.normalize("NFC", text.encode("utf-8", "backslashreplace").decode()).strip()
    if not name:
        raise InputError("the name of a conversation is empty")
    return name


def served_name(holder: str, name: str) -> str:
    """Return the name under which a conversation of a key's holder is kept; no other holder can come to it.

    A holder's name has no slash, so that what follows the second one is the thread's own, whatever signs it has.

    Raises:
        InputError: nothing is left of it.
    """
    return thread_name(f"{_SERVED}{holder}/{name}")


def _whose(thread: str) -> str:
    """Return what begins the names of the conversations with the server of the same holder, or nothing."""
    holder, slash, _ = thread.removeprefix(_SERVED).partition("/")
    return f"{_SERVED}{holder}/" if slash and thread.startswith(_SERVED) else ""


class Conversations:
    """The conversations of one home folder; safe to use from several threads and processes.

    Args:
        path: the SQLite file; made when missing.

    Attributes:
        saver: what a graph is compiled with.

    Raises:
        StoreError: the file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            private(path)
            self._connection = sqlite3.connect(path, check_same_thread=False, timeout=10)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self.saver = SqliteSaver(self._connection, serde=JsonPlusSerializer())
            self.saver.setup()
            self._connection.execute(_SCHEMA)
        except (OSError, sqlite3.Error) as error:
            hint = "Move the file away to begin with no conversations"
            raise StoreError(f"the conversations cannot be opened ({error})", where=str(path), hint=hint) from error

    def threads(self) -> list[str]:
        """Return the names of all conversations, the latest first."""
        return [thread.name for thread in self.listed()]

    def listed(self) -> list[Thread]:
        """Return all conversations, the latest first; one whose last turn was cut off by a crash is there too."""
        sql = (
            "SELECT thread, n, question, at, waiting FROM turn AS t"
            " WHERE n = (SELECT max(n) FROM turn WHERE thread = t.thread) ORDER BY at DESC, thread"
        )
        rows = self._rows(sql)
        found = [Thread(name=name, turns=n, question=q, at=at, waiting=bool(w)) for name, n, q, at, w in rows]
        known = {thread.name for thread in found}
        others = self._rows("SELECT thread_id FROM checkpoints GROUP BY thread_id ORDER BY max(checkpoint_id) DESC")
        return found + [Thread(name=name) for (name,) in others if name not in known]

    def turns(self, thread: str) -> list[Turn]:
        """Return the turns that are kept of a conversation, in order."""
        sql = "SELECT n, at, question, waiting, body FROM turn WHERE thread = ? ORDER BY n"
        rows = self._rows(sql, (thread,))
        return [Turn(n=n, at=at, question=q, waiting=bool(w), body=body) for n, at, q, w, body in rows]

    def keep(self, thread: str, question: str, body: str, *, waiting: bool, goes_on: bool, most: int) -> None:
        """Add a turn that has ended, and drop the oldest beyond `most`.

        Args:
            thread: its name.
            question: as asked.
            body: the turn, as JSON.
            waiting: whether it ended in a question back.
            goes_on: whether it takes the place of the last turn, which waited for a choice.
            most: turns kept of a conversation.
        """
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        with self._writing() as cursor:
            if goes_on:
                last = "SELECT max(n) FROM turn WHERE thread = ?"
                cursor.execute(f"DELETE FROM turn WHERE thread = ? AND waiting AND n = ({last})", (thread, thread))
            cursor.execute(
                "INSERT INTO turn SELECT ?, coalesce(max(n), 0) + 1, ?, ?, ?, ? FROM turn WHERE thread = ?",
                (thread, at, question, waiting, body, thread),
            )
            kept = "SELECT n FROM turn WHERE thread = ? ORDER BY n DESC LIMIT ?"
            cursor.execute(f"DELETE FROM turn WHERE thread = ? AND n NOT IN ({kept})", (thread, thread, most))

    def delete(self, thread: str) -> bool:
        """Delete a conversation, and its name in the log of usage; return whether there was one."""
        known = thread in self.threads()
        with self._writing() as cursor:
            for table, name in (("checkpoints", "thread_id"), ("writes", "thread_id"), ("turn", "thread")):
                cursor.execute(f"DELETE FROM {table} WHERE {name} = ?", (thread,))
        usage = UsageLog(Home(self.path.parent).usage)
        try:
            usage.forget(thread)
        finally:
            usage.close()
        return known

    def prune(self, thread: str) -> None:
        """Drop all states of a conversation but the newest."""
        newest = "SELECT max(checkpoint_id) FROM checkpoints WHERE thread_id = ?"
        with self._writing() as cursor:
            for table in ("checkpoints", "writes"):
                cursor.execute(
                    f"DELETE FROM {table} WHERE thread_id = ? AND checkpoint_id < ({newest})", (thread, thread)
                )

    def tidy(self, *, threads: int, days: int, but: str) -> None:
        """Delete conversations beyond the latest `threads`, and those older than `days`; 0 sets no bound.

        Args:
            threads: how many are kept.
            days: since the last turn.
            but: the one that is going on, which stays; only those of the same holder are looked at.
        """
        if not threads and not days:
            return
        since = (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="milliseconds")
        others = (one for one in self.listed() if one.name != but and _whose(one.name) == _whose(but))
        # The one that is going on is the latest, whatever the clock says of two turns in one millisecond.
        for n, thread in enumerate(others, start=2):
            old = bool(days and thread.at) and thread.at < since
            if old or (threads and n > threads):
                self.delete(thread.name)

    @contextmanager
    def alone(self, thread: str) -> Iterator[None]:
        """Hold a conversation for one turn, so that a turn elsewhere does not begin from a state that misses this one.

        Raises:
            StoreBusy: another turn of it goes on for minutes.
            StoreError: the lock cannot be made.
        """
        from filelock import FileLock, Timeout

        folder = self.path.parent / "cache" / "turns"
        number = zlib.crc32(thread.encode()) % _LOCKS
        try:
            folder.mkdir(parents=True, exist_ok=True)
            # Of no one thread: a server may run each step of a turn in another.
            lock = FileLock(folder / f"{number}.lock", timeout=_PATIENCE, thread_local=False)
            lock.acquire(poll_interval=0.02)
        except Timeout:
            raise StoreBusy("another process is answering in this conversation", hint="Try again") from None
        except OSError as error:
            raise StoreError(f"cannot be written ({error.strerror})", where=str(folder)) from error
        try:
            yield
        finally:
            lock.release()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with self._translated(), self.saver.cursor(transaction=False) as cursor:
            return cursor.execute(sql, parameters).fetchall()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Cursor]:
        """Yield a cursor whose statements are committed together."""
        with self._translated(), self.saver.cursor() as cursor:
            try:
                cursor.execute("BEGIN IMMEDIATE")
                yield cursor
            except BaseException:
                self._connection.rollback()
                raise

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise StoreError(f"the conversations cannot be used ({error})", where=str(self.path)) from error
