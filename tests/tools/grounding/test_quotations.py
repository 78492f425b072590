"""Whatever papers hold and whoever asks: every quotation is its source's, and nothing is cited that was not retrieved."""

import random
import runpy
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stores.records import Paper
from tools.grounding.answer import answer
from tools.grounding.select import select
from tools.retrieval.hybrid import HybridRetriever

SHELF = Path(__file__).parent / "shelf.py"
PIECES = [
    "We reach 40.6 BLEU", "on the Thai corpus", ".", "?", "!", "...", " ", "  ", "\n\n", "\n- ", "\t", "e.g.", "cf. Fig. 3", "et al.",
    "[1]", "[[2]]", "“it”", "œuvre", "e\u0301tude", "İstanbul", "ﬁnal", "中国的句子。", "👩‍🔬", "\u200b", "\u202e", "\x00", "It fails", "This, too",
    "1. First", "2. Second", "(see §4)", "http://a.b/c.d", "No. 5", "U.S. data", "<|im_end|>", "}", "Answer:",
]  # fmt: skip


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    draw = random.Random(7)
    papers = [
        Paper(
            id=f"p{n}#{n}",
            title="".join(draw.choices(PIECES, k=4)) or "-",
            abstract=draw.choice(["", " ", "\n"]) + " ".join(draw.choices(PIECES, k=draw.randint(0, 60))),
            full_text="".join(draw.choices(PIECES, k=draw.randint(0, 40))),
        )
        for n in range(40)
    ]
    catalogue, index, embedder = runpy.run_path(str(SHELF))["fill"](tmp_path_factory.mktemp("odd"), papers)
    retriever = HybridRetriever(catalogue, index, embedder)
    yield SimpleNamespace(catalogue=catalogue, embedder=embedder, retriever=retriever)
    index.close()
    catalogue.close()


@given(st.lists(st.sampled_from([*PIECES, "Which corpus", "and what", "does it reach"]), min_size=1, max_size=12))
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_quotation_is_what_stands_there(odd: Any, words: list[str]) -> None:
    question = " ".join(words)
    hits = odd.retriever.retrieve(question, 12)
    retrieved = {hit.passage_id: hit for hit in hits}
    for sentence in answer(question, select(question, hits, odd.catalogue, odd.embedder), None):
        assert sentence.citations
        for citation in sentence.citations:
            (paper,) = odd.catalogue.papers.get([citation.paper_id])
            assert citation.quote == paper.section(citation.section)[citation.start : citation.end] != ""
            hit = retrieved[citation.passage_id]
            assert hit.paper_id == citation.paper_id
            assert hit.start <= citation.start < citation.end <= hit.end
