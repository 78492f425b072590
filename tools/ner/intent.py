"""The intent of a question, by weighted wordings and what it names."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from math import log
from typing import get_args

from stores.keys import name_key
from stores.records import EntityType
from tools.ner.base import Intent, Mention
from tools.ner.lexicon import lexicon, table
from tools.ner.paper_refs import Reference
from tools.ner.tokens import tokenize

_NAMES = "<(?:organization|funder|venue)>"
# When wordings weigh the same, the first of these wins.
_PREFERENCE: tuple[Intent, ...] = (
    "out_of_scope", "author_profile", "collaborators", "similar_papers", "rank_themes", "entity_lookup", "paper_question",
    "find_papers", "chitchat",
)  # fmt: skip
_INHERITED = 2.5
_CONDITIONS: frozenset[EntityType] = frozenset(("year", "country"))
_RECORDS: frozenset[EntityType] = frozenset(("organization", "funder", "venue"))
_PAPERS = re.compile(
    r"\b(papers?|articles?|publications?|stud(y|ies)|preprints?|literature|research|works?|thes[ei]s|submissions?|surveys?|corpus|dataset)\b"
)
# A sentence that asks something, perhaps after a phrase that says of what.
_ASKS = re.compile(
    r"(?:^|[,:;?]\s(?:and |or |but )?|^(?:in|on|at|for|of|from|by|to|under|with|after|before|besides?|according to)\b[^?]{0,80}?\s)"
    r"(?:what|which|who|whose|whom|where|when|why|how|is|are|was|were|do|does|did|can|could|may|might|has|have|had|will|would"
    r"|should|must)\b"
)
# ... unless it asks for papers.
_LISTS = re.compile(
    r"\b(?:which|what|any|find|list|show|get|give|all|some|latest|recent|new|many|more|other|is there|are there|anything|have)\b"
    r"(?:\s\S+){0,4}?\s(?:papers?|articles?|publications?|stud(?:y|ies)|preprints?|literature|research|works?|thes[ei]s|anything)\b"
    r"|\b(?:publish(?:ed)?|written|wrote|is there from|read next|read about|new (?:on|in|about))\b"
)
_CONTENT = 2.2
_CONTENT_WORDS = 6
_PHRASE = 5
_ADDRESSED = re.compile(r"\b(you|your|yours|yourself|u|i'm|we)\b")
# Wordings of papers stand in questions of every kind; they count little beside a clear wording of another intent.
_SPECIFIC: tuple[Intent, ...] = ("rank_themes", "collaborators", "similar_papers", "author_profile")
_CLEAR = 2.6
_CAPPED = 2.4
# Points for each unit of log odds that the trained model gives an intent over chance, and the least it can give.
_MODEL, _LEAST = 0.65, -3.0
# The model reads a question without what came before, so of a follow-up it knows less.
_MODEL_FOLLOWING = 0.45


@cache
def _patterns() -> dict[Intent, tuple[tuple[re.Pattern[str], float], ...]]:
    data = table("intents")
    patterns: dict[Intent, tuple[tuple[re.Pattern[str], float], ...]] = {}
    for intent in get_args(Intent):
        entries = data[intent]
        patterns[intent] = tuple((re.compile(p.replace("~X~", _NAMES)), float(weight)) for p, weight in entries)
    return patterns


def masked(question: str, mentions: Sequence[Mention], references: Sequence[Reference]) -> str:
    """Return the question in small letters with types in place of names: "who is <author>?"."""
    places = [(m.start, m.end, f"<{m.type}>") for m in mentions]
    places += [(ref.start, ref.end, "<paper>") for ref in references]
    taken = [(start, end) for start, end, _ in places]
    for token in tokenize(question):
        if is_system(token.text) and all(token.end <= start or end <= token.start for start, end in taken):
            places.append((token.start, token.end, "<system>"))
    parts: list[str] = []
    last = 0
    for start, end, label in sorted(places):
        parts += [question[last:start].lower(), label]
        last = end
    parts.append(question[last:].lower())
    return " ".join("".join(parts).replace("’", "'").split())


def is_system(word: str) -> bool:
    """Return whether a word is written like the name of a system: capitals or digits inside small letters."""
    if len(word) <= 3:  # noqa: PLR2004
        return False
    inside = any(a.islower() and b.isupper() for a, b in pairwise(word))
    return inside or (word.isupper() and name_key(word) not in lexicon().topic_acronym)


def scores(
    question: str,
    mentions: Sequence[Mention],
    references: Sequence[Reference],
    before: Intent | None = None,
    context: Sequence[Mention] = (),
    probable: Mapping[Intent, float] | None = None,
) -> dict[Intent, float]:
    """Return how much speaks for each intent.

    Args:
        question: the question.
        mentions: what it names.
        references: papers it names.
        before: intent of the turn that it follows up, if it does.
        context: what it takes over from that turn.
        probable: the trained model's probability of each intent, if there is one.
    """
    text = masked(question, mentions, references)
    points: dict[Intent, float] = {
        intent: sum(weight for pattern, weight in entries if pattern.search(text))
        for intent, entries in _patterns().items()
    }
    _weigh_names(points, text, mentions, {m.type for m in (*mentions, *context)})
    own = max(_SPECIFIC, key=lambda intent: points[intent])
    if before is not None and (own == before or points[own] < _CLEAR):
        points[before] += _INHERITED
    if max(points[intent] for intent in _SPECIFIC) >= _CLEAR:
        points["find_papers"] = min(points["find_papers"], _CAPPED)
    weight = _MODEL if before is None else _MODEL_FOLLOWING
    for intent, probability in (probable or {}).items():
        points[intent] += weight * max(log(max(probability, 1e-6) * len(points)), _LEAST)
    return points


def _weigh_names(points: dict[Intent, float], text: str, mentions: Sequence[Mention], types: set[EntityType]) -> None:
    """Add what the kinds of names say: questions about one person, one institution or nothing at all differ."""
    papers = _PAPERS.search(text) is not None
    named = types - _CONDITIONS
    if "author" not in types:
        points["author_profile"] *= 0.5
        points["collaborators"] *= 0.8
    if named == {"author"}:
        several = sum(m.type == "author" for m in mentions) > 1
        points["collaborators" if several else "author_profile"] += 1.0 if papers else 1.6
    elif "author" in named and "topic" not in named and not papers:
        points["author_profile"] += 0.8
    elif named <= _RECORDS and len(mentions) == 1 and not papers:
        points["entity_lookup"] += 1.6
    if not papers:
        _weigh_talk(points, text, types)
    if _asks_content(text, types):
        points["paper_question"] += _CONTENT
        points["find_papers"] *= 0.5
    if types & {"topic", *_RECORDS, *_CONDITIONS} and len(mentions) > 1:
        points["find_papers"] += 0.5
    if mentions and _sentence_free(text):
        points["find_papers"] += 1.4 if len(mentions) > 1 or "topic" in types else 0.0
    if mentions and not types <= {"topic"}:
        points["chitchat"] *= 0.5


def _asks_content(text: str, types: set[EntityType]) -> bool:
    """Return whether it is a full question on a matter, not on a person or a record and not for a list of papers."""
    return (
        len(text.split()) >= _CONTENT_WORDS
        and not types & {"author", "funder"}
        and not (types and types <= {*_RECORDS, "country"})
        and not _ADDRESSED.search(text)
        and _ASKS.search(text) is not None
        and _LISTS.search(text) is None
    )


def _weigh_talk(points: dict[Intent, float], text: str, types: set[EntityType]) -> None:
    """Add what it says that no word for papers occurs."""
    if not types:
        points["chitchat"] += 1.2 if _ADDRESSED.search(text) else 0.0
        points["paper_question"] *= 1.0 if "<" in text else 0.5
    elif "topic" not in types and "<system>" not in text and "<paper>" not in text:
        points["paper_question"] *= 0.6


def classify(
    question: str,
    mentions: Sequence[Mention],
    references: Sequence[Reference],
    before: Intent | None = None,
    context: Sequence[Mention] = (),
    probable: Mapping[Intent, float] | None = None,
) -> Intent:
    """Return the intent for which most speaks; a question without any sign of literature is out of scope."""
    points = scores(question, mentions, references, before, context, probable)
    best = max(_PREFERENCE, key=lambda intent: points[intent])
    if points[best] > 1.0:
        return best
    if references or mentions:
        return "find_papers" if mentions and points["find_papers"] >= points["paper_question"] else "paper_question"
    if any(token.key in lexicon().paper for token in tokenize(question)) or points["paper_question"] > 0.8:  # noqa: PLR2004
        return "paper_question"
    # Nothing speaks against a phrase of some length: the papers themselves say whether it is a matter of theirs.
    words = masked(question, mentions, references).split()
    unsaid = points["out_of_scope"] <= 0 and points["chitchat"] <= 0 and not _ADDRESSED.search(" ".join(words))
    return "paper_question" if unsaid and len(words) >= _PHRASE else "out_of_scope"


def _sentence_free(text: str) -> bool:
    words = re.sub(r"<\w+>", " ", text)
    return not any(
        token.key in lexicon().verb or token.key in {"what", "who", "how", "why", "is", "does", "did", "are"}
        for token in tokenize(words)
    )
