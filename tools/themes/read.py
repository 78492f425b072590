"""Themes as users give them: a value of JSON, or a file of JSON Lines, of one JSON list, or of lines "Label: description"."""

import re
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
from pydantic import ValidationError

from stores.errors import InputError
from tools.themes.base import Theme

MOST_THEMES = 5_000
_LARGEST = 50_000_000  # bytes of a file of themes
_HINT = 'A theme is {"label": ..., "description": ...}, or a line "Label: description"'
_JSON_LIST = re.compile(r"\s*\[\s*[\[{\"\]\d-]")
_BULLET = re.compile(r"\A(?:[-–•*]|\d{1,4}[.)])\s+")


def themes_of(given: Any, where: str = "") -> tuple[Theme, ...]:
    """Return the themes of a JSON value: a list of objects with a label and perhaps a description, or of labels.

    Args:
        given: the value.
        where: what it is part of, for errors.

    Raises:
        InputError: it is no such list, it is empty or too long, a label is empty, or one has two descriptions.
    """
    if not isinstance(given, list):
        raise InputError("'themes' must be a list", where=where, hint=_HINT)
    place = f"{where}, theme" if where else "theme"
    return merged((_theme(each, f"{place} {n}") for n, each in enumerate(given, start=1)), where)


def read_themes(path: Path) -> tuple[Theme, ...]:
    """Return the themes of a file.

    Raises:
        InputError: it cannot be read, is not of a known form, or its themes cannot be used.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST + 1)
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", where=str(path)) from error
    text = decoded(raw, str(path), _LARGEST, _HINT)
    if _JSON_LIST.match(text):
        return themes_of(_json(text, str(path)), str(path))
    return merged(_lines(text, path), str(path))


def decoded(raw: bytes, where: str, most: int, hint: str) -> str:
    """Return the text of a file.

    Args:
        raw: what was read of it, one byte more than `most` where it is longer.
        where: its name, for errors.
        most: bytes that it may have.
        hint: what to do when it is no text.

    Raises:
        InputError: it is too long, or no text.
    """
    if len(raw) > most:
        raise InputError(f"is longer than {most:,} bytes", where=where)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("is not text in UTF-8", where=where, hint=hint) from error
    if "\0" in text:
        raise InputError("is not a text file", where=where, hint=hint)
    return text


def merged(themes: Iterable[Theme], where: str = "") -> tuple[Theme, ...]:
    """Return the themes in their order, each once.

    Raises:
        InputError: there are none or too many, or one label has two descriptions.
    """
    found: dict[str, Theme] = {}
    for theme in islice(themes, MOST_THEMES + 1):
        before = found.setdefault(theme.label, theme)
        if before.description != theme.description:
            raise InputError(
                f"the theme {theme.label!r} is there twice, with different descriptions",
                where=where,
                hint="Give each theme a label of its own",
            )
    if not found:
        raise InputError("there is no theme", where=where, hint=_HINT)
    if len(found) > MOST_THEMES:
        raise InputError(f"there are more than {MOST_THEMES:,} themes", where=where)
    return tuple(found.values())


def plain(line: str, where: str = "") -> Theme:
    """Return the theme of a line "Label: description", or of a label alone.

    Raises:
        InputError: the label is empty or too long.
    """
    label, _, description = _BULLET.sub("", line.strip(), count=1).partition(": ")
    return _theme({"label": label.removesuffix(":"), "description": description}, where)


def _lines(text: str, path: Path) -> Iterable[Theme]:
    for n, line in enumerate(text.splitlines(), start=1):
        where = f"{path}, line {n}"
        if line.strip()[:1] == "{":
            yield _theme(_json(line, where), where)
        elif line.strip():
            yield plain(line, where)


def _json(text: str, where: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InputError(f"is not JSON ({error})", where=where, hint=_HINT) from error


def _theme(given: Any, where: str) -> Theme:
    if isinstance(given, str):
        given = {"label": given}
    if not isinstance(given, dict):
        raise InputError("is not a theme", where=where, hint=_HINT)
    label, description = given.get("label"), given.get("description") or ""
    if not isinstance(label, str) or not isinstance(description, str):
        raise InputError("a theme needs a label that is text, and a description that is", where=where, hint=_HINT)
    if not label.strip():
        raise InputError("the label of a theme is empty", where=where, hint=_HINT)
    try:
        return Theme(label=" ".join(label.split()), description=" ".join(description.split()))
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(f"the {first['loc'][0]} cannot be used ({first['msg']})", where=where) from error
