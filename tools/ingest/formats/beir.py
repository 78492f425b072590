"""Documents of a BEIR corpus (Thakur et al. 2021): `_id`, `title`, `text` and free `metadata`."""

import re
from typing import Any

from stores.records import Paper
from tools.ingest.formats.assemble import Parts, assemble
from tools.ingest.formats.fields import (
    Notes,
    UnusableRecordError,
    author_id,
    doi,
    exact_text,
    integer,
    items,
    mapping,
    text_or_none,
    unique_texts,
    year,
)

TITLE_CHARS = 80
_SENTENCE_END = re.compile(r"(?<=[.!?])\s|[。！？\n]")
_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")


def read_beir(record: dict[str, Any], notes: Notes) -> Paper:
    """Read one document; its text is the abstract, exactly.

    A document without a title is kept: the first sentence of its text, at most 80 characters, names it.

    Raises:
        UnusableRecordError: it has neither title nor text, or an unusable id.
    """
    text = exact_text(record, "text", notes)
    title = text_or_none(record.get("title"))
    if title is None:
        title = title_from(text)
        if title is None:
            raise UnusableRecordError("the document has neither title nor text")
        notes.append("there is no title: the beginning of the text stands in for it")
    metadata = mapping(record.get("metadata"))
    parts: Parts = {
        "title": title,
        "abstract": text,
        "authors": [
            {"id": author_id(None, None, name), "name": name}
            for name in unique_texts(items(metadata, "authors", notes))
        ],
        "year": _year(metadata, notes),
        "venue": text_or_none(metadata.get("venue")),
        "doi": doi(metadata.get("doi")),
        "url": text_or_none(metadata.get("url")),
        "keywords": _keywords(metadata.get("keywords")),
    }
    return assemble(record.get("_id"), parts)


def title_from(text: str) -> str | None:
    """Return the first sentence of a text, cut at the last blank before 80 characters; None for a blank text."""
    start = text.lstrip()[: TITLE_CHARS + 1]
    if not start:
        return None
    sentence = _SENTENCE_END.split(start, maxsplit=1)[0].rstrip()
    if len(sentence) <= TITLE_CHARS:
        return sentence or start[:TITLE_CHARS].strip()
    cut = sentence[: TITLE_CHARS + 1].rsplit(maxsplit=1)
    return cut[0] if len(cut) > 1 else sentence[:TITLE_CHARS]


def _year(metadata: dict[str, Any], notes: Notes) -> int | None:
    if metadata.get("year") is not None:
        return year(metadata["year"], notes)
    published = metadata.get("published")
    match = _YEAR.search(published[:200]) if isinstance(published, str) else None
    return integer(match.group()) if match else None


def _keywords(value: Any) -> list[str]:
    parts = value.split(",") if isinstance(value, str) else value
    return unique_texts(part.strip() for part in parts if isinstance(part, str)) if isinstance(parts, list) else []
