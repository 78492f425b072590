"""`quodvide profile`: an author by id or by name, as a record or as a person reads it; or many side by side."""

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from agent.batch import ASKED
from agent.clock import today
from agent.wiring import Parts
from graphs.profiles.context import Context
from graphs.profiles.graph import build
from graphs.profiles.nodes.summarize import one_author
from graphs.profiles.state import Outcome, Request
from stores.errors import InputError, QuodvideError
from stores.records import Record
from tools.profiling.base import Profile, Window

TOGETHER = 32  # authors that the graph is given at once


def context_of(parts: Parts) -> Context:
    """Return what the profiles graph is run with."""
    calls = parts.settings.chat.profile_calls
    return Context(
        catalogue=parts.catalogue,
        linker=lambda: parts.linker,
        vectors=parts.vectors,
        chat=parts.models.of("profile") if calls else None,
        calls=calls,
        drafts=parts.settings.chat.profile_drafts,
        counted=parts.settings.profiles.counted,
        today=today,
    )


def request_of(record: dict[str, Any]) -> Request:
    """Return what a record of the scripted interface asks for.

    Raises:
        InputError: it names no author, or its window cannot be read.
    """
    author = record.get("author_id")
    if not isinstance(author, str) or not author.strip():
        raise InputError("'author_id' must be a text that is not empty")
    try:
        window = Window.model_validate(record["window"]) if record.get("window") else None
    except ValidationError as error:
        raise InputError(
            f"'window' cannot be read ({error.errors()[0]['msg']})", hint="It is {year_from, year_to}"
        ) from error
    return Request(author=author.strip(), window=window)


def one(context: Context, record: dict[str, Any]) -> Profile:
    """Return the profile of one record.

    Raises:
        InputError: as `request_of`; or nobody is known by the id or name, several are, or the window is reversed.
    """
    return one_author(context, request_of(record))


def profiles(context: Context, records: list[dict[str, Any]], side_by_side: int) -> Iterator[Profile | QuodvideError]:
    """Yield the profile, or what went wrong, of each record in order, as soon as those before it are ready.

    Args:
        context: what the graph is run with.
        records: as the scripted interface has them.
        side_by_side: how many authors at once.
    """
    ready: dict[int, Profile | QuodvideError] = {}
    requests: list[Request] = []
    places: list[int] = []
    for n, record in enumerate(records):
        try:
            requests.append(request_of(record))
            places.append(n)
        except InputError as error:
            ready[n] = error
    due = 0
    for outcome in _run(context, requests, side_by_side):
        ready[places[outcome.place]] = _result(outcome)
        while due in ready:
            yield ready.pop(due)
            due += 1
    yield from (ready.pop(n) for n in sorted(ready))


def _run(context: Context, requests: list[Request], side_by_side: int) -> Iterator[Outcome]:
    if not requests:
        return
    updates = build().stream(
        {"requests": requests}, {"max_concurrency": side_by_side}, context=context, stream_mode="updates"
    )
    for update in updates:
        yield from update["summarize"]["outcomes"]


def _result(outcome: Outcome) -> Profile | QuodvideError:
    if outcome.profile is not None:
        return outcome.profile
    return Failed(outcome)


class Failed(QuodvideError):
    """What the graph said of an author that it could not summarize."""

    def __init__(self, outcome: Outcome) -> None:
        failure = outcome.failure
        super().__init__(failure.message if failure else "nothing came of it")
        self.code = failure.code if failure else "internal"  # type: ignore[misc]


def to_record(found: Profile, asked: str, refinement: Record | None = None) -> dict[str, Any]:
    """Return the record of the scripted interface; what was asked for is in it where that is a name and no id."""
    record = found.model_dump(mode="json")
    if refinement is not None:
        record["refinement"] = refinement.model_dump(mode="json")
    return record if asked == found.author_id else {ASKED: asked, **record}


def print_profile(found: Profile) -> None:
    """Print a profile with the papers that it rests on."""
    from rich.console import Console

    from agent.show import one_line, safe

    console = Console(emoji=False)
    window = f"{found.window.year_from or ''}–{found.window.year_to or ''}"
    console.print(
        f"[bold]{one_line(found.name)}[/bold], {window} [dim]({one_line(found.author_id)}; {safe(found.window_reason)})[/dim]"
    )
    for section in found.sections:
        console.print(f"\n[bold]{safe(section.title)}[/bold]")
        console.print(safe(section.text), highlight=False)
    console.print("\n[bold]Papers[/bold]")
    for paper in found.facts.titles:
        console.print(
            f"{paper.year or '    '}  {one_line(paper.title)} [dim]({one_line(paper.id)})[/dim]", highlight=False
        )
