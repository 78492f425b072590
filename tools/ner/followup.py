"""Follow-up questions: what an earlier turn of the conversation contributes, and the question in full."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from stores.records import EntityType
from tools.ner.base import Intent, Mention, Message
from tools.ner.intent import is_system
from tools.ner.tokens import tokenize

_OPENINGS = re.compile(
    r"^\W*(?:and|also|but|or|so|what about|how about|what of|just|only|now|then|same|ok(?:ay)?,? (?:and|now)|others?|more|the rest"
    r"|any (?:others?|more|newer|older)|no,|not|instead|except|without|which of|how many of|sort|order|limit|restrict|narrow|filter|exclude"
    r"|in [A-Z]\w+ only|from \w+ only|since|before|after|between|again|newer|older|until|outside)\b",
    re.IGNORECASE,
)
_PRONOUNS = re.compile(
    r"\b(?:it|its|they|them|their|theirs|he|him|his|she|her|hers|these|those|the same|the \w+ ones?"
    r"|(?:the|this|that) (?:paper|article|study|author|authors|person|researcher|team|model|dataset|corpus|system|method|first"
    r"|second|last|other)|(?:like|to|about|on|of|in|is|does|did|was) (?:this|that)(?=\W*$))\b",
    re.IGNORECASE,
)
_THIRD_PERSON = re.compile(r"\b(?:he|him|his|she|her|hers)\b", re.IGNORECASE)
_IT = re.compile(
    r"\b(?:it|they|them|this|that|he|him|she|(?:this|that|the) (?:paper|article|study|author|person|researcher|model|dataset|corpus|system))\b",
    re.IGNORECASE,
)
_THEIR = re.compile(r"\b(?:its|their|his|her)\b(?=\s+\w)", re.IGNORECASE)
_INTRODUCED: dict[EntityType, str] = {
    "author": "by", "topic": "about", "organization": "from", "funder": "funded by", "country": "from", "venue": "in",
    "year": "from",
}  # fmt: skip
_TURNS_BACK = 6


@dataclass(frozen=True)
class Followup:
    """What the history adds to a question.

    Attributes:
        turn: the earlier question that is followed up.
        rewritten: the question in full.
        context: the earlier mentions, with offsets in `rewritten`.
    """

    turn: str
    rewritten: str
    context: tuple[Mention, ...]


def depends(question: str, mentions: Sequence[Mention]) -> bool:
    """Return whether a question needs the turns before it: an ellipsis, or a pronoun that nothing in it explains."""
    if _OPENINGS.search(question):
        return True
    names = {m.type for m in mentions if m.type not in {"year", "country"}}
    pronoun = _PRONOUNS.search(question)
    if pronoun is None:
        return False
    if _THIRD_PERSON.fullmatch(pronoun[0]):
        return "author" not in names
    return not names or pronoun.start() < min(m.start for m in mentions)


def complete(
    question: str, mentions: Sequence[Mention], history: Sequence[Message], tag: Callable[[str], Sequence[Mention]]
) -> Followup | None:
    """Return what a follow-up takes over from the conversation, or None when it stands alone.

    Each type that the question does not name itself is taken from the latest question of the user that names it; a
    question that names nothing of the kind is passed over.
    """
    turns = [message.content for message in history if message.role == "user"][-_TURNS_BACK:]
    if not turns or not depends(question, mentions):
        return None
    own = {m.type for m in mentions}
    carried: dict[EntityType, list[str]] = {}
    subject = ""
    source = turns[-1]
    for turn in reversed(turns):
        found = tag(turn)
        for m in found:
            if m.type not in own and not m.negated and (m.type not in carried or turn == source):
                carried.setdefault(m.type, []).append(m.text)
        subject = subject or _system(turn, found)
        if not depends(turn, found):
            source = turn
            break
        source = turn
    return _rewrite(question, carried, subject, source)


def _system(turn: str, mentions: Sequence[Mention]) -> str:
    for token in tokenize(turn):
        if is_system(token.text) and all(token.end <= m.start or m.end <= token.start for m in mentions):
            return token.text
    return ""


def _rewrite(question: str, carried: dict[EntityType, list[str]], subject: str, turn: str) -> Followup:
    text = question.strip()
    places: list[tuple[int, EntityType, str]] = []
    names = carried.pop("author", [])
    name = subject or (names[0] if len(names) == 1 else "")
    match = _THEIR.search(text) or (_IT if subject else _THIRD_PERSON).search(text)
    if name and match:
        text = text[: match.start()] + name + ("'s" if _THEIR.match(text, match.start()) else "") + text[match.end() :]
        if not subject:
            places.append((match.start(), "author", name))
            names = []
    elif subject:
        text = f"{subject}: {text}"
    if names:
        carried["author"] = names
    tail = text.rstrip()
    mark = tail[-1] if tail and tail[-1] in "?.!" else ""
    text = tail[: len(tail) - len(mark)]
    for type_, values in carried.items():
        for n, value in enumerate(values):
            text += f" {_INTRODUCED[type_]} " if n == 0 else " and "
            places.append((len(text), type_, value))
            text += value
    context = tuple(
        Mention(start=start, end=start + len(value), text=value, type=type_, confidence=0.8, source="rule")
        for start, type_, value in sorted(places)
    )
    return Followup(turn, text + mark, context)


def inherited(followup: Followup, classify: Callable[[str], Intent]) -> Intent | None:
    """Return the intent of the turn that is followed up, or None when that was no question on literature."""
    intent = classify(followup.turn)
    return None if intent in {"chitchat", "out_of_scope"} else intent
