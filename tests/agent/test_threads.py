"""Conversations as a user keeps them: listed, printed, exported, resumed, deleted, shared by two processes."""

import io
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from agent import settings as settings_
from agent.repl import Repl
from agent.session import Asked, Done, Event, Said
from agent.terminal.opened import Opened
from agent.threads import delete_thread, export_thread, print_list, print_thread
from stores.conversations import Conversations, served_name, thread_name
from stores.errors import InputError, StoreMissing
from stores.usage import Call, UsageLog

ODD = [
    "a\x00b",
    "\udc80\ud800",
    "../../etc/passwd",
    "two\nlines",
    "'; DROP TABLE turn; --",
    "[bold]x[/]",
    "é" * 5000,
    "𝔘",
]


@pytest.fixture
def home(demo_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("QUODVIDE_CHAT__MODEL", "none")
    return Path(shutil.copytree(demo_home, tmp_path / "home"))


class Process:
    """What one process has open."""

    def __init__(self, home: Path) -> None:
        self.conversations = Conversations(home / "conversations.sqlite")
        self.opened = Opened(settings_.load(home), self.conversations)
        self.session = self.opened.session

    def say(self, text: str, thread: str = "main") -> Event:
        return list(self.session.turn(text, thread))[-1]

    def close(self) -> None:
        self.opened.close()
        self.conversations.close()


@pytest.fixture
def process(home: Path) -> Iterator[Callable[[], Process]]:
    opened: list[Process] = []

    def open_() -> Process:
        opened.append(Process(home))
        return opened[-1]

    yield open_
    for one in opened:
        one.close()


def exported(home: Path, thread: str) -> list[dict[str, Any]]:
    target = home / "export.jsonl"
    assert export_thread(home, thread, str(target)) == 0
    return [json.loads(line) for line in target.read_text("utf-8").splitlines()]


def test_a_choice_survives_a_restart_and_the_turn_that_waited_is_one_turn(
    home: Path, process: Callable[[], Process], capsys: pytest.CaptureFixture[str]
):
    first = process()
    assert isinstance(first.say("Which papers did Feng Zhang write?"), Asked)
    first.close()
    (waiting,) = exported(home, "main")
    assert (waiting["outcome"], waiting["waiting"]) == ("needs_clarification", True)
    print_list(home, json=False)
    assert "waits for a choice" in " ".join(capsys.readouterr().out.split())

    second = process()
    assert second.session.pending("main") is not None
    number = [option["id"] for option in waiting["clarification"]["options"]].index("feng-zhang") + 1
    done = second.say(str(number))
    assert isinstance(done, Done)
    assert second.session.pending("main") is None
    (turn,) = exported(home, "main")
    assert (turn["outcome"], turn["waiting"], turn["turn"]) == ("answered", False, 1)
    assert turn["question"] == "Which papers did Feng Zhang write?"
    assert turn["choices"] == {"author:feng zhang": "feng-zhang"}
    second.close()

    again = process().say("profile of Feng Zhang")
    assert isinstance(again, Done)
    assert again.reply.clarification is None
    assert again.reply.record is not None
    assert again.reply.record.choices == {"author:feng zhang": "feng-zhang"}
    assert again.reply.entities[0].link.candidates[0].id == "feng-zhang"
    assert [turn["turn"] for turn in exported(home, "main")] == [1, 2]


def test_a_question_in_place_of_the_choice_leaves_both_turns(home: Path, process: Callable[[], Process]):
    one = process()
    one.say("Which papers did Feng Zhang write?")
    one.say("What is NSF?")
    assert [(turn["outcome"], turn["turn"]) for turn in exported(home, "main")] == [
        ("needs_clarification", 1),
        ("answered", 2),
    ]


def test_a_list_a_print_an_export_and_a_deletion(
    home: Path, process: Callable[[], Process], capsys: pytest.CaptureFixture[str]
):
    one = process()
    one.say("hello", "first")
    one.say("Which papers did Percy Liang write?", "second")
    one.say("and since 2021?", "second")
    print_list(home, json=True)
    listed = json.loads(capsys.readouterr().out)
    assert [(t["name"], t["turns"], t["question"]) for t in listed] == [
        ("second", 2, "and since 2021?"),
        ("first", 1, "hello"),
    ]
    assert all(t["at"] for t in listed)
    print_thread(home, "second")
    assert "and since 2021?" in capsys.readouterr().out
    turns = exported(home, "second")
    wanted = {
        "id",
        "thread",
        "turn",
        "when",
        "question",
        "choices",
        "outcome",
        "answer",
        "sentences",
        "record",
        "digest",
    }
    assert all(wanted <= turn.keys() for turn in turns)
    assert turns[1]["record"]["history"][0]["content"] == "Which papers did Percy Liang write?"
    assert delete_thread(home, "second") == 0
    for do in (delete_thread, print_thread):
        with pytest.raises(InputError, match="no conversation 'second'"):
            do(home, "second")
    with pytest.raises(InputError, match="no conversation 'second'"):
        export_thread(home, "second", "-")
    with closing(sqlite3.connect(home / "conversations.sqlite")) as connection:
        for table, column in (("turn", "thread"), ("checkpoints", "thread_id"), ("writes", "thread_id")):
            assert connection.execute(f"SELECT count(*) FROM {table} WHERE {column} = 'second'").fetchone() == (0,)


def test_no_home_is_one_line(tmp_path: Path):
    with pytest.raises(StoreMissing):
        print_list(tmp_path / "absent", json=False)


def test_odd_names(home: Path, process: Callable[[], Process], capsys: pytest.CaptureFixture[str]):
    one = process()
    for odd in ODD:
        assert isinstance(one.say("hello", thread_name(odd)), Done)
    assert set(one.conversations.threads()) == {thread_name(odd) for odd in ODD}
    print_list(home, json=False)
    assert len(capsys.readouterr().out.splitlines()) == len(ODD)
    for odd in ODD:
        assert len(exported(home, odd)) == 1
        assert delete_thread(home, odd) == 0
    with pytest.raises(InputError, match="empty"):
        thread_name(" \n")


def test_two_processes_in_one_thread_lose_nothing(home: Path, process: Callable[[], Process]):
    both = [process(), process()]

    def talk(one: Process) -> None:
        for _ in range(4):
            assert isinstance(one.say("hello", "shared"), Done)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(talk, both))
    turns = exported(home, "shared")
    assert [turn["turn"] for turn in turns] == list(range(1, 9))
    # Each turn began from the state that the one before left, whichever process that was in.
    assert [len(turn["record"]["history"]) for turn in turns] == [2 * n for n in range(8)]


