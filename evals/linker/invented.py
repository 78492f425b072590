"""Mentions made from the registry's own names.

Short ones as people write them (without "University", with typos, as acronyms), and names left out, to be found by the others.
"""

from collections.abc import Mapping
from random import Random

import numpy as np

from evals.linker.gold import FOLDS, HELD_OUT, Example
from stores.catalogue import Catalogue
from stores.records import AuthorityType
from tools.linking.registry import Registry

_GENERIC = frozenset(
    (
        "university",
        "of",
        "the",
        "foundation",
        "institute",
        "college",
        "research",
        "council",
        "national",
        "for",
        "technology",
    )
)
_HIDDEN = 0.12
_KNOWN_POWER = 0.6
_CAPPED = 0.999
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def invent(
    type_: AuthorityType, catalogue: Catalogue, registry: Registry, folds: Mapping[str, int], count: int, seed: int
) -> list[Example]:
    """Return short mentions, well-known records more often; some of records that are then hidden, so "no match".

    Args:
        type_: type of the records.
        catalogue: for the names as written.
        registry: the records.
        folds: of the records that labelled mentions mean; what is invented of a record goes into its fold, so that a
            ranker is never tried on a record that it knows, and none is made of held-out ones.
        count: how many.
        seed: of the choice.
    """
    random = Random(seed)
    texts: dict[str, list[tuple[str, str]]] = {}
    for _, _, id_, text, _, kind in catalogue.authorities.names([type_]):
        if folds.get(id_) != HELD_OUT and kind in {"name", "alias", "acronym"} and text.isascii():
            texts.setdefault(id_, []).append((text, kind))
    ids = list(texts)
    known = np.exp(
        _KNOWN_POWER * np.array([registry.prior[registry.number[i]] + registry.works[registry.number[i]] for i in ids])
    )
    chosen = random.choices(ids, weights=known.tolist(), k=count)
    examples = []
    for id_ in chosen:
        text, written_as = random.choice(texts[id_])
        mention = _written(text, written_as, random)
        number = registry.number[id_]
        hidden = frozenset((number,)) if random.random() < _HIDDEN else frozenset()
        ids_ = frozenset(() if hidden else (id_,))
        examples.append(Example(mention, ids_, "invented", _fold(id_, folds, random), hidden=hidden))
    return examples


def leave_out(
    type_: AuthorityType, catalogue: Catalogue, registry: Registry, folds: Mapping[str, int], count: int, seed: int
) -> list[Example]:
    """Return names that one record alone bears, each to be found without it: what no known name equals looks like that.

    Arguments as of `invent`.
    """
    random = Random(seed)
    types: tuple[AuthorityType, ...] = ("funder", "organization") if type_ == "funder" else (type_,)
    places: dict[int, list[int]] = {}
    for place, row in enumerate(registry.row.tolist()):
        places.setdefault(row, []).append(place)
    bearers: dict[str, set[str]] = {}
    found: dict[tuple[str, str], list[tuple[int, str, str]]] = {}
    several: dict[str, set[str]] = {}
    for row, _, id_, text, key, kind in catalogue.authorities.names(types):
        if id_ in registry.number:
            bearers.setdefault(key, set()).add(id_)
            several.setdefault(id_, set()).add(key)
            found.setdefault((id_, key), []).append((row, text, kind))
    usable = [
        (id_, key)
        for (id_, key), rows in found.items()
        if folds.get(id_) != HELD_OUT and len(bearers[key]) == 1 and len(several[id_]) > 1
        and {kind for _, _, kind in rows} <= {"name", "alias", "label"}
    ]  # fmt: skip
    numbers = [registry.number[id_] for id_, _ in usable]
    known = np.exp(_KNOWN_POWER * (registry.prior[numbers] + registry.works[numbers]).astype(float))
    known = np.minimum(known, np.quantile(known, _CAPPED)) if len(known) else known
    some = min(count, len(usable))
    chosen = np.random.default_rng(seed).choice(len(usable), some, replace=False, p=known / known.sum()) if some else ()
    examples = []
    for n in chosen:
        id_, key = usable[int(n)]
        rows = found[id_, key]
        own = registry.number[id_]
        without = frozenset(
            place for row, _, _ in rows for place in places.get(row, ()) if int(registry.index.record[place]) == own
        )
        fold = _fold(id_, folds, random)
        examples.append(Example(rows[0][1], frozenset((id_,)), "left out", fold, without=without))
    return examples


def _fold(id_: str, folds: Mapping[str, int], random: Random) -> int:
    drawn = 1 + random.randrange(FOLDS - 1)
    return folds.get(id_, drawn)


def _written(text: str, kind: str, random: Random) -> str:
    """Return a name as somebody may write it in a hurry."""
    text = text.split(" (", 1)[0]
    if kind == "acronym":
        return text
    words = text.split()
    draw = random.random()
    if draw < 0.35 and len(words) > 1:  # noqa: PLR2004
        kept = [word for word in words if word.lower() not in _GENERIC]
        words = kept or words
    elif draw < 0.65:  # noqa: PLR2004
        words = [_typo(word, random) if len(word) > 4 and random.random() < 0.6 else word for word in words]  # noqa: PLR2004
    elif draw < 0.75:  # noqa: PLR2004
        random.shuffle(words)
    mention = " ".join(words)
    return mention.lower() if random.random() < 0.25 else mention  # noqa: PLR2004


def _typo(word: str, random: Random) -> str:
    at = random.randrange(1, len(word) - 1)
    draw = random.randrange(4)
    if draw == 0:
        return word[:at] + word[at + 1 :]
    if draw == 1:
        return word[:at] + word[at] + word[at:]
    if draw == 2:  # noqa: PLR2004
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return word[:at] + random.choice(_LETTERS) + word[at + 1 :]
