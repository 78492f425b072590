"""Conversations, kept by LangGraph's SQLite checkpointer: they survive a restart, and are listed, resumed and deleted.

The checkpointer keeps every state of a thread for ever; only the newest is needed to go on, so older ones are pruned.
"""

import sqlite3
from pathlib import Path

from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite import SqliteSaver

from stores.errors import StoreError


class Conversations:
    """The conversations of one home folder.

    Args:
        path: the SQLite file; made when missing.

    Attributes:
        saver: what a graph is compiled with.

    Raises:
        StoreError: the file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._connection = sqlite3.connect(path, check_same_thread=False, timeout=10)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self.saver = SqliteSaver(self._connection, serde=JsonPlusSerializer())
            self.saver.setup()
        except sqlite3.Error as error:
            hint = "Move the file away to begin with no conversations"
            raise StoreError(f"the conversations cannot be opened ({error})", where=str(path), hint=hint) from error

    def threads(self) -> list[str]:
        """Return the names of all conversations, the latest first."""
        sql = "SELECT thread_id FROM checkpoints GROUP BY thread_id ORDER BY max(checkpoint_id) DESC"
        return [name for (name,) in self._connection.execute(sql)]

    def delete(self, thread: str) -> bool:
        """Delete a conversation; return whether there was one."""
        known = thread in self.threads()
        self.saver.delete_thread(thread)
        return known

    def prune(self, thread: str) -> None:
        """Drop all states of a conversation but the newest."""
        newest = "SELECT max(checkpoint_id) FROM checkpoints WHERE thread_id = ?"
        for table in ("checkpoints", "writes"):
            self._connection.execute(
                f"DELETE FROM {table} WHERE thread_id = ? AND checkpoint_id < ({newest})", (thread, thread)
            )
        self._connection.commit()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
