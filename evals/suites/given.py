"""Parts whose retrieval can be limited to the right papers, for evaluations alone."""

from collections.abc import Collection, Sequence
from functools import cached_property
from typing import Any

from agent.wiring import Parts
from tools.retrieval.base import Hit
from tools.retrieval.hybrid import HybridRetriever


class LimitedRetriever(HybridRetriever):
    """The product's retriever over some papers of the library.

    Attributes:
        papers: ids of the papers to search in; None for all.
    """

    papers: Collection[str] | None = None

    def retrieve(
        self, query: str, k: int = 100, among: Sequence[str] | None = None, *args: Any, **kwargs: Any
    ) -> list[Hit]:
        """Return passages as the product does, of the papers that are allowed."""
        if self.papers is not None:
            among = [id_ for id_ in among if id_ in self.papers] if among is not None else sorted(self.papers)
        return super().retrieve(query, k, among, *args, **kwargs)


class LimitedParts(Parts):
    """The parts of a home folder with a retriever that can be limited."""

    @cached_property
    def retriever(self) -> LimitedRetriever:
        """Question to passages."""
        return LimitedRetriever(self.catalogue, self.passages, self.embedder, self._loaded.reranker)
