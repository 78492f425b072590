"""A mention of an institution as it is compared: its parts, its words with what they may stand for, and its places."""

import re
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from unicodedata import combining, normalize

from stores.keys import name_key
from stores.words import WordIndex
from tools.linking.wording import EXPANDED, SMALL, fold
from tools.ner.countries import country_names

_BREAKS = re.compile(r"[,;|\n\t()\[\]{}]+|\s[-–—/]\s|(?<=[a-z]{5})\.\s(?=[A-Z][a-z]{3})")
_TOKEN = re.compile(r"[^\W_]+(?:['’&][^\W_]+)*")
_CAMEL = re.compile(r"(?<=[a-z]{2})(?=[A-Z][a-z]{2})")
_STATES = r"(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY])"
# A state of the USA stands after a comma, at the end of its part, or before a postal code.
_STATE = re.compile(rf",\s*{_STATES}(?=\s*(?:\d{{5}}|[,;.]|$))|\b{_STATES}\s+\d{{5}}\b")
_ENTITIES = {"&amp;": "&", "&apos;": "'", "&quot;": '"', "&#39;": "'", "&lt;": "<", "&gt;": ">"}
MOST_WORDS = 64
_COUNTRY_WORDS = 5
_ALSO_STATES = frozenset(("georgia",))
_TYPO_WEIGHT = 0.9
# A part without blanks that is longer than this may be words run together: UniversityofOxford.
_GLUED = 12
_SPELLING_WEIGHT = 0.95


@dataclass
class Place:
    """Countries that a text names: `said` by name or code, `implied` by a state or province."""

    said: frozenset[str] = frozenset()
    implied: frozenset[str] = frozenset()


@dataclass
class MentionWords:
    """The words of a mention against one index.

    Attributes:
        text: as given, entities decoded.
        words: what is compared, in order.
        parts: number of the part that each word stands in.
        upper: whether each word is written in capitals.
        ids: the word's own id in the index, or -1.
        weights: ids that speak for a name, with the weight (1, or less for another spelling).
        at: the places of the words that each id may stand for.
        count: number of parts.
        place: countries named.
    """

    text: str
    words: list[str] = field(default_factory=list)
    parts: list[int] = field(default_factory=list)
    upper: list[bool] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)
    weights: dict[int, float] = field(default_factory=dict)
    at: dict[int, list[int]] = field(default_factory=dict)
    count: int = 0
    place: Place = field(default_factory=Place)

    @cached_property
    def whole(self) -> str:
        """The compared words as one text."""
        return " ".join(self.words)

    def part(self, number: int) -> str:
        """Return the compared words of one part as one text."""
        return self._parts[number]

    @cached_property
    def _parts(self) -> list[str]:
        texts: list[list[str]] = [[] for _ in range(max(1, self.count))]
        for word, number in zip(self.words, self.parts, strict=True):
            texts[number].append(word)
        return [" ".join(words) for words in texts]


def read_mention(text: str, index: WordIndex) -> MentionWords:
    """Return a mention's words, each with the ids of the index that it may stand for."""
    text = _decoded(text)
    mention = MentionWords(text)
    for part in _BREAKS.split(text):
        begun = len(mention.words)
        tokens = list(_TOKEN.finditer(_CAMEL.sub(" ", part) if " " not in part and len(part) > _GLUED else part))
        for token in tokens:
            for word in (len(tokens) > 1 and EXPANDED.get(token.group())) or _keys(token.group()):
                if word in SMALL or len(mention.words) >= MOST_WORDS:
                    continue
                mention.words.append(fold(word))
                mention.parts.append(mention.count)
                mention.upper.append(token.group().isupper())
        mention.count += len(mention.words) > begun
    for n, word in enumerate(mention.words):
        own = index.id_of(word)
        mention.ids.append(-1 if own is None else own)
        found = [(own, 1.0)] if own is not None else [(i, _TYPO_WEIGHT * s * s) for i, s in index.close_words(word)[:3]]
        found += [(i, _SPELLING_WEIGHT) for other in _spellings(word) if (i := index.id_of(other)) is not None]
        for id_, weight in found:
            if weight > mention.weights.get(id_, 0.0):
                mention.weights[id_] = weight
            mention.at.setdefault(id_, []).append(n)
        if own is None and found:
            mention.ids[n] = found[0][0]
    mention.place = find_places(text)
    return mention


