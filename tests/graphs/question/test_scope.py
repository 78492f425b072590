"""Where a question about content is looked for: years hold, names come first and are dropped aloud."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent import settings as settings_
from agent.session import Session
from agent.wiring import open_session

SETTLERS = "find about the mortality of settlers and institutions?"
BLEU = "on English-to-German translation?"


@pytest.fixture(scope="module")
def session(demo_home: Path) -> Iterator[Session]:
    session, close = open_session(settings_.with_chat(settings_.load(demo_home), model="none"))
    yield session
    close()


def test_years_always_hold(session: Session) -> None:
    before = session.ask(f"What did papers until 2005 {SETTLERS}")
    assert before.outcome == "answered"
    assert before.sentences[0].citations[0].paper_id == "acemoglu-2001-colonial-origins"
    after = session.ask(f"What did papers since 2015 {SETTLERS}")
    assert (after.outcome, after.sentences) == ("refused", ())
    assert "since 2015" in (after.reason or "")
    assert all((paper.year or 0) >= 2015 for paper in after.papers)


def test_a_refusal_names_what_came_closest(session: Session) -> None:
    reply = session.ask(f"What did papers since 2015 {SETTLERS}")
    assert reply.papers[0].title in (reply.reason or "")


def test_an_author_says_where_to_look(session: Session) -> None:
    reply = session.ask(f"How many BLEU points did Ashish Vaswani report for the Transformer {BLEU}")
    assert reply.outcome == "answered"
    assert all(sentence.citations for sentence in reply.sentences)
    assert {c.paper_id for s in reply.sentences for c in s.citations} == {"vaswani-2017-attention"}


@pytest.mark.parametrize(
    "whose",
    [
        "did Jure Leskovec report for the Transformer",
        "does the Transformer of researchers at Stanford University reach",
    ],
)
def test_a_name_that_does_not_lead_to_the_answer_is_dropped_aloud(session: Session, whose: str) -> None:
    reply = session.ask(f"How many BLEU points {whose} {BLEU}")
    assert reply.outcome == "answered"
    first, second, *_ = reply.sentences
    assert (first.wording, first.citations) == ("program", ())
    assert first.text.startswith("Nothing under ")
    assert second.citations[0].paper_id == "vaswani-2017-attention"
    assert "28.4" in second.text
