"""What asks for the next message: with history, completion and several lines on a terminal, plainly elsewhere."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import Completer
from prompt_toolkit.enums import DEFAULT_BUFFER
from prompt_toolkit.filters import has_focus
from prompt_toolkit.history import FileHistory
from prompt_toolkit.input import Input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.output import ColorDepth, Output

from prompts.characters import printable
from stores.home import private


def asking(history: Path, completer: Completer) -> Callable[[], str]:
    """Return what asks for a message, raising EOFError at the end and KeyboardInterrupt for Ctrl-C."""
    if not sys.stdin.isatty():
        return _next_line
    if os.environ.get("TERM", "dumb") == "dumb" or not sys.stdout.isatty():
        return _plainly
    session = on_terminal(history, completer)
    return lambda: session.prompt("? ")


def on_terminal(
    history: Path, completer: Completer, source: Input | None = None, screen: Output | None = None
) -> PromptSession[str]:
    """Return the prompt of a real terminal."""
    private(history)
    return PromptSession(
        history=FileHistory(str(history)),
        completer=completer,
        # Only Tab completes: a menu at every capital letter would cover what is being typed and scroll the answer away.
        complete_while_typing=False,
        multiline=True,
        prompt_continuation="  ",
        key_bindings=_keys(),
        # prompt-toolkit's own, which knows NO_COLOR, where the environment asks for one.
        color_depth=ColorDepth.from_env() or ColorDepth.DEPTH_4_BIT,
        input=source,
        output=screen,
    )


def _keys() -> KeyBindings:
    """Return keys for messages of several lines: Enter sends, Alt-Enter goes on below; what is pasted keeps its lines."""
    keys = KeyBindings()

    @keys.add("enter", filter=has_focus(DEFAULT_BUFFER))
    def send(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if buffer.complete_state and buffer.complete_state.current_completion:
            buffer.complete_state = None  # the first Enter takes the chosen completion
        else:
            buffer.validate_and_handle()

    @keys.add("escape", "enter", filter=has_focus(DEFAULT_BUFFER))
    def go_on(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    return keys


def _plainly() -> str:
    """Return a line that a person types on a terminal that can do nothing, or whose output goes elsewhere."""
    sys.stderr.write("? ")
    sys.stderr.flush()
    try:
        line = input()
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        raise
    if not sys.stdout.isatty():
        sys.stdout.write(f"\n? {printable(line)}\n")
    return line


def _next_line() -> str:
    """Return the next line of standard input, shown, so that what is written reads as a conversation."""
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    sys.stdout.write(f"\n? {printable(line.rstrip())}\n")
    return line
