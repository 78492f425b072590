"""Words and phrases that characterise papers, from titles, abstracts, and the concepts and keywords of their records."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import log

from stores.records import Paper
from tools.profiling.phrases import Casing, initials, key_of, phrases, team
from tools.profiling.stopwords import BROAD, PLAIN

_TRIED = 24  # each costs a query
_TRIED_OF_GROUP = 6
_WHOLE = 0.6  # a phrase of which a longer one makes up this share is its fragment
_WORTH = 0.4  # a second term must have this share of the first one's score
_LENGTH = {1: 0.8, 2: 1.6, 3: 1.8, 4: 1.8}
_SHARED = 0.12  # share of a group's papers that must have a term
_COVERAGE = 1.3  # exponent: what half of a group shares names it better than two things that a quarter shares
_UNTITLED = 0.4  # worth of a term that no title has
_ADJECTIVES = ("ed", "ly", "ual", "onal", "ive", "ous", "able", "antic", "ical")  # no noun
_RARE = 5.0  # beyond e**-5 of all passages a term is no better for being rarer
_SURE = 0.3  # score of a concept; see topics.py
_MIN_PAPERS = 2

Rarity = Callable[[Sequence[str]], Mapping[str, float]]


class Terms:
    """Terms of papers, counted by paper; singular and plural are one, shown in their commonest spelling.

    Args:
        papers: all papers in question.
        rarity: how rare terms are everywhere, at least 0; without it all terms are equally rare.
    """

    def __init__(self, papers: Sequence[Paper], rarity: Rarity | None = None) -> None:
        self._rarity = rarity
        self._casing = Casing()
        self._titles: dict[str, dict[str, str]] = {}
        self._abstracts: dict[str, dict[str, str]] = {}
        self._carried: dict[str, dict[str, str]] = {}
        for paper in papers:
            self._titles[paper.id] = dict(phrases(paper.title))
            self._abstracts[paper.id] = dict(phrases(paper.abstract))
            self._carried[paper.id] = {key_of(name): name for name in _of_record(paper)}
            self._casing.read(paper.abstract)
        # Who takes part in a shared task is in titles and abstracts, as are venues; neither is a topic.
        outside = [text for paper in papers for text in (team(paper.title), paper.venue or "")]
        self._teams = {key for text in outside for key, _ in phrases(text)}

    def labels(self, groups: Sequence[Sequence[str]], top: int = 3) -> list[list[str]]:
        """Return for each group of paper ids the phrase that sets it apart from the others, and up to two more.

        A term counts by the papers of the group that have it, twice where a title or the record has it; by how much more
        frequent it is there than in the other papers; by its rarity everywhere; and for being a phrase. Pieces of a longer
        phrase are left out. No two groups begin with the same term. A group that shares no term is named after its first
        papers' titles.

        Args:
            groups: the papers of each group, the most central first.
            top: how many terms at most.
        """
        everywhere = self._papers_with(self._titles)
        scored = [self._scores(group, everywhere) or self._of_first(group) for group in groups]
        each = max(2, min(_TRIED_OF_GROUP, _TRIED // max(len(groups), 1)))
        tried = [_best(scores, each) for scores in scored]
        rare = self._rare(list(dict.fromkeys(key for keys in tried for key in keys)))
        found: list[list[str]] = []
        for keys, scores in zip(tried, scored, strict=True):
            taken = {kept[0] for kept in found if kept}
            weighed = {key: scores[key] * rare[key] for key in keys if key not in taken}
            first = max(weighed, key=lambda key: (weighed[key], key), default="")
            found.append(_distinct(weighed, top, _WORTH if " " in first else _WORTH / 2))
        return [[self._surface(key) for key in keys] for keys in found]

    def of_titles(self, top: int = 8) -> list[tuple[str, list[str]]]:
        """Return (term, ids of the papers with it in the title) for terms of at least two titles, the best first."""
        papers: dict[str, list[str]] = defaultdict(list)
        for id_, titled in self._titles.items():
            for key in titled:
                papers[key].append(id_)
        counts = {key: len(ids) for key, ids in papers.items() if len(ids) >= _MIN_PAPERS}
        scores = {key: counts[key] * _length(key) for key in _unbroken(counts)}
        tried = _best(scores, _TRIED)
        rare = self._rare(tried)
        scores = {key: scores[key] * rare[key] for key in tried}
        return [(self._surface(key), papers[key]) for key in _distinct(scores, top)]

    def _scores(self, group: Sequence[str], everywhere: Mapping[str, int]) -> dict[str, float]:
        titled = Counter(key for id_ in group for key in self._titles[id_].keys() | self._carried[id_].keys())
        inside = self._papers_with(group)
        others = len(self._titles) - len(group)
        least = max(_MIN_PAPERS, _SHARED * len(group))
        counts = {key: n for key, n in inside.items() if n >= least}
        scores = {}
        for key in _unbroken(counts):
            here = (counts[key] + 0.5) / (len(group) + 1)
            there = (everywhere[key] - counts[key] + 0.5) / (others + 1)
            if here <= there or not self._names(key, titled[key]):
                continue
            weight = (counts[key] + titled[key]) / len(group) if titled[key] else _UNTITLED * counts[key] / len(group)
            scores[key] = weight**_COVERAGE * log(here / there) * _length(key)
        return scores

    def _of_first(self, group: Sequence[str]) -> dict[str, float]:
        """Return the longest phrases of the title of the most central paper that has any."""
        for id_ in group:
            if found := {
                key: _length(key) for key in _unbroken(dict.fromkeys(self._titles[id_], 1)) if self._names(key, 1)
            }:
                return found
        return {}

    def _names(self, key: str, titled: int) -> bool:
        """Return whether a term can name a group."""
        if key in PLAIN or key in self._teams or key.endswith(_ADJECTIVES):
            return False
        return titled > 0 or " " in key

    def _papers_with(self, ids: Iterable[str]) -> Counter[str]:
        return Counter(
            key
            for id_ in ids
            for key in self._titles[id_].keys() | self._abstracts[id_].keys() | self._carried[id_].keys()
        )

    def _rare(self, keys: Sequence[str]) -> dict[str, float]:
        if self._rarity is None or not keys:
            return dict.fromkeys(keys, 1.0)
        forms = {key: self._surface(key) for key in keys}
        found = self._rarity(list(forms.values()))
        return {key: min(max(found[form], 0.1), _RARE) for key, form in forms.items()}

    def _surface(self, key: str) -> str:
        """Return the commonest spelling in titles and abstracts, or else in records."""
        written = (keys[key] for keys in (*self._abstracts.values(), *self._titles.values()) if key in keys)
        forms = Counter(map(self._casing.written, written))
        forms = forms or Counter(self._casing.written(keys[key]) for keys in self._carried.values() if key in keys)
        return min(forms, key=lambda form: (-forms[form], form), default=key)


def _of_record(paper: Paper) -> list[str]:
    """Return the concepts and keywords of a record that are not too broad; inverted or annotated ones are left out."""
    names = [one.name for one in paper.topics if one.score is None or one.score >= _SURE]
    fit = [
        name for name in [*names, *paper.keywords] if not set(name) & set(",(") and len(name.split()) <= max(_LENGTH)
    ]
    return [name for name in fit if name.casefold() not in BROAD]


def _best(scores: Mapping[str, float], most: int) -> list[str]:
    return sorted(scores, key=lambda key: (-scores[key], key))[:most]


def _length(key: str) -> float:
    return _LENGTH[min(len(key.split()), max(_LENGTH))]


def _unbroken(counts: Mapping[str, int]) -> list[str]:
    """Return the keys that are no mere piece of a longer one."""
    longer: Counter[str] = Counter()
    for key, count in counts.items():
        words = key.split()
        for length in range(1, len(words)):
            for start in range(len(words) - length + 1):
                piece = " ".join(words[start : start + length])
                longer[piece] = max(longer[piece], count)
    return [key for key, count in counts.items() if longer[key] < _WHOLE * count]


def _distinct(scores: Mapping[str, float], top: int, worth: float = 0.0) -> list[str]:
    """Return the best keys of which none shares a word or stem with a better one or is its acronym."""
    kept: list[str] = []
    used: set[str] = set()
    for key in _best(scores, len(scores)):
        if len(kept) == top or (kept and scores[key] < worth * scores[kept[0]]):
            break
        stems = {word[:5] for word in key.split()}
        if used.isdisjoint(stems) and not any(key == initials(one) or initials(key) == one for one in kept):
            kept.append(key)
            used |= stems
    return kept
