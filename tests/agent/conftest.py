"""Two servers for chat models elsewhere: one that does what a test says, and llama-cpp-python's own with the bundled model."""

import os
import runpy
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from agent.models.bundled import bundled_model
from agent.models.remote import chat as chat_

_STARTS = 120  # seconds


@pytest.fixture(scope="session")
def cloud_server() -> Iterator[Any]:
    parts = runpy.run_path(str(Path(__file__).with_name("cloud.py")))
    with parts["opened"]() as opened:
        yield opened


@pytest.fixture
def cloud(cloud_server: Any) -> Any:
    """Return the scriptable server, which has forgotten the tests before."""
    cloud_server.reset()
    return cloud_server


@pytest.fixture(scope="session")
def another_cloud() -> Iterator[Any]:
    """Give a way to open servers like `cloud` that a test may end itself."""
    return runpy.run_path(str(Path(__file__).with_name("cloud.py")))["opened"]


@pytest.fixture(scope="session")
def llama_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Return the address (`url`) and process (`pid`) of llama-cpp-python's server with the bundled model."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    command = [
        sys.executable, "-m", "llama_cpp.server", "--model", str(bundled_model()), "--host", "127.0.0.1",
        "--port", str(port), "--n_ctx", "2048", "--n_threads", "1", "--verbose", "false",
    ]  # fmt: skip
    log = tmp_path_factory.mktemp("llama") / "log"
    with log.open("wb") as said:
        server = subprocess.Popen(command, stdout=said, stderr=said, env={**os.environ, "PYTHONWARNINGS": "ignore"})
    try:
        url = f"http://127.0.0.1:{port}/v1"
        until = time.monotonic() + _STARTS
        while True:
            assert server.poll() is None, log.read_text("utf-8", errors="replace")
            assert time.monotonic() < until, "the server does not start"
            try:
                if httpx.get(f"{url}/models").is_success:
                    break
            except httpx.TransportError:
                time.sleep(0.1)
        yield SimpleNamespace(url=url, pid=server.pid)
    finally:
        server.terminate()
        server.wait(30)


@pytest.fixture(scope="module")
def far_refines(cloud_server: Any) -> Iterator[None]:
    """Have the scriptable server refine, under the name `far`, and not be left alone after a failure."""
    with pytest.MonkeyPatch.context() as patch:
        given = {
            "REMOTES__FAR__MODEL": "m", "REMOTES__FAR__BASE_URL": cloud_server.url, "REMOTES__FAR__RETRIES": "0",
            "REMOTES__FAR__INPUT_PRICE": "2", "REMOTES__FAR__OUTPUT_PRICE": "10", "ROLES__REFINE": "far",
        }  # fmt: skip
        for name, value in given.items():
            patch.setenv(f"QUODVIDE_{name}", value)
        patch.setattr(chat_, "REST", 0.0)
        yield
