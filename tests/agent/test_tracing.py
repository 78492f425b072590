import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from agent import settings as settings_
from agent import tracing
from agent.wiring import open_session
from stores.errors import ConfigError


class Collector:
    """Takes OTLP over HTTP, and keeps what it was sent."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.bodies.append(self.rfile.read(int(self.headers["content-length"])))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/v1/traces"


@pytest.fixture
def collector() -> Iterator[Collector]:
    found = Collector()
    thread = threading.Thread(target=found.server.serve_forever, daemon=True)
    thread.start()
    yield found
    found.server.shutdown()
    found.server.server_close()
    thread.join()


def test_spans_of_the_graph_reach_a_collector(
    collector: Collector, demo_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from openinference.instrumentation.langchain import LangChainInstrumentor

    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "100")
    session, close = open_session(settings_.load(demo_home, tracing={"otlp": collector.address}))
    try:
        assert session.ask("What is attention?").outcome == "answered"
        for _ in range(100):
            if any(b"retrieve" in body for body in collector.bodies):
                break
            threading.Event().wait(0.1)
    finally:
        LangChainInstrumentor().uninstrument()
        tracing._send_to.cache_clear()
        close()
    sent = b"".join(collector.bodies)
    assert b"quodvide" in sent
    assert b"retrieve" in sent


def test_a_variable_of_another_program_sends_nothing(demo_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    monkeypatch.setenv("LANGSMITH_TRACING", "true")
    monkeypatch.setenv("LANGCHAIN_TRACING_V2", "true")
    _, close = open_session(settings_.load(demo_home))
    close()
    assert os.environ["LANGSMITH_TRACING"] == os.environ["LANGCHAIN_TRACING_V2"] == "false"
    _, close = open_session(settings_.load(demo_home, tracing={"langsmith": True}))
    close()
    assert os.environ["LANGSMITH_TRACING"] == "true"


def test_an_address_that_is_none_is_said() -> None:
    with pytest.raises(ConfigError, match="is no address"):
        tracing.begin(settings_.TracingSettings(otlp="collector"))


@pytest.mark.parametrize(
    "switch", ["LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING", "LANGCHAIN_TRACING_V2"]
)
def test_no_variable_switches_langsmith_on_for_any_command(
    switch: str, demo_home: Path, monkeypatch: pytest.MonkeyPatch
):
    from langsmith.utils import get_env_var, tracing_is_enabled

    monkeypatch.setenv(switch, "true")
    settings_.load(demo_home)
    get_env_var.cache_clear()
    assert not tracing_is_enabled()
