"""A plain text or Markdown file as one paper, its text kept exactly."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from stores.errors import InputError
from tools.ingest.formats.fields import Notes
from tools.ingest.formats.front_matter import front_matter
from tools.ingest.formats.generic import read_generic
from tools.ingest.formats.headings import headings, plain_heading
from tools.ingest.formats.json_values import MAX_RECORD_BYTES
from tools.ingest.formats.marks import Place, marks_in_body
from tools.ingest.formats.names_text import listed, people
from tools.ingest.formats.raw_records import UNSTORABLE_NOTE, storable
from tools.ingest.formats.read_items import ReadItem, item
from tools.ingest.formats.source import UTF8_BOM, open_stream

SHORT_TITLE = 200  # characters; a longer first line is a paragraph
_SUFFIXES = re.compile(r"(?:\.(?:gz|txt|text|md|markdown|mkd|mdown|pdf))+$", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")
_NOT_SLUG = re.compile(r"[\W_]+")

FrontValues = dict[str, list[str]]


def read_text(path: Path, *, markdown: bool) -> Iterator[ReadItem]:
    """Yield the one paper that a file is.

    The full text is the file's, character by character, less a byte order mark and the front matter. The title is
    that of the front matter, else the first heading, else the first line when it is short, else the file's name.

    Raises:
        InputError: the file cannot be read, is not UTF-8, or is longer than 50 MB.
    """
    with open_stream(path) as stream:
        data = stream.read(MAX_RECORD_BYTES + 1)
    if len(data) > MAX_RECORD_BYTES:
        raise InputError("this text is longer than 50 MB", where=str(path), hint="Split it.")
    try:
        given = data.removeprefix(UTF8_BOM).decode()
    except UnicodeDecodeError as error:
        raise InputError("the text is not UTF-8", where=str(path), hint="Save it as UTF-8.") from error
    text = storable(given)
    notes = Notes([UNSTORABLE_NOTE] if text != given else [])
    values, begin = front_matter(text)
    full_text = text[begin:]
    found = list(headings(full_text)) if markdown else []
    title = _first(values, "title") or (found[0].text if found else "") or first_line(full_text) or name_of(path)
    places: list[Place] = [(h.start, "section", h.text) for n, h in enumerate(found) if n or h.text != title]
    record = described(values) | {"title": title, "full_text": full_text}
    record["marks"] = marks_in_body(places, record["abstract"], full_text)
    record["id"] = _first(values, "id") or file_id(path, record)
    yield item(lambda notes: read_generic(record, notes), notes, f"{path}:1", 1, "markdown" if markdown else "text")


def described(values: FrontValues) -> dict[str, Any]:
    """Return what front matter, or the metadata of a document, says of a paper; `values` by names in lower case."""
    names = values.get("authors") or values.get("author") or []
    date = " ".join(
        value for key in ("year", "date", "published", "publication_date") for value in values.get(key, [])[:1]
    )
    year = _YEAR.search(date)
    keywords = next((values[key] for key in ("keywords", "tags", "subject") if values.get(key)), [])
    return {
        "abstract": _first(values, "abstract") or _first(values, "summary"),
        "authors": [name for part in names for name, _ in people(part)],
        "year": year.group() if year else _first(values, "year") or None,
        "venue": next((venue for key in ("venue", "journal", "booktitle") if (venue := _first(values, key))), None),
        "doi": _first(values, "doi") or None,
        "url": _first(values, "url") or None,
        "keywords": [word for part in keywords for word in listed(part)],
    }


def first_line(text: str) -> str:
    """Return the first line that is not blank, if it is short enough to be a title; else ""."""
    line = text.lstrip()[: SHORT_TITLE * 2].partition("\n")[0]
    words = plain_heading(line)
    return words if len(words) <= SHORT_TITLE else ""


def name_of(path: Path) -> str:
    """Return a file's name as a title: without its endings, in words."""
    stem = _SUFFIXES.sub("", path.name) or path.name
    return str(storable(" ".join(stem.replace("_", " ").split()) or stem))


def file_id(path: Path, record: dict[str, Any]) -> str | None:
    """Return an identifier for the paper that a file is; None where its DOI will be one.

    It holds the file's name and what the paper is called, so that a file that was edited or moved replaces itself, and
    two files called notes.md do not replace each other.
    """
    if record.get("doi"):
        return None
    stem = _SUFFIXES.sub("", path.name)
    basis = "\x1f".join((stem, record["title"], str(record["year"] or ""), *record["authors"][:1]))
    slug = _NOT_SLUG.sub("-", stem.casefold()).strip("-")[:60]
    return f"file:{slug}-{hashlib.sha256(basis.encode('utf-8', 'replace')).hexdigest()[:12]}"


def _first(values: FrontValues, key: str) -> str:
    return next(iter(values.get(key, ())), "")
