"""`quodvide threads`: the conversations of a home folder, listed, printed, exported and deleted."""

import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import typer
from rich.console import Console

from agent import batch
from agent import settings as settings_
from agent.show import safe
from stores.errors import InputError, StoreMissing
from stores.home import Home

if TYPE_CHECKING:
    from stores.conversations import Conversations, Thread, Turn

_SHORT = 60  # characters of a name or a question in a list
_QUOTE = 400


@contextmanager
def opened(home: Path | None) -> "Iterator[Conversations]":
    """Open the conversations of a home folder.

    Raises:
        StoreMissing: there is no such folder.
    """
    from stores.conversations import Conversations

    folder = Home(settings_.load(home).home)
    if not folder.root.is_dir():
        raise StoreMissing(
            "nothing was ingested here yet", where=str(folder.root), hint="Run `quodvide ingest FILE` first"
        )
    conversations = Conversations(folder.conversations)
    try:
        yield conversations
    finally:
        conversations.close()


def print_list(home: Path | None, *, json: bool) -> int:
    """Print all conversations, the latest first."""
    with opened(home) as conversations:
        found = conversations.listed()
    if json:
        typer.echo(orjson.dumps([thread.model_dump() for thread in found], option=orjson.OPT_INDENT_2).decode())
        return 0
    console = Console(soft_wrap=True)
    for thread in found:
        console.print(listed(thread), highlight=False)
    if not found:
        typer.echo("no conversations yet; `quodvide chat` begins one", err=True)
    return 0


def listed(thread: "Thread") -> str:
    """Return a conversation as one line of a list."""
    when = thread.at[:16].replace("T", " ") or "unknown time"
    turns = f"{thread.turns} turn{'s' if thread.turns != 1 else ''}"
    waits = ", waits for a choice" if thread.waiting else ""
    return f"{safe(_short(thread.name))} [dim]({when} UTC, {turns}{waits})[/dim] {safe(_short(thread.question))}"


def print_thread(home: Path | None, name: str) -> int:
    """Print the turns that are kept of a conversation.

    Raises:
        InputError: there is no such conversation.
    """
    console = Console()
    with opened(home) as conversations:
        for turn in _turns(conversations, _kept_as(name)):
            print_turn(console, turn)
    return 0


def print_turn(console: Console, turn: "Turn") -> None:
    """Print a question, what was said to it, and the quotations."""
    body = orjson.loads(turn.body)
    console.print(f"[dim]{turn.n}, {turn.at[:16].replace('T', ' ')} UTC[/dim] [bold]{safe(turn.question)}[/bold]")
    numbers: dict[str, int] = {}
    places: list[str] = []
    for sentence in body["sentences"]:
        cited = []
        for citation in sentence["citations"]:
            place = f"{citation['paper_id']}, {citation['section']} {citation['start']}–{citation['end']}"
            cited.append(numbers.setdefault(place, len(numbers) + 1))
            if len(numbers) > len(places):
                quote = textwrap.shorten(citation["quote"], _QUOTE, placeholder=" …")
                places.append(f"{safe(f'[{len(numbers)}]')} {safe(place)}: “{safe(quote)}”")
        marks = "".join(f"[{n}]" for n in cited)
        console.print(f"{safe(sentence['text'])} [cyan]{safe(marks)}[/cyan]".rstrip(), highlight=False)
    if body["intent"] in {"find_papers", "similar_papers"} or body.get("conditions"):
        for n, paper in enumerate(body["papers"], start=1):
            console.print(f"{n:3}. {safe(paper['title'])} [dim]({safe(paper['paper_id'])})[/dim]", highlight=False)
    for line in places:
        console.print(f"[dim]{line}[/dim]", highlight=False)
    if body["outcome"] != "answered":
        console.print(f"[yellow]{body['outcome'].replace('_', ' ')}:[/yellow] {safe(body.get('reason') or '')}")
    console.print()


def export_thread(home: Path | None, name: str, target: str) -> int:
    """Write the turns that are kept of a conversation as JSON Lines."""
    with opened(home) as conversations:
        write_turns(conversations, name, target)
    return 0


def write_turns(conversations: "Conversations", name: str, target: str) -> int:
    """Write the turns that are kept of a conversation as JSON Lines; return how many.

    Raises:
        InputError: there is no such conversation.
        ConfigError: the target cannot be written.
    """
    name = _kept_as(name)
    turns = _turns(conversations, name)
    with batch.writing(target) as out:
        for turn in turns:
            out.write(orjson.dumps(exported(name, turn)) + b"\n")
    return len(turns)


def exported(name: str, turn: "Turn") -> dict[str, Any]:
    """Return the record of a turn: that of `quodvide ask`, with where and when it was asked."""
    body = orjson.loads(turn.body)
    about = {"id": f"{name}#{turn.n}", "thread": name, "turn": turn.n, "when": turn.at, "question": turn.question}
    record = body.get("record") or {}
    return {**about, "waiting": turn.waiting, "choices": record.get("choices", {}), **body}


def delete_thread(home: Path | None, name: str) -> int:
    """Delete a conversation.

    Raises:
        InputError: there is no such conversation.
    """
    name = _kept_as(name)
    with opened(home) as conversations:
        if not conversations.delete(name):
            raise _unknown(name)
    Console().print(f"deleted {safe(_short(name))}", highlight=False)
    return 0


def _turns(conversations: "Conversations", name: str) -> "list[Turn]":
    found = conversations.turns(name)
    if not found and name not in conversations.threads():
        raise _unknown(name)
    return found


def _kept_as(name: str) -> str:
    from stores.conversations import thread_name

    return thread_name(name)


def _unknown(name: str) -> InputError:
    return InputError(f"there is no conversation {_short(name)!r}", hint="`quodvide threads` lists them")


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _SHORT else text[: _SHORT - 2] + " …"
