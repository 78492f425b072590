"""Tell the form of a record from its fields, and what a file is that holds no records."""

import re
from typing import Any

FORMATS = ("quodvide", "generic", "works", "openalex", "crossref", "beir")
SUPPORTED = (
    "Papers are read from JSON Lines or a JSON array, plain or gzip, in one of the forms "
    "quodvide, generic (id, title, abstract, authors, ...), works, openalex, crossref, beir."
)
_OPENALEX = ("authorships", "abstract_inverted_index", "primary_location", "publication_year")
_WORKS = ("concepts", "mesh", "referenced_works", "funders", "sections", "raw_affiliations")
_CROSSREF = ("container-title", "issued", "is-referenced-by-count", "short-title", "member")
_GENERIC = ("title", "abstract", "full_text", "authors")
_AUTHORITY = ("names", "variants", "aliases", "acronyms", "subfield", "code", "external_ids", "n_papers")
_JSON_RECORDS = re.compile(rb'\A\s*\[\s*(?:[{\]"\d\[-]|\Z)|^[ \t]*\{\s*(?:"|\}|\Z)', re.MULTILINE)
_BIBTEX = re.compile(rb"^\s*@\w+\s*[{(]", re.MULTILINE)


def recognise(record: dict[str, Any]) -> str | None:
    """Return the name of the form that a record has, or None."""
    if "_id" in record:
        return "beir"
    if any(key in record for key in _OPENALEX):
        return "openalex"
    if any(key in record for key in _WORKS):
        return "works"
    if "DOI" in record and (isinstance(record.get("title"), list) or any(key in record for key in _CROSSREF)):
        return "crossref"
    return "quodvide" if any(key in record for key in _GENERIC) else None


def holds_json_records(head: bytes) -> bool:
    """Tell whether a file that begins so is a JSON array, or has a JSON object at the beginning of some line."""
    return _JSON_RECORDS.search(head) is not None


def describe_unknown(record: dict[str, Any]) -> str:
    """Say in words why a record is not taken for a paper."""
    if "name" in record and any(key in record for key in _AUTHORITY):
        return "this is a record of an organization, funder, person, topic or country, not a paper"
    fields = ", ".join(str(key)[:30] for key in list(record)[:8]) or "none"
    return f"no known form of paper has these fields: {fields}"


def describe_content(head: bytes) -> str:
    """Say in words what a file holds that does not begin as JSON does."""
    start = head.lstrip()
    if start.startswith(b"%PDF"):
        return "this is a PDF file, which is not read yet"
    if start.startswith(b"<"):
        return "this is XML or HTML, which is not read"
    if _BIBTEX.search(start[:4096]):
        return "this looks like BibTeX, which is not read yet"
    try:
        # A character cut at the end of the head is no fault of the file.
        text = head[: head.rfind(b"\n") + 1 or None].decode()
    except UnicodeDecodeError:
        return "this text is not UTF-8"
    lines = [line for line in text.splitlines() if line.strip()][:5]
    for mark, name in ((",", "CSV"), ("\t", "tab-separated values"), (";", "CSV with semicolons")):
        if len(lines) > 1 and min(line.count(mark) for line in lines) > 1:
            return f"this looks like {name}, which is not read yet"
    return "this looks like plain text or Markdown, which is not read yet"
