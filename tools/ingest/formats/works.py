"""Works with OpenAlex's content in a flat form: institutions, raw affiliations, concepts, MeSH, funders, sections."""

from typing import Any

from stores.records import Paper
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
    mapping,
    orcid,
    score,
    text_or_none,
    unique_texts,
    year,
)
from tools.ingest.formats.marks import joined_sections, marks_in_body


def read_works(record: dict[str, Any], notes: Notes) -> Paper:
    """Read one work.

    Sections and acknowledgements become the full text; MeSH headings and subjects join the keywords; concepts follow
    the topics.

    Raises:
        UnusableRecordError: it has no title, or an unusable id.
    """
    keywords = [*items(record, "keywords", notes), *items(record, "mesh", notes), *items(record, "subjects", notes)]
    topics = [*items(record, "topics", notes), *items(record, "concepts", notes)]
    abstract = exact_text(record, "abstract", notes)
    acknowledgements = exact_text(record, "acknowledgements", notes)
    more = [("Acknowledgements", acknowledgements)] if acknowledgements else []
    full_text, places = joined_sections(items(record, "sections", notes), more)
    parts: Parts = {
        "title": required_title(record.get("title")),
        "abstract": abstract,
        "full_text": full_text,
        "marks": marks_in_body(places, abstract, full_text),
        "authors": [a for entry in items(record, "authors", notes) if (a := _author(mapping(entry), notes))],
        "year": year(record.get("year"), notes),
        "venue": text_or_none(record.get("venue")),
        "doi": doi(record.get("doi")),
        "url": text_or_none(record.get("url")),
        "keywords": unique_texts(keywords),
        "topics": [
            topic(name, identifier(t.get("id")), score(t.get("score")))
            for t in map(mapping, topics)
            if (name := text_or_none(t.get("name")))
        ],
        "funding": funding_of([_funder(mapping(f)) for f in items(record, "funders", notes)], notes),
        "funding_statement": exact_text(record, "funding_statement", notes),
        "cited_by_count": count(record.get("cited_by_count"), "cited_by_count", notes),
    }
    return assemble(record.get("id"), parts)


def affiliations_of(institutions: list[Any], raw: list[Any]) -> list[Parts]:
    """Return an author's affiliations: the resolved institutions, or, where there are none, the raw strings."""
    found = [
        {
            "text": name,
            "organization_id": first_text(one.get("ror"), one.get("id")),
            "country_code": country(one.get("country") or one.get("country_code")),
        }
        for one in map(mapping, institutions)
        if (name := first_text(one.get("name"), one.get("display_name")))
    ]
    return found or [{"text": text} for text in unique_texts(raw)]


def _author(entry: dict[str, Any], notes: Notes) -> Parts | None:
    name = first_text(entry.get("name"), entry.get("raw_name"))
    if name is None:
        notes.append("an author without a name was left out")
        return None
    own_orcid = orcid(entry.get("orcid"))
    return {
        "id": author_id(entry.get("id"), own_orcid, name),
        "name": name,
        "orcid": own_orcid,
        "affiliations": affiliations_of(items(entry, "institutions", notes), items(entry, "raw_affiliations", notes)),
    }


def _funder(entry: dict[str, Any]) -> tuple[str | None, str | None, list[str]]:
    grants = unique_texts([entry.get("award_id")])
    return text_or_none(entry.get("name")), first_text(entry.get("ror"), entry.get("id")), grants
