"""Keys of the prompt: what sends a message, and what makes a line of it."""

import os
import re
import sys
import time
from pathlib import Path
from threading import Thread

import pytest
from prompt_toolkit.completion import Completer, WordCompleter
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import ColorDepth, DummyOutput

from agent.terminal.prompt import asking, on_terminal

ENTER, ALT_ENTER, TAB, CTRL_C, CTRL_D = "\r", "\x1b\r", "\t", "\x03", "\x04"
NAMES = WordCompleter(["Christopher", "Christine"])


def typed(keys: str, folder: Path, completer: Completer = NAMES) -> str:
    """Type keys, with a pause after each Tab, because completions are looked for meanwhile."""
    with create_pipe_input() as source:

        def press() -> None:
            for part in re.findall(f"[^{TAB}]*{TAB}|[^{TAB}]+$", keys):
                source.send_text(part)
                time.sleep(0.3)

        thread = Thread(target=press)
        thread.start()
        try:
            return on_terminal(folder / "history", completer, source, DummyOutput()).prompt("? ")
        finally:
            thread.join()


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (f"one{ENTER}two{ENTER}", "one"),
        (f"one{ALT_ENTER}two{ENTER}", "one\ntwo"),
        (f"\x1b[200~one\r\ntwo\rthree\n\x1b[201~four{ENTER}", "one\ntwo\nthree\nfour"),
        (f"Christo{TAB}{ENTER}", "Christopher"),
        (f"Chr{TAB}{TAB}{ENTER} wrote{ENTER}", "Christopher wrote"),
    ],
)
def test_enter_sends_and_further_lines_are_kept(keys: str, message: str, tmp_path: Path):
    assert typed(keys, tmp_path) == message


def test_control_c_and_control_d(tmp_path: Path):
    with pytest.raises(KeyboardInterrupt):
        typed(f"one{CTRL_C}", tmp_path)
    with pytest.raises(EOFError):
        typed(CTRL_D, tmp_path)


def test_a_message_of_several_lines_is_one_in_the_history(tmp_path: Path):
    typed(f"one{ALT_ENTER}two{ENTER}", tmp_path)
    assert typed(f"\x1b[A{ENTER}", tmp_path) == "one\ntwo"
    assert (tmp_path / "history").stat().st_mode & 0o077 == 0


def test_no_color_is_heeded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def depth() -> ColorDepth:
        with create_pipe_input() as source:
            return on_terminal(tmp_path / "history", NAMES, source, DummyOutput()).color_depth

    monkeypatch.delenv("NO_COLOR", raising=False)
    assert depth() == ColorDepth.DEPTH_4_BIT
    monkeypatch.setenv("NO_COLOR", "1")
    assert depth() == ColorDepth.DEPTH_1_BIT


def test_where_the_output_goes_elsewhere_the_question_is_in_it_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("TERM", "xterm")
    reading, writing = os.openpty()
    try:
        os.write(reading, b"What is attention?\n")
        with os.fdopen(os.dup(writing)) as terminal:
            monkeypatch.setattr(sys, "stdin", terminal)
            assert asking(tmp_path / "history", NAMES)() == "What is attention?"
    finally:
        os.close(reading)
        os.close(writing)
    said = capsys.readouterr()
    assert said.out.count("What is attention?") == 1
    assert said.err == "? "
