"""Selected sentences are exact quotations, the right ones, and the same each time."""

from typing import Any

import pytest

from tools.grounding.base import Evidence
from tools.grounding.cues import asked, held
from tools.grounding.select import select


def chosen(shelf: Any, question: str, limit: int = 6) -> list[Evidence]:
    hits = shelf.retriever.retrieve(question, k=20)
    found: list[Evidence] = select(question, hits, shelf.catalogue, shelf.embedder, limit)
    return found


@pytest.mark.parametrize(
    ("question", "paper_id", "words"),
    [
        ("YASET's F1 on the NCBI disease corpus?", "yaset", "0.81"),
        ("What was the BLEU score of the Shakespeare model?", "sonnets", "40.6"),
        ("How fast does Hydra answer queries?", "hydra", "12 milliseconds"),
        ("What should come before coreference for Quechua?", "quechua", "Syntactic parsing"),
    ],
)
def test_the_best_sentence_is_the_one_that_answers(shelf: Any, question: str, paper_id: str, words: str) -> None:
    best = chosen(shelf, question)[0]
    assert best.citation.paper_id == paper_id
    assert words in best.citation.quote


def test_quotations_are_exact_and_the_limit_holds(shelf: Any) -> None:
    evidence = chosen(shelf, "Which system keeps the states of wordnets?", limit=3)
    assert len(evidence) == 3
    for item in evidence:
        paper = shelf.catalogue.papers.get([item.citation.paper_id])[0]
        section = paper.section(item.citation.section)
        assert section[item.citation.start : item.citation.end] == item.citation.quote
    assert evidence == chosen(shelf, "Which system keeps the states of wordnets?", limit=3)


def test_a_pronoun_brings_the_sentence_before_it(shelf: Any) -> None:
    best = chosen(shelf, "How many milliseconds does Hydra need to answer queries?")[0]
    assert best.citation.quote.startswith("The new Time Flow Hydra")


def test_each_part_of_a_question_gets_a_sentence(shelf: Any) -> None:
    question = "Which F1 does YASET reach on the NCBI corpus, and which BLEU score has the Shakespeare model?"
    assert {item.citation.paper_id for item in chosen(shelf, question)[:2]} == {"yaset", "sonnets"}


def test_nothing_comes_of_nothing(shelf: Any) -> None:
    assert select("What?", [], shelf.catalogue, shelf.embedder) == []


def test_cues_tell_what_is_asked() -> None:
    cues = asked("Where did the team end up?")
    assert held(cues, "We are ranked 15th out of 31.") > held(cues, "We use a transformer.")
    assert held(asked("Tell me."), "We are ranked 15th.") == 0
