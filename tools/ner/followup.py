"""Follow-up questions: what an earlier turn of the conversation contributes, and the question in full."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

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
# What stands before a span of time and says how it is meant: a year after "since" is a beginning, alone a year.
_TIED = re.compile(
    r"\b(?:since|from|after|before|until|till|up to|by|between|in|during|within|over|for|published in|as of)(?:\s+the)?\s+$",
    re.IGNORECASE,
)
_KINDS: dict[str, EntityType] = {
    "year": "year", "date": "year", "time": "year", "period": "year", "author": "author", "person": "author",
    "organisation": "organization", "organization": "organization", "institution": "organization",
    "affiliation": "organization", "university": "organization", "funder": "funder", "funding": "funder",
    "country": "country", "venue": "venue", "conference": "venue", "journal": "venue", "topic": "topic",
    "subject": "topic",
}  # fmt: skip
_NAMED_KIND = rf"(?P<kind>{'|'.join(_KINDS)}|countries|universities)(?:s|\s+\w+s?)?(?=\W*$|\s*[,;]|\s+and\b)"
_GIVEN_UP = re.compile(
    rf"\b(?:(?:without|drop(?:ping)?|ignor(?:e|ing)|forget(?:ting)?|regardless of|leav(?:e|ing) out|never mind)\s+(?:the\s+|any\s+)?"
    rf"|(?:any|every|all)\s+){_NAMED_KIND}",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Followup:
    """What the history adds to a question.

    Attributes:
        turn: the earlier question that is followed up.
        rewritten: the question in full.
        context: the earlier mentions, with offsets in `rewritten`.
        dated: the earlier question whose span of time is taken over; None when there is none.
    """

    turn: str
    rewritten: str
    context: tuple[Mention, ...]
    dated: str | None = None


def depends(question: str, mentions: Sequence[Mention]) -> bool:
    """Return whether a question needs the turns before it: an ellipsis, or a pronoun that nothing in it explains."""
    if _OPENINGS.search(question) or given_up(question):
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
    question that names nothing of the kind is passed over. What the question gives up by its kind ("without the years")
    is not taken over.
    """
    turns = [message.content for message in history if message.role == "user"][-_TURNS_BACK:]
    if not turns or not depends(question, mentions):
        return None
    own = {m.type for m in mentions} | given_up(question)
    tied = ""
    dated = None
    carried: dict[EntityType, list[str]] = {}
    subject = ""
    source = turns[-1]
    for turn in reversed(turns):
        found = tag(turn)
        for m in found:
            if m.type not in own and not m.negated and (m.type not in carried or turn == source):
                carried.setdefault(m.type, []).append(m.text)
                if m.type == "year" and dated is None:
                    dated = turn
                    before = _TIED.search(turn[: m.start])
                    tied = before[0].strip() if before else ""
        subject = subject or _system(turn, found)
        if not depends(turn, found):
            source = turn
            break
        source = turn
    return replace(_rewrite(question, carried, subject, source, tied), dated=dated)


def given_up(question: str) -> set[EntityType]:
    """Return the types of conditions that a follow-up says it does without: "then without the years", "any venue"."""
    kinds = (match["kind"].lower().replace("ies", "y") for match in _GIVEN_UP.finditer(question))
    return {_KINDS[kind] for kind in kinds}


def _system(turn: str, mentions: Sequence[Mention]) -> str:
    for token in tokenize(turn):
        if is_system(token.text) and all(token.end <= m.start or m.end <= token.start for m in mentions):
            return token.text
    return ""


def _rewrite(question: str, carried: dict[EntityType, list[str]], subject: str, turn: str, tied: str) -> Followup:
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
            introduced = tied if type_ == "year" and tied else _INTRODUCED[type_]
            text += f" {introduced} " if n == 0 else " and "
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
