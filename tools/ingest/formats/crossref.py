"""Work records as Crossref's API and public data file publish them."""

import html
import re
from typing import Any

from stores.records import Paper
from tools.ingest.formats.assemble import Parts, assemble, funding_of, required_title
from tools.ingest.formats.fields import (
    Notes,
    author_id,
    count,
    doi,
    exact_text,
    first_text,
    items,
    mapping,
    orcid,
    text_or_none,
    unique_texts,
    year,
)

_BLOCK_TAG = re.compile(
    r"</?(?:jats:)?(?:p|title|sec|list|list-item|break|disp-formula)(?:\s[^<>]*)?/?>", re.IGNORECASE
)
_TAG = re.compile(r"</?[A-Za-z][\w:.-]*(?:\s[^<>]*)?/?>|<!--.*?-->", re.DOTALL)
_BLANKS = re.compile(r"\s+")
_DATES = ("issued", "published", "published-print", "published-online", "posted")


def read_crossref(record: dict[str, Any], notes: Notes) -> Paper:
    """Read one Crossref work; markup (JATS, MathML, HTML) is taken out of title and abstract.

    Raises:
        UnusableRecordError: it has no title.
    """
    title = _first(record.get("title"))
    own_doi = doi(record.get("DOI"))
    parts: Parts = {
        "title": required_title(plain_text(title).replace("\n", " ") if isinstance(title, str) else title),
        "abstract": plain_text(exact_text(record, "abstract", notes)),
        "authors": [a for entry in items(record, "author", notes) if (a := _author(mapping(entry), notes))],
        "year": _year(record, notes),
        "venue": text_or_none(_first(record.get("container-title"))),
        "doi": own_doi,
        "url": first_text(record.get("URL")) or (f"https://doi.org/{own_doi}" if own_doi else None),
        "keywords": unique_texts(items(record, "subject", notes)),
        "funding": funding_of([_funder(mapping(f)) for f in items(record, "funder", notes)], notes),
        "cited_by_count": count(record.get("is-referenced-by-count"), "is-referenced-by-count", notes),
    }
    return assemble(record.get("id"), parts)


def plain_text(marked: str) -> str:
    """Return a text without its markup: one line a paragraph, entities resolved, runs of blanks as one."""
    if "<" not in marked and "&" not in marked and "\n" not in marked:
        return marked
    parted = _TAG.sub("", _BLOCK_TAG.sub("\x1e", marked))
    lines = (_BLANKS.sub(" ", html.unescape(line)).strip() for line in parted.split("\x1e"))
    return "\n".join(line for line in lines if line)


def _first(value: Any) -> Any:
    if isinstance(value, list):
        return value[0] if value else None
    return value


def _year(record: dict[str, Any], notes: Notes) -> int | None:
    for field in _DATES:
        date = _first(_first(mapping(record.get(field)).get("date-parts")))
        if date is not None:
            return year(date, notes)
    return None


def _author(entry: dict[str, Any], notes: Notes) -> Parts | None:
    given, family, suffix = (text_or_none(entry.get(key)) for key in ("given", "family", "suffix"))
    name = " ".join(part for part in (given, family, suffix) if part) or text_or_none(entry.get("name"))
    if name is None:
        notes.append("an author without a name was left out")
        return None
    own_orcid = orcid(entry.get("ORCID"))
    affiliations = [a for one in items(entry, "affiliation", notes) if (a := _affiliation(mapping(one)))]
    return {"id": author_id(None, own_orcid, name), "name": name, "orcid": own_orcid, "affiliations": affiliations}


def _affiliation(entry: dict[str, Any]) -> Parts | None:
    text = text_or_none(entry.get("name"))
    given = entry.get("id")
    ids = [mapping(one) for one in given] if isinstance(given, list) else []
    ror = next((one.get("id") for one in ids if str(one.get("id-type")).upper() == "ROR"), None)
    return {"text": text, "organization_id": text_or_none(ror)} if text else None


def _funder(entry: dict[str, Any]) -> tuple[str | None, str | None, list[str]]:
    awards = entry.get("award")
    return (
        text_or_none(entry.get("name")),
        doi(entry.get("DOI")),
        unique_texts(awards if isinstance(awards, list) else [awards]),
    )
