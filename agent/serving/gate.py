"""What stands before the routes: keys, sizes, rates, and one bounded queue for all that costs something.

A pure ASGI layer, because Starlette's own middleware class would hold back streams. A request that is let in keeps its
place until the last byte of its answer is sent. The whole body is read first; from then on one task listens whether the
client is still there, and raises the flag that ends what is generated for it.

What the chat model writes for `/generate` takes long and has a queue of its own, so that it takes no place
from what is answered in a moment.
"""

import asyncio
import logging
import math
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from agent.models.stopping import StopFlag, stoppable
from agent.serving.credentials import ANYBODY, holder_of
from agent.serving.keys import KeysInForce
from agent.serving.metrics import Metrics
from agent.serving.queue import Queue
from agent.serving.refusals import BUSY_SECONDS, GONE, Refusal, gone, refuse
from agent.settings import ServerSettings
from stores.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    Scope = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
    Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
    App = Callable[[Scope, Receive, Send], Awaitable[None]]

_LOG = logging.getLogger(__name__)
OPEN = ("/health", "/ready")  # answered to anybody: an orchestrator has no key
GENERATE = "/generate"
# Not counted: a scraper's figures, and the files of a page, of which a browser fetches several at once.
_UNCOUNTED = re.compile(r"/metrics|/(ask|profile|themes)/playground/.+")
_BATCH = "/batch"


class Gate:
    """Lets requests in, one after the other.

    Args:
        app: what stands behind.
        settings: the bounds.
        rate: of the requests of one key; None for any.
        keys: that are taken; where there never was one, everybody of this machine is let in.
        metrics: where is counted.
        running: how many requests are worked on at once.
        generating: how many of `/generate` are, beside them.
    """

    def __init__(
        self,
        app: "App",
        settings: ServerSettings,
        rate: RateLimitItem | None,
        keys: KeysInForce,
        metrics: Metrics,
        running: int,
        generating: int = 1,
    ) -> None:
        self._app, self._settings, self._keys, self._metrics = app, settings, keys, metrics
        self._queue = Queue(running, settings.waiting, metrics, settings.patience)
        self._generating = Queue(generating, settings.generating, metrics)
        self._of_holder: dict[str, int] = {}
        self._rates = MovingWindowRateLimiter(MemoryStorage())
        self._rate = rate

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer one request, or hand it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status, begun = time.perf_counter(), 500, False
        with stoppable() as flag:

            async def noted(message: "MutableMapping[str, Any]") -> None:
                nonlocal status, begun
                if message["type"] == "http.response.start":
                    begun = True
                    status = GONE if flag.is_set() else message["status"]
                await send(message)

            try:
                await self._let_in(scope, receive, noted, flag)
            except Refusal as refusal:
                self._metrics.refused.labels(refusal.code).inc()
                await refuse(noted, refusal)
            except Exception:
                if not begun:
                    raise
                # The client was told by an event; a stream that is broken off would look like a fault of the line.
                _LOG.exception("%s failed after its answer had begun", scope["path"])
                with suppress(RuntimeError):  # the last bytes were sent before
                    await send({"type": "http.response.body", "body": b"", "more_body": False})
            finally:
                route = getattr(scope.get("route"), "path", "none")
                self._metrics.requests.labels(route, str(status)).inc()
                self._metrics.seconds.labels(route).observe(time.perf_counter() - started)

    async def _let_in(self, scope: "Scope", receive: "Receive", send: "Send", flag: StopFlag) -> None:
        if scope["path"] in OPEN:
            await self._app(scope, receive, send)
            return
        holder = holder_of(scope, self._keys, self._settings.origins)
        scope.setdefault("state", {})["holder"] = holder
        if scope["method"] == "GET" and _UNCOUNTED.fullmatch(scope["path"]):
            await self._app(scope, receive, send)
            return
        async with self._counted(holder):
            if scope["method"] != "POST":
                await self._app(scope, receive, send)
                return
            body = await self._body(scope, receive)
            await self._in_turn(scope, _Client(body, receive, flag), send)

    @asynccontextmanager
    async def _counted(self, holder: str) -> AsyncIterator[None]:
        """Count a request of a holder while the block runs.

        Raises:
            Refusal: there are too many.
        """
        if self._rate is not None and not await self._rates.hit(self._rate, holder):
            reset, _ = await self._rates.get_window_stats(self._rate, holder)
            wait = max(1, math.ceil(reset - time.time()))
            raise Refusal(429, "rate", f"more than {self._settings.rate}", wait)
        if self._of_holder.get(holder, 0) >= self._settings.together:
            whose = "" if holder == ANYBODY else " of this key"
            raise Refusal(
                429, "concurrency", f"{self._settings.together} requests{whose} are going on already", BUSY_SECONDS
            )
        self._of_holder[holder] = self._of_holder.get(holder, 0) + 1
        try:
            yield
        finally:
            self._of_holder[holder] -= 1
            if not self._of_holder[holder]:
                del self._of_holder[holder]

    async def _in_turn(self, scope: "Scope", client: "_Client", send: "Send") -> None:
        """Wait for a place, and hand the request on."""
        queue = self._generating if scope["path"] == GENERATE else self._queue
        listening = asyncio.create_task(client.listen())
        try:
            # How long a batch takes says nothing of how long the next request will.
            async with queue.place(client.flag, timed=not scope["path"].endswith(_BATCH)):
                await self._app(scope, client.receive, send)
        finally:
            listening.cancel()

    async def _body(self, scope: "Scope", receive: "Receive") -> bytes:
        """Return the whole body, refused as soon as it is too large."""
        most = self._settings.largest_body
        refusal = Refusal(413, "size", f"the body has more than {most:,} bytes")
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > most:
            raise refusal
        body, more = bytearray(), True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise gone()
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > most:
                raise refusal
        return bytes(body)


def rate_of(text: str) -> RateLimitItem | None:
    """Return the rate that a setting names, None for "none".

    Raises:
        ConfigError: it cannot be read.
    """
    if text == "none":
        return None
    try:
        return parse(text)
    except ValueError as error:
        raise ConfigError(
            f"{text!r} is no rate", where="setting server.rate", hint="Write it like 120/minute, or none"
        ) from error


class _Client:
    """The other end of a request whose body has been read.

    Args:
        body: all of it.
        receive: what the client does next, which is nothing but to go.
        flag: raised when it goes.
    """

    def __init__(self, body: bytes, receive: "Receive", flag: StopFlag) -> None:
        self._body: bytes | None = body
        self._receive = receive
        self._gone = asyncio.Event()
        self.flag = flag

    async def listen(self) -> None:
        """Raise the flag once the client goes."""
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.flag.set()
        self._gone.set()

    async def receive(self) -> "MutableMapping[str, Any]":
        """Give the body once, and then the client's going."""
        body, self._body = self._body, None
        if body is not None:
            return {"type": "http.request", "body": body, "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}
