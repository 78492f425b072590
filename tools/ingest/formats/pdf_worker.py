"""Take the text out of one PDF file: a program of its own, because a hostile file may take all time and memory.

Run as `python pdf_worker.py FILE LIMITS`, it prints one JSON object: `fault`, or `pages` (a list of texts), `metadata`
(texts by name), `title` (what is set in the largest type on the first page) and `more` (whether there are more pages).
It imports nothing of this project, so that it starts fast.
"""

import contextlib
import io
import json
import logging
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

_TITLE_CHARS = 300
_LEAST_LETTERS = 6
_SAME_SIZE = 0.95


class _Largest:
    """Gathers what is set in the largest type."""

    def __init__(self) -> None:
        self._size = 0.0
        self._parts: list[str] = []
        self._ended = False

    def see(self, text: str, page: list[float], line: list[float], _: Any, font_size: float) -> None:
        """Look at a piece of text, as pypdf's `visitor_text`; text on its side is a stamp."""
        if abs(line[1]) > abs(line[0]) or text.lstrip().lower().startswith("arxiv:"):
            return
        letters = sum(character.isalpha() for character in text)
        height = abs(float(font_size or 0) * line[3] * page[3])
        if letters and height > self._size / _SAME_SIZE and (letters >= _LEAST_LETTERS or not self._parts):
            self._size, self._parts, self._ended = height, [text], False
        elif not letters or height >= self._size * _SAME_SIZE:
            if not self._ended and self._parts and len(self.text) < _TITLE_CHARS:
                self._parts.append(text)
        elif self._parts:
            self._ended = True

    @property
    def text(self) -> str:
        """Return it in one line."""
        return " ".join("".join(self._parts).split())[:_TITLE_CHARS]


def extract(data: bytes, max_pages: int, max_characters: int, seconds: float) -> dict[str, Any]:
    """Return what the program prints; pages are read until one of the limits is reached, `seconds` of processor time among them."""
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, FileNotDecryptedError

    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted:
        try:
            opened = bool(reader.decrypt(""))
        except (DependencyError, NotImplementedError):
            opened = False
        if not opened:
            return {"fault": "this PDF is encrypted"}
    deadline = time.process_time() + seconds
    largest = _Largest()
    pages: list[str] = []
    size = damaged = 0
    more = False
    try:
        for number, page in enumerate(reader.pages):
            if number >= max_pages or size > max_characters or (pages and time.process_time() > deadline):
                more = True
                break
            try:
                text = page.extract_text(visitor_text=largest.see if number == 0 else None)
            except FileNotDecryptedError:
                return {"fault": "this PDF is encrypted"}
            except Exception:  # noqa: BLE001 - whatever ails a page, the next may be whole
                text, damaged = "", damaged + 1
            pages.append(text[:max_characters])
            size += len(text)
    except Exception:
        # The list of pages breaks off.
        if not pages:
            raise
        more, damaged = True, damaged + 1
    return _found(reader, pages, largest.text, more=more, damaged=damaged)


def _found(reader: Any, pages: list[str], title: str, *, more: bool, damaged: int) -> dict[str, Any]:
    metadata: dict[str, str] = {}
    # Metadata that cannot be read says nothing.
    with contextlib.suppress(Exception):
        for name, value in (reader.metadata or {}).items():
            metadata[str(name).lstrip("/").lower()] = str(value)[:10_000]
    return {"pages": pages, "metadata": metadata, "title": title, "more": more, "damaged": damaged}


def _bounded(memory: int, seconds: int) -> None:
    """Have the system end this program when it takes too much, where the system can."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))


def main(arguments: list[str], write: Callable[[str], Any]) -> None:
    """Read the file from standard input, and write one JSON object."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    limits = json.loads(arguments[0])
    _bounded(limits["memory"], limits["seconds"])
    try:
        found = extract(sys.stdin.buffer.read(), limits["pages"], limits["characters"], limits["seconds"] / 2)
    except MemoryError:
        found = {"fault": "this PDF needs too much memory"}
    except RecursionError:
        found = {"fault": "this PDF is nested too deeply"}
    except Exception as error:  # noqa: BLE001 - a damaged file raises anything
        found = {"fault": f"this PDF is damaged ({type(error).__name__})"}
    write(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1:], sys.stdout.write)
