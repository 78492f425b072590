"""Score themes by how well they fit a text."""

from collections import OrderedDict
from collections.abc import Sequence
from functools import cached_property
from math import exp
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from tools.themes.base import Theme, ThemeScore
from tools.themes.denial import denied
from tools.themes.features import Evidence, ThemeFacts, facts
from tools.themes.known import Known, known_for, stems
from tools.themes.pieces import Reading, read
from tools.themes.weighing import Weighing, shipped

if TYPE_CHECKING:
    from tools.embedding.base import Embedder
    from tools.retrieval.rerank import Reranker

_REMEMBERED = 4_096  # themes whose vectors are kept
_REFINED = 10  # themes whose order a cross-encoder may change
_READ_BY_RERANKER = 2_000  # characters
_MOST_DENIED = 40.0
_MOST_EXCLUDED = 20  # of the subjects that a text sets aside, so that a long one takes bounded time


class ThemeRanker:
    """Ranks themes; safe to call from several threads.

    A score is 100 times the probability that a theme is relevant, as a logistic regression learned it from graded texts with
    as much weight on relevant themes as on others (the heart of a text counts seven times, what it merely touches once): at
    50 as many relevant themes are lost as others are let in. It does not depend on the other themes given. A theme that the text sets aside ("not about translation") is never above 40.

    Args:
        embedder: encodes texts and themes: `theme_encoder`; for another, some seconds of learning precede the first text.
        reranker: a cross-encoder that may change the order of the first ten themes; None for none.
    """

    def __init__(self, embedder: "Embedder", *, reranker: "Reranker | None" = None) -> None:
        self._embedder = embedder
        self._reranker = reranker
        self._facts: OrderedDict[str, ThemeFacts] = OrderedDict()
        self._lock = Lock()

    def rank(self, text: str, themes: Sequence[Theme]) -> list[ThemeScore]:
        """Return a score for each theme, best first, ties in the order given.

        Args:
            text: any text with at least one word; of a long one only its beginning and some sentences throughout count.
            themes: at least one, their labels all different.
        """
        known = self._known
        remembered = self._remembered(themes)
        reading = read(text, self._embedder)
        evidence = Evidence(reading, known)
        odds = [self._weighing.log_odds(evidence.of(fact), fact.familiar) for fact in remembered]
        negated = self._negated(reading, themes, remembered)
        if self._reranker is not None:
            odds = _refined(self._reranker, text, themes, odds)
        best = np.argmax(reading.sentences @ np.stack([fact.vector for fact in remembered]).T, axis=0)
        found = [
            _score(theme, value, reading.spans[place], denial)
            for theme, value, place, denial in zip(themes, odds, best.tolist(), negated, strict=True)
        ]
        return sorted(found, key=lambda one: -one.score)

    @cached_property
    def _known(self) -> Known:
        with self._lock:
            return known_for(self._embedder)

    @cached_property
    def _weighing(self) -> Weighing:
        return shipped()

    def _remembered(self, themes: Sequence[Theme]) -> list[ThemeFacts]:
        """Return the facts of each theme; what is new is encoded at once."""
        keys = [encoded(theme) for theme in themes]
        with self._lock:
            kept = {key: self._facts[key] for key in keys if key in self._facts}
        new = {key: theme for key, theme in zip(keys, themes, strict=True) if key not in kept}
        if new:
            vectors = self._embedder.embed([*new, *(theme.label for theme in new.values())])
            for n, (key, theme) in enumerate(new.items()):
                kept[key] = facts(theme, vectors[n], vectors[len(new) + n], self._known)
        with self._lock:
            for key, fact in kept.items():
                self._facts[key] = fact
                self._facts.move_to_end(key)
            while len(self._facts) > _REMEMBERED:
                self._facts.popitem(last=False)
        return [kept[key] for key in keys]

    def _negated(self, reading: Reading, themes: Sequence[Theme], remembered: Sequence[ThemeFacts]) -> list[bool]:
        subjects = [subject for one in reading.excluded[:_MOST_EXCLUDED] for subject in one.subjects]
        if not subjects:
            return [False] * len(themes)
        vectors = [np.stack([fact.label for fact in remembered]), np.stack([fact.vector for fact in remembered])]
        return denied(themes, vectors, subjects, self._embedder.embed(subjects), frozenset(stems(reading.words)))


def encoded(theme: Theme) -> str:
    """Return the text of a theme that is encoded."""
    return f"{theme.label}: {theme.description}" if theme.description else theme.label


def _score(theme: Theme, log_odds: float, span: tuple[int, int], negated: bool) -> ThemeScore:
    score = 100 / (1 + exp(-log_odds))
    if negated:
        score *= _MOST_DENIED / 100
    return ThemeScore(label=theme.label, score=score, start=span[0], end=span[1], negated=negated)


def _refined(reranker: "Reranker", text: str, themes: Sequence[Theme], odds: list[float]) -> list[float]:
    """Return the same log odds dealt anew to the first ten themes, by the mean of both standard scores."""
    first = sorted(range(len(odds)), key=lambda n: -odds[n])[:_REFINED]
    theirs = np.asarray(reranker.score(text[:_READ_BY_RERANKER], [encoded(themes[n]) for n in first]), np.float64)
    ours = np.array([odds[n] for n in first])
    both = sum((one - one.mean()) / (one.std() + 1e-9) for one in (theirs, ours))
    refined = list(odds)
    for place, one in enumerate(np.argsort(-both, kind="stable")):
        refined[first[one]] = odds[first[place]]
    return refined
