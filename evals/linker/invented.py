"""Short mentions made from the registry's own names, as people write them: without "University", with typos, as acronyms."""

from random import Random

import numpy as np

from evals.linker.gold import Example
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
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def invent(
    type_: AuthorityType, catalogue: Catalogue, registry: Registry, apart: frozenset[str], count: int, seed: int
) -> list[Example]:
    """Return short mentions, well-known records more often; some of records that are then hidden, so "no match".

    Args:
        type_: type of the records.
        catalogue: for the names as written.
        registry: the records.
        apart: ids of held-out records, of which none is made.
        count: how many.
        seed: of the choice.
    """
    random = Random(seed)
    texts: dict[str, list[tuple[str, str]]] = {}
    for _, _, id_, text, _, kind in catalogue.authorities.names([type_]):
        if id_ not in apart and kind in {"name", "alias", "acronym"} and text.isascii():
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
        examples.append(Example(mention, ids_, "invented", 1 + random.randrange(4), hidden=hidden))
    return examples


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
