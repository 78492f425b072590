"""Topics: noun phrases in the places where a question names a subject."""

from collections.abc import Sequence
from dataclasses import dataclass

from tools.ner import cues
from tools.ner.gazetteer import Gazetteer
from tools.ner.lexicon import lexicon, word_set
from tools.ner.spans import THRESHOLD, Span
from tools.ner.tokens import Token

_RANKING = word_set("rank order sort compare score rate")
_DOING = word_set(
    "studies study studying builds build building investigates investigate investigating explores explore exploring"
    " addresses address addressing examines examine examining covers cover covering detecting detect uses use using"
    " develops develop developing tackles tackle tackling discusses discuss discussing researches researching teaches"
    " mention mentions mentioning analyses analyzes analyse analyze improving improve applying modelling modeling like likes"
)
_LEADING = word_set("in for of via towards toward does do did is are was were can could has")
_OWNING = word_set("the their its his her this that")
_OBJECTS = word_set(
    "corpus corpora dataset datasets data model models task tasks experiment experiments benchmark system"
)
# Plural nouns that a list of subjects follows.
_HEADINGS = word_set("themes topics labels subjects keywords")
_CONNECTING = word_set("and or nor for")
_KEYWORDS_AT_MOST = 12
_LONGEST = 8


@dataclass(frozen=True)
class _Chunk:
    first: int
    last: int
    headed: bool


def topic_spans(tokens: Sequence[Token], blocked: Sequence[bool], gazetteer: Gazetteer) -> list[Span]:
    """Return the topics among the words that no other mention took, in order.

    Args:
        tokens: words of the question.
        blocked: for each word, whether another mention or a paper's name holds it.
        gazetteer: what the catalogue knows.
    """
    keywords = _keyword_style(tokens, blocked)
    found: list[Span] = []
    before: tuple[_Chunk, float] | None = None
    for chunk in _chunks(tokens, blocked):
        slot = _slot(tokens, blocked, chunk, keywords=keywords)
        if before is not None and _listed(tokens, before[0], chunk):
            slot = max(slot, before[1], 1.5 if found and found[-1].first == before[0].first else 0.0)
        score = slot + _substance(tokens, chunk, gazetteer)
        before = (chunk, slot)
        if score >= THRESHOLD:
            found.append(Span(chunk.first, chunk.last, "topic", score, "rule"))
    return _joined(tokens, found)


def _chunks(tokens: Sequence[Token], blocked: Sequence[bool]) -> list[_Chunk]:
    known = lexicon()
    found: list[_Chunk] = []
    first = 0
    while first < len(tokens):
        last = first
        while (
            last < len(tokens)
            and not blocked[last]
            and not _boundary(tokens, last)
            and (last == first or tokens[last].joined)
        ):
            last += 1
            if tokens[last - 1].key in known.paper:
                break
        start, stop = first, last
        headed = False
        while stop > start and tokens[stop - 1].key in known.paper | known.tail:
            headed = headed or tokens[stop - 1].key in known.paper
            stop -= 1
        while start < stop and (
            tokens[start].key in known.quality | known.paper | _HEADINGS or tokens[start].key.isdecimal()
        ):
            start += 1
        if (
            stop - start > 1
            and tokens[stop - 1].key in known.material
            and tokens[stop - 1].key not in {"review", "text"}
        ):
            stop, headed = stop - 1, True
        if start < stop <= start + _LONGEST and not all(known.plain(token.key) for token in tokens[start:stop]):
            found.append(_Chunk(start, stop, headed))
        first = max(last, first + 1)
    return found


def _boundary(tokens: Sequence[Token], place: int) -> bool:
    token = tokens[place]
    known = lexicon()
    if place + 1 < len(tokens) and tokens[place + 1].gap == "-" and not token.possessive:
        return False
    if token.possessive or token.key in known.function:
        return True
    if token.key in known.paper or token.key in known.material:
        return False
    # A verb after a hyphen or in capitals is part of a name: part-of-speech tag, machine-generated text.
    return token.key in known.verb and token.gap != "-"


