"""What the nodes need, handed in by the caller of the graph; no node opens a file or builds a model."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from langchain_core.language_models import BaseChatModel

from stores.catalogue import Catalogue
from tools.embedding.base import Embedder
from tools.grounding.verifiers.base import Verifier
from tools.linking.base import Linker
from tools.ner.understand import Understander
from tools.profiling.windows import Counted
from tools.retrieval.hybrid import HybridRetriever
from tools.retrieval.similar import SimilarPapers
from tools.themes.rank import ThemeRanker


@dataclass(frozen=True)
class Limits:
    """How much of everything one question may use.

    Attributes:
        passages: passages retrieved.
        per_paper: passages of one paper.
        evidence: sentences that an answer may cite.
        papers: papers listed when the question gives no number.
        answer_calls: sentences of an answer that the chat model may word.
        profile_calls: sections of a profile that the chat model may reword.
        themes: topics of the library that are ranked when the question names no themes.
    """

    passages: int = 24
    per_paper: int = 3
    evidence: int = 6
    papers: int = 10
    answer_calls: int = 1
    profile_calls: int = 0
    themes: int = 100


@dataclass(frozen=True)
class Context:
    """The parts that the graph is run with.

    Attributes:
        understander: question to intent, mentions and filters.
        linker: mention to canonical record.
        catalogue: papers and records.
        retriever: question to passages.
        similar: paper or text to papers.
        themes: scores themes for a text.
        embedder: encodes the question and the sentences that may answer it.
        chat: the model that words answers; None for answers that are quotations.
        profiler: the model that rewords sections of profiles; None for the program's own sentences.
        refiner: a second model that words finished answers better; None where none is configured.
        refiner_model: its name.
        model: name of that model.
        verifier: decides on a wording with words of its own; None when each word must be the quotation's.
        vectors: paper ids to document vectors, for the topics of a profile.
        today: the current date.
        interactive: whether somebody is there to be asked when a name is ambiguous.
        limits: how much one question may use.
        counted: what the default window of a profile is counted back from.
    """

    understander: Understander
    linker: Linker
    catalogue: Catalogue
    retriever: HybridRetriever
    similar: SimilarPapers
    themes: ThemeRanker
    embedder: Embedder
    chat: BaseChatModel | None
    vectors: Callable[[list[str]], Mapping[str, np.ndarray]]
    today: Callable[[], date] = date.today
    model: str = "none"
    profiler: BaseChatModel | None = None
    refiner: BaseChatModel | None = None
    refiner_model: str = ""
    verifier: Verifier | None = None
    interactive: bool = False
    limits: Limits = Limits()
    counted: Counted = "data"
