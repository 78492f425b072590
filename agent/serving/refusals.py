"""Why a request is not let in, and how that is said."""

from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from agent.serving.gate import Send

BUSY_SECONDS = 1
UNAUTHORIZED = 401
GONE = 499  # as nginx counts a client that left; nobody sees it but the figures


class Refusal(Exception):
    """Why a request is not let in."""

    def __init__(self, status: int, code: str, message: str, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.retry_after = status, code, message, retry_after


def gone() -> Refusal:
    """Return the refusal of a request whose client has gone."""
    return Refusal(GONE, "gone", "the client has gone")


async def refuse(send: "Send", refusal: Refusal) -> None:
    """Answer with a refusal."""
    body = orjson.dumps({"error": {"code": refusal.code, "message": refusal.message}})
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if refusal.retry_after is not None:
        headers.append((b"retry-after", str(refusal.retry_after).encode()))
    if refusal.status == UNAUTHORIZED:
        headers += [(b"www-authenticate", b'Basic realm="Quodvide", charset="UTF-8"'), (b"www-authenticate", b"Bearer")]
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
