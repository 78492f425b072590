"""The conversation in a terminal: streams, remembers, asks when a name is ambiguous; Ctrl-C stops an answer only."""

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import WordCompleter
from prompt_toolkit.history import FileHistory
from prompt_toolkit.output import ColorDepth
from rich.console import Console

from agent import settings as settings_
from agent import show, threads
from agent.session import Asked, Done, Said, Session
from agent.show import safe
from agent.wiring import open_session
from prompts.characters import printable
from stores.conversations import Conversations, thread_name
from stores.errors import QuodvideError, StoreMissing
from tools.grounding.base import Citation

_HELP = """\
Type a question. When a name is ambiguous, answer with a number.
/sources [N]    the quotations behind the last answer; with a number, the text around that one
/profile NAME   an author's profile
/find WORDS     papers on something
/similar PAPER  the papers nearest to one, by its id or title
/entities       what the last question was understood to name
/themes [TEXT]  rank themes for a text, or for the paper of the last answer
/threads        all conversations
/thread NAME    go on with a conversation, or begin one
/resume [NAME]  go on with a conversation that there is, or the latest other one, and see where it stood
/export [FILE]  write this conversation as JSON Lines
/delete NAME    delete a conversation
/help           this text
/quit           end (also Ctrl-D); Ctrl-C stops an answer"""
_COMMANDS = [
    "/sources",
    "/profile",
    "/find",
    "/similar",
    "/entities",
    "/themes",
    "/threads",
    "/thread",
    "/resume",
    "/export",
    "/delete",
    "/help",
    "/quit",
]
_ODD = re.compile(r"[^\w.-]+")


class Repl:
    """One running conversation."""

    def __init__(self, console: Console, session: Session, conversations: Conversations, thread: str) -> None:
        self._console = console
        self._session = session
        self._conversations = conversations
        self._thread = thread
        self._last: Done | None = None
        self._cited: tuple[Citation, ...] = ()
        self._commands: dict[str, Callable[[str], None]] = {
            "/sources": self._sources,
            "/entities": self._entities,
            "/profile": self._asked("Give me the profile of {}"),
            "/find": self._asked("Find papers on {}"),
            "/similar": self._asked("Find papers similar to {}"),
            "/themes": self._themes,
            "/threads": self._threads,
            "/thread": self._switch,
            "/resume": self._resume,
            "/export": self._export,
            "/delete": self._delete,
            "/help": lambda _: self._console.print(_HELP, highlight=False),
        }

    def take(self, text: str) -> bool:
        """Handle one line; return whether the conversation goes on."""
        text = text.strip()
        command, _, argument = text.partition(" ")
        if command in {"/quit", "/exit"}:
            return False
        if command in self._commands:
            try:
                self._commands[command](argument.strip())
            except QuodvideError as error:
                self._console.print(f"[red]{safe(str(error))}[/red]", highlight=False)
            except KeyboardInterrupt:
                self._console.print("[dim](stopped)[/dim]")
        elif command.startswith("/"):
            self._console.print(f"There is no command {safe(command)}; /help lists them.", highlight=False)
        elif text:
            try:
                self._answer(text)
            except KeyboardInterrupt:
                self._console.print("[dim](stopped)[/dim]")
        return True

    def _answer(self, text: str) -> None:
        shown = show.Shown(self._console, folded=True)
        events = self._session.turn(text, self._thread)
        try:
            for event in events:
                if isinstance(event, Said):
                    shown.sentence(event.sentence)
                elif isinstance(event, Asked):
                    show.question(self._console, event.clarification)
                else:
                    self._last = event
                    show.end(self._console, shown, event.reply)
                    self._cited = tuple(shown.citations)
                    if shown.citations:
                        self._console.print("[dim]/sources N opens one[/dim]", highlight=False)
        finally:
            close = getattr(events, "close", None)
            if close:
                close()

    def _asked(self, form: str) -> Callable[[str], None]:
        """Return a command that asks a question about its argument."""

        def ask(argument: str) -> None:
            if argument:
                self._answer(form.format(argument))
            else:
                self._console.print("Say of what; /help shows how.", highlight=False)

        return ask

    def _sources(self, number: str) -> None:
        if not self._last:
            self._console.print("Nothing was answered yet.")
            return
        if number:
            if not number.isdecimal() or not 1 <= int(number) <= len(self._cited):
                self._console.print(f"The last answer has {len(self._cited)} sources; give a number.", highlight=False)
                return
            citation = self._cited[int(number) - 1]
            show.opened(self._console, citation, self._session.paper(citation.paper_id))
            return
        for sentence in self._last.reply.sentences:
            for citation in sentence.citations:
                place = show.where(citation)
                self._console.print(f"[cyan]{safe(place)}[/cyan]\n    “{safe(citation.quote)}”", highlight=False)

    def _entities(self, _: str) -> None:
        for entity in self._last.reply.entities if self._last else ():
            best = entity.link.candidates[0] if entity.link.candidates and not entity.link.nil else None
            linked = f"{best.name} ({best.id}), {entity.link.confidence:.2f}" if best else "no match"
            self._console.print(f"{safe(entity.text)} [dim]{entity.type}[/dim] → {safe(linked)}", highlight=False)

    def _themes(self, text: str) -> None:
        self._answer(f"Rank the themes for this text: {text}" if text else "Which themes fit this paper best?")

    def _threads(self, _: str) -> None:
        for thread in self._conversations.listed():
            mark = "* " if thread.name == self._thread else "  "
            self._console.print(mark + threads.listed(thread), highlight=False)

    def _switch(self, name: str) -> None:
        if name:
            self._thread = thread_name(name)
            self._last, self._cited = None, ()
        self._console.print(f"Conversation: {safe(self._thread)}", highlight=False)
        self.say_what_waits()

    def _resume(self, name: str) -> None:
        known = self._conversations.threads()
        wanted = thread_name(name) if name else next((each for each in known if each != self._thread), None)
        if wanted not in known:
            self._console.print(f"There is no conversation {safe(name)}".rstrip(), highlight=False)
            return
        self._thread, self._last, self._cited = wanted, None, ()
        self._console.print(f"Conversation: {safe(wanted)}", highlight=False)
        for turn in self._conversations.turns(wanted)[-1:]:
            threads.print_turn(self._console, turn)
        self.say_what_waits()

    def say_what_waits(self) -> None:
        """Print the choice that this conversation waits for, if any."""
        if (asked := self._session.pending(self._thread)) is not None:
            show.question(self._console, asked)

    def _export(self, file: str) -> None:
        target = file or f"{_ODD.sub('-', self._thread)[:80]}.jsonl"
        count = threads.write_turns(self._conversations, self._thread, target)
        self._console.print(f"{count} turns written to {safe(target)}", highlight=False)

    def _delete(self, name: str) -> None:
        done = self._conversations.delete(thread_name(name))
        self._console.print(f"{'Deleted' if done else 'There is no conversation'} {safe(name)}", highlight=False)


