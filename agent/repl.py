"""The conversation in a terminal: streams, remembers, asks when a name is ambiguous; Ctrl-C stops an answer only."""

import re
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from agent import settings as settings_
from agent import show, threads, usage
from agent.session import Asked, Done, Said
from agent.show import safe
from agent.terminal.commands import COLUMN, COMMANDS, HELP
from agent.terminal.completion import ChatCompleter
from agent.terminal.interrupts import interruptible
from agent.terminal.opened import Opened
from agent.terminal.progress import Progress
from agent.terminal.prompt import asking
from stores.conversations import Conversations, thread_name
from stores.errors import QuodvideError, StoreMissing
from tools.grounding.base import Citation

_ODD = re.compile(r"[^\w.-]+")


class Repl:
    """One running conversation.

    Args:
        console: to print on.
        opened: what answers.
        conversations: where turns are kept.
        thread: name of the conversation.
    """

    def __init__(self, console: Console, opened: Opened, conversations: Conversations, thread: str) -> None:
        self._console = console
        self._opened = opened
        self._conversations = conversations
        self._thread = thread
        self._last: Done | None = None
        self._cited: tuple[Citation, ...] = ()
        self._commands: dict[str, Callable[[str], None]] = {
            "/sources": self._sources,
            "/entities": self._entities,
            "/profile": self._asked("Give me the profile of {}"),
            "/find": self._asked("Find papers on {}"),
            "/similar": self._similar,
            "/paper": self._paper,
            "/themes": self._themes,
            "/threads": self._threads,
            "/thread": self._switch,
            "/resume": self._resume,
            "/export": self._export,
            "/delete": self._delete,
            "/usage": self._usage,
            "/model": self._model,
            "/help": self._help,
        }

    def take(self, text: str) -> bool:
        """Handle one message; return whether the conversation goes on."""
        text = text.strip()
        command, argument = [*text.split(maxsplit=1), "", ""][:2]
        if command in {"/quit", "/exit"}:
            return False
        if command in self._commands:
            try:
                self._commands[command](argument.strip())
            except QuodvideError as error:
                self._console.print(f"[red]{safe(str(error))}[/red]", highlight=False)
            except KeyboardInterrupt:
                self._console.print("[dim](stopped)[/dim]", highlight=False)
        elif command.startswith("/"):
            self._console.print(f"There is no command {safe(command)}; /help lists them.", highlight=False)
        elif text:
            try:
                self._answer(text)
            except KeyboardInterrupt:
                self._console.print("[dim](stopped)[/dim]", highlight=False)
        return True

    def _answer(self, text: str) -> None:
        shown = show.Shown(self._console, folded=True)
        with interruptible(), Progress(self._console) as progress:
            if not self._opened.loaded.is_set():
                progress.step("loading the embedding model")
                self._opened.loaded.wait()
            events = self._opened.session.turn(text, self._thread, progress=True)
            try:
                for event in progress.over(events):
                    self._show(event, shown)
            finally:
                close = getattr(events, "close", None)
                if close:
                    close()

    def _show(self, event: Said | Asked | Done, shown: show.Shown) -> None:
        if isinstance(event, Said):
            shown.sentence(event.sentence)
        elif isinstance(event, Asked):
            show.question(self._console, event.clarification)
        else:
            self._last, self._cited = event, tuple(shown.citations)
            show.end(self._console, shown, event.reply)
            show.understood(self._console, event.reply.entities)
            if hints := show.hints(event.reply, shown):
                self._console.print(f"[dim]{hints}[/dim]", highlight=False)

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
            show.opened(self._console, citation, self._opened.session.paper(citation.paper_id))
            return
        for n, citation in enumerate(self._cited, start=1):
            show.quoted(self._console, n, citation)

    def _paper(self, number: str) -> None:
        """Print the abstract of a paper of the last answer."""
        id_ = self._numbered(number)
        paper = self._opened.session.paper(id_) if id_ else None
        if paper is not None:
            show.paper(self._console, paper)
        elif id_:
            self._console.print(f"{safe(id_)} is no longer here.", highlight=False)
        else:
            count = len(self._papers())
            said = (
                f"The last answer numbers {count} paper{'s' if count != 1 else ''}; give a number."
                if count
                else "No paper was listed yet."
            )
            self._console.print(said, highlight=False)

    def _similar(self, wanted: str) -> None:
        self._asked("Find papers similar to {}")(self._numbered(wanted) or wanted)

    def _papers(self) -> list[str]:
        """Return the ids of papers as the last answer numbers them: those of its list, else those of its sources."""
        if self._last and self._last.reply.lists:
            return [paper.paper_id for paper in self._last.reply.papers]
        return [citation.paper_id for citation in self._cited]

    def _numbered(self, number: str) -> str | None:
        papers = self._papers()
        return papers[int(number) - 1] if number.isdecimal() and 1 <= int(number) <= len(papers) else None

    def _entities(self, _: str) -> None:
        entities = self._last.reply.entities if self._last else ()
        if not entities:
            self._console.print("No name was found in the last question.", highlight=False)
        for entity in entities:
            best = entity.link.candidates[0] if entity.link.candidates and not entity.link.nil else None
            linked = f"{best.name} ({best.id}), {entity.link.confidence:.2f}" if best else "no match"
            said = f"{show.one_line(entity.text)} [dim]{entity.type}[/dim] → {show.one_line(linked)}"
            show.entry(self._console, "", said, indent=4)

    def _themes(self, text: str) -> None:
        self._answer(f"Rank the themes for this text: {text}" if text else "Which themes fit this paper best?")

    def _threads(self, _: str) -> None:
        for thread in self._conversations.listed():
            mark = "* " if thread.name == self._thread else "  "
            show.entry(self._console, mark, threads.listed(thread))

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
        if (asked := self._opened.session.pending(self._thread)) is not None:
            show.question(self._console, asked)

    def _export(self, file: str) -> None:
        target = str(Path(file).expanduser()) if file else f"{_ODD.sub('-', self._thread)[:80]}.jsonl"
        count = threads.write_turns(self._conversations, self._thread, target)
        self._console.print(f"{count} turns written to {safe(target)}", highlight=False)

    def _delete(self, name: str) -> None:
        done = self._conversations.delete(thread_name(name))
        self._console.print(f"{'Deleted' if done else 'There is no conversation'} {safe(name)}", highlight=False)

    def _usage(self, _: str) -> None:
        usage.print_thread(self._console, self._opened.home, self._thread)

    def _help(self, _: str) -> None:
        for line in HELP.splitlines():
            head = line[:COLUMN] if line.startswith("/") else ""
            show.entry(self._console, safe(head), safe(line.removeprefix(head)))

    def _model(self, model: str) -> None:
        """Say which models are in use, or take another chat model."""
        if model:
            with Progress(self._console) as progress:
                progress.step("loading the chat model")
                self._opened.exchange(model)
        for line in self._opened.models():
            show.entry(self._console, "", safe(line), indent=4)


def converse(home: Path | None, thread: str) -> int:
    """Talk until the user ends it; return the exit status."""
    settings = settings_.load(home)
    if not settings.home.is_dir():
        raise StoreMissing(
            "nothing was ingested here yet", where=str(settings.home), hint="Run `quodvide ingest FILE` first"
        )
    console = Console(emoji=False)
    conversations = Conversations(settings.home / "conversations.sqlite")
    opened = Opened(settings, conversations)
    completer = ChatCompleter(COMMANDS, opened.people, conversations.threads)
    ask = asking(settings.home / "history", completer)
    repl = Repl(console, opened, conversations, thread_name(thread or "main"))
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
        opened.close()
        conversations.close()
