"""Choose the sentences of retrieved passages that bear on a question; no model words anything here.

A sentence is scored by its similarity to the question, the question's rare words in it (those that its paper's title
and its neighbours do not hold count more: they are what is asked, not what the paper is about), its paper's rank, and
whether it holds the kind of thing asked for.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stores.catalogue import Catalogue
from stores.records import Paper, Passage
from tools.grounding.base import Citation, Evidence
from tools.grounding.cues import asked, held
from tools.grounding.places import place_of
from tools.grounding.quotable import quotable
from tools.grounding.words import stem, stems
from tools.retrieval.base import Hit
from tools.retrieval.parts import parts
from tools.retrieval.terms import query_terms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tools.embedding.base import Embedder

_PASSAGES = 20
_EMBEDDED = 8  # sentences that are encoded, at some 10 ms each on two cores; 28 chose no better
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
    candidates = _candidates(hits[:_PASSAGES], catalogue)
    if not candidates or limit <= 0:
        return []
    asks = [_Ask(question, catalogue, embedder, _PAPER)]
    asks += [_Ask(text, catalogue, embedder, _PAPER_OF_PART) for text in parts(question)]
    likely = sorted(candidates, key=lambda c: -max(ask.score(c) for ask in asks))[:_EMBEDDED]
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
        terms = query_terms(text)
        frequency = catalogue.search.document_frequency(terms)
        total = max(2, int(catalogue.database.rows("SELECT ifnull(max(rowid), 0) FROM passage")[0][0]))
        self.weights: dict[str, float] = {}
        for term in terms:
            weight = math.log(total / (1 + frequency[term]))
            self.weights[stem(term)] = max(self.weights.get(stem(term), 0.0), weight, 0.0)
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


def _candidates(hits: Sequence[Hit], catalogue: Catalogue) -> list[_Candidate]:
    scores = {hit.passage_id: hit.score for hit in hits}
    best = max(scores.values(), default=0.0)
    passages = catalogue.papers.passages(list(scores))
    papers = {paper.id: paper for paper in catalogue.papers.get(list({p.paper_id: None for p in passages}))}
    titles = {paper.id: stems(paper.title) for paper in papers.values()}
    found: dict[tuple[str, str, int], _Candidate] = {}
    for passage in passages:
        siblings: list[_Candidate] = []
        for start, end, before in quotable(passage.text):
            text = passage.text[start:end]
            candidate = _Candidate(
                papers[passage.paper_id], passage, passage.start + start, passage.start + end,
                passage.start + before, scores[passage.id] - best, text, stems(text), titles[passage.paper_id], siblings,
            )  # fmt: skip
            siblings.append(candidate)
            found.setdefault((passage.paper_id, passage.section, candidate.end), candidate)
    return list(found.values())


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
