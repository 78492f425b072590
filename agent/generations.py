"""What is open of a home folder, opened anew once another process has changed its indexes.

Chroma and FAISS show what there was when they were opened. So who begins some work gets what is newest then, and keeps it to
the end of the work; what is older is closed after its last user.
"""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Generic, TypeVar

from stores.catalogue import Catalogue
from stores.home import Home, seen
from stores.manifest import MANIFEST

T = TypeVar("T")
_Seen = tuple[object, ...]


class _Held(Generic[T]):
    """Something open, and how many are at work with it."""

    def __init__(self, value: T) -> None:
        self.value = value
        self.users = 0


class Generations(Generic[T]):
    """The newest of what can be opened over one home folder; safe to use from several threads.

    Args:
        home: the home folder.
        open_: opens it.
        close: closes what `open_` returned.

    Raises:
        StoreMissing: nothing was ingested there.
        QuodvideError: whatever `open_` raises.
    """

    def __init__(self, home: Home, open_: Callable[[], T], close: Callable[[T], None]) -> None:
        self._home, self._open, self._close = home, open_, close
        self._catalogue = Catalogue(home.catalogue)
        self._lock = Lock()
        self._seen = self._state()
        try:
            self._now = _Held(open_())
        except BaseException:
            self._catalogue.close()
            raise

    @contextmanager
    def now(self) -> Iterator[T]:
        """Yield the newest; it stays open while the block runs, also when there is a newer one."""
        with self._lock:
            gone = self._renew()
            held = self._now
            held.users += 1
        self._end(gone)
        try:
            yield held.value
        finally:
            with self._lock:
                held.users -= 1
                gone = held if held is not self._now and not held.users else None
            self._end(gone)

    def latest(self) -> T:
        """Return the newest, for one who works alone: the next call may close it."""
        with self._lock:
            gone = self._renew()
            held = self._now
        self._end(gone)
        return held.value

    def close(self) -> None:
        """Close what is open; nobody may be at work any more."""
        self._close(self._now.value)
        self._catalogue.close()

    def _renew(self) -> _Held[T] | None:
        """Open anew where that is due; return what is to be closed."""
        if (state := self._state()) == self._seen:
            return None
        opened = _Held(self._open())
        # Noted before it was opened, so that what changed meanwhile is seen the next time.
        self._seen, before, self._now = state, self._now, opened
        return None if before.users else before

    def _end(self, gone: _Held[T] | None) -> None:
        if gone is not None:
            self._close(gone.value)
            del gone.value
            # What was open refers to itself in circles; Python, told to look for them seldom, would keep many of them.
            gc.collect()

    def _state(self) -> _Seen:
        """Return what changes whenever an index is written or another one comes in force."""
        passages = self._catalogue.database.meta("passages") or self._home.passages.name
        folders = [
            self._home.root / passages,
            self._home.documents,
            self._home.names,
            *sorted(self._home.words.glob("*")),
        ]
        return passages, *(seen(folder / MANIFEST) for folder in folders)
