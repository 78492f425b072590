"""Keys of the prompt: what sends a message, and what makes a line of it."""

import re
import time
from pathlib import Path
from threading import Thread

import pytest
from prompt_toolkit.completion import Completer, WordCompleter
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from agent.terminal.prompt import on_terminal

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