def _decoded(text: str) -> str:
    if "&" in text:
        for entity, character in _ENTITIES.items():
            text = text.replace(entity, character)
    if text.isascii():
        return text
    return "".join(character for character in normalize("NFKD", text) if not combining(character))


@lru_cache(maxsize=50_000)
def _spellings(word: str) -> tuple[str, ...]:
    """Return other spellings of a word: without a transliterated umlaut or a plural s, the country of an adjective."""
    nouns = _nations().get(word, ())
    plain = word.replace("ue", "u").replace("oe", "o").replace("ae", "a") if len(word) > 4 else word  # noqa: PLR2004
    full = [word[:-1]] if len(word) > 4 and word.endswith("s") else []  # noqa: PLR2004
    return tuple(other for other in (plain, *full, *nouns) if other != word)


@lru_cache(maxsize=50_000)
def _keys(token: str) -> tuple[str, ...]:
    return tuple(name_key(token).split())


def find_places(text: str) -> Place:
    """Return the countries that a text names, and those whose states or provinces it names."""
    words = name_key(text).split()
    nouns, codes, regions = country_names().nouns, country_names().codes, _regions()
    adjectives = country_names().adjectives
    said: set[str] = set()
    implied: set[str] = set()
    firsts = _first_words()
    skip = 0
    for first, word in enumerate(words):
        if first < skip or word not in firsts:
            continue
        for last in range(min(first + _COUNTRY_WORDS, len(words)), first, -1):
            key = " ".join(words[first:last])
            code = nouns.get(key) or (codes.get(key) if len(key) > 2 else None)  # noqa: PLR2004
            if code and (key not in _ALSO_STATES or _is_country(text, key)):
                said.add(code)
            elif key in regions or key in adjectives:
                implied.add(regions.get(key) or adjectives[key])
            elif not code:
                continue
            skip = last
            break
    if not text.isupper() and _STATE.search(text):
        implied.add("US")
    return Place(frozenset(said), frozenset(implied))


def _is_country(text: str, key: str) -> bool:
    """Return whether a name that is also a state's stands alone in its part, and nothing speaks for the USA."""
    parts = [name_key(part) for part in _BREAKS.split(text)]
    return key in parts and not _STATE.search(text) and not {"usa", "us", "united states"} & set(parts)


@cache
def _regions() -> dict[str, str]:
    """Return the states, provinces and regions that belong to one country, by key."""
    import pycountry

    found: dict[str, set[str]] = {}
    for one in pycountry.subdivisions:
        key = name_key(one.name)
        if len(key) > 3:  # noqa: PLR2004
            found.setdefault(key, set()).add(one.country_code)
    nouns = country_names().nouns
    return {key: next(iter(codes)) for key, codes in found.items() if len(codes) == 1 and key not in nouns}


@cache
def _nations() -> dict[str, tuple[str, ...]]:
    """Return the one-word names of the country that each adjective belongs to."""
    names = country_names()
    nouns: dict[str, list[str]] = {}
    for noun, code in names.nouns.items():
        if " " not in noun:
            nouns.setdefault(code, []).append(noun)
    return {word: tuple(nouns.get(code, ()))[:2] for word, code in names.adjectives.items()}


@cache
def _first_words() -> frozenset[str]:
    names = country_names()
    return frozenset(
        key.split()[0] for group in (names.nouns, names.codes, names.adjectives, _regions()) for key in group if key
    )
