"""Put the parts that a reader found together into a `Paper`, deriving what may be derived."""

import hashlib
from collections.abc import Mapping
from typing import Any

from stores.records import Paper
from tools.ingest.formats.fields import Notes, UnusableRecordError, identifier, text_or_none

Parts = dict[str, Any]
MAX_ID_CHARS = 1000


def required_title(value: Any) -> str:
    """Return the title exactly as given.

    Raises:
        UnusableRecordError: there is none.
    """
    if value is not None and not isinstance(value, str):
        raise UnusableRecordError("the title is not text")
    title = text_or_none(value)
    if title is None:
        raise UnusableRecordError("the record has no title")
    return title


def paper_id(given: Any, doi: str | None, parts: Parts) -> str:
    """Return the given identifier, or one derived from the DOI, or from title, year and first author.

    Raises:
        UnusableRecordError: the given identifier is neither text nor a number, or too long to be one.
    """
    known = identifier(given)
    if known is not None and len(known) > MAX_ID_CHARS:
        raise UnusableRecordError(f"the id is longer than {MAX_ID_CHARS} characters")
    if known is not None:
        return known
    if given is not None and not isinstance(given, str):
        raise UnusableRecordError("the id is neither text nor a number")
    if doi is not None:
        return f"doi:{doi.lower()}"
    authors = parts.get("authors") or [{"name": ""}]
    basis = "\x1f".join((parts["title"], str(parts.get("year") or ""), authors[0]["name"]))
    return f"sha256:{hashlib.sha256(basis.encode()).hexdigest()[:24]}"


def assemble(given_id: Any, parts: Parts) -> Paper:
    """Build the paper from checked parts.

    Raises:
        UnusableRecordError: as `paper_id`.
    """
    parts["id"] = paper_id(given_id, parts.get("doi"), parts)
    return Paper.model_validate(parts)


def funding_of(entries: list[tuple[str | None, str | None, list[str]]], notes: Notes) -> list[Parts]:
    """Gather (name, identifier, grants) entries of one funder into one, in the order of first mention.

    A funder that has an identifier and no name is named by its identifier; one with neither is left out.
    """
    gathered: dict[str, Parts] = {}
    for name, funder_id, grants in entries:
        shown = name or funder_id
        if shown is None:
            notes.append("a funder without a name was left out")
            continue
        funding = gathered.setdefault(funder_id or shown, {"name": shown, "funder_id": funder_id, "grants": []})
        funding["grants"].extend(grant for grant in grants if grant not in funding["grants"])
    return list(gathered.values())


def topic(name: str, topic_id: str | None, score: float | None) -> Mapping[str, Any]:
    """Return one topic as `Paper` takes it."""
    return {"name": name, "id": topic_id, "score": score}
