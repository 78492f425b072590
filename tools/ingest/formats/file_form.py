"""Tell what a file of papers is: from its first bytes, and from its name's ending where they leave it open."""

import re
from pathlib import Path

from tools.ingest.formats.csv_papers import delimiter_of

JSON_FORMATS = ("quodvide", "generic", "works", "openalex", "crossref", "beir")
FILE_FORMATS = ("csv", "bibtex", "text", "markdown", "pdf")
FORMATS = (*JSON_FORMATS, *FILE_FORMATS, "langchain:ClassName")
SUPPORTED = (
    "Papers are read from JSON Lines, a JSON array or API responses (own form, works, openalex, crossref, beir), "
    "CSV with a header of known names (title, authors, year, ...), BibTeX, plain text (.txt), Markdown (.md) and PDF; "
    "--format names the form."
)
_JSON_RECORDS = re.compile(rb'\A\s*\[\s*(?:[{\]"\d\[-]|\Z)|^[ \t]*\{\s*(?:"|\}|\Z)', re.MULTILINE)
_JSON_AT_ONCE = re.compile(rb'\A\s*(?:\[\s*)?\{\s*["}]')
_BIBTEX = re.compile(rb"^[ \t]*@\s*[A-Za-z]\w*\s*[{(]\s*[^\s,{}()=]*\s*[,={\"(]", re.MULTILINE)
_XML = re.compile(rb"<(?:\?xml|!doctype|html|\w+[\s>])", re.IGNORECASE)
_PDF_WITHIN = 1024
_KNOWN_COLUMNS_IN_TEXT = 3
_BY_SUFFIX = {
    ".csv": "csv", ".tsv": "csv", ".tab": "csv", ".bib": "bibtex", ".bibtex": "bibtex", ".pdf": "pdf",
    ".txt": "text", ".text": "text", ".md": "markdown", ".markdown": "markdown", ".mkd": "markdown", ".mdown": "markdown",
}  # fmt: skip


def form_of(head: bytes, path: Path) -> str | None:
    """Return "json" or one of `FILE_FORMATS` for a file that begins so; None when it is in no form that is read."""
    suffix = suffix_of(path)
    by_name = _BY_SUFFIX.get(suffix)
    if is_pdf(head):
        return "pdf"
    if (_JSON_AT_ONCE if by_name else _JSON_RECORDS).search(head):
        return "json"
    start = head.lstrip()
    if by_name == "bibtex" or (by_name != "markdown" and _BIBTEX.search(start[:4096])):
        return "bibtex"
    text = by_name in {"text", "markdown"}
    if not text and _XML.match(start):
        return None
    decoded = head.decode(errors="replace")
    if by_name != "markdown" and delimiter_of(decoded, least=_KNOWN_COLUMNS_IN_TEXT if text else 2):
        return "csv"
    return by_name if by_name != "pdf" else None


def holds_json_records(head: bytes) -> bool:
    """Tell whether a file that begins so is a JSON array, or has a JSON object at the beginning of some line."""
    return _JSON_RECORDS.search(head) is not None


def is_pdf(head: bytes) -> bool:
    """Tell whether a file that begins so is a PDF; some programs write a little before its mark."""
    return b"%PDF-" in head[:_PDF_WITHIN]


def suffix_of(path: Path) -> str:
    """Return the ending of a file's name in lower case, before that of gzip."""
    name = path.name.lower().removesuffix(".gz")
    return Path(name).suffix


def describe_content(head: bytes) -> str:
    """Say in words what a file is that begins so and holds no JSON records."""
    start = head.lstrip()
    if is_pdf(head):
        return "this is a PDF file"
    if _XML.match(start):
        return "this is XML or HTML, which is not read"
    if _BIBTEX.search(start[:4096]):
        return "this looks like BibTeX"
    try:
        # A character cut at the end of the head is no fault of the file.
        text = head[: head.rfind(b"\n") + 1 or None].decode()
    except UnicodeDecodeError:
        return "this text is not UTF-8"
    lines = [line for line in text.splitlines() if line.strip()][:5]
    for mark, name in ((",", "CSV"), ("\t", "tab-separated values"), (";", "CSV with semicolons")):
        if len(lines) > 1 and min(line.count(mark) for line in lines) > 1:
            return f"this looks like {name}"
    return "this looks like plain text or Markdown"
