"""Evidence for mentions that are names the catalogue knows."""

from collections.abc import Callable, Iterable, Sequence
from math import log10

from stores.catalogue.authorities import KnownName
from stores.records import EntityType
from tools.ner import cues
from tools.ner.countries import country_names
from tools.ner.gazetteer import Sighting
from tools.ner.lexicon import lexicon, word_set
from tools.ner.spans import Span
from tools.ner.tokens import Token

_SCHOOL_TYPES = frozenset(("education", "healthcare", "company", "facility"))
_OFFICIAL_TYPES = frozenset(("government", "nonprofit", "funder"))
_INSTITUTIONS = frozenset(("organization", "funder"))
_TAIL_PENALTY = 2.0
_COUNTRY_WORDS = 6
_PEOPLE_REACH = 2
_VENUE_SURE = 1.6
_LITTLE_FUNDING = 1000.0
# Names of countries that in small letters are more often other words.
_AMBIGUOUS = word_set("turkey chad jordan china guinea jersey niger mali peru georgia togo oman cuba")


def known_spans(tokens: Sequence[Token], sightings: Iterable[Sighting]) -> list[Span]:
    """Return a span for each sighting and each type that it may be, with its evidence."""
    cased = any(token.capital for token in tokens[1:])
    found: list[Span] = []
    sightings = list(sightings)
    ends = {sighting.last for sighting in sightings}
    for sighting in sightings:
        words = tokens[sighting.first : sighting.last]
        if all(lexicon().plain(word.key) for word in words) and not _spelled(words, sighting):
            continue
        before, after = cues.left(tokens, sighting.first), cues.right(tokens, sighting.last)
        for type_, base in _bases(words, sighting, cased=cased and sighting.first + len(words) > 1).items():
            if base > 0:
                score = base + before.get(type_, 0.0) + after.get(type_, 0.0) - _against(type_, before)
                if type_ in _INSTITUTIONS and (
                    _tail_of_name(tokens, sighting, ends) or _head_follows(tokens, sighting)
                ):
                    score -= _TAIL_PENALTY
                found.append(Span(sighting.first, sighting.last, type_, score, "gazetteer"))
    return found


def _tail_of_name(tokens: Sequence[Token], sighting: Sighting, ends: set[int]) -> bool:
    """Return whether a capital before a sighting shows that it is the rest of a longer, unknown name."""
    if not sighting.first or tokens[sighting.first].gap != " " or sighting.first in ends:
        return False
    before = tokens[sighting.first - 1]
    return before.capital and not lexicon().plain(before.key)


def _head_follows(tokens: Sequence[Token], sighting: Sighting) -> bool:
    """Return whether the head noun of a longer, unknown name comes right after a sighting."""
    if sighting.last >= len(tokens) or tokens[sighting.last].gap != " ":
        return False
    after = tokens[sighting.last]
    return after.capital and after.key in lexicon().organization_head | lexicon().funder_head


def _against(type_: EntityType, before: cues.Weights) -> float:
    # A slot for topics speaks against names of everything else: "on AI", "about OCR".
    return (
        0.8
        if type_ in {"organization", "funder"} and before.get("topic", 0.0) > max(before.get(type_, 0.0), 1.0)
        else 0.0
    )


def _spelled(words: Sequence[Token], sighting: Sighting) -> bool:
    text = "".join((word.gap if n else "") + word.text for n, word in enumerate(words))
    if sighting.venue == text and text[0].isupper():
        return True
    return len(words) > 1 and all(word.capital for word in words)


def _bases(words: Sequence[Token], sighting: Sighting, *, cased: bool) -> dict[EntityType, float]:
    by_type: dict[EntityType, list[KnownName]] = {}
    for name in sighting.names:
        by_type.setdefault(name.type, []).append(name)
    bases: dict[EntityType, float] = {}
    rules: tuple[tuple[EntityType, Callable[..., float]], ...] = (
        ("author", _author), ("organization", _organization), ("funder", _funder),
    )  # fmt: skip
    for type_, rule in rules:
        if type_ in by_type:
            bases[type_] = rule(words, by_type[type_], cased=cased)
    if "funder" in bases and "organization" not in bases:
        bases["organization"] = _organization(words, by_type["funder"], cased=cased)
    if sighting.school and words[0].key not in lexicon().topic_acronym and not _everyday(words):
        bases["organization"] = max(bases.get("organization", 0.0), 1.0 if words[0].capital else 0.4)
    if sighting.venue is not None:
        bases["venue"] = _venue(words, sighting.venue)
        if bases["venue"] >= _VENUE_SURE:
            for type_ in ("organization", "funder"):
                if type_ in bases and all(name.kind == "acronym" for name in by_type.get(type_, ())):
                    bases[type_] -= _VENUE_SURE / 2
    return bases


def _everyday(words: Sequence[Token]) -> bool:
    return all(word.key in lexicon().everyday or lexicon().plain(word.key) for word in words)


