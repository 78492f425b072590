"""Work records as the OpenAlex API and snapshot publish them."""

from typing import Any

from stores.records import Paper
from tools.ingest.formats.assemble import Parts, assemble, funding_of, required_title, topic
from tools.ingest.formats.fields import (
    Notes,
    author_id,
    count,
    doi,
    first_text,
    identifier,
    items,
    mapping,
    orcid,
    score,
    text_or_none,
    unique_texts,
    year,
)
from tools.ingest.formats.works import affiliations_of


def read_openalex(record: dict[str, Any], notes: Notes) -> Paper:
    """Read one OpenAlex work; its abstract is rebuilt from the inverted index.

    Raises:
        UnusableRecordError: it has no title, or an unusable id.
    """
    location = mapping(record.get("primary_location"))
    source = mapping(location.get("source")) or mapping(record.get("host_venue"))
    title = record.get("title")
    parts: Parts = {
        "title": required_title(record.get("display_name") if title is None else title),
        "abstract": text_or_none(record.get("abstract")) or _abstract(record.get("abstract_inverted_index"), notes),
        "authors": [a for entry in items(record, "authorships", notes) if (a := _author(mapping(entry), notes))],
        "year": year(record.get("publication_year"), notes),
        "venue": first_text(source.get("display_name"), location.get("raw_source_name")),
        "doi": doi(record.get("doi")),
        "url": first_text(location.get("landing_page_url"), record.get("doi"), record.get("id")),
        "keywords": _keywords(record, notes),
        "topics": [
            topic(name, identifier(t.get("id")), score(t.get("score")))
            for t in map(mapping, [*items(record, "topics", notes), *items(record, "concepts", notes)])
            if (name := text_or_none(t.get("display_name")))
        ],
        "funding": funding_of(_funding(record, notes), notes),
        "cited_by_count": count(record.get("cited_by_count"), "cited_by_count", notes),
    }
    return assemble(record.get("id"), parts)


def _abstract(index: Any, notes: Notes) -> str:
    """Put the words of an inverted index {word: [positions]} back in order."""
    placed: list[tuple[int, str]] = []
    for word, positions in mapping(index).items():
        if not isinstance(positions, list):
            notes.drop("abstract_inverted_index", positions)
            continue
        placed.extend((at, word) for at in positions if isinstance(at, int) and not isinstance(at, bool))
    return " ".join(word for _, word in sorted(placed))


def _author(entry: dict[str, Any], notes: Notes) -> Parts | None:
    author = mapping(entry.get("author"))
    name = first_text(author.get("display_name"), entry.get("raw_author_name"))
    if name is None:
        notes.append("an author without a name was left out")
        return None
    own_orcid = orcid(author.get("orcid"))
    raw = items(entry, "raw_affiliation_strings", notes) or [entry.get("raw_affiliation_string")]
    return {
        "id": author_id(author.get("id"), own_orcid, name),
        "name": name,
        "orcid": own_orcid,
        "affiliations": affiliations_of(items(entry, "institutions", notes), raw),
    }


def _keywords(record: dict[str, Any], notes: Notes) -> list[str]:
    given: list[Any] = []
    for keyword in items(record, "keywords", notes):
        named = mapping(keyword)
        given.append(
            keyword if isinstance(keyword, str) else first_text(named.get("display_name"), named.get("keyword"))
        )
    given += [mapping(heading).get("descriptor_name") for heading in items(record, "mesh", notes)]
    return unique_texts(given)


def _funding(record: dict[str, Any], notes: Notes) -> list[tuple[str | None, str | None, list[str]]]:
    """Gather `awards` and `grants` (the earlier form) with the funders that gave them; ROR replaces OpenAlex's id."""
    funders = [mapping(f) for f in items(record, "funders", notes)]
    ror = {f.get("id"): r for f in funders if isinstance(f.get("id"), str) and (r := text_or_none(f.get("ror")))}
    found: list[tuple[str | None, str | None, list[str]]] = []
    for entry in map(mapping, [*items(record, "awards", notes), *items(record, "grants", notes)]):
        funder_id = first_text(entry.get("funder_id"), entry.get("funder"))
        name = text_or_none(entry.get("funder_display_name"))
        grants = unique_texts([entry.get("funder_award_id"), entry.get("award_id")])
        if name or funder_id or grants:
            found.append((name, ror.get(funder_id, funder_id), grants))
    found += [(text_or_none(f.get("display_name")), first_text(f.get("ror"), f.get("id")), []) for f in funders if f]
    return found
