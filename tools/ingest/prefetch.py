"""Run an iterator in a thread, a few items ahead of its consumer."""

import threading
from collections.abc import Iterator
from queue import Empty, Full, Queue
from typing import Generic, TypeVar

T = TypeVar("T")
_POLL = 0.1  # seconds between looks at whether the other side has gone


class Prefetch(Generic[T]):
    """Iterate over `source` while a thread works at most `ahead` items in front.

    An exception of the source is raised in the consumer. Closing stops the thread after the item it is on.
    """

    def __init__(self, source: Iterator[T], ahead: int) -> None:
        self._source = source
        self._queue: Queue[T | BaseException | None] = Queue(ahead)
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._work, name="prefetch", daemon=True)
        self._thread.start()

    def _work(self) -> None:
        try:
            for item in self._source:
                self._put(item)
                if self._closed.is_set():
                    return
            self._put(None)
        except BaseException as error:  # noqa: BLE001 - handed to the consumer, who raises it
            self._put(error)

    def _put(self, item: T | BaseException | None) -> None:
        while not self._closed.is_set():
            try:
                self._queue.put(item, timeout=_POLL)
            except Full:
                continue
            return

    def __iter__(self) -> Iterator[T]:
        """Yield the items of the source."""
        while True:
            try:
                item = self._queue.get(timeout=_POLL)
            except Empty:
                continue
            if item is None:
                return
            if isinstance(item, BaseException):
                raise item
            yield item

    def close(self) -> None:
        """Stop the thread and wait for it."""
        self._closed.set()
        self._thread.join()
