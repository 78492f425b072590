"""A PDF file as one paper: its text page by page, taken out in a process of its own."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from stores.errors import InputError
from tools.ingest.formats.fields import Notes
from tools.ingest.formats.generic import read_generic
from tools.ingest.formats.marks import Place, marks_in_body
from tools.ingest.formats.raw_records import storable
from tools.ingest.formats.read_items import ReadItem, item
from tools.ingest.formats.source import open_stream
from tools.ingest.formats.text_papers import described, file_id, first_line, name_of

MAX_BYTES = 200 * 1024 * 1024
MAX_PAGES = 3000
MAX_CHARACTERS = 20_000_000
SECONDS = 120  # of processor time of the process that takes the text out
TIMEOUT_S = 900  # until it is given up, busy or not
MEMORY = 2 * 1024**3  # bytes of that process
PAGE_JOIN = "\n"
_LEAST_LETTERS = 20  # in a whole file; fewer are page numbers and stamps on scans
_SHORTEST_TITLE = 4
_NO_TITLE = re.compile(
    r"untitled|title|microsoft (?:word|powerpoint|office)\b.*|.*\.(?:docx?|tex|dvi|pdf|indd|qxd|pptx?|rtf|odt|ps|eps)"
    r"|(?:arxiv|doi|pii|isbn)\b.*|[\W\d_]*|(?:full|research|original|review)? ?(?:paper|article)|slide \d+|\S+:\S+",
    re.IGNORECASE | re.DOTALL,
)
_DATE = re.compile(r"(?:D:)?((?:1[5-9]|20)\d\d)")
_DOI = re.compile(r"\b(10\.\d{4,9}/[^\s\"<>,;]*[^\s\"<>,;.)\]])")
_WORKER = Path(__file__).with_name("pdf_worker.py")


def read_pdf(path: Path) -> Iterator[ReadItem]:
    """Yield the one paper that a PDF file is; the year is that of its metadata, and no abstract is told from the text.

    Raises:
        InputError: the file cannot be read, is too large, encrypted or damaged, holds no text (a scan), or reading it
            takes too long or too much memory.
    """
    found = _extracted(path)
    if "fault" in found:
        raise InputError(found["fault"], where=str(path), hint=_hint(found["fault"]))
    pages = [page.strip() for page in storable(found["pages"])]
    if sum(character.isalpha() for page in pages for character in page) < _LEAST_LETTERS:
        raise InputError(
            "this PDF holds no text: its pages are images, or there are none",
            where=str(path),
            hint="Run it through text recognition (OCR) first.",
        )
    notes = Notes()
    if found["more"]:
        notes.append(f"only the first {len(pages)} pages were read")
    if found["damaged"]:
        notes.append(f"{found['damaged']} pages could not be read")
    record = _record(path, pages, storable(found["metadata"]), storable(found["title"]))
    yield item(lambda notes: read_generic(record, notes), notes, f"{path}:1", 1, "pdf")


def _record(path: Path, pages: list[str], metadata: dict[str, str], largest: str) -> dict[str, Any]:
    places: list[Place] = []
    at = 0
    for number, page in enumerate(pages, start=1):
        if page:
            places.append((at, "page", str(number)))
        at += len(page) + len(PAGE_JOIN)
    full_text = PAGE_JOIN.join(pages)
    candidates = (metadata.get("title", ""), largest, first_line(full_text))
    title = next((title for text in candidates if (title := " ".join(text.split())) and _is_title(title)), "")
    year = _DATE.match(metadata.get("creationdate", "") or metadata.get("moddate", ""))
    # Producers put anything there; what names nobody is no author.
    author = [metadata["author"]] if " " in metadata.get("author", "").strip() else []
    told = _DOI.search(
        " ".join((metadata.get("doi", ""), metadata.get("wps-articledoi", ""), metadata.get("subject", "")))
    )
    record = described({"authors": author, "doi": [told.group(1)] if told else []})
    record |= {"title": title or name_of(path), "full_text": full_text, "year": year.group(1) if year else None}
    record["marks"] = marks_in_body(places, "", full_text)
    record["id"] = file_id(path, record)
    return record


def _is_title(text: str) -> bool:
    return len(text) >= _SHORTEST_TITLE and _NO_TITLE.fullmatch(text) is None


def _extracted(path: Path) -> dict[str, Any]:
    with open_stream(path) as stream:
        data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        return {"fault": "this PDF is larger than 200 MB"}
    limits = {"pages": MAX_PAGES, "characters": MAX_CHARACTERS, "memory": MEMORY, "seconds": SECONDS}
    command = [sys.executable, "-I", str(_WORKER), json.dumps(limits)]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired:
        return {"fault": f"this PDF was not read within {TIMEOUT_S} s"}
    try:
        found: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        return {"fault": f"this PDF made its reader fail (status {done.returncode})"}
    return found


def _hint(fault: str) -> str:
    if "encrypted" in fault:
        return "Save it without a password."
    return "Print it to a new PDF file, or give its text."
