"""Take single fields out of a record that may hold anything; what is unusable is left out, with a note."""

import hashlib
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

FIRST_YEAR, LAST_YEAR = 1000, 2100
_MAX_INTEGER = 2**63 - 1  # what an SQLite column holds
_SHOWN_CHARS = 60
_DOI = re.compile(r"^\s*(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?(10\.\d{4,9}/\S+)\s*$", re.IGNORECASE)
_ORCID = re.compile(r"\b\d{4}-\d{4}-\d{4}-\d{3}[\dXx]\b")
_WORD = re.compile(r"[^\W_]+")
_DIGITS = re.compile(r"[+-]?[0-9]{1,18}")


class UnusableRecordError(ValueError):
    """A record lacks what a paper or an authority cannot be without; the message says what."""


class Notes(list[str]):
    """What was left out of one record, in words."""

    def drop(self, field: str, value: Any) -> None:
        """Note that the value of `field` was left out."""
        self.append(f"{field} left out: {_shown(value)}")


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return repr(value if len(value) <= _SHOWN_CHARS else value[:_SHOWN_CHARS] + "…")
    if isinstance(value, float | bool) or (isinstance(value, int) and abs(value) <= _MAX_INTEGER):
        return str(value)
    return f"a value of type {type(value).__name__}"


def text_or_none(value: Any) -> str | None:
    """Return a text as it is, or None for a blank one and for anything else."""
    return value if isinstance(value, str) and value and not value.isspace() else None


def first_text(*values: Any) -> str | None:
    """Return the first of `values` that is a text and not blank."""
    for value in values:
        if isinstance(value, str) and value and not value.isspace():
            return value
    return None


def exact_text(record: Mapping[str, Any], key: str, notes: Notes) -> str:
    """Return a long text exactly as given; "" when there is none."""
    value = record.get(key)
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    notes.drop(key, value)
    return ""


def identifier(value: Any) -> str | None:
    """Return an identifier as text; integers occur in some exports."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return text_or_none(value)


def integer(value: Any) -> int | None:
    """Return a whole number, also one written as text or as 12.0; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        value = int(value) if math.isfinite(value) and value.is_integer() else None
    elif isinstance(value, str):
        value = int(value) if _DIGITS.fullmatch(value.strip()) else None
    return value if isinstance(value, int) and abs(value) <= _MAX_INTEGER else None


def year(value: Any, notes: Notes) -> int | None:
    """Return a year from 1000 to 2100; anything else is left out with a note."""
    if value is None or value == "":
        return None
    number = integer(value)
    if number is None or not FIRST_YEAR <= number <= LAST_YEAR:
        notes.drop("year", value)
        return None
    return number


def count(value: Any, field: str, notes: Notes) -> int | None:
    """Return a number of things, 0 or more; anything else is left out with a note."""
    if value is None:
        return None
    number = integer(value)
    if number is None or number < 0:
        notes.drop(field, value)
        return None
    return number


def score(value: Any) -> float | None:
    """Return a score from 0 to 1, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value <= 1 else None


def items(record: Mapping[str, Any], key: str, notes: Notes) -> list[Any]:
    """Return a list field; a missing one is empty, one of another type is left out with a note."""
    value = record.get(key)
    if isinstance(value, list):
        return value
    if value is not None:
        notes.drop(key, value)
    return []


def mapping(value: Any) -> dict[str, Any]:
    """Return an object, or an empty one in place of anything else."""
    return value if isinstance(value, dict) else {}


def doi(value: Any) -> str | None:
    """Return a DOI without the address of a resolver; a text of another form stays as it is."""
    text = text_or_none(value)
    if text is None:
        return None
    match = _DOI.match(text)
    return match.group(1) if match else text


def orcid(value: Any) -> str | None:
    """Return the sixteen digits of an ORCID in groups, however it is written."""
    match = _ORCID.search(value) if isinstance(value, str) else None
    return match.group().upper() if match else None


def country(value: Any) -> str | None:
    """Return a two-letter country code in capitals."""
    is_code = isinstance(value, str) and len(value) == 2 and value.isascii() and value.isalpha()  # noqa: PLR2004
    return {"UK": "GB"}.get(value.upper(), value.upper()) if is_code else None


def author_id(given: Any, author_orcid: str | None, name: str) -> str:
    """Return an author's identifier: the given one, else the ORCID, else one made of the name."""
    known = identifier(given)
    if known is not None:
        return known
    if author_orcid is not None:
        return f"orcid:{author_orcid}"
    slug = "-".join(_WORD.findall(unicodedata.normalize("NFKC", name).casefold()))
    return f"name:{slug or hashlib.sha256(name.encode()).hexdigest()[:16]}"


def unique_texts(values: Iterable[Any]) -> list[str]:
    """Return the texts among `values` that are not blank, each once, in their order."""
    return list(dict.fromkeys(v for v in values if isinstance(v, str) and v and not v.isspace()))
