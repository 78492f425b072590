"""Places in a paper's text where pages and sections begin."""

from collections.abc import Iterable, Mapping
from typing import Any

from stores.records import BODY_JOIN, MarkKind
from tools.ingest.formats.assemble import Parts
from tools.ingest.formats.fields import Notes, items, mapping, text_or_none

Place = tuple[int, MarkKind, str]
MAX_LABEL_CHARS = 300


def marks_in_body(places: Iterable[Place], abstract: str, full_text: str) -> list[Parts]:
    """Return marks in a paper's body for places (offset, kind, label) in its full text; blank labels are left out."""
    shift = len(abstract) + len(BODY_JOIN) if abstract and full_text else 0
    return [
        {"start": start + shift, "kind": kind, "label": shown}
        for start, kind, label in places
        if (shown := " ".join(label.split())[:MAX_LABEL_CHARS])
    ]


def joined_sections(sections: list[Any], more: Iterable[tuple[str, str]] = ()) -> tuple[str, list[Place]]:
    """Return sections {title, text} as one text, each under its title, and the places where they begin.

    Args:
        sections: of a record.
        more: further (title, text) pairs behind them.
    """
    blocks: list[str] = []
    places: list[Place] = []
    at = 0
    titled = [(text_or_none(s.get("title")), text_or_none(s.get("text"))) for s in map(mapping, sections)]
    for title, text in [*titled, *more]:
        block = "\n".join(part for part in (title, text) if part)
        if block:
            if title:
                places.append((at, "section", title))
            blocks.append(block)
            at += len(block) + len(BODY_JOIN)
    return BODY_JOIN.join(blocks), places


def given_marks(record: Mapping[str, Any], length: int, notes: Notes) -> list[Parts]:
    """Return the marks that a record of our own form carries; those outside of a body of this length are left out."""
    found: list[Parts] = []
    for entry in items(record, "marks", notes):
        mark = mapping(entry)
        start, kind, label = mark.get("start"), mark.get("kind"), text_or_none(mark.get("label"))
        inside = isinstance(start, int) and not isinstance(start, bool) and 0 <= start <= length
        if inside and kind in {"page", "section"} and label:
            found.append({"start": start, "kind": kind, "label": label})
        else:
            notes.append("a mark that is unusable was left out")
    return found
