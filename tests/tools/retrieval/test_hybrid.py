"""Words and vectors together find passages, in an order that does not vary."""

import runpy
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from stores.errors import StoreMissing
from stores.records import Paper
from tools.retrieval.base import Hit
from tools.retrieval.hybrid import HybridRetriever, best_per_document
from tools.retrieval.parts import parts, stands_alone
from tools.retrieval.search import Search
from tools.retrieval.terms import query_terms, search_terms

SHELF = Path(__file__).parent.parent / "grounding" / "shelf.py"


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    made = runpy.run_path(str(SHELF))
    catalogue, index, embedder = made["fill"](tmp_path_factory.mktemp("shelf"))
    yield SimpleNamespace(catalogue=catalogue, embedder=embedder, retriever=HybridRetriever(catalogue, index, embedder))
    index.close()
    catalogue.close()


@pytest.mark.parametrize(
    ("query", "paper_id"),
    [
        ("F1 on the NCBI disease corpus", "yaset"),
        ("Shakespear sonets", "sonnets"),
        ("Rizov", "hydra"),
        ("emoji", "titles"),
    ],
)
def test_the_right_paper_comes_first(shelf: Any, query: str, paper_id: str) -> None:
    hits = shelf.retriever.retrieve(query)
    assert hits[0].paper_id == paper_id
    assert hits == shelf.retriever.retrieve(query)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_restriction_and_limits_hold(shelf: Any) -> None:
    retriever = shelf.retriever
    assert {h.paper_id for h in retriever.retrieve("sonnets", among=["hydra", "yaset", "nowhere"])} == {
        "hydra",
        "yaset",
    }
    assert retriever.retrieve("sonnets", among=[]) == []
    assert retriever.retrieve("sonnets", among=["nowhere"]) == []
    assert len(retriever.retrieve("sonnets", k=2)) == 2
    assert retriever.retrieve("sonnets", k=0) == []
    assert retriever.retrieve("  ") == []
    assert retriever.retrieve('"*" AND ( NEAR ^')


def test_a_missing_index_is_said(shelf: Any) -> None:
    with pytest.raises(StoreMissing, match="quodvide rebuild"):
        HybridRetriever(shelf.catalogue, None, shelf.embedder).retrieve("sonnets")


def test_a_question_with_two_parts_finds_both(shelf: Any) -> None:
    hits = shelf.retriever.retrieve("Which F1 does YASET reach, and what was the BLEU of the Shakespeare model?")
    assert {hit.paper_id for hit in hits[:2]} == {"yaset", "sonnets"}


def test_best_per_document_keeps_the_first() -> None:
    hits = [
        Hit(passage_id=i, paper_id=p, score=s, start=0, end=1)
        for i, p, s in [("a", "x", 3), ("b", "x", 2), ("c", "y", 1)]
    ]
    assert [hit.passage_id for hit in best_per_document(hits)] == ["a", "c"]


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("What is YASET's F1 on GPT-2?", ["YASET", "F1", "GPT-2", "GPT"]),
        ("time-aware wordnets", ["time-aware", "time", "aware", "wordnets"]),
        ("to be or not to be", ["to", "be", "or", "not"]),
        ("", []),
    ],
)
def test_terms(text: str, terms: list[str]) -> None:
    assert query_terms(text) == terms


def test_parts() -> None:
    assert parts("Which F1 does it reach, and what BLEU does Hydra have?") == [
        "Which F1 does it reach", "what BLEU does Hydra have?"
    ]  # fmt: skip
    assert parts("For Quechua, who offers corpora and who offers lexicons?") == [
        "For Quechua who offers corpora", "For Quechua who offers lexicons?"
    ]  # fmt: skip
    assert parts("Proteins bind DNA, which causes cancer.") == []
    assert parts("What is it and why?") == []
    assert not stands_alone("what F1 did it get?")


def test_words_of_request_are_not_looked_for_and_repeated_words_count_twice(shelf: Any) -> None:
    assert search_terms("I am interested in articles that deal with parsing of Quechua; Quechua parsing") == [
        "parsing", "Quechua", "Quechua", "parsing",
    ]  # fmt: skip
    assert search_terms("articles") == ["articles"]
    once = dict(shelf.catalogue.search.passages(["Quechua", "sonnets"], 5))
    twice = dict(shelf.catalogue.search.passages(["Quechua", "Quechua", "sonnets"], 5))
    assert twice["quechua#0"] == pytest.approx(2 * once["quechua#0"])
    assert twice["sonnets#0"] == pytest.approx(once["sonnets#0"])


def test_other_names_find_what_the_query_does_not_say(shelf: Any) -> None:
    plain = shelf.retriever.retrieve("anaphora", 5)
    also = shelf.retriever.retrieve("anaphora", 5, also=("coreference corpus",))
    assert also[0].paper_id == "quechua"
    score = {hit.paper_id: hit.score for hit in plain}
    assert also[0].score > score["quechua"]


def test_feedback_moves_the_query_towards_the_best(shelf: Any) -> None:
    plain = shelf.retriever.retrieve("Quechua parsing", 5)
    moved = shelf.retriever.retrieve("Quechua parsing", 5, feedback=True)
    assert moved[0].paper_id == plain[0].paper_id == "quechua"
    assert moved[0].score > plain[0].score
    assert moved == shelf.retriever.retrieve("Quechua parsing", 5, feedback=True)
    assert {h.paper_id for h in shelf.retriever.retrieve("sonnets", among=["hydra"], feedback=True)} == {"hydra"}


def test_a_wide_restriction_gives_what_a_narrow_look_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = runpy.run_path(str(SHELF))
    papers = [
        Paper(id=f"p{n}", title=f"Tagger {n}", abstract=f"A tagger number {n} of words {n % 7}.") for n in range(60)
    ]
    catalogue, index, embedder = made["fill"](tmp_path, papers)
    among = [f"p{n}" for n in range(0, 60, 2)]
    wide, narrow = Search(catalogue, index, embedder, among), Search(catalogue, index, embedder, among)
    narrow._deeper = narrow._words_deeper = 0
    assert wide._deeper
    assert wide._words_deeper
    for depth in (1, 5, 30, 100):
        (found, _), (expected, cosines) = wide.scores("tagger 3", depth), narrow.scores("tagger 3", depth)
        assert found.keys() <= set(narrow._passage_ids)
        assert cosines.keys() == expected.keys()
        assert max(found.values()) == pytest.approx(max(expected.values()))
    assert found == pytest.approx(expected)  # at a depth that leaves nothing out no tie decides
    monkeypatch.setattr("tools.retrieval.search._FEW", 0)
    assert narrow.scores("tagger 3", 100)[0] == pytest.approx(expected, abs=1e-5)  # by Chroma's own restriction
    index.close()
    catalogue.close()
