"""Questions through the whole graph: real catalogue, indexes, embedding model and chat model, on the demo corpus."""

from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from agent import settings as settings_
from agent.session import Asked, Done, Said, Session
from agent.wiring import open_session
from graphs.question.context import Context
from graphs.question.graph import build
from graphs.question.state import Reply
from stores.errors import ModelError, StoreError
from tools.ner.base import Message

QUOTED = "How many BLEU points did the Transformer reach on English-to-German translation?"


pytestmark = pytest.mark.usefixtures("wording")


@pytest.fixture(scope="module")
def session(demo_home: Path) -> Iterator[Session]:
    session, close = open_session(settings_.load(demo_home))
    yield session
    close()


@pytest.fixture(scope="module")
def context(session: Session) -> Context:
    return session._context


def check_citations(context: Context, reply: Reply) -> None:
    for sentence in reply.sentences:
        for citation in sentence.citations:
            (paper,) = context.catalogue.papers.get([citation.paper_id])
            assert paper.section(citation.section)[citation.start : citation.end] == citation.quote


def test_a_paper_question_is_answered_from_its_paper(session: Session, context: Context):
    reply = session.ask(QUOTED)
    assert (reply.outcome, reply.intent) == ("answered", "paper_question")
    assert "28.4" in reply.answer
    assert reply.sentences[0].citations[0].paper_id == "vaswani-2017-attention"
    assert {"understand", "link", "retrieve", "answer", "ground"} <= reply.timings.keys()
    assert 0 < reply.usage.calls <= 2
    check_citations(context, reply)


def test_papers_under_four_conditions(session: Session, context: Context):
    reply = session.ask("Find AI papers from Stanford authors funded by NSF in the United States.")
    assert (reply.outcome, reply.intent) == ("answered", "find_papers")
    assert [entity.type for entity in reply.entities] == ["topic", "organization", "funder", "country"]
    assert reply.total == len(reply.papers) >= 3
    for paper in context.catalogue.papers.get([found.paper_id for found in reply.papers]):
        assert any(a.organization_id == "https://ror.org/00f54p054" for one in paper.authors for a in one.affiliations)
        assert any(funding.funder_id == "https://ror.org/021nxhr62" for funding in paper.funding)


def test_words_alone_are_looked_for_in_the_papers(session: Session):
    reply = session.ask("mortality of settlers and extractive states")
    assert reply.outcome == "answered"
    assert reply.papers[0].paper_id == "acemoglu-2001-colonial-origins"


def test_subjects_that_no_paper_carries_are_looked_for_in_the_text(session: Session):
    reply = session.ask("papers on hardware and energy needed for training big Transformers")
    assert {"find", "retrieve"} <= reply.timings.keys()
    assert reply.outcome == "answered"
    assert reply.sentences[0].citations[0].paper_id == "strubell-2019-energy"


def test_words_that_no_paper_answers_are_a_refusal(session: Session):
    reply = session.ask("hardware needed for large Transformers, in real time")
    assert (reply.outcome, reply.answer) == ("refused", "")


def test_conditions_that_nothing_satisfies_are_a_refusal(session: Session):
    reply = session.ask("Find physics papers from Stanford funded by the Nordic Lakes Science Trust")
    assert (reply.outcome, reply.papers, reply.total) == ("refused", (), 0)
    assert "No funder is known here as “Nordic Lakes Science Trust”" in (reply.reason or "")
    assert [one.total for one in reply.satisfied][-1] == 0


def test_a_refusal_offers_the_nearest_lists_and_a_list_says_how_its_papers_match(session: Session, context: Context):
    reply = session.ask("Papers by Percy Liang in Nature since 2021")
    assert (reply.outcome, reply.total) == ("refused", 0)
    assert reply.relaxations
    for one in reply.relaxations:
        assert len(context.catalogue.filters.find(one.filter)) == one.total > 0
        assert f"{one.total}" in (reply.reason or "")
    found = session.ask("Papers by Percy Liang since 2021")
    assert found.relaxations == ()
    for paper in found.papers:
        assert [(match.type, match.text) for match in paper.matches] == [
            ("author", "Percy Liang"), ("year", str(paper.year)),
        ]  # fmt: skip


def test_a_profile_says_only_what_the_records_hold(session: Session, context: Context):
    reply = session.ask("Give me the profile of Christopher Manning")
    assert (reply.outcome, reply.intent) == ("answered", "author_profile")
    assert len(dict.fromkeys(sentence.heading for sentence in reply.sentences)) == 6
    listed = {paper.paper_id for paper in reply.papers}
    assert all(set(sentence.paper_ids or ()) <= listed for sentence in reply.sentences)
    assert all(
        "christopher-d-manning" in [a.id for a in p.authors]
        for p in context.catalogue.papers.get([f.paper_id for f in reply.papers])
    )
    check_citations(context, reply)