def states(home: Path) -> tuple[int, int]:
    with closing(sqlite3.connect(home / "conversations.sqlite")) as connection:
        count = "SELECT (SELECT count(*) FROM checkpoints), (SELECT count(DISTINCT checkpoint_id) FROM writes)"
        first, second = connection.execute(count).fetchone()
        return int(first), int(second)


def test_one_state_is_kept_whatever_ends_a_turn(
    home: Path, process: Callable[[], Process], monkeypatch: pytest.MonkeyPatch
):
    one = process()
    one.say("hello")
    stopped = one.session.turn("Give me the profile of Christopher Manning", "main")
    assert isinstance(next(stopped), Said)
    stopped.close()  # type: ignore[attr-defined]
    assert states(home)[0] == 1
    with monkeypatch.context() as patch:
        patch.setattr(type(one.session._context.retriever), "retrieve", None)
        failed = one.say("How many BLEU points did the Transformer reach?")
    assert isinstance(failed, Done)
    assert failed.reply.outcome == "failed"
    assert states(home)[0] == 1
    one.say("Which papers did Feng Zhang write?")
    assert states(home) == (1, 1)
    one.say("1")
    assert states(home) == (1, 0)
    # What was stopped is no turn; what failed is one.
    assert [turn["outcome"] for turn in exported(home, "main")] == ["answered", "failed", "answered"]


def test_bounds(home: Path, process: Callable[[], Process], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("QUODVIDE_CONVERSATIONS__TURNS", "2")
    monkeypatch.setenv("QUODVIDE_CONVERSATIONS__THREADS", "2")
    one = process()
    for _ in range(3):
        one.say("hello", "a")
    assert [turn["turn"] for turn in exported(home, "a")] == [2, 3]
    one.say("hello", "b")
    one.say("hello", "c")
    assert one.conversations.threads() == ["c", "b"]
    with one.conversations._writing() as cursor:
        cursor.execute("UPDATE turn SET at = '2020-01-01T00:00:00.000+00:00' WHERE thread = 'b'")
    one.conversations.tidy(threads=0, days=30, but="c")
    assert one.conversations.threads() == ["c"]


def test_a_holder_of_a_key_loses_none_by_what_another_does(home: Path) -> None:
    with closing(Conversations(home / "conversations.sqlite")) as conversations:
        names = [served_name(who, name) for who in ("alice", "bob") for name in ("1", "2/3")]
        for name in ["served/x", "mine", *names]:
            conversations.keep(name, "hello", "{}", waiting=False, goes_on=False, most=9)
        conversations.tidy(threads=1, days=0, but=names[3])
        assert set(conversations.threads()) == {"served/x", "mine", *names} - {names[2]}
        conversations.tidy(threads=1, days=0, but="mine")
        assert set(conversations.threads()) == {"mine", *names} - {names[2]}
        with conversations._writing() as cursor:
            cursor.execute("UPDATE turn SET at = '2020-01-01T00:00:00.000+00:00'")
        conversations.tidy(threads=0, days=1, but=names[0])
        assert set(conversations.threads()) == {"mine", names[0], names[3]}


def test_only_their_owner_reads_the_files(home: Path) -> None:
    (home / "conversations.sqlite").touch(0o644)
    with (
        closing(Conversations(home / "conversations.sqlite")) as conversations,
        closing(UsageLog(home / "usage.sqlite")),
    ):
        conversations.keep("a", "hello", "{}", waiting=False, goes_on=False, most=9)
        log = UsageLog(home / "usage.sqlite")
        log.add(Call(at="2026-01-01", model="m", role="word", route="word", seconds=1))
        log.calls()
        files = [file for kind in ("conversations", "usage") for file in home.glob(f"{kind}.sqlite*")]
        assert len(files) >= 3
        assert not [file for file in files if file.stat().st_mode & 0o077]
        log.close()


def test_resume_and_export_in_the_terminal(process: Callable[[], Process], tmp_path: Path):
    one = process()
    one.say("Which papers did Feng Zhang write?", "earlier")
    one.say("hello", "main")
    screen = io.StringIO()
    repl = Repl(Console(file=screen, width=200), one.opened, one.conversations, "main")

    def typed(line: str) -> str:
        screen.seek(0)
        screen.truncate()
        assert repl.take(line)
        return screen.getvalue()

    assert "earlier" in typed("/threads")
    assert "waits for a choice" in typed("/threads")
    resumed = typed("/resume")
    assert "Conversation: earlier" in resumed
    assert "Which Feng Zhang do you mean?" in resumed
    assert "There is no conversation nowhere" in typed("/resume nowhere")
    typed("1")
    target = tmp_path / "talk.jsonl.gz"
    assert "1 turns written" in typed(f"/export {target}")
    assert target.stat().st_size
    assert "cannot be written" in typed(f"/export {tmp_path}/absent/x.jsonl")
