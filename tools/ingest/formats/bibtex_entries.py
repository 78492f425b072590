"""Cut a BibTeX file of any length into its entries, so that a broken one costs itself and not what follows."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tools.ingest.formats.text_lines import Line

MAX_ENTRY_CHARS = 4_000_000
_COMMAND = re.compile(r"\s*@\s*[A-Za-z]\w*\s*(?:[{(]|\Z)")
# What begins a line so ends the entry before it, closed or not: "@article{key," or "@string{name =".
_BEGINS = re.compile(r"\s*@[A-Za-z]\w*\s*[{(]\s*[^\s,{}()=\"#%']+\s*[,=]")
_SEVERAL = re.compile(r"(?<=\})[ \t,]*(?=@[A-Za-z]\w*\s*\{\s*[^\s,{}()=\"#%']+\s*[,=])")
_FIELD = re.compile(r"\s*[A-Za-z][\w-]*\s*=\s*[{\"]")


class RawEntry(NamedTuple):
    """The text of an entry with the line that it begins on; `fault` says why there is no text."""

    line: int
    text: str
    fault: str = ""


def split_entries(lines: Iterable[Line]) -> Iterator[RawEntry]:
    """Yield the entries among `lines`, `@string` and the like too, holding one at a time.

    What stands between entries is a comment in BibTeX and is left out; fields there are a fault.
    """
    entry: _Entry | None = None
    lost = False
    for line in _pieces(lines):
        begins = _COMMAND if entry is None or entry.balanced else _BEGINS
        if begins.match(line.text):
            if entry:
                yield entry.raw()
            entry, lost = _Entry(line.number), False
        if entry:
            entry.add(line)
            if entry.closed:
                yield entry.raw()
                entry = None
        elif line.fault:
            yield RawEntry(line.number, "", line.fault)
        elif not lost and _FIELD.match(line.text):
            yield RawEntry(line.number, "", "this field stands outside of any entry: a brace too many before it")
            lost = True
    if entry:
        yield entry.raw()


class _Entry:
    """An entry that is being read."""

    def __init__(self, line: int) -> None:
        self._line = line
        self._parts: list[str] = []
        self._depth = self._size = 0
        self._opened = False
        self._fault = ""

    @property
    def balanced(self) -> bool:
        """Return whether no brace is open; an entry in parentheses may still go on."""
        return self._depth <= 0

    @property
    def closed(self) -> bool:
        """Return whether its own brace was closed."""
        return self._opened and self.balanced

    def add(self, line: Line) -> None:
        """Add a line; of one that is too long or unreadable nothing more is kept."""
        if not self._parts:
            self._opened = "(" not in line.text.partition("{")[0] and "{" in line.text
        elif not self._opened and self._size == len(self._parts[0]) and line.text.lstrip().startswith("{"):
            self._opened = True  # "@article" alone on its line
        self._depth += line.text.count("{") - line.text.count("}")
        self._size += len(line.text)
        if line.fault:
            self._fault = self._fault or f"line {line.number}: {line.fault}"
        elif self._size > MAX_ENTRY_CHARS:
            self._fault = self._fault or "this entry is longer than 4 million characters"
        else:
            self._parts.append(line.text)

    def raw(self) -> RawEntry:
        """Return it as read."""
        return RawEntry(self._line, "" if self._fault else "".join(self._parts), self._fault)


def _pieces(lines: Iterable[Line]) -> Iterator[Line]:
    """Yield the lines, those with several entries in pieces."""
    for line in lines:
        if "@" not in line.text or "}" not in line.text:
            yield line
        else:
            for piece in _SEVERAL.split(line.text):
                yield Line(line.number, piece, line.fault)