def _slot(tokens: Sequence[Token], blocked: Sequence[bool], chunk: _Chunk, *, keywords: bool) -> float:
    """Return how much the place of a chunk says that it is a topic."""
    first, last = chunk.first, chunk.last
    while first and tokens[first].joined and not blocked[first - 1] and tokens[first - 1].key in lexicon().quality:
        first -= 1
    score = cues.left(tokens, first).get("topic", 0.0) if not _after_name(blocked, first) else 0.0
    if chunk.headed:
        score = max(score, 1.6)
    if keywords:
        score = max(score, 1.5)
    if first and tokens[first - 1].key in _OWNING and tokens[last - 1].key in _OBJECTS and last - first > 1:
        score = max(score, 1.1)
    opens = first == 0 or _comma(tokens[first].gap)
    closes = last == len(tokens) or _comma(tokens[last].gap) or tokens[last].key in lexicon().function
    if opens and closes and (first or last < len(tokens)):
        score = max(score, 1.4 if first == 0 else 1.2)
    if first and tokens[first].joined:
        key = tokens[first - 1].key
        if key in _RANKING:
            score = max(score, 1.6)
        elif key in _DOING or (key in _LEADING and last - first > 1):
            score = max(score, 1.1)
    return score


def _after_name(blocked: Sequence[bool], first: int) -> bool:
    return first > 0 and blocked[first - 1]


def _substance(tokens: Sequence[Token], chunk: _Chunk, gazetteer: Gazetteer) -> float:
    """Return how much the words of a chunk say that it is a topic."""
    words = tokens[chunk.first : chunk.last]
    keys = [word.key for word in words]
    score = 0.0
    if any(key in lexicon().topic_acronym for key in keys):
        score += 0.7
    if gazetteer.subject([part for key in keys for part in key.split()]):
        score += 0.7
    elif len(words) > 1:
        score += 0.4
    if any(key in lexicon().language for key in keys):
        score += 1.0
    if all(key in lexicon().everyday or lexicon().plain(key) for key in keys):
        score -= 0.8
    if words[0].mixed:
        score -= 1.2
    if all(key.isdecimal() or len(key) == 1 for key in keys):
        score -= 2.0
    return score


def _listed(tokens: Sequence[Token], before: _Chunk, chunk: _Chunk) -> bool:
    between = tokens[before.last : chunk.first]
    if not between:
        return _comma(tokens[chunk.first].gap)
    return all(token.key in _CONNECTING or token.key in _DOING for token in between) and not any(
        cues.breaks(token.gap) for token in (*between, tokens[chunk.first])
    )


def _comma(gap: str) -> bool:
    return any(ch in gap for ch in ",;:|/\n?.") or " - " in gap or " – " in gap or " — " in gap


def _keyword_style(tokens: Sequence[Token], blocked: Sequence[bool]) -> bool:
    """Return whether a question is a string of keywords, with no word of a sentence in it."""
    free = [token for n, token in enumerate(tokens) if not blocked[n]]
    if len(tokens) > _KEYWORDS_AT_MOST or len(tokens) < 2:  # noqa: PLR2004
        return False
    return not any(token.key in lexicon().function or token.key in lexicon().verb for token in free)


def _joined(tokens: Sequence[Token], spans: list[Span]) -> list[Span]:
    """Join "detection" and "hate speech" of "detection of hate speech" to one topic."""
    joined: list[Span] = []
    for span in spans:
        last = joined[-1] if joined else None
        if (
            last is not None
            and span.first - last.last == 1
            and tokens[last.last].key == "of"
            and tokens[span.first].joined
        ):
            joined[-1] = Span(last.first, span.last, "topic", max(last.score, span.score), "rule")
        else:
            joined.append(span)
    return joined
