"""The line that says what is being done while an answer is made; it goes when there is something to read."""

import time
from collections.abc import Iterable, Iterator
from threading import Event as Flag
from threading import Lock, Thread
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from graphs.question.progress import Draft, Step
from prompts.characters import printable

if TYPE_CHECKING:
    from agent.session import Asked, Done, Event, Said

_PHRASES = {
    "understand": "understanding the question",
    "link": "linking names",
    "clarify": "taking the choice",
    "find": "looking for papers",
    "retrieve": "looking for passages",
    "answer": "wording the answer",
    "ground": "checking the sentence",
    "refine": "having the answer worded better",
    "similar": "looking for similar papers",
    "profile": "reading the author's papers",
    "set_side_by_side": "setting two sides beside each other",
    "collaborate": "counting joint papers",
    "look_up": "looking up records",
    "rank_themes": "ranking themes",
}
_FIRST = 0.2  # seconds that an answer may take before a line is worth the flicker
_TICK = 0.1


class Progress:
    """A line below what is printed, drawn by a thread of its own; nothing at all in a pipe or on a dumb terminal.

    Args:
        console: to draw on.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._phrase = self._draft = self._drawn = ""
        self._since = 0.0
        self._live: Live | None = None
        self._lock = Lock()
        self._ended = Flag()
        self._thread: Thread | None = None
        if console.is_terminal and not console.is_dumb_terminal:
            self._thread = Thread(target=self._run, name="progress", daemon=True)

    def __enter__(self) -> Self:
        """Begin to draw."""
        if self._thread:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the line away."""
        self._ended.set()
        if self._thread:
            self._thread.join()
        self.clear()

    def step(self, name: str) -> None:
        """Say that a step has begun: one of the graph's, or any other in words."""
        with self._lock:
            self._phrase, self._draft, self._since = _PHRASES.get(name, name), "", time.monotonic()

    def draft(self, text: str) -> None:
        """Show a sentence so far, which nobody has checked."""
        with self._lock:
            self._draft = " ".join(printable(text).split())

    def over(self, events: "Iterable[Event]") -> "Iterator[Said | Asked | Done]":
        """Yield what is to be printed; the line tells of the rest, and goes before each."""
        for event in events:
            if isinstance(event, Step):
                self.step(event.name)
            elif isinstance(event, Draft):
                self.draft(event.text)
            else:
                self.clear()
                yield event

    def clear(self) -> None:
        """Take the line away before something is printed, until the next step."""
        with self._lock:
            self._phrase = self._draft = ""
            self._draw()

    def _run(self) -> None:
        wait = _FIRST
        while not self._ended.wait(wait):
            wait = _TICK
            with self._lock:
                self._draw()

    def _draw(self) -> None:
        """Write what has changed, and nothing where nothing has, so that the line stands still."""
        text = self._text()
        if text == self._drawn:
            return
        if not text:
            if self._live is not None:
                self._live.stop()
                self._live = None
            self._drawn = text
            return
        line = Text(text, style="dim")
        if self._live is None:
            self._live = Live(
                line, console=self._console, auto_refresh=False, transient=True,
                redirect_stdout=False, redirect_stderr=False,
            )  # fmt: skip
            self._live.start(refresh=True)
        else:
            self._live.update(line, refresh=True)
        # Last, because Ctrl-C may come at any place above, and what is not known to be drawn is never taken away.
        self._drawn = text

    def _text(self) -> str:
        if self._draft:
            return f"wording: {self._draft}"
        seconds = int(time.monotonic() - self._since)
        return f"{self._phrase} {seconds} s" if self._phrase and seconds else self._phrase
