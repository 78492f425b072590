"""Evidence for mentions that the catalogue does not know: sequences of words that are shaped like names."""

from collections.abc import Sequence

from rapidfuzz.fuzz import ratio as _likeness

from tools.ner import cues
from tools.ner.gazetteer import Gazetteer
from tools.ner.lexicon import lexicon
from tools.ner.spans import Span
from tools.ner.tokens import Token

_PERSON_WORDS = (2, 5)
_PERSON_CUE = 0.9
_NAME_CUE = 1.4
_SPELLED = (
    "university",
    "institute",
    "foundation",
    "laboratory",
    "polytechnic",
    "department",
    "ministry",
    "council",
    "academy",
)
_CORRECTED_LENGTH = 7
_MISSPELLED = 85.0


def shape_spans(tokens: Sequence[Token], gazetteer: Gazetteer, known: Sequence[Span]) -> list[Span]:
    """Return spans for unknown names of persons, organizations, funders and programmes."""
    found = programme_spans(tokens)
    authors = {(span.first, span.last) for span in known if span.type == "author"}
    for first, last in capital_runs(tokens):
        found += _institution_spans(tokens, first, last)
        found += _short_spans(tokens, first, last, gazetteer, known)
        found += _family_names(tokens, first, last, gazetteer)
        for start, stop in _person_parts(tokens, first, last):
            if (start, stop) not in authors:
                found += _person_spans(tokens, start, stop, gazetteer)
    return found + _small_persons(tokens, gazetteer, authors)


def capital_runs(tokens: Sequence[Token]) -> list[tuple[int, int]]:
    """Return the longest runs of words with capitals, small connecting words inside them included."""
    inside = lexicon().connector | lexicon().particle
    heads = lexicon().organization_head | lexicon().funder_head
    runs: list[tuple[int, int]] = []
    first = 0
    while first < len(tokens):
        if not tokens[first].capital or (lexicon().plain(tokens[first].key) and tokens[first].key not in heads):
            first += 1
            continue
        last = first + 1
        reach = last
        while reach < len(tokens) and tokens[reach].joined and not tokens[reach].possessive:
            token = tokens[reach]
            headed = any(_corrected(before.key) in heads for before in tokens[first:reach])
            if token.capital or (token.text.isdecimal() and tokens[reach].gap == "-"):
                last = reach = reach + 1
            elif reach - last < 2 and (token.key in lexicon().particle or (token.key in inside and headed)):  # noqa: PLR2004
                reach += 1
            else:
                break
        runs.append((first, last))
        first = last
    return runs


def programme_spans(tokens: Sequence[Token]) -> list[Span]:
    """Return spans that name a funding programme."""
    found = []
    for first in range(len(tokens)):
        for last in range(first + 1, min(first + 3, len(tokens)) + 1):
            words = tokens[first:last]
            if " ".join(word.key for word in words) in lexicon().programme and words[0].capital:
                found.append(Span(first, last, "funder", 3.0, "gazetteer"))
    return found


def _institution_spans(tokens: Sequence[Token], first: int, last: int) -> list[Span]:
    found = []
    keys = [token.key for token in tokens[first:last]]
    heads = lexicon().organization_head, lexicon().funder_head
    keys = [_corrected(key) for key in keys]
    is_organization, is_funder = (any(key in words for key in keys) for words in heads)
    if last - first < 2 or not (is_organization or is_funder):  # noqa: PLR2004
        return []
    stop = last
    while stop - first >= 2:  # noqa: PLR2004
        before, after = cues.left(tokens, first), cues.right(tokens, stop)
        part = keys[: stop - first]
        organization, funder = (any(key in words for key in part) for words in heads)
        if organization or funder:
            penalty = 0.6 if "and" in part else 0.0
            slot = before.get("funder", 0.0) + after.get("funder", 0.0) + _funder_list(tokens)
            place = before.get("organization", 0.0) + after.get("organization", 0.0)
            found.append(
                Span(first, stop, "funder", (1.6 if funder and not organization else 0.6) + slot - penalty, "rule")
            )
            found.append(Span(first, stop, "organization", (1.7 if organization else 0.9) + place - penalty, "rule"))
        if "and" not in part:
            break
        stop = first + len(part) - 1 - part[::-1].index("and")
    return found


def _corrected(word: str) -> str:
    """Return the head noun that a word of seven letters or more misspells, or the word."""
    if len(word) < _CORRECTED_LENGTH or word in lexicon().organization_head | lexicon().funder_head:
        return word
    return next(
        (head for head in _SPELLED if abs(len(head) - len(word)) <= 1 and _likeness(word, head) >= _MISSPELLED), word
    )


def _funder_list(tokens: Sequence[Token]) -> float:
    return 0.8 if any(token.key in {"funder", "funders", "funding", "sponsor", "sponsors"} for token in tokens) else 0.0


