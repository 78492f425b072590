"""What stands before the routes: keys, sizes, rates, and one bounded queue for all that costs something.

A pure ASGI layer, because Starlette's own middleware class would hold back streams. A request that is let in keeps its
place until the last byte of its answer is sent.
"""

import asyncio
import math
import time
from typing import TYPE_CHECKING, Any

import orjson
from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from agent.serving.keys import Keys
from agent.serving.metrics import Metrics
from agent.settings import ServerSettings
from stores.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    Scope = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
    Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
    App = Callable[[Scope, Receive, Send], Awaitable[None]]

OPEN = ("/health", "/ready")  # answered to anybody: an orchestrator has no key
ANYBODY = "anybody"
_BUSY_SECONDS = 2


class Refusal(Exception):
    """Why a request is not let in."""

    def __init__(self, status: int, code: str, message: str, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.retry_after = status, code, message, retry_after


class Gate:
    """Lets requests in, one after the other.

    Args:
        app: what stands behind.
        settings: the bounds.
        rate: of the requests of one key; None for any.
        keys: that are taken; where there is none, everybody is let in.
        metrics: where is counted.
        running: how many requests are worked on at once.
    """

    def __init__(
        self,
        app: "App",
        settings: ServerSettings,
        rate: RateLimitItem | None,
        keys: Keys,
        metrics: Metrics,
        running: int,
    ) -> None:
        self._app, self._settings, self._keys, self._metrics = app, settings, keys, metrics
        self._places = asyncio.Semaphore(running)
        self._waiting = 0
        self._of_holder: dict[str, int] = {}
        self._rates = MovingWindowRateLimiter(MemoryStorage())
        self._rate = rate

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer one request, or hand it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def noted(message: "MutableMapping[str, Any]") -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._let_in(scope, receive, noted)
        except Refusal as refusal:
            self._metrics.refused.labels(refusal.code).inc()
            await _refuse(noted, refusal)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            self._metrics.requests.labels(route, str(status)).inc()
            self._metrics.seconds.labels(route).observe(time.perf_counter() - started)

    async def _let_in(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        if scope["path"] in OPEN:
            await self._app(scope, receive, send)
            return
        holder = self._holder(scope)
        scope.setdefault("state", {})["holder"] = holder
        if scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        if self._rate is not None and not await self._rates.hit(self._rate, holder):
            reset, _ = await self._rates.get_window_stats(self._rate, holder)
            wait = max(1, math.ceil(reset - time.time()))
            raise Refusal(429, "rate", f"more than {self._settings.rate}", wait)
        if self._of_holder.get(holder, 0) >= self._settings.together:
            message = f"{self._settings.together} requests of this key are going on"
            raise Refusal(429, "concurrency", message, _BUSY_SECONDS)
        self._of_holder[holder] = self._of_holder.get(holder, 0) + 1
        try:
            body = await self._body(scope, receive)
            await self._in_turn(scope, _replayed(body, receive), send)
        finally:
            self._of_holder[holder] -= 1
            if not self._of_holder[holder]:
                del self._of_holder[holder]

    async def _in_turn(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Wait for a place, and hand the request on."""
        if self._places.locked() and self._waiting >= self._settings.waiting:
            raise Refusal(429, "queue", "the server is busy", _BUSY_SECONDS)
        self._waiting += 1
        self._metrics.waiting.set(self._waiting)
        try:
            await self._places.acquire()
        finally:
            self._waiting -= 1
            self._metrics.waiting.set(self._waiting)
        self._metrics.running.inc()
        try:
            await self._app(scope, receive, send)
        finally:
            self._metrics.running.dec()
            self._places.release()

    def _holder(self, scope: "Scope") -> str:
        if not len(self._keys):
            return ANYBODY
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        given = headers.get(b"x-api-key") or headers.get(b"authorization", "").removeprefix("Bearer ")
        holder = self._keys.holder(given) if given else None
        if holder is None:
            raise Refusal(401, "key", "give an API key in X-Api-Key, or as a Bearer token")
        return holder

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
                raise Refusal(400, "disconnect", "the request was cut off")
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


def _replayed(body: bytes, receive: "Receive") -> "Receive":
    """Return a `receive` that gives the body once, and then what the client does."""
    given = False

    async def replay() -> "MutableMapping[str, Any]":
        nonlocal given
        if not given:
            given = True
            return {"type": "http.request", "body": body, "more_body": False}
        return await receive()

    return replay


async def _refuse(send: "Send", refusal: Refusal) -> None:
    body = orjson.dumps({"error": {"code": refusal.code, "message": refusal.message}})
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if refusal.retry_after is not None:
        headers.append((b"retry-after", str(refusal.retry_after).encode()))
    if refusal.status == 401:  # noqa: PLR2004
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
