"""Embedding models that take long to open: a conversation and a server begin at once, say that they load, and wait."""

import io
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Timer

import pytest
from rich.console import Console
from starlette.testclient import TestClient

from agent import settings as settings_
from agent.repl import Repl
from agent.serving.app import create_app
from agent.serving.keys import KeysInForce
from agent.serving.metrics import Metrics
from agent.serving.parts import Served
from agent.terminal.opened import Opened
from stores.conversations import Conversations
from tools.embedding import open as opening

QUESTION = "How many BLEU points did the Transformer reach on English-to-German translation?"


@pytest.fixture
def home(demo_home: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(demo_home, tmp_path / "home"))


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Event]:
    """Let models open only once the event is set, as large ones from a slow disk do."""
    event = Event()
    real = opening.open_embedder

    def late(*arguments: object, **options: object) -> object:
        assert event.wait(60)
        return real(*arguments, **options)

    monkeypatch.setattr(opening, "open_embedder", late)
    yield event
    event.set()


def test_a_conversation_begins_at_once_and_says_that_it_loads(home: Path, tmp_path: Path, gate: Event):
    conversations = Conversations(tmp_path / "conversations.sqlite")
    began = time.monotonic()
    opened = Opened(settings_.load(home), conversations)
    assert not opened.loaded.is_set()
    assert time.monotonic() - began < 30
    screen = io.StringIO()
    repl = Repl(Console(file=screen, width=200, force_terminal=True), opened, conversations, "main")
    Timer(0.6, gate.set).start()
    assert repl.take(QUESTION)
    assert opened.loaded.is_set()
    said = screen.getvalue()
    assert "loading the embedding model" in said
    assert "28.4" in said
    opened.close()
    conversations.close()


def test_a_server_is_ready_when_it_has_loaded(home: Path, gate: Event):
    served = Served(settings_.load(home), Metrics())
    with TestClient(create_app(served, KeysInForce(home, ()))) as client:
        assert client.get("/health").status_code == 200
        answer = client.get("/ready")
        assert answer.status_code == 503
        assert answer.json()["error"]["code"] == "loading"
        gate.set()
        served._loading.join()
        assert client.get("/ready").json() == {"status": "ready", "papers": 99}


def test_a_server_says_what_it_could_not_load(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("QUODVIDE_EMBEDDING__MODEL", "nobody/has-this")
    served = Served(settings_.load(home), Metrics())
    with TestClient(create_app(served, KeysInForce(home, ()))) as client:
        served._loading.join()
        answer = client.get("/ready")
        assert answer.status_code == 503
        assert "hf download nobody/has-this" in answer.json()["error"]["message"]
    assert "quodvide: nobody/has-this: the embedding model is not on this machine" in capsys.readouterr().err
