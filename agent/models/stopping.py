"""The flag that says that nobody waits any more for what is being made.

Whoever knows of the listener, such as a server, runs the work inside `stoppable`; the chat model looks at the flag before
each token. The flag lies in a context variable, so that nothing between the two has to hand it on: threads that
LangChain, LangGraph and anyio start get a copy of the context.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar


class StopFlag:
    """Raised once, by any thread, and never lowered."""

    def __init__(self) -> None:
        self._raised = threading.Event()
        self._lock = threading.Lock()
        self._calls: list[Callable[[], object]] = []

    def is_set(self) -> bool:
        """Return whether nobody waits any more."""
        return self._raised.is_set()

    def set(self) -> None:
        """Say that nobody waits any more, and call what was to be called then."""
        with self._lock:
            self._raised.set()
            calls, self._calls = self._calls, []
        for call in calls:
            call()

    @contextmanager
    def calling(self, call: Callable[[], object]) -> Iterator[None]:
        """Have `call` called when the flag is raised while the block runs, or now when it is raised already."""
        with self._lock:
            raised = self._raised.is_set()
            if not raised:
                self._calls.append(call)
        if raised:
            call()
        try:
            yield
        finally:
            with self._lock, suppress(ValueError):
                self._calls.remove(call)


_FLAG: ContextVar[StopFlag | None] = ContextVar("quodvide_stop_flag", default=None)


@contextmanager
def stoppable() -> Iterator[StopFlag]:
    """Give a flag that ends every generation begun within the block; it is raised when the block is left."""
    flag = StopFlag()
    token = _FLAG.set(flag)
    try:
        yield flag
    finally:
        flag.set()
        _FLAG.reset(token)


def current_flag() -> StopFlag | None:
    """Return the flag of what runs here, None where nobody can stop it."""
    return _FLAG.get()


def stopped() -> bool:
    """Return whether nobody waits any more for what runs here."""
    flag = _FLAG.get()
    return flag is not None and flag.is_set()
