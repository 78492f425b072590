"""Take apart a text that names several people, or several keywords, as tables write them."""

import re

from tools.ingest.formats.fields import unique_texts

_INITIALS = re.compile(r"(?:[^\W\d_]\.?[ -]?){1,4}")
_AND = re.compile(r",? (?:and|&) ", re.IGNORECASE)
_SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv)\.?", re.IGNORECASE)
_SCOPUS_ID = re.compile(r" ?\((\d{6,15})\)$")
_OTHERS = re.compile(r"(?:and )?(?:others|et\.? al\.?)", re.IGNORECASE)
_ADDRESS = re.compile(r"\[([^\[\]]*)\]\s*([^\[\]]*)")
_PAIR = 2


def people(text: str) -> list[tuple[str, str | None]]:
    """Return (name, identifier) of the people that a field names, "Last, First" turned into "First Last".

    Names are parted by ";", "|", line breaks or "and"; by "," where no name holds one itself. An identifier is the
    number in parentheses that Scopus puts behind a name.
    """
    found = []
    for part in (" ".join(part.split()) for part in _parted(text)):
        match = _SCOPUS_ID.search(part)
        name = first_last(part[: match.start()] if match else part)
        if name and not _OTHERS.fullmatch(name):
            found.append((name, match.group(1) if match else None))
    return found


def first_last(name: str) -> str:
    """Return "Last, First" as "First Last" and "Last, Jr., First" as "First Last Jr."; other names as they are."""
    parts = [part.strip() for part in name.split(",") if part.strip()]
    if len(parts) == _PAIR and not _SUFFIX.fullmatch(parts[1]):
        return f"{parts[1]} {parts[0]}"
    if len(parts) > _PAIR and (_SUFFIX.fullmatch(parts[1]) or _SUFFIX.fullmatch(parts[2])):
        jr, first = (parts[1], parts[2]) if _SUFFIX.fullmatch(parts[1]) else (parts[2], parts[1])
        return f"{first} {parts[0]} {jr}"
    return " ".join(name.split())


def listed(text: str) -> list[str]:
    """Return the keywords of a field, each once: parted by ";", "|" or line breaks, by "," where there are none."""
    mark = next((mark for mark in (";", "|", "\n") if mark in text), ",")
    return unique_texts(part.strip() for part in text.split(mark))


def addresses(text: str) -> list[tuple[str, str]]:
    """Return (name, address) pairs of "[Last, First; Last, First] Address; [...] Address", as Web of Science writes."""
    return [
        (name, address.strip().rstrip(";.").rstrip())
        for names, address in _ADDRESS.findall(text)
        for name, _ in people(names)
    ]


def _parted(text: str) -> list[str]:
    for mark in (";", "|", "\n"):
        if mark in text:
            return text.split(mark)
    text = " ".join(text.split())
    if _AND.search(text) and text.count(",") > 1:
        *front, last = _AND.split(text)
        return [name for part in [*front, last] for name in _by_commas(part)]
    if _AND.search(text):
        return _AND.split(text)
    return _by_commas(text)


def _by_commas(text: str) -> list[str]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if len(parts) <= 1:
        return parts
    # "Smith, J., Doe, A. B.": each second part is initials.
    if len(parts) % _PAIR == 0 and all(_INITIALS.fullmatch(part) for part in parts[1::2]):
        return [f"{last}, {first}" for last, first in zip(parts[::2], parts[1::2], strict=True)]
    # "Jane Smith, John Doe": every part is a name of several words.
    if all(" " in part for part in parts):
        return parts
    return [text] if len(parts) == _PAIR or _SUFFIX.fullmatch(parts[1]) else parts
