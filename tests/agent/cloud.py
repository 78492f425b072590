"""A server that speaks as OpenAI's does, on loopback, and does what each test says."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Answer:
    """What the server does with a request.

    Attributes:
        text: that the model writes.
        status: of the HTTP answer; of others than 200 the text is the error's message.
        headers: beside the usual ones.
        finish: why the model ended; empty for a stream that ends without a word.
        raw: sent in place of all that, as HTML or as JSON.
        cut: after how many pieces of a stream the connection breaks.
        hang: seconds before anything is sent.
        pace: seconds between the pieces of a stream.
        usage: whether tokens are counted.
    """

    text: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    finish: str = "stop"
    raw: str | None = None
    cut: int | None = None
    hang: float = 0.0
    pace: float = 0.0
    usage: bool = True


Behaviour = Callable[[dict[str, Any]], Answer | str]


class Cloud:
    """The server: what it is told to do, and what it was asked.

    Attributes:
        Answer: of what it does; a text stands for an answer of this text.
        url: its base_url.
        does: what it does with a request's body.
        bodies: of the requests.
        headers: of the requests, with names in lower case.
        fetched: the paths of what was only to be read.
        left: set when a client goes while it is answered.
        input_tokens: that it has counted.
        output_tokens: that it has counted.
    """

    Answer = Answer

    def __init__(self) -> None:
        cloud = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                cloud.fetched.append(self.path)
                cloud._say(self, Answer(raw="{}"))

            def do_POST(self) -> None:
                cloud._serve(self)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"
        self.over = threading.Event()
        self.reset()

    def reset(self) -> None:
        """Forget what was asked and what is to be done."""
        self.does: Behaviour = lambda _: "Yes."
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.fetched: list[str] = []
        self.left = threading.Event()
        self.input_tokens = self.output_tokens = 0

    def close(self) -> None:
        """End it; also what hangs."""
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def requests(self) -> int:
        """How many requests came."""
        return len(self.bodies)

    def in_turn(self, *answers: Answer | str) -> None:
        """Answer with these one after the other, and with the last from then on."""
        waiting = list(answers)
        self.does = lambda _: waiting.pop(0) if len(waiting) > 1 else waiting[0]

    def _serve(self, request: BaseHTTPRequestHandler) -> None:
        body = json.loads(request.rfile.read(int(request.headers["content-length"])))
        self.bodies.append(body)
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        found = self.does(body)
        answer = Answer(found) if isinstance(found, str) else found
        if answer.hang and self.over.wait(answer.hang):
            return
        try:
            if answer.raw is not None or answer.status != 200:
                self._say(request, answer)
            elif body.get("stream"):
                self._stream(request, answer, body)
            else:
                self._say(request, answer, json.dumps(self._completion(answer, body)))
        except OSError:
            self.left.set()

    def _say(self, request: BaseHTTPRequestHandler, answer: Answer, content: str = "") -> None:
        error = json.dumps({"error": {"message": answer.text, "type": "error", "code": None}})
        content = answer.raw if answer.raw is not None else content or error
        kind = "text/html" if content.startswith("<") else "application/json"
        sent = content.encode()
        request.send_response(answer.status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(sent)), **answer.headers}.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(sent)

    def _completion(self, answer: Answer, body: dict[str, Any]) -> dict[str, Any]:
        message = {"role": "assistant", "content": answer.text}
        choice = {"index": 0, "message": message, "finish_reason": answer.finish}
        found = {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
        return {**found, "usage": self._used(answer, body)} if answer.usage else found

    def _used(self, answer: Answer, body: dict[str, Any]) -> dict[str, int]:
        read = sum(len(str(each["content"]).split()) for each in body["messages"])
        wrote = len(answer.text.split())
        self.input_tokens += read
        self.output_tokens += wrote
        return {"prompt_tokens": read, "completion_tokens": wrote, "total_tokens": read + wrote}

    def _stream(self, request: BaseHTTPRequestHandler, answer: Answer, body: dict[str, Any]) -> None:
        request.send_response(200)
        request.send_header("Content-Type", "text/event-stream")
        request.send_header("Transfer-Encoding", "chunked")
        request.end_headers()
        pieces = [word if n == 0 else f" {word}" for n, word in enumerate(answer.text.split(" "))]
        for n, piece in enumerate(pieces):
            if answer.cut == n:
                request.connection.shutdown(socket.SHUT_RDWR)
                return
            _event(request, {"choices": [{"index": 0, "delta": {"content": piece}, "finish_reason": None}]})
            if answer.pace:
                time.sleep(answer.pace)
        if answer.finish:
            _event(request, {"choices": [{"index": 0, "delta": {}, "finish_reason": answer.finish}]})
        if answer.usage and body.get("stream_options", {}).get("include_usage"):
            _event(request, {"choices": [], "usage": self._used(answer, body)})
        _chunk(request, b"data: [DONE]\n\n")
        _chunk(request, b"")


def _event(request: BaseHTTPRequestHandler, content: dict[str, Any]) -> None:
    whole = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", **content}
    _chunk(request, f"data: {json.dumps(whole)}\n\n".encode())


def _chunk(request: BaseHTTPRequestHandler, content: bytes) -> None:
    request.wfile.write(b"%x\r\n%s\r\n" % (len(content), content))
    request.wfile.flush()


@contextmanager
def opened() -> Iterator[Cloud]:
    """Give a server for the time of the block."""
    cloud = Cloud()
    try:
        yield cloud
    finally:
        cloud.close()
