"""Choose the sentences of retrieved passages that bear on a question; no model words anything here.

A sentence is scored by its similarity to the question, the question's rare words in it (those that its paper's title
and its neighbours do not hold count more: they are what is asked, not what the paper is about), its paper's rank, and
whether it holds the kind of thing asked for.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stores.catalogue import Catalogue
from stores.records import Paper, Passage
from tools.grounding.base import Citation, Evidence
from tools.grounding.cues import asked, held
from tools.grounding.places import place_of
from tools.grounding.quotable import quotable
from tools.grounding.sentences import split
from tools.grounding.words import stem, stems
from tools.retrieval.base import Hit
from tools.retrieval.parts import parts
from tools.retrieval.terms import query_terms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tools.embedding.base import Embedder

_PASSAGES = 20
_EMBEDDED = 6  # sentences that are encoded, at some 7 ms each on two cores; 28 chose no better, nor did 8
_COSINE, _OVERLAP, _PAPER = 0.35, 0.8, 4.0
_PAPER_OF_PART = 2.0  # papers stand in the order of the whole question, which says less of a part
_IN_TITLE, _IN_NEIGHBOURS = 0.7, 0.5  # how much of a word's weight is lost when title or neighbours hold it
_FRAGMENT = 5  # words; a shorter sentence answers nothing by itself
_FRAGMENT_LOSS = 0.15
_SEVERAL = re.compile(
    r"^two\b|\bone (?:for|from|by|in|on|that|which)\b|\bcompare\b|\brespectively\b"
    r"|\b(?:both|two) (?:papers|studies|works|systems|teams|groups|projects|methods)\b",
    re.IGNORECASE,
)
_NEAR = 0.15  # how far below the best paper another may stand to be the second one that is asked about
_PRONOUN = re.compile(r"(it|this|these|they|such|those|that|both|he|she)\b", re.IGNORECASE)
_CONTEXT_CHARS = 500


@dataclass
class _Candidate:
    """A sentence of a hit passage, `start` and `end` counted in the paper's section."""

    paper: Paper
    passage: Passage
    start: int
    end: int
    before: int  # start of the sentence before it, or its own
    closeness: float  # score of its passage less that of the best one
    text: str
    stems: set[str]
    title: set[str]
    siblings: list["_Candidate"] = field(default_factory=list)
    vector: "NDArray[np.float32] | None" = None


def select(
    question: str, hits: Sequence[Hit], catalogue: Catalogue, embedder: "Embedder", limit: int = 6
) -> list[Evidence]:
    """Return up to `limit` sentences, best first; a question with several parts gets the best sentence of each first.

    Args:
        question: as the user asked it.
        hits: retrieved passages, best first.
        catalogue: where the passages are.
        embedder: encodes the question and the likeliest sentences.
        limit: how many sentences.
    """
    asks = [_Ask(question, catalogue, embedder, _PAPER)]
    asks += [_Ask(text, catalogue, embedder, _PAPER_OF_PART) for text in parts(question)]
    likely = _likely(asks, _Passages(hits[:_PASSAGES], catalogue))
    if not likely or limit <= 0:
        return []
    for candidate, vector in zip(likely, embedder.embed([c.text for c in likely]), strict=True):
        candidate.vector = vector
    ranked = [sorted(likely, key=lambda c, ask=ask: -ask.score(c)) for ask in asks]  # type: ignore[misc]
    chosen = [order[0] for order in ranked[1:]]
    if _SEVERAL.search(question):
        chosen += _of_second_paper(ranked[0], chosen)
    unique = list({id(c): c for c in [*chosen, *ranked[0]]}.values())
    return [_evidence(c, asks[0].score(c)) for c in unique[:limit]]


def _of_second_paper(order: list[_Candidate], chosen: list[_Candidate]) -> list[_Candidate]:
    """Return the best sentence, and the best of another paper that ranks close to its, unless two are there already."""
    if len({c.paper.id for c in chosen}) > 1:
        return []
    first = chosen[0] if chosen else order[0]
    others = [c for c in order if c.paper.id != first.paper.id and c.closeness > -_NEAR]
    return [first, *others[:1]] if others else []


