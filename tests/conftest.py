"""Fixtures that every test may use: the shared data, and the settings that keep tests on this machine."""

import ipaddress
import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("LANGGRAPH_STRICT_MSGPACK", "true")
os.environ.setdefault("LANGSMITH_TRACING", "false")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session", autouse=True)
def loopback_only() -> Iterator[None]:
    """Refuse every connection that would leave this machine."""
    connect = socket.socket.connect

    def refuse(self: socket.socket, address: Any) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6}:
            host = str(address[0])
            if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
                raise OSError(f"a test tried to reach {host}")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", refuse)
        yield


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of shared real data, or skip when this checkout stands without it."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the shared data folder is not beside this checkout")
    return folder


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home folder that holds the demo corpus; tests that write copy it first."""
    from agent.loading import ingest_files, load_authorities

    demo = ROOT / "evals" / "demo"
    home = tmp_path_factory.mktemp("demo") / "home"
    kinds = ("countries", "topics", "organizations", "funders", "people")
    assert load_authorities(home, [demo / f"{kind}.jsonl" for kind in kinds], None) == 0
    assert ingest_files(home, [demo / "papers.jsonl"], None, None) == 0
    return home


@pytest.fixture(scope="module")
def url(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a real server over a copy of the demo home, because conversations are kept in it."""
    from evals.bench_serve import server

    home = shutil.copytree(demo_home, tmp_path_factory.mktemp("served") / "home")
    with server(home) as (address, _):
        yield address


@pytest.fixture(scope="module")
def wording() -> Iterator[None]:
    """Let the bundled model word a sentence of each answer, which by default it does not."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUODVIDE_CHAT__ANSWER_CALLS", "1")
        yield
