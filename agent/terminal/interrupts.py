"""Ctrl-C ends what the chat model generates at once."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from agent.models.stopping import stoppable


@contextmanager
def interruptible() -> Iterator[None]:
    """Let Ctrl-C raise the stop flag before it interrupts: LangGraph waits for its step before an exception leaves it."""
    with stoppable() as flag:
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def interrupt(number: int, frame: FrameType | None) -> None:
            # A second Ctrl-C must not come in here while the first one holds the flag's lock.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            flag.set()
            signal.signal(signal.SIGINT, interrupt)
            signal.default_int_handler(number, frame)

        before = signal.signal(signal.SIGINT, interrupt)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)
