"""The line that says what is being done."""

import io
import time

import pytest
from rich.console import Console

from agent.terminal.progress import Progress

ERASED = "\x1b[2K"


def screen(term: str = "xterm", *, terminal: bool = True) -> Console:
    return Console(file=io.StringIO(), force_terminal=terminal, width=40, _environ={"TERM": term})


def written(console: Console) -> str:
    return console.file.getvalue()  # type: ignore[attr-defined,no-any-return]


def test_the_step_is_named_and_its_line_taken_away():
    console = screen()
    with Progress(console) as progress:
        progress.step("retrieve")
        time.sleep(0.5)
        assert written(console).count("looking for passages") == 1, "a line that stays the same is drawn once"
        progress.clear()
        assert ERASED in written(console)
        console.print("An answer.")
    assert written(console).rstrip().endswith("An answer.")


def test_seconds_are_told_once_a_step_takes_longer_than_one():
    console = screen()
    with Progress(console) as progress:
        progress.step("answer")
        time.sleep(1.4)
    assert "wording the answer 1 s" in written(console)


def test_a_draft_is_dim_and_can_give_no_orders_to_the_terminal():
    console = screen()
    with Progress(console) as progress:
        progress.step("answer")
        progress.draft("One\x1b]0;title\x07 two\n[bold]three[/bold]\u202e")
        time.sleep(0.4)
    assert "\x1b[2mwording: One two [bold]three[/bold]" in written(console).replace("\x1b[0m\n\x1b[2m", " ")
    assert not set(written(console)) & set("\x07\u202e")


def test_what_is_over_at_once_shows_nothing():
    console = screen()
    with Progress(console) as progress:
        progress.step("understand")
        progress.step("link")
    assert written(console) == ""


@pytest.mark.parametrize(("term", "terminal"), [("dumb", True), ("xterm", False)])
def test_nothing_moves_in_a_pipe_or_on_a_dumb_terminal(term: str, terminal: bool):
    console = screen(term, terminal=terminal)
    with Progress(console) as progress:
        progress.step("answer")
        progress.draft("A sentence")
        time.sleep(0.4)
    assert written(console) == ""
