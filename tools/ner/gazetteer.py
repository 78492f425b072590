"""Which word sequences of a question are names that the catalogue knows.

Nothing is loaded: all sequences of a question are looked up in SQLite in one statement, so that the cost is the
same for four thousand names and for four hundred thousand.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from stores.catalogue import Catalogue
from stores.catalogue.authorities import KnownName
from stores.keys import name_key
from tools.ner.lexicon import table
from tools.ner.tokens import Token

LONGEST = 9
_SCHOOLS = ("{} university", "university of {}", "universitat {}", "{} institute of technology", "universite de {}")
_INNER_GAP = 3


@dataclass(frozen=True)
class Sighting:
    """A word sequence and what is known under its name.

    Attributes:
        first: index of its first word.
        last: index after its last word.
        names: what the catalogue's records are called so.
        venue: the venue so called, in the catalogue's spelling where it has it.
        school: whether it is the short form of a university's name ("Stanford").
    """

    first: int
    last: int
    names: tuple[KnownName, ...] = ()
    venue: str | None = None
    school: bool = False


@dataclass
class _Keys:
    spans: dict[str, list[tuple[int, int]]] = field(default_factory=dict)

    def add(self, key: str, span: tuple[int, int]) -> None:
        self.spans.setdefault(key, []).append(span)


class Gazetteer:
    """Looks up names of a catalogue; without one it knows the common venues only."""

    def __init__(self, catalogue: Catalogue | None) -> None:
        self.catalogue = catalogue

    def look_up(self, tokens: Sequence[Token]) -> list[Sighting]:
        """Return the word sequences of a question that are known names, in order of their first word."""
        names, schools = _Keys(), _Keys()
        for first, last, key in _sequences(tokens):
            names.add(key, (first, last))
            if last - first <= 2 and not key.isdecimal() and len(key) > 2:  # noqa: PLR2004
                for pattern in _SCHOOLS:
                    schools.add(pattern.format(key), (first, last))
        known: dict[str, list[KnownName]] = {}
        venues = {key: venue for key, venue in common_venues().items() if key in names.spans}
        if self.catalogue is not None and names.spans:
            authorities = self.catalogue.authorities
            for name in authorities.known(list({**names.spans, **schools.spans})):
                known.setdefault(name.key, []).append(name)
            venues.update(authorities.venues(list(names.spans)))
        short = {
            span
            for key, spans in schools.spans.items()
            if any("education" in name.types for name in known.get(key, ()))
            for span in spans
        }
        found = [
            Sighting(*span, tuple(known.get(key, ())), venues.get(key), span in short)
            for key, spans in names.spans.items()
            for span in spans
            if key in known or key in venues or span in short
        ]
        return sorted(found, key=lambda sighting: (sighting.first, sighting.last))

    def person(self, words: Sequence[str]) -> bool:
        """Return whether some author's name holds all these words."""
        return self.catalogue is not None and self.catalogue.authorities.has_words("author", words)

    def person_word(self, word: str) -> bool:
        """Return whether some author's name holds exactly this word."""
        return self.catalogue is not None and self.catalogue.authorities.has_words("author", [word], beginning=False)

    def subject(self, words: Sequence[str]) -> bool:
        """Return whether some topic's name holds all these words."""
        return self.catalogue is not None and self.catalogue.authorities.has_words("topic", words)

    def organization(self, words: Sequence[str]) -> bool:
        """Return whether some organization's name holds all these words."""
        return self.catalogue is not None and self.catalogue.authorities.has_words("organization", words)


@cache
def common_venues() -> dict[str, str]:
    """Return well-known venues, full and short names, by `name_key`."""
    venues: dict[str, str] = {}
    for short, names in table("venues").items():
        venues.update((name_key(name), short) for name in (short, *names))
    return venues


def _sequences(tokens: Sequence[Token]) -> list[tuple[int, int, str]]:
    found = []
    for first, token in enumerate(tokens):
        if token.possessive:
            continue
        keys = [token.key]
        found.append((first, first + 1, token.key))
        for last in range(first + 1, min(first + LONGEST, len(tokens))):
            after = tokens[last]
            if len(after.gap) > _INNER_GAP or any(ch in after.gap for ch in ';:!?\n"()[]'):
                break
            keys.append(after.key)
            if not after.possessive:
                found.append((first, last + 1, " ".join(keys)))
    return found
