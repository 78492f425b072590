"""Whether two spellings can be the same person's name."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from rapidfuzz.fuzz import ratio

from stores.keys import name_key

# Groups of given names and their short forms.
_NICKNAMES = (
    "alexander alex sasha xander", "alexandra alex sasha", "andrew andy drew", "anthony tony", "barbara barb", "benjamin ben",
    "catherine katherine kathryn cathy kathy kate katie", "charles charlie chuck", "christine christina chris tina",
    "christopher chris topher", "daniel dan danny", "david dave", "deborah deb debbie", "dennis denny", "donald don",
    "douglas doug", "edward ed eddie ted ned", "eduard edward ed", "elizabeth liz beth eliza betty lisa", "emmanuel manu",
    "francis frank", "frederick fred", "gabriel gabe", "gerald gerry jerry", "gregory greg", "henry harry hank",
    "ignacio nacho", "isaac ike", "jacob jake", "jacqueline jackie", "james jim jimmy jamie", "jeffrey jeff geoffrey geoff",
    "jennifer jen jenny", "jessica jess", "johannes hans jan john", "john jack johnny jon", "jonathan jon john", "joseph joe joey josef",
    "joshua josh", "judith judy", "kenneth ken", "kimberly kim", "lawrence larry laurence", "leonard len leo", "louis lou lewis",
    "margaret maggie meg peggy", "martin marty", "matthew matt", "matthias matt", "michael mike mick michal", "mitchell mitch",
    "nathan nate nathaniel", "nicholas nick nicolas nico", "pamela pam", "patricia pat patty", "patrick pat", "peter pete",
    "philip phil philipp", "raymond ray", "rebecca becky", "richard rick dick rich", "robert rob bob bobby bert", "ronald ron",
    "samuel sam", "samantha sam", "sandra sandy", "stephen steve steven stefan", "steven steve stephen", "susan sue susie",
    "terence terry", "theodore ted theo", "theresa terry", "thomas tom tommy", "timothy tim", "valerie val", "victoria vicky",
    "vincent vince", "walter walt", "william bill will billy liam", "yoshua josh", "zachary zach zack",
)  # fmt: skip
_GROUPS: dict[str, set[int]] = {}
for _number, _group in enumerate(_NICKNAMES):
    for _name in _group.split():
        _GROUPS.setdefault(_name, set()).add(_number)
# Letters with two usual spellings without the accent.
_SPELLINGS = (
    ("ae", "a"),
    ("oe", "o"),
    ("ue", "u"),
    ("aa", "a"),
    ("ss", "s"),
    ("y", "i"),
    ("j", "i"),
    ("w", "v"),
    ("kh", "h"),
)
# Names of Latin letters, two or more words, a point behind initials alone: the last word is the family name.
_LETTERS = "A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ"
_WORD = f"[{_LETTERS}]+(?:[-'’][{_LETTERS}]+)*"
_PLAIN_NAME = re.compile(rf"(?:(?:{_WORD}|[{_LETTERS}]\.) )+(?=[{_LETTERS}]{{2}}){_WORD}")
_CLOSE = 88.0
_FAMILY_ALONE = 0.86


@dataclass(frozen=True)
class PersonName:
    """The parts of a person's name, as words of `name_key`."""

    given: tuple[str, ...]
    family: tuple[str, ...]


@lru_cache(maxsize=10_000)
def parse(text: str) -> PersonName:
    """Return the parts of a name in either order ("Manning, Christopher D.")."""
    return _plain_parts(text) or _any_parts(text)


def _plain_parts(text: str) -> PersonName | None:
    """Return the parts of a name as most are, twenty times as fast as `_any_parts` and the same; None of another."""
    if not _PLAIN_NAME.fullmatch(text) or not _marks().isdisjoint(text.lower().replace(".", "").split()):
        return None
    given, _, family = text.rpartition(" ")
    return PersonName(tuple(name_key(given).split()), tuple(name_key(family).split()))


@cache
def _marks() -> frozenset[str]:
    """Return the words that nameparser takes for something else than a given or a family name, or joins to others."""
    from nameparser.config import CONSTANTS

    groups = (
        CONSTANTS.prefixes, CONSTANTS.titles, CONSTANTS.first_name_titles, CONSTANTS.conjunctions,
        CONSTANTS.suffix_acronyms, CONSTANTS.suffix_not_acronyms,
    )  # fmt: skip
    return frozenset(word for group in groups for word in group)


