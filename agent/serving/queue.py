"""The places of a server: some requests are worked on, some wait, and the rest are refused.

How many may wait follows from how long they would: a library of a thousand papers answers in a fifth of the time that one of
50,000 takes, and its line may be five times as long.
"""

import asyncio
import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import anyio

from agent.serving.refusals import BUSY_SECONDS, Refusal, gone

if TYPE_CHECKING:
    from agent.models.stopping import StopFlag
    from agent.serving.metrics import Metrics

_LATEST = 0.05  # weight of the latest request in what requests take


class Queue:
    """Requests that are worked on a few at a time, in the order of their arrival.

    Args:
        running: how many at once.
        waiting: how many may wait.
        metrics: where is counted.
        patience: seconds that a request may have to wait, by how long the latest ones took; 0 for any time.
    """

    def __init__(self, running: int, waiting: int, metrics: "Metrics", patience: float = 0) -> None:
        self._places, self._most, self._metrics = asyncio.Semaphore(running), waiting, metrics
        self._running, self._patience = running, patience
        self._waiting = 0
        self._took = 0.0  # seconds a request, the latest counting most

    @asynccontextmanager
    async def place(self, flag: "StopFlag", *, timed: bool = True) -> AsyncIterator[None]:
        """Wait for a place and hold it while the block runs; `flag` says when the client has gone.

        `timed` says whether what it takes counts in what requests take.

        Raises:
            Refusal: too many wait already, or the client went while it waited.
        """
        if self._places.locked() and self._long():
            raise Refusal(429, "queue", "the server is busy", BUSY_SECONDS + math.ceil(self._ahead()))
        self._waiting += 1
        self._metrics.waiting.inc()
        try:
            with anyio.CancelScope() as waiting, flag.calling(waiting.cancel):
                await self._places.acquire()
        finally:
            self._waiting -= 1
            self._metrics.waiting.dec()
        if waiting.cancelled_caught:
            raise gone()
        self._metrics.running.inc()
        started = time.monotonic()
        try:
            yield
        finally:
            if timed:
                self._took += _LATEST * (time.monotonic() - started - self._took)
            self._metrics.running.dec()
            self._places.release()

    def _long(self) -> bool:
        """Return whether the line is too long to join; one for each place may always wait, however slow the model is."""
        impatient = bool(self._patience) and self._ahead() > self._patience and self._waiting >= self._running
        return impatient or self._waiting >= self._most

    def _ahead(self) -> float:
        """Return the seconds that one more would wait."""
        return (self._waiting + 1) * self._took / self._running
