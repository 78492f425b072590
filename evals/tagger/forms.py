"""Reads the forms: questions with slots for names, one a line."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import cast

from stores.errors import InputError
from stores.records import EntityType
from tools.ner.base import Intent
from tools.ner.neural.labels import INTENTS, TYPES

_SLOTS: dict[str, EntityType | None] = {
    "author": "author", "organization": "organization", "funder": "funder", "country": "country", "nation": "country",
    "topic": "topic", "venue": "venue", "year": "year", "years": "year", "decade": "year",
    "system": None, "title": None, "language": None, "id": None, "n": None, "number": None,
}  # fmt: skip
_ELEMENT = re.compile(r"\[(?P<text>[^\[\]|]*)\|(?P<type>\w+)\]|\{(?P<slot>\w+)\}")
# Two years that bound one period are one mention, whoever wrote the form.
_PERIOD = re.compile(r"(?<=between )\{year\} and \{year\}|\{year\}(?: ?[-–] ?| to | till | until | through )\{year\}")
_FOLLOWUP_FIELDS = 3
_TELLING_WORDS = 5


@dataclass(frozen=True)
class Slot:
    """A place for a name; `type` is None where what fills it is no entity."""

    name: str
    type: EntityType | None


@dataclass(frozen=True)
class Literal:
    """Text of a form; with a type it is an entity, in which slots may stand."""

    items: tuple[str | Slot, ...]
    type: EntityType | None = None


@dataclass(frozen=True)
class Form:
    """A question with slots.

    Attributes:
        text: the line that it was read from.
        intent: what it wants; None where it alone does not tell.
        elements: its slots and texts, in order.
        origin: what stands in its line; the forms of one line are held out together.
    """

    text: str
    intent: Intent | None
    elements: tuple[Slot | Literal, ...]
    origin: str


def parse(text: str, intent: Intent | None, origin: str | None = None) -> Form:
    """Read one form.

    Raises:
        InputError: it has an unknown slot or type, or a bracket that is not closed.
    """
    elements: list[Slot | Literal] = []
    text = _PERIOD.sub(lambda match: match[0] if _open(text, match.start()) else f"[{match[0]}|year]", text)
    last = 0
    for match in _ELEMENT.finditer(text):
        if match.start() > last:
            elements.append(Literal((text[last : match.start()],)))
        if match["slot"]:
            elements.append(_slot(match["slot"], text))
        elif match["type"] not in TYPES:
            raise InputError(f"unknown type {match['type']!r} in a form", where=text)
        else:
            elements.append(Literal(_inner(match["text"], text), cast("EntityType", match["type"])))
        last = match.end()
    if last < len(text):
        elements.append(Literal((text[last:],)))
    if any(
        ch in item
        for e in elements
        if isinstance(e, Literal)
        for item in e.items
        if isinstance(item, str)
        for ch in "{}|[]"
    ):
        raise InputError("a form has a bracket that is not closed", where=text)
    return Form(text, intent, tuple(elements), origin or text)


def _open(text: str, at: int) -> bool:
    """Return whether a place in a form is inside an entity written out."""
    return text.rfind("[", 0, at) > text.rfind("]", 0, at)


def _inner(text: str, whole: str) -> tuple[str | Slot, ...]:
    parts = re.split(r"\{(\w+)\}", text)
    return tuple(_slot(part, whole) if n % 2 else part for n, part in enumerate(parts) if part)


def _slot(name: str, text: str) -> Slot:
    if name not in _SLOTS:
        raise InputError(f"unknown slot {name!r} in a form", where=text)
    return Slot(name, _SLOTS[name])


def parse_line(line: str) -> list[Form]:
    """Return the forms of a line: one, or of a follow-up with the question before it three.

    The question before, and a follow-up too short to tell, have no intent of their own; both in one have the follow-up's.
    """
    intent, *fields = (field.strip() for field in line.split("\t"))
    if intent not in INTENTS or not 1 <= len(fields) < _FOLLOWUP_FIELDS or not all(fields):
        raise InputError("a line of forms is an intent and one or two forms, separated by tabs", where=line)
    known = intent
    if len(fields) == 1:
        return [parse(fields[0], known)]
    before, after = fields
    telling = known in {"chitchat", "out_of_scope"} or len(after.split()) >= _TELLING_WORDS
    joint = f"{before} {after}" if before.endswith((".", "?", "!")) else f"{before}. {after}"
    own = known if telling else None
    return [parse(text, kind, joint) for text, kind in ((before, None), (after, own), (joint, known))]


def lines(folder: str, name: str | None = None) -> list[str]:
    """Return the lines of the package's word lists or forms without comments, of one file or all, in order of names."""
    found: list[str] = []
    root = resources.files("evals.tagger").joinpath(folder)
    for file in sorted(root.iterdir(), key=lambda entry: entry.name):
        if file.name == name or (name is None and file.name.endswith(".tsv")):
            rows = file.read_text("utf-8").splitlines()
            found += [row.rstrip("\r\n") for row in rows if row.strip() and not row.startswith("#")]
    return found


def read_forms() -> Sequence[Form]:
    """Return all forms of the package, each once."""
    forms: dict[tuple[str, Intent | None], Form] = {}
    for line in lines("forms"):
        for form in parse_line(line):
            forms.setdefault((form.text, form.intent), form)
    return list(forms.values())
