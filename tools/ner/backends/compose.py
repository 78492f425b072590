"""A tagger made of a model and the rules: the model finds names, the rules what it cannot know.

Public models know persons, organizations and places. Years and countries always come from the rules, and so does every type
that the model has no label for. What it calls an organization is a funder where the words around say so.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from threading import Lock

from stores.catalogue import Catalogue
from stores.records import EntityType
from tools.ner import cues
from tools.ner.backends.base import TYPES, Finder, Found
from tools.ner.base import Mention, Tagger
from tools.ner.countries import country_names
from tools.ner.lexicon import lexicon
from tools.ner.paper_refs import find_references
from tools.ner.spans import mention
from tools.ner.tagger import carry_negation
from tools.ner.tokens import Token, tokenize

_RULED: frozenset[EntityType] = frozenset(("country", "year"))
_INSTITUTIONS: frozenset[EntityType] = frozenset(("funder", "venue"))
_TOPIC: EntityType = "topic"


@dataclass(frozen=True)
class _Words:
    """What a model found, as whole words: `first` to `last` (exclusive)."""

    first: int
    last: int
    found: Found


class Composed:
    """Implements `Tagger` with a model and rules.

    Args:
        finder: the model.
        rules: finds what the model cannot.
        catalogue: knows the ids of papers, inside which nothing is a name.
    """

    def __init__(self, finder: Finder, rules: Tagger, catalogue: Catalogue | None = None) -> None:
        self._finder = finder
        self._rules = rules
        self._catalogue = catalogue
        self._ruled = _RULED | (TYPES - finder.types)
        self._lock = Lock()

    def tag(self, question: str) -> Sequence[Mention]:
        """Return non-overlapping mentions in order; each begins and ends with a whole word."""
        tokens = tokenize(question)
        if not tokens:
            return []
        with self._lock:
            found = self._finder.find(question)
        ruled = [m for m in self._rules.tag(question) if m.type in self._ruled]
        hidden = [(ref.start, ref.end) for ref in find_references(question, self._catalogue)]
        spans = self._settled(_words(tokens, found), tokens, ruled, hidden)
        own = [self._mention(question, tokens, span) for span in spans]
        ruled = [m for m in ruled if not any(_overlap(m.start, m.end, o.start, o.end) for o in own)]
        return carry_negation(question, sorted([*own, *ruled], key=lambda m: m.start))

    def _settled(
        self, spans: list[_Words], tokens: list[Token], ruled: Sequence[Mention], hidden: Sequence[tuple[int, int]]
    ) -> list[_Words]:
        """Return the spans that stand, without overlap: the surer one stays where two collide."""
        chosen: list[_Words] = []
        taken = [any(_overlap(t.start, t.end, *place) for place in hidden) for t in tokens]
        for span in sorted(spans, key=lambda s: (s.found.type == _TOPIC, -s.found.confidence, s.first - s.last)):
            kept = self._beside_rules(span, tokens, ruled)
            if kept is None or any(taken[kept.first : kept.last]) or _empty(tokens, kept):
                continue
            taken[kept.first : kept.last] = [True] * (kept.last - kept.first)
            chosen.append(self._retyped(kept, tokens))
        return chosen

    def _beside_rules(self, span: _Words, tokens: list[Token], ruled: Sequence[Mention]) -> _Words | None:
        """Return what of a span the rules leave to it, or None."""
        type_ = span.found.type
        if type_ == "year":
            return None
        start, end = tokens[span.first].start, tokens[span.last - 1].end
        words = " ".join(token.text for token in tokens[span.first : span.last])
        if type_ == "country" and country_names().code(words) is None:
            return None
        # A model without a label for venues or funders calls them organizations, so there the rules know better.
        better = _RULED | _INSTITUTIONS if type_ == "organization" else _RULED
        if any((m.start, m.end) == (start, end) and m.type in better for m in ruled):
            return None
        for m in ruled:
            if _overlap(m.start, m.end, start, end) and _cuts(m, end, type_):
                span = _without(span, tokens, m)
                if span.first >= span.last:
                    return None
                start, end = tokens[span.first].start, tokens[span.last - 1].end
        return span

    def _retyped(self, span: _Words, tokens: list[Token]) -> _Words:
        if span.found.type == "organization" and "funder" not in self._finder.types and _funds(tokens, span):
            return replace(span, found=replace(span.found, type="funder"))
        return span

    def _mention(self, question: str, tokens: list[Token], span: _Words) -> Mention:
        return mention(
            question, tokens[span.first].start, tokens[span.last - 1].end, span.found.type,
            round(span.found.confidence, 3), self._finder.source, negated=cues.negated(tokens, span.first),
        )  # fmt: skip


def _words(tokens: Sequence[Token], found: Sequence[Found]) -> list[_Words]:
    """Return each finding widened to the words that it touches, without small words and a possessive s at its borders."""
    spans = []
    for each in found:
        touched = [n for n, t in enumerate(tokens) if _overlap(t.start, t.end, each.start, each.end)]
        if not touched:
            continue
        first, last = touched[0], touched[-1] + 1
        while last > first and (tokens[last - 1].possessive or _small(tokens[last - 1])):
            last -= 1
        while last > first and _small(tokens[first]):
            first += 1
        if first < last:
            spans.append(_Words(first, last, each))
    return spans


def _small(token: Token) -> bool:
    return not token.capital and token.key in lexicon().function


def _cuts(ruled: Mention, end: int, type_: EntityType) -> bool:
    """Return whether a year or country found by rules inside or at the end of a model's span is no part of it."""
    if ruled.type == "year":
        # "EMNLP 2020" is a venue and a year, but "Horizon 2020" is one name.
        return type_ == _TOPIC or (ruled.end >= end and type_ != "funder")
    return ruled.type == "country" and type_ in {_TOPIC, "author"}


def _without(span: _Words, tokens: Sequence[Token], m: Mention) -> _Words:
    """Return the longer side of a span beside a mention, without small words at its borders."""
    inside = [n for n in range(span.first, span.last) if _overlap(tokens[n].start, tokens[n].end, m.start, m.end)]
    before, after = (span.first, inside[0]), (inside[-1] + 1, span.last)
    first, last = before if before[1] - before[0] >= after[1] - after[0] else after
    while first < last and _small(tokens[last - 1]):
        last -= 1
    while first < last and _small(tokens[first]):
        first += 1
    return replace(span, first=first, last=last)


def _empty(tokens: Sequence[Token], span: _Words) -> bool:
    """Return whether a span holds nothing but words of asking ("papers", "Which")."""
    words = tokens[span.first : span.last]
    return all(lexicon().plain(word.key) and not word.acronym for word in words)


def _funds(tokens: Sequence[Token], span: _Words) -> bool:
    """Return whether the words of an organization's name and those around it make a funder of it."""
    before, after = cues.left(tokens, span.first), cues.right(tokens, span.last)
    keys = {token.key for token in tokens[span.first : span.last]}
    place = before.get("organization", 0.0) + after.get("organization", 0.0)
    purse = before.get("funder", 0.0) + after.get("funder", 0.0)
    if keys & lexicon().funder_head and not keys & lexicon().organization_head:
        purse += 1.0
    return purse > place and purse >= 1.0


def _overlap(start: int, end: int, other_start: int, other_end: int) -> bool:
    return start < other_end and other_start < end