class _Ask:
    """A question, or a part of one, made ready for scoring sentences."""

    def __init__(self, text: str, catalogue: Catalogue, embedder: "Embedder", paper: float) -> None:
        self.weights: dict[str, float] = {}
        for term, weight in catalogue.search.rarity(query_terms(text)).items():
            self.weights[stem(term)] = max(self.weights.get(stem(term), 0.0), weight)
        self.cues = asked(text)
        self._paper = paper
        self.vector = embedder.embed_query(text)

    def score(self, candidate: _Candidate) -> float:
        """Return how well a sentence bears on it; without a vector yet, by everything else."""
        similarity = 0.0 if candidate.vector is None else float(candidate.vector @ self.vector)
        loss = _FRAGMENT_LOSS if len(candidate.text.split()) < _FRAGMENT else 0.0
        return (
            _COSINE * similarity
            + _OVERLAP * self._overlap(candidate)
            + self._paper * candidate.closeness
            + held(self.cues, candidate.text)
            - loss
        )

    def _overlap(self, candidate: _Candidate) -> float:
        found = 0.0
        for term, weight in self.weights.items():
            if term in candidate.stems:
                share = sum(term in other.stems for other in candidate.siblings) / len(candidate.siblings)
                found += weight * (1 - _IN_TITLE * (term in candidate.title)) * (1 - _IN_NEIGHBOURS * share)
        return found / (sum(self.weights.values()) or 1.0)


class _Passages:
    """The passages that were hit, cut into sentences."""

    def __init__(self, hits: Sequence[Hit], catalogue: Catalogue) -> None:
        self._scores = {hit.passage_id: hit.score for hit in hits}
        self._best = max(self._scores.values(), default=0.0)
        self.all = catalogue.papers.passages(list(self._scores))
        papers = catalogue.papers.get(list({p.paper_id: None for p in self.all}))
        self._papers = {paper.id: paper for paper in papers}
        self._titles = {paper.id: stems(paper.title) for paper in papers}

    def sentences(self, passage: Passage, spans: Iterable[tuple[int, int, int]]) -> list[_Candidate]:
        """Return the sentences of a passage, given where each begins and ends, and where the one before it begins."""
        closeness = self._scores[passage.id] - self._best
        siblings: list[_Candidate] = []
        for start, end, before in spans:
            text = passage.text[start:end]
            candidate = _Candidate(
                self._papers[passage.paper_id], passage, passage.start + start, passage.start + end,
                passage.start + before, closeness, text, stems(text), self._titles[passage.paper_id], siblings,
            )  # fmt: skip
            siblings.append(candidate)
        return siblings


def _likely(asks: "Sequence[_Ask]", passages: _Passages) -> list[_Candidate]:
    """Return the sentences that fit best by everything but their vectors, none of which may not be quoted.

    Whether a sentence may be quoted takes longer to tell than how well it fits, so only the passages of the best are
    looked through.
    """
    pool = [(c, _rough(asks, c)) for p in passages.all for c in passages.sentences(p, _plain(p.text))]
    seen: set[str] = set()
    while True:
        pool.sort(key=lambda pair: -pair[1])
        once = {(c.paper.id, c.passage.section, c.end): c for c, _ in reversed(pool)}
        likely = [c for c, _ in pool if once[c.paper.id, c.passage.section, c.end] is c][:_EMBEDDED]
        due = {c.passage.id: c.passage for c in likely if c.passage.id not in seen}
        if not due:
            return likely
        seen |= due.keys()
        pool = [pair for pair in pool if pair[0].passage.id not in due]
        pool += [(c, _rough(asks, c)) for p in due.values() for c in passages.sentences(p, quotable(p.text))]


def _rough(asks: "Sequence[_Ask]", candidate: _Candidate) -> float:
    return max(ask.score(candidate) for ask in asks)


def _plain(text: str) -> list[tuple[int, int, int]]:
    spans = split(text)
    return [(start, end, spans[max(0, n - 1)][0]) for n, (start, end) in enumerate(spans)]


def _evidence(candidate: _Candidate, score: float) -> Evidence:
    section = candidate.paper.section(candidate.passage.section)
    start = candidate.start
    # "It reaches 40 %." says nothing alone: the sentence before it says what reaches it.
    if _PRONOUN.match(candidate.text) and candidate.end - candidate.before <= _CONTEXT_CHARS:
        start = candidate.before
    place = place_of(candidate.paper, candidate.passage.section, start)
    return Evidence(
        citation=Citation(
            paper_id=candidate.paper.id, passage_id=candidate.passage.id, section=candidate.passage.section,
            start=start, end=candidate.end, quote=section[start : candidate.end], page=place.page, heading=place.heading,
        ),
        title=candidate.paper.title,
        year=candidate.paper.year,
        score=score,
    )  # fmt: skip
