"""`quodvide usage` and `/usage` over what was really asked."""

import csv
import io
import json
import shutil
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from rich.console import Console

from agent import settings as settings_
from agent.cli import app
from agent.profiles import context_of
from agent.repl import Repl
from agent.session import Done
from agent.terminal.opened import Opened
from agent.usage import USUAL, table
from agent.wiring import Parts, open_session, session_over
from stores.conversations import Conversations
from stores.errors import ConfigError, StoreMissing
from stores.home import Home
from stores.usage import Call, Sums, UsageLog

QUOTED = "How many BLEU points did the Transformer reach on English-to-German translation?"
pytestmark = pytest.mark.usefixtures("wording")


@pytest.fixture(scope="module")
def home(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home folder where one question was asked in a conversation and one outside of it."""
    home = Path(shutil.copytree(demo_home, tmp_path_factory.mktemp("used") / "home"))
    Home(home).usage.unlink(missing_ok=True)
    with closing(Conversations(Home(home).conversations)) as conversations:
        session, close = open_session(settings_.load(home), conversations)
        assert isinstance(list(session.turn(QUOTED, "mine"))[-1], Done)
        close()
    with closing(Parts(settings_.load(home))) as parts:
        session = session_over(parts)
        assert session.ask(QUOTED).outcome == "answered"
        assert session.ask("Which papers did Percy Liang write?").usage.calls == 0
    return home


def usage(capsys: pytest.CaptureFixture[str], home: Path, *arguments: str) -> str:
    capsys.readouterr()
    assert app(["usage", "--home", str(home), *arguments], standalone_mode=False) == 0
    return capsys.readouterr().out


def test_calls_bear_the_intent_and_the_conversation(home: Path):
    with closing(UsageLog(Home(home).usage)) as log:
        calls = log.calls()
    assert [(call.role, call.route, call.thread) for call in calls] == [
        ("word", "paper_question", "mine"),
        ("word", "paper_question", None),
    ]
    assert calls[0].cached_tokens  # the instructions were read while the model was loaded


def test_the_table_adds_up(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "120")
    said = usage(capsys, home)
    assert "paper_question" in said
    assert "SmolLM2" in said
    assert "failed" not in said
    found = json.loads(usage(capsys, home, "--json", "--by", "thread, role"))
    assert found["by"] == ["thread", "role"]
    assert sum(row["calls"] for row in found["rows"]) == found["total"]["calls"] == 2
    assert {row["thread"] for row in found["rows"]} == {None, "mine"}
    assert found["total"]["cost"] == 0
    nothing = json.loads(usage(capsys, home, "--json", "--since", "2999-01-01"))
    assert (nothing["rows"], nothing["total"]["calls"]) == ([], 0)


def test_csv_reads_back_as_the_calls(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = tmp_path / "calls.csv"
    usage(capsys, home, "--export", "csv", "--output", str(file))
    with file.open(newline="", encoding="utf-8") as opened:
        rows = list(csv.DictReader(opened))
    with closing(UsageLog(Home(home).usage)) as log:
        calls = log.calls()
    assert [Call.model_validate({name: value or None for name, value in row.items()}) for row in rows] == calls
    assert usage(capsys, home, "--export", "csv").splitlines() == file.read_text("utf-8").splitlines()


def test_what_cannot_be_meant_is_refused(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(ConfigError):
        usage(capsys, home, "--export", "csv", "--by", "day")
    with pytest.raises(ConfigError):
        usage(capsys, home, "--output", str(tmp_path / "x"))
    with pytest.raises(ConfigError, match="'colour'"):
        usage(capsys, home, "--by", "day,colour")
    with pytest.raises(StoreMissing):
        usage(capsys, tmp_path / "nowhere")
    tmp_path.joinpath("empty").mkdir()
    assert usage(capsys, tmp_path / "empty") == ""


def test_what_a_name_holds_cannot_drive_the_terminal():
    screen = io.StringIO()
    row = Sums(group=("m", "\x1b[31m[bold]x"), calls=1234, failed=1, cost=0.5, unpriced=2)
    Console(file=screen, width=150).print(table(USUAL, [row], row))
    said = screen.getvalue()
    assert "\x1b" not in said
    assert "[bold]x" in said
    assert "1,234" in said
    assert "0.5000+" in said
    assert "2 calls have no known price" in said
    assert "failed" in said
    assert "stood in" not in said


@pytest.fixture
def typed(home: Path) -> Iterator[tuple[Repl, io.StringIO]]:
    conversations = Conversations(Home(home).conversations)
    opened = Opened(settings_.load(home), conversations)
    screen = io.StringIO()
    yield Repl(Console(file=screen, width=150), opened, conversations, "new"), screen
    opened.close()
    conversations.close()


def test_a_conversation_shows_its_own(typed: tuple[Repl, io.StringIO], home: Path):
    repl, screen = typed
    repl.take("/usage")
    assert "No chat model was called" in screen.getvalue()
    repl.take(QUOTED)
    until = time.monotonic() + 5
    with closing(UsageLog(Home(home).usage)) as log:
        while not log.total(thread="new").calls and time.monotonic() < until:
            time.sleep(0.01)
    screen.truncate(0)
    repl.take("/usage")
    assert "paper_question" in screen.getvalue()
    assert "loading" not in screen.getvalue()
    repl.take("/delete new")
    screen.truncate(0)
    repl.take("/usage")
    assert "No chat model was called" in screen.getvalue()


def test_each_use_has_its_role_and_nothing_is_counted_against_the_setting(
    demo_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    home = Path(shutil.copytree(demo_home, tmp_path / "home"))
    Home(home).usage.unlink(missing_ok=True)
    monkeypatch.setenv("QUODVIDE_CHAT__PROFILE_CALLS", "1")
    for keep in ("false", "true"):
        monkeypatch.setenv("QUODVIDE_USAGE__KEEP", keep)
        with closing(Parts(settings_.load(home))) as parts:
            for chat in (context_of(parts).chat, parts.models.of("generate")):
                assert chat is not None
                chat.invoke("-", max_tokens=1)
        assert Home(home).usage.exists() == (keep == "true")
    with closing(UsageLog(Home(home).usage)) as log:
        assert [(call.role, call.route) for call in log.calls()] == [("profile",) * 2, ("generate",) * 2]
