"""Score passages by words and by meaning, in all papers or in some.

Where the papers wanted are a good part of all, everything is searched more deeply and the rest left out, which is exact for
as many as are found; to restrict both indexes to tens of thousands of ids takes ten times as long. Where they are
few, all their vectors are compared, because a graph of neighbours is searched longest for what it hardly holds.
"""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING

import orjson

from stores.catalogue import Catalogue
from stores.passages import PassageIndex
from stores.records import paper_of
from tools.retrieval.terms import search_terms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tools.embedding.base import Embedder

_COSINE_WEIGHT = 0.63
_FEEDBACK_PASSAGES = 3
_FEEDBACK = 0.5  # weight of their mean beside the query's own vector
# Shares of all papers from which on everything is searched, by vectors and by words.
_MANY_FOR_VECTORS, _MANY_FOR_WORDS = 0.08, 0.25
_SAFETY = 1.5
_ENOUGH = 0.5  # share of the depth that must be found; the last ones hardly ever come among the first
_FEW = 600  # passages whose vectors are all compared
# SQLite reads words here while the query is embedded and the vectors are searched: neither holds Python's lock.
_BESIDE = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="words")

Ranked = list[tuple[str, float]]


class Search:
    """The passages of some papers, scored for one query or for its parts.

    Args:
        catalogue: holds the papers and their full-text index.
        passages: the dense index.
        embedder: the model that made the dense index.
        papers: ids of the papers to search in; None for all.
    """

    def __init__(
        self, catalogue: Catalogue, passages: PassageIndex, embedder: "Embedder", papers: Sequence[str] | None
    ) -> None:
        self._catalogue = catalogue
        self._passages = passages
        self._embedder = embedder
        self._papers = papers
        self._wanted = frozenset(papers or ())
        # How much deeper to look for enough of what is wanted among everything; 0 where a restricted look is quicker.
        share = 1.0 if papers is None else len(papers) / max(1, catalogue.papers.count())
        self._deeper = _SAFETY / share if share >= _MANY_FOR_VECTORS else 0.0
        self._words_deeper = share >= _MANY_FOR_WORDS

    def scores(
        self, text: str, depth: int, *, also: Sequence[str] = (), feedback: bool = False
    ) -> tuple[dict[str, float], dict[str, float]]:
        """Return the score of every passage that is among the `depth` best by words or by meaning, and the cosine of each."""
        terms = search_terms(text)
        words = _BESIDE.submit(self._by_words, [*terms, *terms, *also] if also else terms, depth)
        vector = self._embedder.embed_query(text)
        dense = dict(self._by_meaning(vector, depth))
        lexical = dict(words.result())
        cosines = self._completed(dense, vector, lexical)
        found = _fused(cosines, lexical)
        if feedback and found:
            moved = self._moved(vector, found)
            again = self._completed(dict(self._by_meaning(moved, depth)), moved, found)
            found = _fused(again, lexical)
        return found, cosines

    def _by_words(self, terms: Sequence[str], depth: int) -> Ranked:
        if self._papers is None:
            return self._catalogue.search.passages(terms, depth)
        deep = (
            self._enough(lambda deep: self._catalogue.search.passages(terms, deep), depth)
            if self._words_deeper
            else None
        )
        return deep if deep is not None else self._catalogue.search.passages(terms, depth, self._papers)

    def _by_meaning(self, vector: "NDArray[np.float32]", depth: int) -> Ranked:
        if self._papers is None:
            return self._passages.search(vector, depth)
        deep = self._enough(lambda deep: self._passages.search(vector, deep), depth)
        if deep is not None:
            return deep
        if len(self._passage_ids) > _FEW:
            return self._passages.search(vector, depth, self._passage_ids)
        exact = [(id_, float(row @ vector)) for id_, row in self._few.items()]
        return sorted(exact, key=lambda pair: (-pair[1], pair[0]))[:depth]

    def _enough(self, search: Callable[[int], Ranked], depth: int) -> Ranked | None:
        """Return the best of what is wanted out of a deeper look at everything; None where that is not sure to hold them."""
        if not self._deeper:
            return None
        deep = int(depth * self._deeper)
        found = search(deep)
        kept = [(id_, score) for id_, score in found if paper_of(id_) in self._wanted]
        return kept[:depth] if len(kept) >= _ENOUGH * depth or len(found) < deep else None

    @cached_property
    def _few(self) -> "dict[str, NDArray[np.float32]]":
        return self._passages.vectors(self._passage_ids)

    @cached_property
    def _passage_ids(self) -> list[str]:
        sql = (
            "SELECT passage.id FROM paper JOIN passage ON passage.paper = paper.rowid"
            " WHERE paper.id IN (SELECT value FROM json_each(?))"
        )
        rows = self._catalogue.database.rows(sql, [orjson.dumps(list(self._papers or ())).decode()])
        return [id_ for (id_,) in rows]

    def _completed(
        self, nearest: Mapping[str, float], vector: "NDArray[np.float32]", also: Iterable[str]
    ) -> dict[str, float]:
        """Return the cosine of the nearest passages and of others; of one without a vector that of the farthest."""
        floor = min(nearest.values(), default=0.0)
        unseen = [id_ for id_ in also if id_ not in nearest]
        stored = self._passages.vectors(unseen)
        return {**nearest, **{id_: float(stored[id_] @ vector) if id_ in stored else floor for id_ in unseen}}

    def _moved(self, vector: "NDArray[np.float32]", scores: Mapping[str, float]) -> "NDArray[np.float32]":
        """Return the query's vector, moved towards the best passages."""
        import numpy as np

        best = sorted(scores, key=lambda id_: (-scores[id_], id_))[:_FEEDBACK_PASSAGES]
        stored = self._passages.vectors(best)
        weights = {id_: scores[id_] for id_ in best if id_ in stored}
        if not weights:
            return vector
        mean = sum(stored[id_] * weight for id_, weight in weights.items()) / sum(weights.values())
        moved = vector + _FEEDBACK * mean
        return (moved / np.linalg.norm(moved)).astype(np.float32)  # type: ignore[no-any-return]


def _fused(cosines: Mapping[str, float], lexical: Mapping[str, float]) -> dict[str, float]:
    best = max(lexical.values(), default=0.0) or 1.0
    return {
        id_: _COSINE_WEIGHT * cosine + (1 - _COSINE_WEIGHT) * lexical.get(id_, 0.0) / best
        for id_, cosine in cosines.items()
    }
