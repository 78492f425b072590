"""Answers in the words of a model elsewhere where these pass every check, and otherwise as they were."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from agent import settings as settings_
from agent.session import Done, Said, Session
from agent.wiring import Parts, session_over
from graphs.question.state import Reply

pytestmark = pytest.mark.usefixtures("far_refines")
QUESTION = "How many BLEU points did the Transformer reach on English-to-German translation?"
GOOD = (
    "The large Transformer reached 28.4 BLEU on the WMT 2014 English-to-German translation task, more than 2 BLEU above"
    " the best earlier results, ensembles included."
)


@pytest.fixture(scope="module")
def home(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(demo_home, tmp_path_factory.mktemp("answered") / "home"))


@pytest.fixture(scope="module")
def session(home: Path) -> Iterator[Session]:
    with closing(Parts(settings_.load(home))) as parts:
        yield session_over(parts)


@pytest.fixture(scope="module")
def draft(home: Path) -> Reply:
    """Return the answer without a refiner."""
    settings = settings_.load(home)
    alone = settings.model_copy(update={"roles": settings.roles.model_copy(update={"refine": ()})})
    with closing(Parts(alone)) as parts:
        reply = session_over(parts).ask(QUESTION)
    assert reply.refinement is None
    return reply


def asked(session: Session) -> tuple[list[str], Reply]:
    said, reply = [], None
    for event in session.stream(QUESTION):
        if isinstance(event, Said):
            said.append(event.sentence.text)
        elif isinstance(event, Done):
            reply = event.reply
    assert reply is not None
    return said, reply


def test_an_answer_in_better_words(session: Session, draft: Reply, cloud: Any):
    cloud.in_turn(f"{GOOD} [1]")
    said, reply = asked(session)
    assert reply.refinement is not None
    assert (reply.refinement.accepted, reply.refinement.reason) == (True, "")
    assert said == [GOOD]
    assert [one.text for one in reply.sentences] == said
    assert [one.citations for one in reply.sentences] == [one.citations for one in draft.sentences]
    assert GOOD in (reply.answer or "")
    (call,) = reply.calls
    assert (call.role, call.model) == ("refine", reply.refinement.model)
    assert (call.input_tokens, call.output_tokens) == (cloud.input_tokens, cloud.output_tokens)
    assert call.cost == pytest.approx((2 * cloud.input_tokens + 10 * cloud.output_tokens) / 1e6)
    assert (reply.usage.input_tokens, reply.usage.output_tokens) == (cloud.input_tokens, cloud.output_tokens)
    assert QUESTION in cloud.bodies[0]["messages"][-1]["content"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"text": f"{GOOD} [1]".replace("28.4", "29.4")}, "numbers not in the evidence: 29.4"),
        ({"text": f"{GOOD} [1]".replace("Transformer", "Perceptron")}, "not in the evidence"),
        ({"text": f"{GOOD} [2]"}, "no answer whose sentences name their sources"),
        ({"text": "The large Transformer reached BLEU. [1]"}, "too little is left of source 1"),
        ({"text": f"Sure! Here you are: {GOOD} [1]"}, "not in the evidence"),
        ({"text": f"{GOOD} [1] Do you want more?"}, "no answer whose sentences name their sources"),
        ({"text": f"{GOOD} [1]", "cut": 9}, "the connection failed"),
        ({"text": GOOD, "finish": ""}, "its answer broke off"),
        ({"text": "no", "status": 401}, "the key was not accepted"),
        ({"text": "no", "status": 429, "headers": {"Retry-After": "0"}}, "takes no more requests"),
        ({"text": "no", "status": 500}, "it failed (status 500"),
        ({"raw": "<html></html>"}, "what it sent is no answer"),
        ({"text": ""}, "no answer whose sentences name their sources"),
    ],
)
def test_the_draft_stands_word_for_word(
    session: Session, draft: Reply, cloud: Any, answer: dict[str, Any], reason: str
):
    cloud.in_turn(cloud.Answer(**answer))
    said, reply = asked(session)
    assert reply.outcome == "answered"
    assert reply.sentences == draft.sentences
    assert said == [one.text for one in draft.sentences]
    assert reply.answer == draft.answer
    assert reply.refinement is not None
    assert not reply.refinement.accepted
    assert reason in reply.refinement.reason


def test_what_is_no_answer_is_not_sent(session: Session, cloud: Any):
    reply = session.ask("Which papers did Percy Liang write?")
    assert reply.outcome == "answered"
    assert reply.refinement is None
    assert cloud.requests == 0
