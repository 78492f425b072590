"""Words and phrases that characterise papers, from titles and abstracts."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import log

from stores.records import Paper
from tools.profiling.stopwords import GENERIC

_TOKEN = re.compile(r"[^\W\d_][\w]*(?:[-’'][\w]+)*")
_BREAK = re.compile(r"[.,;:!?()\[\]{}\"“”«»/|<>=+*&]|\s[-–—]+\s|--")
_LONGEST = 3
_TRIED = 60  # each costs a query

Rarity = Callable[[Sequence[str]], Mapping[str, float]]


class Terms:
    """Terms of papers, counted by paper; singular and plural are one, shown in their commonest spelling.

    Args:
        papers: all papers in question.
    """

    def __init__(self, papers: Sequence[Paper]) -> None:
        self._forms: dict[str, Counter[str]] = defaultdict(Counter)
        self._of = {paper.id: self._paper(paper) for paper in papers}
        self._titles = {paper.id: {key for key, _ in _phrases(paper.title)} for paper in papers}

    def label(self, group: Iterable[str], top: int = 3) -> list[str]:
        """Return the terms that set a group of papers apart, by class-based tf-idf over paper counts.

        Class-based tf-idf is of Grootendorst, BERTopic (2022); here each paper counts a term once, and once more for its
        title, so that one long abstract cannot name a group.
        """
        inside, everywhere = self._counts(group), self._counts(self._of)
        mean = sum(everywhere.values()) / max(len(everywhere), 1)
        scores = {
            key: count * log(1 + mean / everywhere[key] * 10) * (1 + 0.6 * (key.count(" ") > 0))
            for key, count in inside.items()
            if count > 2  # noqa: PLR2004
        }
        return self._distinct(scores, top) or self._distinct({key: float(n) for key, n in inside.items()}, top)

    def of_titles(self, rarity: Rarity | None = None, top: int = 8) -> list[tuple[str, list[str]]]:
        """Return (term, ids of the papers with it in the title) for terms of at least two titles, the best first.

        Args:
            rarity: how rare terms are everywhere, at least 0; without it all terms are equally rare.
            top: how many.
        """
        papers: dict[str, list[str]] = defaultdict(list)
        for id_, titled in self._titles.items():
            for key in titled:
                papers[key].append(id_)
        scores = {key: len(ids) * (1 + 0.6 * key.count(" ")) for key, ids in papers.items() if len(ids) > 1}
        if rarity:
            tried = sorted(scores, key=lambda key: (-scores[key], key))[:_TRIED]
            rare = rarity([self._surface(key) for key in tried])
            scores = {key: scores[key] * rare[self._surface(key)] for key in tried}
        return [(self._surface(key), papers[key]) for key in self._distinct_keys(scores, top)]

    def _counts(self, ids: Iterable[str]) -> Counter[str]:
        counts: Counter[str] = Counter()
        for id_ in ids:
            counts.update(self._of[id_])
            counts.update(self._titles[id_])
        return counts

    def _paper(self, paper: Paper) -> set[str]:
        keys = set()
        for number, text in enumerate((paper.title, paper.abstract)):
            for key, form in _phrases(text):
                keys.add(key)
                # Titles are often In Title Case; the abstract shows how a term is written.
                self._forms[key][form] += 100 if number else 1
        return keys

    def _surface(self, key: str) -> str:
        forms = self._forms[key]
        best = min(forms, key=lambda form: (-forms[form], form))
        only_in_titles = forms[best] < 100  # noqa: PLR2004
        return " ".join(map(_lowered, best.split())) if only_in_titles else best

    def _distinct(self, scores: dict[str, float], top: int) -> list[str]:
        return [self._surface(key) for key in self._distinct_keys(scores, top)]

    def _distinct_keys(self, scores: dict[str, float], top: int) -> list[str]:
        """Return the best keys of which none shares a word with a better one."""
        kept: list[str] = []
        used: set[str] = set()
        for key in sorted(scores, key=lambda key: (-scores[key], key)):
            if len(kept) == top:
                break
            if not used.intersection(key.split()):
                kept.append(key)
                used.update(key.split())
        return kept


def _lowered(word: str) -> str:
    return word.lower() if word[:1].isupper() and word[1:].islower() else word


def _phrases(text: str) -> list[tuple[str, str]]:
    """Return (key, form) of every run of one to three words without a generic word at either end."""
    found = []
    for piece in _BREAK.split(text):
        words = _TOKEN.findall(piece)
        singular = [_singular(word.casefold()) for word in words]
        generic = [
            len(key) == 1 or key in GENERIC or word.casefold() in GENERIC
            for key, word in zip(singular, words, strict=True)
        ]
        for start in range(len(words)):
            for end in range(start + 1, min(start + _LONGEST, len(words)) + 1):
                if any(generic[start:end]):
                    break
                found.append((" ".join(singular[start:end]), " ".join(words[start:end])))
    return found


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):  # noqa: PLR2004
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):  # noqa: PLR2004
        return word[:-1]
    return word
