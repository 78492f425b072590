"""Find passages by words and by meaning at once.

The score of a passage is a weighted sum of its cosine similarity to the query and its BM25 score relative to the best
one. Measured against reciprocal rank fusion and min-max normalisation on SciFact and CACM (`evals/retrieval.py`), the
sum ranks best, because a cosine means the same from one query to the next.

With feedback, the query's vector is then moved towards the best passages and everything is scored again, which finds
more of what is relevant where several papers are (Rocchio 1971, without the terms for irrelevant documents).
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from stores.catalogue import Catalogue
from stores.errors import StoreMissing
from stores.passages import PassageIndex
from tools.retrieval.base import Hit
from tools.retrieval.parts import parts, stands_alone
from tools.retrieval.search import Search

if TYPE_CHECKING:
    from tools.embedding.base import Embedder
    from tools.retrieval.rerank import Reranker

_DEPTH = 100  # passages taken from each side at least; more changes nDCG@10 by less than 0.002
_DEEPER = 2  # how many passages are scored for one that is returned; what only one side found may rank among the first
_PART_HITS = 10
_PART_DISCOUNT = 0.95
_RERANKED = 50


class HybridRetriever:
    """Retrieves passages of a catalogue.

    Args:
        catalogue: holds the papers and their full-text index.
        passages: the dense index of the same papers, or what opens it when it is first searched; None when it is
            missing, which is an error then.
        embedder: the model that made the dense index.
        reranker: puts the best passages in order; None leaves them as they are.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        passages: "PassageIndex | Callable[[], PassageIndex] | None",
        embedder: "Embedder",
        reranker: "Reranker | None" = None,
    ) -> None:
        self._catalogue = catalogue
        self._passages = passages
        self._embedder = embedder
        self._reranker = reranker

    def retrieve(
        self,
        query: str,
        k: int = 100,
        among: Sequence[str] | None = None,
        per_paper: int = 3,
        *,
        also: Sequence[str] = (),
        feedback: bool = False,
    ) -> list[Hit]:
        """Return up to `k` passages, best first, ties by passage id.

        Args:
            query: a question or keywords.
            k: how many.
            among: ids of the papers to search in; None for all.
            per_paper: how many passages of one paper at most.
            also: phrases that count for half a word of the query, such as other names of what it names.
            feedback: whether the best passages take part in the query; for lists, where several papers are right.

        Raises:
            StoreMissing: there is no dense index.
            StoreError: it cannot be opened.
        """
        if self._passages is None:
            raise StoreMissing("there is no passage index", hint="Run `quodvide rebuild`")
        if k <= 0 or not query.strip() or (among is not None and not among):
            return []
        depth = max(_DEEPER * k, _DEPTH)
        passages = self._passages() if callable(self._passages) else self._passages
        search = Search(self._catalogue, passages, self._embedder, among)
        scores, cosines = search.scores(query, depth, also=also, feedback=feedback)
        for part in parts(query):
            if stands_alone(part):
                _raise(scores, search.scores(part, _DEPTH)[0])
        hits = self._capped(scores, cosines, k, per_paper)
        return hits if self._reranker is None else self._reranked(self._reranker, query, hits)

    def _reranked(self, reranker: "Reranker", query: str, hits: list[Hit]) -> list[Hit]:
        """Return the hits with the first ones in the reranker's order; the scores stay in theirs, and so keep their scale."""
        first, rest = hits[:_RERANKED], hits[_RERANKED:]
        passages = self._catalogue.papers.passages([hit.passage_id for hit in first])
        papers = self._catalogue.papers.get(list({passage.paper_id: None for passage in passages}))
        titles = {paper.id: paper.title for paper in papers}
        texts = [f"{titles[passage.paper_id]}. {passage.text}" for passage in passages]
        judged = reranker.score(query, texts)
        order = sorted(range(len(first)), key=lambda n: (-float(judged[n]), n))
        return [first[n].model_copy(update={"score": hit.score}) for n, hit in zip(order, first, strict=True)] + rest

    def _capped(self, scores: Mapping[str, float], cosines: Mapping[str, float], k: int, per_paper: int) -> list[Hit]:
        """Return the best passages, so many of each paper at most."""
        order = sorted(scores, key=lambda id_: (-scores[id_], id_))
        hits: list[Hit] = []
        taken: Counter[str] = Counter()
        for start in range(0, len(order), k):
            for passage in self._catalogue.papers.passages(order[start : start + k]):
                taken[passage.paper_id] += 1
                if taken[passage.paper_id] <= per_paper:
                    hits.append(
                        Hit.model_construct(
                            passage_id=passage.id, paper_id=passage.paper_id, score=scores[passage.id],
                            start=passage.start, end=passage.end, cosine=cosines.get(passage.id, 0.0),
                        )
                    )  # fmt: skip
            if len(hits) >= k:
                break
        return hits[:k]


def _raise(scores: dict[str, float], of_part: dict[str, float]) -> None:
    """Let the best passages of a part of the question stand among those of the whole, a little below its best."""
    for id_ in sorted(of_part, key=lambda id_: (-of_part[id_], id_))[:_PART_HITS]:
        scores[id_] = max(scores.get(id_, 0.0), of_part[id_] * _PART_DISCOUNT)


def best_per_document(hits: Sequence[Hit]) -> list[Hit]:
    """Return the best hit of each paper, in order."""
    best: dict[str, Hit] = {}
    for hit in hits:
        best.setdefault(hit.paper_id, hit)
    return list(best.values())
