"""The forms in which names are written: short, long, abbreviated, turned around."""

import random
import re
from collections.abc import Iterator
from typing import Any

from tools.ner.lexicon import word_set

_LATIN = re.compile(r"[^\u0250-\uffff]*")
_BRACKET = re.compile(r"\s*\([^()]*\)$")
_OF = re.compile(r"^(?:The )?University of (?P<place>[^,]+)$")
_PLACE_FIRST = re.compile(r"^(?P<place>[^,]+) (?:State )?University$")
_AS_IT_IS = 0.64
_PATTERNS = {
    "{family}": 0.42, "{initials} {family}": 0.22, "{first} {middle}. {family}": 0.11, "{family}, {given}": 0.06,
    "{family}, {initials}": 0.04, "{family} {initials}": 0.06, "{given} {capitals}": 0.03, "{family} {given}": 0.03,
    "{first} {family}": 0.03,
}  # fmt: skip
_PLACED = (
    "U of {}", "{} Univ", "Uni {}", "Univ. of {}", "{} Uni", "{} U", "{} University", "University of {}",
)  # fmt: skip
_COMMON = word_set("national state central northern southern eastern western open technical medical the new")
_LONGEST_NAME, _LONGEST_AFFILIATION, _LONGEST_ASSERTED = 90, 6, 60
_PARTICLES = word_set(
    "van de der den del della di da das dos do du la le las los von zu zur ten ter el al bin ibn ben abu st. mac y e of af av"
)
_DEPARTMENT = re.compile(
    r"[\d@;|]|\b(?:dept|department|school|faculty|laboratory of|key|engineer|inc|ltd|avenue)\b", re.IGNORECASE
)


def organization_surfaces(record: dict[str, Any]) -> Iterator[tuple[str, float]]:
    """Yield how an organization is written, each with its share."""
    name = record["name"]
    bare = _BRACKET.sub("", name)
    yield bare, 0.6
    if bare != name:
        yield name, 0.08
    if ", " in bare:
        yield bare.partition(", ")[0], 0.2
    yield from _by_place(bare)
    for kind, part in (("acronyms", 0.2), ("aliases", 0.12)):
        for text in record[kind]:
            if latin(text):
                yield text, part / len(record[kind])
    for label in record["labels"]:
        if latin(label["value"]):
            yield label["value"], 0.08 / len(record["labels"])


def _by_place(name: str) -> Iterator[tuple[str, float]]:
    """Yield what a university that is named after one word is called for short."""
    match = _OF.match(name) or _PLACE_FIRST.match(name)
    if match and " " not in match["place"] and match["place"].lower() not in _COMMON:
        yield match["place"], 0.12
        for pattern in _PLACED:
            yield pattern.format(match["place"]), 0.012


def funder_surfaces(record: dict[str, Any]) -> Iterator[tuple[str, float]]:
    """Yield how a funder is written, each with its share."""
    bare = _BRACKET.sub("", record["name"])
    yield bare, 0.6
    for kind, part in (("acronyms", 0.3), ("aliases", 0.12)):
        for text in record[kind]:
            if latin(text):
                yield text, part / len(record[kind])
    for text in record["asserted_names"]:
        if latin(text) and len(text) <= _LONGEST_ASSERTED and not re.search(r"[|;:\d&]", text):
            yield text.removeprefix("the ").removeprefix("The "), 0.12 / len(record["asserted_names"])


def latin(text: str) -> bool:
    """Return whether a name is written in Latin letters and is not too long for a question."""
    return bool(_LATIN.fullmatch(text)) and len(text) <= _LONGEST_NAME


def affiliation(text: str) -> str | None:
    """Return an affiliation string as a name, None where it is more than one."""
    text = text.strip(" .,")
    if _DEPARTMENT.search(text) or len(text.split()) > _LONGEST_AFFILIATION or not latin(text) or len(text) < 2:  # noqa: PLR2004
        return None
    return None if " and " in text else text


def divided(name: str) -> tuple[str, str]:
    """Return given names and family name, particles with the latter."""
    words = name.split()
    at = len(words) - 1
    while at > 1 and words[at - 1].lower() in _PARTICLES:
        at -= 1
    return " ".join(words[:at]), " ".join(words[at:])


def initials(rng: random.Random, given: str) -> str:
    """Return given names as initials: "J. R.", "J.R.", "JR", "J-P"."""
    letters = [[part[0].upper() for part in word.split("-") if part] for word in given.replace(".", ". ").split()]
    words = ["-".join(parts) for parts in letters if parts]
    if rng.random() < 0.3:  # noqa: PLR2004
        words = words[:1]
    style = rng.random()
    if style < 0.5:  # noqa: PLR2004
        return " ".join(f"{word}." for word in words)
    if style < 0.7:  # noqa: PLR2004
        return "".join(f"{word}." for word in words)
    return "".join(words) if style < 0.85 else " ".join(words)  # noqa: PLR2004


def person_surface(rng: random.Random, name: str) -> str:
    """Return a person's name as somebody may write it; mostly as it is."""
    given, family = divided(name)
    if not given or rng.random() < _AS_IT_IS:
        return name
    pattern = rng.choices(list(_PATTERNS), list(_PATTERNS.values()))[0]
    return pattern.format(
        given=given,
        family=family,
        first=given.split()[0],
        initials=initials(rng, given),
        middle=rng.choice("ABCDEFGHJKLMNPRSTW"),
        capitals=family.upper(),
    )
