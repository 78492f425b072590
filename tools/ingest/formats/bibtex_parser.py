"""pybtex's parser, made to read one entry at a time in linear time and bounded memory."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from pybtex.database.input.bibtex import LowLevelParser, month_names
from pybtex.scanner import PybtexSyntaxError, Token
from pybtex.utils import CaseInsensitiveDict

from tools.ingest.formats.fields import Notes

_LONGEST_MACRO = 10_000
_MOST_FROM_MACROS = 1_000_000  # characters in one entry


def new_macros() -> Any:
    """Return the abbreviations that every file knows, the months; `@string` adds to them."""
    return CaseInsensitiveDict(month_names)


class EntryParser(LowLevelParser):  # type: ignore[misc]
    """Reads the commands of a short text.

    Args:
        text: one entry, or some.
        line: that the text begins on.
        macros: abbreviations; `@string` adds to them.
        notes: what is left out is noted there.
    """

    def __init__(self, text: str, line: int, macros: Any, notes: Notes) -> None:
        super().__init__(text, macros=macros)
        self.pos: int = 0
        self.lineno = line
        self._notes = notes
        self._from_macros = 0

    def skip_to(self, patterns: list[Any]) -> Any:
        """Go to the first of single characters in one search, where pybtex searches to the end for each."""
        characters = tuple(_CHARACTER[id(pattern)] for pattern in patterns)
        match = _any_of(characters).search(self.text, self.pos)
        if not match:
            return None
        value = self.text[self.pos : match.end()]
        self.pos = match.end()
        self.update_lineno(value)
        return Token(value, patterns[characters.index(match.group())])

    def substitute_macro(self, name: str) -> str:
        """Return what an abbreviation stands for; an unknown one stands for itself.

        Raises:
            PybtexSyntaxError: abbreviations grow without bounds.
        """
        if name not in self.macros:
            self._notes.append(f"the abbreviation {name[:60]} is not defined; it stays as it is")
            return name
        value = str(self.macros[name])
        self._from_macros += len(value)
        if self._from_macros > _MOST_FROM_MACROS:
            raise PybtexSyntaxError("its abbreviations stand for too much text", self)
        return value

    def parse_string_body(self, body_end: Any) -> None:
        """Define an abbreviation, if it is a short one."""
        super().parse_string_body(body_end)
        if len(self.macros[self.current_field_name]) > _LONGEST_MACRO:
            del self.macros[self.current_field_name]
            raise PybtexSyntaxError("this abbreviation stands for too long a text", self)

    def entries(self) -> Iterator[tuple[str, str, list[tuple[str, str]]]]:
        """Yield type, key and (name, value) of the fields of each entry.

        Raises:
            PybtexSyntaxError: the text is not BibTeX.
        """
        for command, content in self:
            if command.lower() not in {"string", "preamble"}:
                key, fields = content
                yield command.lower(), key or "", [(name.lower(), "".join(parts)) for name, parts in fields]


_CHARACTER = {
    id(pattern): character
    for pattern, character in (
        (LowLevelParser.AT, "@"),
        (LowLevelParser.LBRACE, "{"),
        (LowLevelParser.RBRACE, "}"),
        (LowLevelParser.QUOTE, '"'),
    )
}


@lru_cache
def _any_of(characters: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("[" + re.escape("".join(characters)) + "]")
