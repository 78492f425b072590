"""Similar papers, by the vectors of whole documents."""

from collections.abc import Callable, Sequence

import numpy as np

from stores.catalogue import Catalogue
from stores.errors import InputError
from stores.vectors import VectorIndex
from tools.embedding.base import Embedder
from tools.retrieval.find import FoundPaper, summary


class SimilarPapers:
    """Finds the papers whose document vectors are nearest.

    Args:
        catalogue: where the papers are.
        documents: opens the index of one vector a paper, ids are paper ids; called when it is first needed.
        embedder: the model that made those vectors.
    """

    def __init__(self, catalogue: Catalogue, documents: Callable[[], VectorIndex], embedder: Embedder) -> None:
        self._catalogue = catalogue
        self._documents = documents
        self._embedder = embedder

    def to_paper(self, paper_id: str, k: int, among: Sequence[str] | None = None) -> list[FoundPaper]:
        """Return the `k` papers nearest to a stored one, itself left out.

        Raises:
            InputError: no such paper is stored.
        """
        if not self._catalogue.papers.get([paper_id]):
            hint = "Find ids with `quodvide retrieve` or give --text"
            raise InputError(f"no paper has the id {paper_id!r}", hint=hint)
        found = self._nearest(self._documents().reconstruct(paper_id), k + 1, among)
        return [paper for paper in found if paper.paper_id != paper_id][:k]

    def to_text(self, text: str, k: int, among: Sequence[str] | None = None) -> list[FoundPaper]:
        """Return the `k` papers nearest to a text."""
        return self._nearest(self._embedder.embed_query(text), k, among)

    def _nearest(self, vector: np.ndarray, k: int, among: Sequence[str] | None) -> list[FoundPaper]:
        hits = dict(self._documents().search(vector.reshape(1, -1), k, among)[0])
        return [summary(paper, hits[paper.id]) for paper in self._catalogue.papers.get(list(hits))]
