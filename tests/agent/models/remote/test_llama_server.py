"""llama-cpp-python's own OpenAI-compatible server with the bundled model: what it really does, and what stands in for it."""

import json
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import BaseModel

from agent import settings as settings_
from agent.cli import app
from agent.models.remote.chat import RemoteChat
from agent.wiring import Parts, session_over
from graphs.question.state import Reply
from stores.home import Home
from stores.usage import UsageLog

QUOTED = "How many BLEU points did the Transformer reach on English-to-German translation?"
Open = Callable[..., RemoteChat]
Environment = Callable[..., None]


class Label(BaseModel):
    a: Literal["yes", "no"]


@pytest.fixture
def real(far: Open, llama_server: Any) -> Open:
    """Return a way to open the model of the real server."""

    def opened(**chosen: Any) -> RemoteChat:
        return far(**{"model": "bundled", "base_url": llama_server.url, "max_tokens": 16, "timeout": 60, **chosen})

    return opened


def test_invoke_and_stream(real: Open):
    chat = real(max_tokens=8)
    message = chat.invoke("Say yes.", temperature=0.0)
    assert message.usage_metadata is not None
    assert 1 <= message.usage_metadata["output_tokens"] <= 8
    assert message.usage_metadata["input_tokens"] > 5
    chunks = list(chat.stream("Say yes.", temperature=0.0))
    assert "".join(chunk.text for chunk in chunks)
    # It does not count what it streams, so that is estimated.
    streamed = chunks[-1].usage_metadata
    assert streamed is not None
    assert 1 <= streamed["output_tokens"] <= 10


@pytest.mark.parametrize(
    "text",
    ["Is it?", 'Write } ] " \\ and stop.', "<|im_end|>\nno json today", '{"a": "x"}', "A poem, no JSON!"],
)
def test_it_can_be_held_to_a_schema(real: Open, text: str):
    found = real(structured="object").with_structured_output(Label).invoke(text)
    assert isinstance(found, Label)


def test_it_fails_over_openais_form_and_is_asked_without_it(real: Open):
    schema = {"type": "integer"}
    chat = real()
    raw = chat.with_structured_output(schema, include_raw=True, temperature=0.0).invoke("How much is 1 + 1?")
    assert isinstance(raw, dict)
    assert raw["raw"].response_metadata["model_name"] == chat.label
    assert chat._shared.formless


@pytest.fixture
def home(demo_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = Path(shutil.copytree(demo_home, tmp_path / "home"))
    Home(home).usage.unlink(missing_ok=True)
    monkeypatch.setenv("QUODVIDE_CHAT__ANSWER_CALLS", "1")
    return home


@pytest.fixture
def remote(monkeypatch: pytest.MonkeyPatch) -> Environment:
    def told(url: str, roles: str, **more: str) -> None:
        given = {"REMOTES__SERVER__MODEL": "bundled", "REMOTES__SERVER__BASE_URL": url, "ROLES__WORD": roles}
        given |= {"REMOTES__SERVER__RETRIES": "0", **more}
        for name, value in given.items():
            monkeypatch.setenv(f"QUODVIDE_{name}", value)

    return told


def ask(home: Path) -> Reply:
    with closing(Parts(settings_.load(home))) as parts:
        return session_over(parts).ask(QUOTED)


def said(capsys: pytest.CaptureFixture[str], home: Path) -> dict[str, Any]:
    capsys.readouterr()
    assert app(["usage", "--home", str(home), "--json", "--by", "model"], standalone_mode=False) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_a_question_is_worded_there(
    home: Path, remote: Environment, llama_server: Any, capsys: pytest.CaptureFixture[str]
):
    remote(llama_server.url, "server,local")
    name = f"bundled at {llama_server.url[7:-3]}"
    capsys.readouterr()
    assert app(["ask", QUOTED, "--home", str(home), "--json"], standalone_mode=False) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["outcome"] == "answered"
    assert "28.4" in record["answer"]
    assert record["model"] == name
    (call,) = record["calls"]
    # A small model may write a number that no evidence has, and then is stopped.
    assert (call["model"], call["role"], call.get("code", "ok") in {"ok", "cancelled"}) == (name, "word", True)
    assert "fallback_reason" not in call
    assert [row["model"] for row in said(capsys, home)["rows"]] == [name]


@contextmanager
def frozen(server: Any) -> Iterator[None]:
    """Have a server say nothing more for a while."""
    os.kill(server.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server.pid, signal.SIGCONT)


def test_the_local_model_stands_in_for_a_server_that_hangs(
    home: Path, remote: Environment, llama_server: Any, capsys: pytest.CaptureFixture[str]
):
    remote(llama_server.url, "server,local", REMOTES__SERVER__TIMEOUT="0.5")
    with frozen(llama_server):
        reply = ask(home)
    assert reply.outcome == "answered"
    assert [(call.model.partition(" ")[0], call.code) for call in reply.calls] == [
        ("bundled", "remote_timeout"),
        ("SmolLM2-135M-Instruct.Q4_1", "ok"),
    ]
    assert "did not answer in time" in (reply.calls[1].fallback_reason or "")
    rows = {row["model"].partition(" ")[0]: row for row in said(capsys, home)["rows"]}
    assert rows["bundled"]["failed"] == 1
    assert rows["SmolLM2-135M-Instruct.Q4_1"]["calls"] == 1


def test_the_local_model_stands_in_for_a_server_that_is_gone(
    home: Path, remote: Environment, another_cloud: Any, capsys: pytest.CaptureFixture[str]
):
    with another_cloud() as server:
        remote(server.url, "server,local")
        server.in_turn("The Transformer reached 28.4 BLEU on English-to-German translation. [1]")
        with closing(Parts(settings_.load(home))) as parts:
            session = session_over(parts)
            first = session.ask(QUOTED)
            assert [call.code for call in first.calls] == ["ok"]
            server.close()
            reply = session.ask(QUOTED)
    assert reply.outcome == "answered"
    assert [call.code for call in reply.calls] == ["remote_broken", "ok"]
    assert "the connection failed" in (reply.calls[1].fallback_reason or "")
    with closing(UsageLog(Home(home).usage)) as log:
        assert log.total().failed == 1
    capsys.readouterr()
    assert app(["usage", "--home", str(home), "--export", "csv"], standalone_mode=False) == 0
    assert "the connection failed" in capsys.readouterr().out


def test_the_server_stands_in_for_a_damaged_file(
    home: Path, remote: Environment, llama_server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    damaged = tmp_path / "damaged.gguf"
    damaged.write_bytes(b"GGUF" + b"\x00" * 40)
    monkeypatch.setenv("QUODVIDE_CHAT__MODEL", str(damaged))
    remote(llama_server.url, "local,server")
    reply = ask(home)
    assert reply.outcome == "answered"
    assert [call.model.partition(" ")[0] for call in reply.calls] == ["damaged", "bundled"]
    assert (reply.calls[0].code, reply.calls[1].code in {"ok", "cancelled"}) == ("model", True)
    assert "damaged.gguf" in (reply.calls[1].fallback_reason or "")


def test_without_anything_that_stands_in_the_answer_says_what_failed(
    home: Path, remote: Environment, another_cloud: Any
):
    with another_cloud() as server:
        url = server.url
    remote(url, "server")
    reply = ask(home)
    assert reply.outcome == "failed"
    assert "Check its address and that it is running" in (reply.reason or "")
