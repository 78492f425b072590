"""Papers in Quodvide's own form, and the plain JSON records that resemble it (id, title, abstract, authors, ...)."""

from typing import Any

from stores.records import BODY_JOIN, Paper
from tools.ingest.formats.assemble import Parts, assemble, funding_of, required_title, topic
from tools.ingest.formats.fields import (
    Notes,
    author_id,
    count,
    country,
    doi,
    exact_text,
    first_text,
    identifier,
    items,
    orcid,
    score,
    text_or_none,
    unique_texts,
    year,
)
from tools.ingest.formats.marks import given_marks, joined_sections, marks_in_body


def read_generic(record: dict[str, Any], notes: Notes) -> Paper:
    """Read one record; unknown fields are ignored.

    Raises:
        UnusableRecordError: it has no title, or an unusable id.
    """
    parts: Parts = {
        "title": required_title(record.get("title")),
        "abstract": exact_text(record, "abstract", notes),
        "authors": [a for entry in items(record, "authors", notes) if (a := _author(entry, notes))],
        "year": year(record.get("year"), notes),
        "venue": text_or_none(record.get("venue")),
        "doi": doi(record.get("doi")),
        "url": text_or_none(record.get("url")),
    }
    parts |= _text(record, parts["abstract"], notes)
    if record.get("keywords"):
        parts["keywords"] = unique_texts(items(record, "keywords", notes))
    if record.get("topics"):
        parts["topics"] = [t for entry in items(record, "topics", notes) if (t := _topic(entry, notes))]
    if record.get("funding"):
        parts["funding"] = _funding(items(record, "funding", notes), notes)
    if record.get("funding_statement"):
        parts["funding_statement"] = exact_text(record, "funding_statement", notes)
    if record.get("cited_by_count") is not None:
        parts["cited_by_count"] = count(record["cited_by_count"], "cited_by_count", notes)
    return assemble(record.get("id"), parts)


def _text(record: dict[str, Any], abstract: str, notes: Notes) -> Parts:
    """Return the full text, given whole or in sections, with its marks."""
    parts: Parts = {}
    if record.get("full_text"):
        parts["full_text"] = exact_text(record, "full_text", notes)
    elif record.get("sections"):
        parts["full_text"], places = joined_sections(items(record, "sections", notes))
        parts["marks"] = marks_in_body(places, abstract, parts["full_text"])
    if record.get("marks"):
        body = BODY_JOIN.join(part for part in (abstract, parts.get("full_text")) if part)
        parts["marks"] = given_marks(record, len(body), notes)
    return parts


def _author(entry: Any, notes: Notes) -> Parts | None:
    if isinstance(entry, str):
        entry = {"name": entry}
    name = text_or_none(entry.get("name")) if isinstance(entry, dict) else None
    if name is None:
        notes.append("an author without a name was left out")
        return None
    own_orcid = orcid(entry.get("orcid")) if "orcid" in entry else None
    author: Parts = {"id": author_id(entry.get("id"), own_orcid, name), "name": name}
    if own_orcid is not None:
        author["orcid"] = own_orcid
    given = entry.get("affiliations") or entry.get("affiliation")
    if given:
        author["affiliations"] = [a for one in _as_list(given) if (a := _affiliation(one))]
    return author


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _affiliation(entry: Any) -> Parts | None:
    if isinstance(entry, str):
        return None if entry.isspace() or not entry else {"text": entry}
    if not isinstance(entry, dict):
        return None
    text = first_text(entry.get("text"), entry.get("name"))
    organization = first_text(entry.get("organization_id"), entry.get("ror"))
    code = country(entry.get("country_code"))
    return {"text": text, "organization_id": organization, "country_code": code} if text else None


def _topic(entry: Any, notes: Notes) -> Any:
    if isinstance(entry, str):
        entry = {"name": entry}
    name = text_or_none(entry.get("name")) if isinstance(entry, dict) else None
    if name is None:
        notes.append("a topic without a name was left out")
        return None
    return topic(name, identifier(entry.get("id")), score(entry.get("score")))


def _funding(entries: list[Any], notes: Notes) -> list[Parts]:
    found: list[tuple[str | None, str | None, list[str]]] = []
    for given in entries:
        entry = {"name": given} if isinstance(given, str) else given
        if not isinstance(entry, dict):
            notes.drop("funding", given)
            continue
        grants = unique_texts(_as_list(entry.get("grants")))
        found.append((text_or_none(entry.get("name")), identifier(entry.get("funder_id")), grants))
    return funding_of(found, notes)
