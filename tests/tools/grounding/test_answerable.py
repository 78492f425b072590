"""Refusals name what is missing."""

from typing import Any

import pytest

from tools.grounding.answerable import Features, _thing, decide, features
from tools.grounding.select import select


def judged(shelf: Any, question: str) -> tuple[Features, str]:
    hits = shelf.retriever.retrieve(question, k=20)
    evidence = select(question, hits, shelf.catalogue, shelf.embedder)
    decision = decide(question, evidence, hits, shelf.catalogue)
    return features(question, evidence, hits, shelf.catalogue), decision.reason


def test_missing_names_and_things_are_found(shelf: Any) -> None:
    found, _ = judged(shelf, "How many subscribers pay for Hydra on Xhosa?")
    assert list(found.names) == ["Xhosa"]
    assert found.thing == ["subscribers", "pay"]
    assert found.thing_share == 1.0


def test_what_the_papers_hold_is_not_missing(shelf: Any) -> None:
    found, _ = judged(shelf, "Which F1 does Tourille's YASET of 2018 reach on the NCBI disease corpus?")
    assert found.names == {}
    assert found.thing == []


def test_missing_names_lower_the_margin(shelf: Any) -> None:
    with_name, _ = judged(shelf, "Which F1 does YASET reach on the NCBI disease corpus?")
    without, _ = judged(shelf, "Which F1 does YASET reach on the Klingon disease corpus?")
    assert without.margin < with_name.margin


@pytest.mark.parametrize(
    "question", ["What did Tuvaluan fishing forums conclude?", "How many hospitals does Xenon run?"]
)
def test_refusals_give_a_reason(shelf: Any, question: str) -> None:
    _, reason = judged(shelf, question)
    assert "Tuvaluan" in reason or "Xenon" in reason


def test_no_evidence_is_a_refusal(shelf: Any) -> None:
    decision = decide("What?", [], [], shelf.catalogue)
    assert not decision.answerable
    assert decision.reason


@pytest.mark.parametrize(
    ("question", "thing"),
    [
        ("How many native speakers of Xhosa are there?", ["native", "speakers"]),
        ("What share of the households did borrow?", ["households"]),
        ("How many cells must be driven?", ["cells"]),
        ("What kind of errors did it make?", ["errors"]),
        ("Which other exactly matching drugs ought one to take?", ["matching", "drugs"]),
        ("Which letters are swapped?", ["letters"]),
        ("What languages does it cover?", ["languages"]),
        # A verb, a modal verb or a word of quantity is nothing that could be asked for.
        ("What keeps useless phages from staying?", []),
        ("What must be known?", []),
        ("How much should they share?", []),
        ("What still stands in the way?", []),
        ("Why does it fail?", []),
    ],
)
def test_what_is_asked_for_is_what_stands_after_its_question_word(question: str, thing: list[str]) -> None:
    assert _thing(question) == thing