def _author(words: Sequence[Token], _: Sequence[KnownName], *, cased: bool) -> float:
    capital = all(word.capital or word.key in lexicon().particle for word in words)
    if len(words) == 1:
        return 0.2 if capital and not _everyday(words) else 0.0
    if capital:
        return 2.6
    if any(lexicon().plain(word.key) for word in words) or _everyday(words):
        return 0.0
    return 1.0 if cased else 1.8


def _organization(words: Sequence[Token], names: Sequence[KnownName], *, cased: bool) -> float:
    base = _spelling(words, names, cased=cased)
    types = {type_ for name in names for type_ in name.types}
    if not base:
        return 0.0
    if types & _SCHOOL_TYPES or (not types and any(word.key in lexicon().organization_head for word in words)):
        return base + (0.7 if len(words) > 1 else 0.1)
    return base


def _funder(words: Sequence[Token], names: Sequence[KnownName], *, cased: bool) -> float:
    base = _spelling(words, names, cased=cased)
    if not base:
        return 0.0
    best = max(names, key=lambda name: name.prior)
    base += 0.15 * log10(best.prior + 1) - (0.3 if all(name.kind == "asserted" for name in names) else 0.0)
    if _institution(names):
        base -= 1.0
    elif best.prior < _LITTLE_FUNDING:
        base -= 0.6
    elif _OFFICIAL_TYPES & set(best.types):
        base += 0.3
    return base


def _institution(names: Sequence[KnownName]) -> bool:
    best = max(names, key=lambda name: name.prior)
    return bool(_SCHOOL_TYPES & set(best.types))


def _spelling(words: Sequence[Token], names: Sequence[KnownName], *, cased: bool) -> float:
    """Return how far the way a name is written shows that it is one."""
    if len(words) == 1:
        return _word_spelling(words[0], names, cased=cased)
    if words[0].capital and words[-1].capital:
        return 2.4
    head = any(word.key in lexicon().organization_head | lexicon().funder_head for word in words)
    if words[0].capital:
        return 2.0 if head else 1.0
    return (1.6 if head else 0.6) if not cased else (1.2 if head else 0.2)


def _word_spelling(word: Token, names: Sequence[KnownName], *, cased: bool) -> float:
    if word.key in lexicon().topic_acronym or lexicon().plain(word.key) or len(word.key) == 1:
        return 0.0
    everyday = _everyday([word])
    if all(name.kind == "acronym" for name in names) and not word.acronym:
        return 0.0 if everyday or word.capital else (0.1 if cased else 0.5)
    if everyday:
        return 0.5 if word.acronym else 0.0
    return (1.5 if word.acronym else 1.1) if word.capital else (0.2 if cased else 0.5)


def _venue(words: Sequence[Token], venue: str) -> float:
    text = "".join((word.gap if n else "") + word.text for n, word in enumerate(words))
    if len(words) > 1:
        return 2.2 if words[0].capital else 0.6
    word = words[0]
    title_case = venue[1:].islower()
    if lexicon().plain(word.key) or word.key in lexicon().everyday or title_case:
        return (0.4 if title_case else 1.6) if text == venue and word.capital else 0.0
    if word.key in lexicon().topic_acronym:
        return 0.4 if text == venue else 0.0
    return 2.0 if text == venue else (1.7 if word.acronym else 1.0)


def country_spans(tokens: Sequence[Token]) -> list[Span]:
    """Return the spans that name a country, a nation inside one, or what belongs to one."""
    names = country_names()
    found: list[Span] = []
    for first in range(len(tokens)):
        key = ""
        for last in range(first + 1, min(first + _COUNTRY_WORDS, len(tokens)) + 1):
            word = tokens[last - 1]
            if last > first + 1 and not word.joined and word.gap.strip() not in {"", ","}:
                break
            key = f"{key} {word.key}".strip()
            base = _country(tokens, first, last, key, names.nouns, names.codes, names.adjectives)
            if base:
                before, after = cues.left(tokens, first), cues.right(tokens, last)
                score = base + before.get("country", 0.0) + after.get("country", 0.0)
                found.append(Span(first, last, "country", score, "gazetteer"))
    return found


def _country(
    tokens: Sequence[Token],
    first: int,
    last: int,
    key: str,
    nouns: dict[str, str],
    codes: dict[str, str],
    adjectives: dict[str, str],
) -> float:
    words = tokens[first:last]
    if key in codes:
        capital = all(word.text.isupper() for word in words)
        return 2.0 if capital else (1.0 if len(key) > 2 and key != "us" else 0.0)  # noqa: PLR2004
    if key in nouns:
        return 2.2 if words[0].capital else (1.2 if key in _AMBIGUOUS else 1.6)
    if key in adjectives and _people_after(tokens, last, language=key in lexicon().language):
        return 2.2 if words[0].capital else 1.6
    return 0.0


def _people_after(tokens: Sequence[Token], last: int, *, language: bool) -> bool:
    """Return whether people or institutions follow; after what is no language, research too: Brazilian papers."""
    for token in tokens[last : last + _PEOPLE_REACH]:
        if cues.breaks(token.gap) or "," in token.gap or token.key in lexicon().function:
            return False
        if token.key in lexicon().people or (not language and token.key in lexicon().paper):
            return True
    return False