def converse(home: Path | None, thread: str) -> int:
    """Talk until the user ends it; return the exit status."""
    settings = settings_.load(home)
    if not settings.home.is_dir():
        raise StoreMissing(
            "nothing was ingested here yet", where=str(settings.home), hint="Run `quodvide ingest FILE` first"
        )
    console = Console(emoji=False)
    conversations = Conversations(settings.home / "conversations.sqlite")
    session, close = open_session(settings, conversations, interactive=True)
    ask = _prompt(settings.home / "history")
    repl = Repl(console, session, conversations, thread_name(thread or "main"))
    console.print("Ask about the papers here and the people behind them; /help lists the commands.", style="dim")
    try:
        repl.say_what_waits()
        while True:
            try:
                if not repl.take(ask()):
                    return 0
            except KeyboardInterrupt:
                continue
            except EOFError:
                return 0
    finally:
        close()
        conversations.close()


def _prompt(history: Path) -> Callable[[], str]:
    """Return what asks for a line: with history and completion on a terminal, plainly in a pipe or on a dumb one."""
    if not sys.stdin.isatty():
        return _next_line
    if os.environ.get("TERM", "dumb") == "dumb":
        return lambda: input("? ")
    prompt: PromptSession[str] = PromptSession(
        history=FileHistory(str(history)),
        completer=WordCompleter(_COMMANDS, sentence=True),
        color_depth=ColorDepth.DEPTH_4_BIT,
    )
    return lambda: prompt.prompt("? ")


def _next_line() -> str:
    """Return the next line of standard input, shown, so that what is written reads as a conversation."""
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    sys.stdout.write(f"\n? {printable(line.rstrip())}\n")
    return line
