"""The terminal conversation, line by line, over the demo corpus."""

import io
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from rich.console import Console

from agent import settings as settings_
from agent.repl import Repl
from agent.terminal.opened import Opened
from agent.terminal.progress import Progress
from stores.conversations import Conversations


class Terminal:
    """Types lines and reads what they print."""

    def __init__(self, repl: Repl, screen: io.StringIO) -> None:
        self._repl = repl
        self._screen = screen

    def type(self, line: str) -> str:
        self._screen.seek(0)
        self._screen.truncate()
        assert self._repl.take(line)
        return self._screen.getvalue()

    def ends_with(self, line: str) -> bool:
        return not self._repl.take(line)


QUOTED = "How many BLEU points did the Transformer reach on English-to-German translation?"


@contextmanager
def talking(home: Path, file: Path) -> Iterator[Terminal]:
    """Open a conversation over a home folder."""
    conversations = Conversations(file)
    opened = Opened(settings_.load(home), conversations)
    screen = io.StringIO()
    yield Terminal(Repl(Console(file=screen, width=200), opened, conversations, "main"), screen)
    opened.close()
    conversations.close()


@pytest.fixture(scope="module")
def terminal(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    with talking(demo_home, tmp_path_factory.mktemp("talk") / "conversations.sqlite") as terminal:
        yield terminal


def test_an_answer_its_sources_and_its_entities(terminal: Terminal):
    assert "Nothing was answered yet" in terminal.type("/sources")
    said = terminal.type(QUOTED)
    assert "28.4 BLEU" in said
    assert "[1]" in said
    assert "vaswani-2017-attention, body" in terminal.type("/sources")
    terminal.type("Find AI papers from Stanford authors funded by NSF")
    assert "Stanford organization → Stanford University (https://ror.org/00f54p054)" in terminal.type("/entities")


def test_a_source_is_opened_where_it_stands(terminal: Terminal):
    said = terminal.type(QUOTED)
    assert "/sources N opens one" in said
    opened = " ".join(terminal.type("/sources 1").split())
    assert "Attention Is All You Need" in opened
    before, quoted = opened.split("“", 1)
    assert len(before.split()) > 10
    assert "28.4 BLEU" in quoted.split("”")[0]
    assert "give a number" in terminal.type("/sources 99")
    assert "give a number" in terminal.type("/sources first")


def test_short_commands_ask_questions(terminal: Terminal):
    assert "Attention Is All You Need" in terminal.type("/find machine translation")
    assert "Main research areas" in terminal.type("/profile Christopher Manning")
    assert "vaswani-2017-attention" in terminal.type("/similar Attention Is All You Need")
    assert "Say of what" in terminal.type("/profile")


def test_themes_of_a_text_and_of_the_paper_of_the_last_answer(terminal: Terminal):
    said = terminal.type("/themes We translate sentences by machine, from German into English.")
    assert "most frequent topics of this library, by how well they fit the text:" in said
    assert "machine translation: " in said
    terminal.type(QUOTED)
    assert "by how well they fit “Attention Is All You Need”: [1]" in terminal.type("/themes")


def test_what_was_understood_stands_below_an_answer(terminal: Terminal):
    said = terminal.type("Find AI papers from Stanford authors funded by NSF")
    assert "organization Stanford University 0." in said
    assert " · funder U.S. National Science Foundation 0." in said
    assert "topic English-to-German translation: no match" in terminal.type(QUOTED)


def test_a_number_means_a_paper_of_the_last_list_or_of_a_source(terminal: Terminal):
    terminal.type("/thread numbers")
    assert "No paper was listed yet" in terminal.type("/paper 1")
    listed = terminal.type("/find machine translation")
    first = listed.partition("  1. ")[2].partition("(")[2].partition(")")[0]
    assert first.isdecimal(), "the year stands in the first brackets"
    shown = terminal.type("/paper 1")
    id_ = shown.splitlines()[-1].split()[0]
    assert f"({id_})" in listed.partition("  2. ")[0]
    assert "give a number" in terminal.type("/paper 99")
    assert "give a number" in terminal.type("/paper one")
    assert f"({id_})" not in terminal.type("/similar 1")
    terminal.type(QUOTED)
    shown = terminal.type("/paper 1")
    assert shown.startswith("Attention Is All You Need\nAshish Vaswani, Noam Shazeer")
    assert "NeurIPS, 2017" in shown
    terminal.type("/thread main")


def test_a_message_of_several_lines_is_one(terminal: Terminal):
    said = terminal.type("/themes We translate sentences\nfrom German by machine,\nwith attention.")
    assert "(“We translate sentences from German by machine, with attention.”)" in said
    assert "machine translation: " in terminal.type("/themes\nWe translate sentences\nby machine.")


def test_the_chat_model_is_exchanged_and_a_wrong_one_is_not_taken(
    demo_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("QUODVIDE_CHAT__ANSWER_CALLS", "1")
    with talking(demo_home, tmp_path / "conversations.sqlite") as terminal:
        assert "Chat model: SmolLM2-135M-Instruct" in terminal.type("/model")
        terminal.type("Which papers did Feng Zhang write?")
        (tmp_path / "wrong.gguf").write_bytes(b"no model")
        for wrong in ("missing.gguf", "wrong.gguf"):
            said = terminal.type(f"/model {tmp_path / wrong}")
            assert said.count("\n") == 1
            assert wrong in said
            assert "Chat model: SmolLM2-135M-Instruct" in terminal.type("/model")
        assert "Chat model: none; answers are quotations" in terminal.type("/model none")
        assert "for author Feng Zhang" in terminal.type("1"), "the conversation goes on"
        said = terminal.type("/model bundled")
        assert "1 sentence of an answer worded by it" in said
        assert "28.4 BLEU" in terminal.type(QUOTED)


def test_ctrl_c_stops_the_chat_model_and_the_next_question_is_answered(
    demo_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("QUODVIDE_CHAT__ANSWER_CALLS", "3")
    pressed: list[float] = []

    def press(_: Progress, text: str) -> None:
        if text and not pressed:
            pressed.append(time.perf_counter())
            os.kill(os.getpid(), signal.SIGINT)

    with talking(demo_home, tmp_path / "conversations.sqlite") as terminal:
        before = signal.getsignal(signal.SIGINT)
        with monkeypatch.context() as patch:
            patch.setattr(Progress, "draft", press)
            said = terminal.type(QUOTED)
        assert time.perf_counter() - pressed[0] < 1
        assert said == "(stopped)\n"
        assert signal.getsignal(signal.SIGINT) is before
        assert "28.4 BLEU" in terminal.type(QUOTED)


def test_an_ambiguous_name_is_asked_about(terminal: Terminal):
    said = terminal.type("Which papers did Yang Liu write?")
    assert "Which Yang Liu do you mean?" in said
    assert "  2. Yang Liu" in said
    assert "1 paper for author Yang Liu" in " ".join(terminal.type("2").split())


def test_threads(terminal: Terminal):
    assert "Conversation: other" in terminal.type("/thread other")
    terminal.type("hello")
    listed = terminal.type("/threads")
    assert "* other" in listed
    assert "  main" in listed
    assert "Deleted other" in terminal.type("/delete other")
    assert "There is no conversation other" in terminal.type("/delete other")
    terminal.type("/thread main")


def test_commands_that_do_not_exist_and_the_end(terminal: Terminal):
    assert "There is no command /frob" in terminal.type("/frob")
    assert "/quit" in terminal.type("/help")
    assert terminal.type("   ") == ""
    assert terminal.ends_with("/quit")


def test_ctrl_c_stops_the_answer_and_not_the_program(terminal: Terminal, monkeypatch: pytest.MonkeyPatch):
    def interrupted(_: object, __: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Repl, "_answer", interrupted)
    assert "(stopped)" in terminal.type("What is NSF?")


def test_a_pipe_reads_as_a_conversation(demo_home: Path, tmp_path: Path):
    home = shutil.copytree(demo_home, tmp_path / "home")
    done = subprocess.run(
        [Path(sys.executable).parent / "quodvide", "chat", "--home", home],
        input="What is attention?\n/sources 1\n",
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "NO_COLOR": "1"},
    )
    assert "? What is attention?\n“" in done.stdout
    assert "? /sources 1\n" in done.stdout
    assert "\x1b" not in done.stdout
    assert done.stderr == ""


def test_a_conversation_is_exported_into_the_home_of_the_user(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HOME", str(tmp_path))
    terminal.type("hello")
    assert "turns written" in terminal.type("/export ~/said.jsonl")
    assert (tmp_path / "said.jsonl").read_text("utf-8").count("\n") >= 1
    assert "No name was found" in terminal.type("/entities")
