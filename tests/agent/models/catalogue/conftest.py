"""A hub on loopback that speaks as the real one does, small models for it, and an empty home folder."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

import gguf
import numpy as np
import pytest

COMMIT = "0123456789abcdef0123456789abcdef01234567"
REPOSITORY = "owner/Some-Model-GGUF"
FILE = "some-model-q4.gguf"


class Asked(NamedTuple):
    """One request that came: `range` is where it goes on, empty for the whole."""

    method: str
    path: str
    range: str
    token: str


@dataclass
class Hub:
    """What the hub has and how it behaves.

    Attributes:
        files: repository and file to contents.
        cuts: bytes after which the next answers break off, one each.
        digests: contents' digests that are said instead of the true ones.
        status: what every request of a file is answered with instead.
        ranges: whether parts of files are given.
        moved: repository to the one that it is called now.
        asked: every request.
    """

    address: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    cuts: list[int] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)
    status: int = 0
    ranges: bool = True
    moved: dict[str, str] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def add(self, content: bytes, name: str = f"{REPOSITORY}/{FILE}") -> str:
        """Put a file into a repository; return its digest."""
        self.files[name] = content
        return hashlib.sha256(content).hexdigest()

    def fetched(self) -> list[str]:
        """Return where the requests of contents began, "" for those of the whole file."""
        return [each.range for each in self.asked if each.path.startswith("/cdn/")]


class _Handler(BaseHTTPRequestHandler):
    hub: Hub

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_HEAD(self) -> None:
        self._note()
        self._point()

    def do_GET(self) -> None:
        self._note()
        if self.path.startswith("/cdn/"):
            self._content(self.hub.files[unquote(self.path.removeprefix("/cdn/"))])
        else:
            self._point()

    def _note(self) -> None:
        asked = (self.headers.get("Range", ""), self.headers.get("Authorization", ""))
        self.hub.asked.append(
            Asked(self.command, self.path, asked[0].removeprefix("bytes=").removesuffix("-"), asked[1])
        )

    def _point(self) -> None:
        """Answer as the hub does: what the file is, and where its contents are."""
        repository, _, rest = unquote(self.path).lstrip("/").partition("/resolve/")
        name = f"{repository}/{rest.partition('/')[2]}"
        if self.hub.status:
            self._answer(self.hub.status, {})
        elif repository in self.hub.moved:
            self._answer(307, {"Location": f"/{self.hub.moved[repository]}/resolve/{rest}"})
        elif name not in self.hub.files:
            self._answer(404, {})
        else:
            content = self.hub.files[name]
            digest = self.hub.digests.get(name, hashlib.sha256(content).hexdigest())
            port = self.server.server_address[1]
            self._answer(
                302,
                {
                    # Another name of the host, so that it is another host for those who ask.
                    "Location": f"http://localhost:{port}/cdn/{name}",
                    "X-Linked-Etag": f'"{digest}"',
                    "X-Linked-Size": str(len(content)),
                    "X-Repo-Commit": COMMIT,
                },
            )

    def _content(self, content: bytes) -> None:
        start = int(self.hub.asked[-1].range or 0) if self.hub.ranges else 0
        if start >= len(content):
            self._answer(416, {})
            return
        body = content[start:]
        headers = {"Content-Length": str(len(body))}
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        self.send_response(206 if start else 200)
        for key, value in headers.items():
            self.send_header(key, value)
        self.end_headers()
        if self.hub.cuts:
            self.wfile.write(body[: self.hub.cuts.pop(0)])
            self.wfile.flush()
            self.close_connection = True
        else:
            self.wfile.write(body)

    def _answer(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for key, value in {"Content-Length": "0", **headers}.items():
            self.send_header(key, value)
        self.end_headers()


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """Return a hub that runs, and is the one that settings name."""
    made = Hub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": made}))
    made.address = f"http://127.0.0.1:{server.server_address[1]}"
    monkeypatch.setenv("QUODVIDE_MODELS__HUB", made.address)
    monkeypatch.delenv("HF_TOKEN", raising=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return a GGUF file of 3 MB with a header that can be read, and weights that mean nothing."""
    path = tmp_path_factory.mktemp("gguf") / "small.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_block_count(2)
    writer.add_context_length(512)
    writer.add_embedding_length(64)
    writer.add_head_count(4)
    writer.add_head_count_kv(2)
    writer.add_vocab_size(1000)
    writer.add_tensor("weights", np.random.default_rng(0).normal(size=(3, 250_000)).astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path.read_bytes()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a home folder that is not there yet."""
    return tmp_path / "home"


@pytest.fixture
def quodvide(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[int, str, str]]:
    """Return what runs a command over the home folder: its exit status, and what it printed and complained about."""
    from agent import cli

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setenv("QUODVIDE_HOME", str(home))
        monkeypatch.setattr("sys.argv", ["quodvide", *words])
        capsys.readouterr()
        status = cli._run()
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run