def _short_spans(
    tokens: Sequence[Token], first: int, last: int, gazetteer: Gazetteer, known: Sequence[Span]
) -> list[Span]:
    """Return spans for a short form of an organization's name in a slot for one ("at Renmin", "the Edinburgh one")."""
    if last - first > 2 or any(span.first < last and first < span.last for span in known):  # noqa: PLR2004
        return []
    words = tokens[first:last]
    if any(word.key in lexicon().topic_acronym or word.mixed for word in words):
        return []
    before, after = cues.left(tokens, first), cues.right(tokens, last)
    slot = before.get("organization", 0.0) + after.get("organization", 0.0)
    found = []
    if slot >= 1.0 and gazetteer.organization([word.key for word in words]):
        found.append(Span(first, last, "organization", 0.7 + slot, "rule"))
    slot = before.get("funder", 0.0) + after.get("funder", 0.0)
    if slot >= 2.0:  # noqa: PLR2004
        found.append(Span(first, last, "funder", 0.2 + slot, "rule"))
    return found


def _family_names(tokens: Sequence[Token], first: int, last: int, gazetteer: Gazetteer) -> list[Span]:
    """Return a span for a family name alone where a title, a possessive or "et al." says that it is one."""
    while first < last - 1 and tokens[first].key in lexicon().honorific:
        first += 1
    if last - first != 1 or tokens[first].acronym or tokens[first].mixed:
        return []
    after = [token.key for token in tokens[last : last + 2]]
    if after == ["et", "al"]:
        return [Span(first, last, "author", 3.0, "rule")]
    titled = first > 0 and tokens[first - 1].key in lexicon().honorific
    slot = cues.left(tokens, first).get("author", 0.0) + cues.right(tokens, last).get("author", 0.0)
    if (titled or slot >= _NAME_CUE) and gazetteer.person_word(tokens[first].key):
        return [Span(first, last, "author", 0.6 + slot, "rule")]
    return []


def _person_parts(tokens: Sequence[Token], first: int, last: int) -> list[tuple[int, int]]:
    words = tokens[first:last]
    low, high = _PERSON_WORDS
    heads = lexicon().organization_head | lexicon().funder_head | lexicon().topic_acronym
    if any(
        word.key in heads
        or (word.acronym and len(word.text) > 2)  # noqa: PLR2004
        or (word.mixed and "-" not in word.gap and not _mac(word))
        for word in words
    ):
        return []
    while first < last and tokens[first].key in lexicon().honorific:
        first += 1
    small = [token for token in tokens[first:last] if not token.capital]
    if any(token.key not in lexicon().particle for token in small):
        return []
    count = sum(1 for n, token in enumerate(tokens[first:last]) if not n or token.gap.strip() != "-")
    return [(first, last)] if low <= count <= high else []


def _mac(word: Token) -> bool:
    return word.text.startswith(("Mc", "Mac", "De", "La", "Le", "Di", "Van", "O'", "O’", "D'", "D’"))


def _person_spans(tokens: Sequence[Token], first: int, last: int, gazetteer: Gazetteer) -> list[Span]:
    words = [token.key for token in tokens[first:last]]
    before, after = cues.left(tokens, first), cues.right(tokens, last)
    slot = before.get("author", 0.0) + after.get("author", 0.0)
    cut = 0
    score = 0.7
    if gazetteer.person(words):
        score += 1.6
    elif words[-1].endswith("s") and gazetteer.person([*words[:-1], words[-1][:-1]]):
        score, cut = score + 1.6, 1
    elif gazetteer.subject(words):
        score -= 1.0
    elif gazetteer.person_word(words[0]):
        score += 0.6
    if any(token.gap == "-" for token in tokens[first + 1 : last]) or any(
        not token.text.isascii() for token in tokens[first:last]
    ):
        score += 0.4
    if before.get("topic", 0.0) > before.get("author", 0.0):
        score -= 0.6
    if first == 0 and last < len(tokens) and any(ch in tokens[last].gap for ch in ":,-–—"):
        score += 0.6
    return [Span(first, last, "author", score + slot, "rule", cut)]


def _small_persons(tokens: Sequence[Token], gazetteer: Gazetteer, authors: set[tuple[int, int]]) -> list[Span]:
    """Return spans for names of persons in small letters in a slot for one ("papers by chris manning")."""
    found = []
    for first in range(len(tokens) - 1):
        last = first + 2
        words = tokens[first:last]
        if words[0].capital or words[1].capital or not words[1].joined or (first, last) in authors:
            continue
        if any(lexicon().plain(word.key) or word.key in lexicon().everyday for word in words):
            continue
        slot = cues.left(tokens, first).get("author", 0.0)
        if slot >= _PERSON_CUE and gazetteer.person([word.key for word in words]):
            found.append(Span(first, last, "author", 1.4 + slot, "rule"))
    return found
