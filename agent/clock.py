"""Which day it is: the machine's, unless a question is answered again as it was on another day."""

from contextvars import ContextVar
from datetime import date

_PINNED: ContextVar[date | None] = ContextVar("quodvide_today", default=None)


def today() -> date:
    """Return the day that words like "the last five years" count from."""
    return _PINNED.get() or date.today()  # noqa: DTZ011 - the user's own day is meant


def pin(day: date) -> None:
    """Hold the day for all that runs in the current context (`contextvars`), so that a question sees only one."""
    _PINNED.set(day)
