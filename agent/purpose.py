"""What the chat model is called for at the moment: which kind of question, in which conversation."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stores.usage import Call

MOST_CALLS = 100  # a question makes a handful; a batch that runs for days must not keep them all


@dataclass
class Purpose:
    """What calls serve; the route of a question becomes known while it is answered.

    Attributes:
        route: the intent of the question, or another word for what is done; None until it is known.
        thread: the conversation; None outside of one.
        calls: the latest that were made, in the order of their ends.
    """

    route: str | None = None
    thread: str | None = None
    calls: "deque[Call]" = field(default_factory=lambda: deque(maxlen=MOST_CALLS))


_CURRENT: ContextVar[Purpose | None] = ContextVar("quodvide_purpose", default=None)


def begin(route: str | None = None, thread: str | None = None) -> Purpose:
    """Set the purpose of all calls in the current context (`contextvars`), and return it, to be made more exact."""
    purpose = Purpose(route, thread)
    _CURRENT.set(purpose)
    return purpose


@contextmanager
def serving(route: str) -> Iterator[Purpose]:
    """Give calls a purpose while the block runs, and then none but what was before."""
    purpose = Purpose(route)
    token = _CURRENT.set(purpose)
    try:
        yield purpose
    finally:
        _CURRENT.reset(token)


def current() -> Purpose:
    """Return the purpose of a call that is made now."""
    return _CURRENT.get() or Purpose()
