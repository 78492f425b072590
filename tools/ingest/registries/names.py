"""Gather the names of one record: each once, cleaned of blanks and entities, with its kind."""

import html
import json
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

from stores.records import NameKind
from tools.ingest.formats.fields import UnusableRecordError, identifier

_ACRONYM_CHARS = 6


class Names:
    """The names of one record besides its main one; the first kind that a name was given stays."""

    def __init__(self, main: str) -> None:
        self.main = main
        self._kinds: dict[str, NameKind] = {}

    def add(self, values: Any, kind: NameKind) -> None:
        """Add the texts among `values`; anything else is passed over."""
        for value in values if isinstance(values, list | tuple) else [values]:
            name = clean_name(value)
            if name and name != self.main:
                self._kinds.setdefault(name, kind)

    def add_known(self, values: Iterable[str]) -> None:
        """Add well-known names, short ones in capitals as acronyms, others as aliases."""
        for value in values:
            self.add(value, "acronym" if len(value) <= _ACRONYM_CHARS and value.isupper() else "alias")

    def pairs(self) -> tuple[tuple[str, NameKind], ...]:
        """Return (name, kind) pairs in the order in which they were added."""
        return tuple(self._kinds.items())


def clean_name(value: Any) -> str:
    """Return a name on one line without surrounding blanks and HTML entities; "" for what is no name."""
    if not isinstance(value, str):
        return ""
    if "&" in value and ";" in value:
        value = html.unescape(value)
    return " ".join(value.split())


def main_name(*values: Any) -> str:
    """Return the first usable name.

    Raises:
        UnusableRecordError: there is none.
    """
    for value in values:
        name = clean_name(value)
        if name:
            return name
    raise UnusableRecordError("the record has no name")


def main_id(value: Any) -> str:
    """Return the record's identifier.

    Raises:
        UnusableRecordError: there is none, or it is neither text nor a number.
    """
    found = identifier(value)
    if found is None:
        raise UnusableRecordError("the record has no id")
    return found.strip()


def compact(facts: dict[str, Any]) -> dict[str, Any]:
    """Return facts without those that say nothing."""
    return {key: value for key, value in facts.items() if value not in (None, "", [], {})}


@cache
def data_file(name: str) -> Any:
    """Return the content of one of this package's own JSON files."""
    return json.loads(files(__package__).joinpath(name).read_text(encoding="utf-8"))
