"""Text from papers on its way into a page: cleaned, cut, linked and named; it never becomes markup."""

import re
from collections.abc import Sequence
from hashlib import sha256
from urllib.parse import quote, urlsplit

from prompts.characters import printable

_ADDRESS = re.compile(r"https?://[^\s<>\"'`\\]+", re.IGNORECASE)
_URL_SAFE = ":/?#@!$&*+,;=%~-._"
_NOT_NAMING = re.compile(r"[^a-z0-9]+")
_LONGEST_NAME = 80  # characters of a file's name, without what tells equal names apart
_FULL_NAME = 20  # characters of a person's name that a plot has room for
_DEVICES = re.compile(r"(?:con|prn|aux|nul|(?:com|lpt)[0-9])")  # no files of these names exist on Windows


def clean(text: str) -> str:
    """Return a text on one line without what is invisible or turns the direction of what follows."""
    return " ".join(printable(text).split())


def href(id_: str | None) -> str:
    """Return the address that an id is, percent-encoded, or an empty string unless it is one over http or https."""
    if not id_ or not _ADDRESS.fullmatch(id_):
        return ""
    try:
        if not urlsplit(id_).hostname:
            return ""
    except ValueError:
        return ""
    return quote(id_, safe=_URL_SAFE, errors="replace")


def ranges(numbers: Sequence[int]) -> str:
    """Return ascending numbers as "1–3, 7", and nothing as an empty string."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in runs)


def slug(id_: str) -> str:
    """Return a name for a file: an id that is one already, else its letters and digits with a hash of the whole id.

    Two ids never get names that are equal, not even where a file system takes capitals for small letters.
    """
    name = _NOT_NAMING.sub("-", id_.lower().removeprefix("https://")).strip("-")[:_LONGEST_NAME].strip("-")
    if name and name == id_ and not _DEVICES.fullmatch(name):
        return name
    return "-".join(part for part in (name, sha256(id_.encode("utf-8", "surrogatepass")).hexdigest()[:8]) if part)


def short_name(name: str) -> str:
    """Return a person's name as a plot has room for it: given names as initials, then cut."""
    name = clean(name)
    if len(name) > _FULL_NAME and " " in name:
        *given, last = name.split()
        name = " ".join([*(f"{part[0]}." for part in given), last])
    return name if len(name) <= _FULL_NAME else name[: _FULL_NAME - 1].rstrip() + "…"


def initials(name: str) -> str:
    """Return the first letters of the first and the last part of a name."""
    parts = clean(name).split()
    return "".join(part[0] for part in (parts[:1] + parts[1:][-1:])).upper()