@pytest.mark.parametrize(
    ("question", "headings", "said"),
    [
        ("Who funds the work of Percy Liang?", ["Papers", "Grants and funding"], "papers by Percy Liang"),
        ("How often is Percy Liang cited?", ["Papers", "Citations and influence"], "citation"),
        ("Where has Percy Liang worked?", ["Papers", "Institutions"], "Stanford"),
        (
            "Compare Christopher Manning and Percy Liang",
            ["Output", "Topics", "People", "Venues and places"],
            "Christopher D. Manning has ",
        ),
        ("Compare the last two years of Percy Liang with the three before", ["Output"], "papers, "),
    ],
)
def test_only_what_is_asked_of_an_author_is_told(
    session: Session, context: Context, question: str, headings: list[str], said: str
):
    reply = session.ask(question)
    assert (reply.outcome, reply.intent) == ("answered", "author_profile")
    found = list(dict.fromkeys(sentence.heading for sentence in reply.sentences))
    assert found[: len(headings)] == headings
    assert said in reply.answer
    check_citations(context, reply)


@pytest.mark.parametrize(
    ("question", "intent", "said"),
    [
        ("Who has Jure Leskovec published with most often?", "collaborators", "Percy Liang"),
        ("What is NSF?", "entity_lookup", "National Science Foundation"),
        ("papers like simonyan-2015-vgg", "similar_papers", "Quo Vadis"),
        ("hello", "chitchat", "I answer questions"),
    ],
)
def test_other_ways_to_an_answer(session: Session, question: str, intent: str, said: str):
    reply = session.ask(question)
    assert (reply.outcome, reply.intent) == ("answered", intent)
    assert said in reply.answer


@pytest.mark.parametrize(
    "question",
    [
        "What is the capital of Mongolia?",
        "Give me the profile of Leopold Amankwah-Stirling",
        "How many native speakers of Xhosa rated the output of BERT?",
    ],
)
def test_what_cannot_be_answered_is_refused_with_a_reason(session: Session, question: str):
    reply = session.ask(question)
    assert (reply.outcome, reply.sentences) == ("refused", ())
    assert reply.reason


def test_an_ambiguous_name_ends_with_the_alternatives_where_nobody_can_be_asked(session: Session):
    reply = session.ask("Which papers did Feng Zhang write?")
    assert reply.outcome == "needs_clarification"
    assert reply.clarification is not None
    assert {option.id for option in reply.clarification.options} == {"feng-zhang-broad", "feng-zhang"}
    assert all(option.facts for option in reply.clarification.options)


def test_a_follow_up_takes_over_what_the_history_names(session: Session):
    history = [
        Message(role="user", content="Which papers did Percy Liang write?"),
        Message(role="assistant", content="7."),
    ]
    reply = session.ask("and since 2021?", history)
    assert reply.outcome == "answered"
    assert reply.papers
    assert all((paper.year or 0) >= 2021 and "Percy Liang" in paper.authors for paper in reply.papers)


def test_the_same_question_gets_the_same_bytes(session: Session, demo_home: Path):
    def text(reply: Reply) -> str:
        return reply.model_copy(update={"timings": {}, "calls": ()}).model_dump_json()

    first = text(session.ask(QUOTED))
    assert text(session.ask(QUOTED)) == first
    other, close = open_session(settings_.load(demo_home))
    try:
        assert text(other.ask(QUOTED)) == first
    finally:
        close()


def test_sentences_come_before_the_end(session: Session):
    kinds = [type(event) for event in session.stream(QUOTED)]
    assert kinds[0] is Said
    assert kinds[-1] is Done
    assert Asked not in kinds


class Broken:
    """A part that fails whenever it is used."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, name: str) -> Any:
        raise self._error

    def __call__(self, *_: Any, **__: Any) -> Any:
        raise self._error


FAULTS = [
    ("understander", QUOTED),
    ("linker", "What is NSF?"),
    ("retriever", QUOTED),
    ("embedder", QUOTED),
    ("chat", QUOTED),
    ("similar", "papers like simonyan-2015-vgg"),
    ("vectors", "Give me the profile of Christopher Manning"),
    *[
        ("catalogue", question)
        for question in (QUOTED, "Papers by Percy Liang", "Who has Jure Leskovec published with?", "What is NSF?")
    ],
]


@pytest.mark.parametrize(("part", "question"), FAULTS)
@pytest.mark.parametrize("error", [StoreError("the disk is gone"), ModelError("the model died"), OSError("I/O error")])
def test_a_fault_of_any_part_is_a_failure_and_never_a_refusal(
    context: Context, part: str, question: str, error: Exception
):
    assert part in {field.name for field in fields(Context)}
    broken = Session(build(), replace(context, **{part: Broken(error)}))
    reply = broken.ask(question)
    assert reply.outcome == "failed"
    assert str(error) in (reply.reason or "")


def test_without_a_chat_model_answers_are_quotations(context: Context):
    reply = Session(build(), replace(context, chat=None)).ask(QUOTED)
    assert reply.outcome == "answered"
    assert {sentence.wording for sentence in reply.sentences} == {"quotation"}
    assert reply.usage.calls == 0


def test_a_person_s_work_on_a_subject_is_a_list_of_it(session: Session, context: Context):
    history = [
        Message(role="user", content="What did Jure Leskovec's papers find about graph neural networks?"),
        Message(role="assistant", content="..."),
    ]
    reply = session.ask("and his work on node2vec?", history)
    assert reply.outcome == "answered"
    assert reply.papers
    assert all(
        "jure-leskovec" in [a.id for a in p.authors]
        for p in context.catalogue.papers.get([f.paper_id for f in reply.papers])
    )
    assert "\n1. " in reply.answer or reply.sentences[0].citations
