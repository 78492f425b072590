"""The commands that answer one input: a person's form for one, a record for each of many."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from agent import batch, wire
from agent import settings as settings_
from agent.json_output import to_json
from agent.wiring import Parts
from stores.errors import InputError
from stores.records import AuthorityType, PaperFilter

if TYPE_CHECKING:
    from agent.session import Session

Handler = Callable[[dict[str, Any]], dict[str, Any]]


def serve(
    record: dict[str, Any] | None, source: str, target: str, handle: Handler, *, key: str = "id", resume: bool
) -> int:
    """Answer one record to standard output, indented, or a file of them; return the exit status."""
    if record is None:
        return batch.run(source, target, handle, key=key, resume=resume)
    text = to_json(handle(record), indent=True).decode()
    if target == "-":
        typer.echo(text)
    else:
        with batch.writing(target) as out:
            out.write(f"{text}\n".encode())
    return 0


def text_of(record: dict[str, Any], field: str) -> str:
    """Return a field of a record that must hold a text.

    Raises:
        InputError: it is none, or it is empty.
    """
    value = record.get(field)
    if not isinstance(value, str) or not value.strip():
        raise InputError(f"{field!r} must be a text that is not empty", where=f"record {record.get('id', '')}".strip())
    return value


def _history(record: dict[str, Any]) -> list[Any]:
    from pydantic import TypeAdapter, ValidationError

    from tools.ner.base import Message

    try:
        return TypeAdapter(list[Message]).validate_python(record.get("history") or [])
    except ValidationError as error:
        hint = "It is a list of {role: user or assistant, content}"
        raise InputError(f"'history' cannot be read ({error.errors()[0]['msg']})", hint=hint) from error


def ask(home: Path | None, question: str | None, source: str, target: str, *, resume: bool, json: bool) -> int:
    """Answer questions."""
    from agent.wiring import open_session

    settings = settings_.load(home)
    session, close = open_session(settings)
    try:
        if question is not None and not json and target == "-":
            return _ask_person(session, text_of({"question": question}, "question"))

        def handle(record: dict[str, Any]) -> dict[str, Any]:
            reply = session.ask(text_of(record, "question"), _history(record))
            return {"id": record.get("id"), **wire.reply(reply)}

        one = {"id": "1", "question": question} if question is not None else None
        return serve(one, source, target, handle, resume=resume)
    finally:
        close()


def _ask_person(session: "Session", question: str) -> int:
    from rich.console import Console

    from agent import show
    from agent.session import Done, Said
    from agent.terminal.interrupts import interruptible
    from agent.terminal.progress import Progress

    console = Console(emoji=False)
    shown = show.Shown(console)
    status = 1
    with interruptible(), Progress(console) as progress:
        for event in progress.over(session.stream(question, progress=True)):
            if isinstance(event, Said):
                shown.sentence(event.sentence)
            elif isinstance(event, Done):
                show.end(console, shown, event.reply)
                status = 1 if event.reply.outcome == "failed" else 0
    return status


def understand(home: Path | None, question: str | None, source: str, target: str, *, resume: bool) -> int:
    """Show what questions mean."""
    from graphs.question.entities import entities
    from tools.linking.resolve import resolve

    parts = Parts(settings_.load(home))

    def handle(record: dict[str, Any]) -> dict[str, Any]:
        started = time.perf_counter()
        found = parts.understander.understand(text_of(record, "question"), _history(record))
        understood = time.perf_counter()
        resolved = resolve(found, parts.linker, parts.catalogue)
        timings = {"understand": understood - started, "link": time.perf_counter() - understood}
        body = wire.understood(found, entities(resolved), resolved.excluded)
        return {"id": record.get("id"), **body, "timings": {name: round(s, 4) for name, s in timings.items()}}

    one = {"id": "1", "question": question} if question is not None else None
    return serve(one, source, target, handle, resume=resume)


def link(
    home: Path | None, text: str | None, type_: AuthorityType, top: int, source: str, target: str, *, resume: bool
) -> int:
    """Link names to canonical records."""
    from pydantic import ValidationError

    from tools.linking.base import LinkContext

    parts = Parts(settings_.load(home))

    def handle(record: dict[str, Any]) -> dict[str, Any]:
        given = record.get("context") or {}
        try:
            if not isinstance(given, dict):
                raise InputError("'context' must be an object")
            context = LinkContext.model_validate(_context(given))
        except ValidationError as error:
            raise InputError(f"'context' cannot be read ({error.errors()[0]['msg']})") from error
        name = text_of(record, "text")
        body = wire.linked(name, type_, parts.linker.link(type_, name, context, top))
        return {"id": record["id"], **body} if "id" in record else body

    return serve({"text": text} if text is not None else None, source, target, handle, resume=resume)


def _context(given: dict[str, Any]) -> dict[str, Any]:
    """Accept a single affiliation, organization, country or topic as well as lists, and the field names of papers."""
    context: dict[str, Any] = {}
    for field, names in (
        ("organizations", ("organizations", "organization", "affiliation", "affiliations")),
        ("countries", ("countries", "country")),
        ("coauthors", ("coauthors", "coauthor")),
        ("topics", ("topics", "topic")),
    ):
        values = [given[name] for name in names if given.get(name)]
        context[field] = [text for value in values for text in (value if isinstance(value, list) else [value])]
    titles = [str(given[name]) for name in ("title", "text") if given.get(name)]
    paper = str(given["paper_id"]) if given.get("paper_id") else None
    return context | {
        "venue": given.get("venue"), "year": given.get("year"), "text": " ".join(titles), "paper_id": paper,
    }  # fmt: skip


def retrieve(home: Path | None, query: str | None, top: int, source: str, target: str, *, resume: bool) -> int:
    """Find documents by their best passage."""
    from pydantic import ValidationError

    from tools.retrieval.hybrid import best_per_document

    parts = Parts(settings_.load(home))

    def handle(record: dict[str, Any]) -> dict[str, Any]:
        among = None
        if record.get("filters"):
            try:
                among = parts.catalogue.filters.find(PaperFilter.model_validate(record["filters"]))
            except ValidationError as error:
                place = ".".join(map(str, error.errors()[0]["loc"]))
                raise InputError(f"'filters' cannot be read ({place}: {error.errors()[0]['msg']})") from error
        hits = parts.retriever.retrieve(text_of(record, "query"), k=top, among=among, per_paper=1, feedback=True)
        return {"query_id": record.get("query_id"), "results": [wire.hit(hit) for hit in best_per_document(hits)]}

    one = {"query_id": "1", "query": query} if query is not None else None
    return serve(one, source, target, handle, key="query_id", resume=resume)


def similar(
    home: Path | None, paper_id: str | None, text: str | None, top: int, source: str, target: str, *, resume: bool
) -> int:
    """Find the nearest papers."""
    parts = Parts(settings_.load(home))

    def handle(record: dict[str, Any]) -> dict[str, Any]:
        if record.get("paper_id"):
            found = parts.similar.to_paper(text_of(record, "paper_id"), top)
            return {"paper_id": record["paper_id"], "results": [wire.paper(each) for each in found]}
        found = parts.similar.to_text(text_of(record, "text"), top)
        return {"results": [wire.paper(each) for each in found]}

    one = {"paper_id": paper_id} if paper_id else {"text": text} if text else None
    return serve(one, source, target, handle, key="paper_id", resume=resume)