def _any_parts(text: str) -> PersonName:
    from nameparser import HumanName

    name = HumanName(text)
    given = name_key(f"{name.first} {name.middle}").split()
    family = name_key(name.last).split()
    words = name_key(text).split()
    if not family or not given:
        given, family = words[:-1], words[-1:]
    return PersonName(tuple(given), tuple(family))


def compatibility(mention: PersonName, name: PersonName) -> float:
    """Return how well one spelling can stand for the other's person, 0 (not at all) to 1 (the same words).

    Family names must agree but for a transliteration or a typo; given names may be short forms, initials or left out
    in the middle, and the family name may come first.
    """
    best = _ordered(mention, name)
    if mention.given:
        turned = PersonName((*mention.family, *mention.given[1:]), mention.given[:1])
        best = max(best, 0.97 * _ordered(turned, name))
    whole, other = "".join((*mention.given, *mention.family)), "".join((*name.given, *name.family))
    if whole == other:
        best = max(best, 0.98)
    return max(best, 0.88 * _leaves_out(mention, name), 0.88 * _leaves_out(name, mention))


def _leaves_out(short: PersonName, full: PersonName) -> bool:
    """Return whether one spelling is the other without a second family name or a middle name, in the same order."""
    some, every = (*short.given, *short.family), (*full.given, *full.family)
    rest = iter(every)
    return 2 <= len(some) < len(every) and some[0] == every[0] and len(some[-1]) > 1 and all(w in rest for w in some)  # noqa: PLR2004


def _ordered(mention: PersonName, name: PersonName) -> float:
    family = _family(mention.family, name.family)
    if not family:
        return 0.0
    if not mention.given:
        # "Barzilay's papers": whoever bears the family name may be meant, and how many do decides how sure that is.
        return _FAMILY_ALONE * family if tuple(mention.family) == tuple(name.family) else 0.5 * family
    if not name.given:
        return 0.3 * family
    return family * _given(mention.given, name.given)


def _family(mention: Sequence[str], name: Sequence[str]) -> float:
    if tuple(mention) == tuple(name):
        return 1.0
    a, b = "".join(mention), "".join(name)
    if a == b:
        return 0.99
    if plain(a) == plain(b):
        return 0.97
    if set(mention) & set(name) and all(len(word) > 1 for word in (*mention, *name)):
        return 0.86
    return 0.9 * ratio(a, b) / 100 if min(len(a), len(b)) > 4 and ratio(a, b) >= _CLOSE else 0.0  # noqa: PLR2004


def plain(word: str) -> str:
    """Return a word with alternative transliterations folded ("schuetze", "schutze")."""
    for spelling, letter in _SPELLINGS:
        word = word.replace(spelling, letter)
    return word


def _given(mention: Sequence[str], name: Sequence[str]) -> float:
    if tuple(mention) == tuple(name):
        return 1.0
    if "".join(mention) == "".join(name):
        return 0.98
    if len(mention) == len(name) > 1 and all(_one(a, b) for a, b in zip(mention, name, strict=True)):
        return max(0.93, min(_one(a, b) for a, b in zip(mention, name, strict=True)))
    first = _one(mention[0], name[0])
    score = first
    if len(mention) > 1 and len(name) > 1:
        rest = [max(_one(word, other) for other in name[1:]) for word in mention[1:]]
        score *= 0.7 + 0.3 * min(rest) if min(rest) else 0.25
    elif len(mention) != len(name):
        score *= 0.95
    return max(score, 0.9 * _initial_left_out(mention, name), 0.9 * _initial_left_out(name, mention))


def _initial_left_out(full: Sequence[str], short: Sequence[str]) -> float:
    """Return how well one is the other without a first initial: J. Walker Orr is Walker Orr."""
    return _one(full[1], short[0]) if len(full) > 1 and len(full[0]) == 1 and len(short) == 1 else 0.0


def _one(word: str, other: str) -> float:
    if word == other:
        return 1.0
    if len(word) == 1 or len(other) == 1:
        return 0.87 if word[0] == other[0] else 0.0
    if _GROUPS.get(word, set()) & _GROUPS.get(other, set()):
        return 0.93
    if plain(word) == plain(other):
        return 0.95
    if (word.startswith(other) or other.startswith(word)) and min(len(word), len(other)) > 2:  # noqa: PLR2004
        return 0.78
    return 0.85 if min(len(word), len(other)) > 4 and ratio(word, other) >= _CLOSE else 0.0  # noqa: PLR2004
