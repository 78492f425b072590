"""Models that stand in for one another: the first that can answers, and what is said of the answer tells which and why."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from agent.metering import FALLBACK_REASON, metered
from agent.models.answering import Cancelled
from agent.models.chain import ChatChain
from agent.models.remote.chat import RemoteChat
from agent.models.stopping import stoppable
from stores.errors import ModelError, OutputTruncated, StreamBroken
from stores.usage import UsageLog
from tools.grounding.base import Citation, Evidence
from tools.grounding.word import word

Open = Callable[..., RemoteChat]


class Colour(BaseModel):
    name: str


@pytest.fixture
def second(another_cloud: Any) -> Iterator[Any]:
    with another_cloud() as opened:
        yield opened


@pytest.fixture
def log(tmp_path: Any) -> Iterator[UsageLog]:
    opened = UsageLog(tmp_path / "usage.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def chain(far: Open, second: Any, log: UsageLog) -> ChatChain:
    """Return two models; the first one's server is `cloud`."""
    members = (far(model="first"), far(model="second", base_url=second.url))
    counted = tuple(metered(each, log, "word", None) for each in members)
    return ChatChain(members=counted, names=tuple(each.label for each in members))


def test_the_first_answers_while_it_can(chain: ChatChain, cloud: Any, second: Any):
    cloud.in_turn("One.")
    message = chain.invoke("Hi")
    assert message.text == "One."
    assert message.response_metadata["model_name"] == chain.label == chain.names[0]
    assert FALLBACK_REASON not in message.response_metadata
    assert "".join(chunk.text for chunk in chain.stream("Hi")) == "One."
    assert second.requests == 0


async def test_the_second_stands_in_and_says_why(chain: ChatChain, cloud: Any, second: Any, log: UsageLog):
    cloud.in_turn(cloud.Answer("overloaded", status=503))
    second.in_turn("Two.")
    message = chain.invoke("Hi", max_tokens=5)
    assert message.text == "Two."
    assert message.response_metadata["model_name"] == chain.names[1]
    assert "status 503: " in message.response_metadata[FALLBACK_REASON]
    assert second.bodies[0]["max_tokens"] == 5
    *_, last = chain.stream("Hi")
    assert "left alone" in last.response_metadata[FALLBACK_REASON]
    assert (await chain.ainvoke("Hi")).text == "Two."
    assert "".join([chunk.text async for chunk in chain.astream("Hi")]) == "Two."
    assert cloud.requests == 1
    calls = log.calls()
    assert [(call.model, call.code) for call in calls][:2] == [
        (chain.names[0], "remote_broken"),
        (chain.names[1], "ok"),
    ]
    assert calls[0].fallback_reason is None
    assert "status 503" in (calls[1].fallback_reason or "")


def test_where_none_can_each_fault_is_named(chain: ChatChain, cloud: Any, second: Any):
    cloud.in_turn(cloud.Answer(status=401))
    second.in_turn(cloud.Answer("broken", status=500))
    with pytest.raises(
        ModelError, match=r"no chat model could answer: first at .*status 401.*; second at .*status 500"
    ):
        chain.invoke("Hi")


def test_what_was_streamed_cannot_be_taken_back(chain: ChatChain, cloud: Any, second: Any):
    cloud.in_turn(cloud.Answer("one two three", cut=2))
    second.in_turn("Two.")
    came = []
    with pytest.raises(StreamBroken):  # noqa: PT012 - it is raised while it is read
        for chunk in chain.stream("Hi"):
            came.append(chunk.text)  # noqa: PERF401 - what came before the error is wanted
    assert came == ["one", " two"]
    assert "".join(chunk.text for chunk in chain.stream("Hi")) == "Two."


def test_a_sentence_whose_stream_broke_is_asked_for_once_more(chain: ChatChain, cloud: Any, second: Any):
    quote = "Parsnip has an accuracy of 81.5% on Dutch."
    citation = Citation(paper_id="p", passage_id="p#0", section="body", start=0, end=len(quote), quote=quote)
    evidence = [Evidence(citation=citation, title="Parsnip", year=None, score=1.0)]
    cloud.in_turn(cloud.Answer("Parsnip has an accuracy", cut=2))
    second.in_turn(f"{quote} [1]")
    seen: list[str] = []
    found = word("How accurate is Parsnip?", evidence, chain, on_text=seen.append)
    assert (found.text, found.cited) == (quote, 0)
    assert seen[:2] == ["Parsnip", "Parsnip has"]
    assert seen[-1] == quote
    assert (cloud.requests, second.requests) == (1, 1)


def test_a_stream_that_breaks_before_its_first_word_goes_on_with_the_second(chain: ChatChain, cloud: Any, second: Any):
    cloud.in_turn(cloud.Answer("one two", cut=0))
    second.in_turn("Two.")
    assert "".join(chunk.text for chunk in chain.stream("Hi")) == "Two."


def test_structured_answers(chain: ChatChain, cloud: Any, second: Any):
    cloud.in_turn("I will not.")
    second.in_turn('{"name": "red"}')
    assert chain.with_structured_output(Colour).invoke("Which?") == Colour(name="red")
    assert (cloud.requests, second.requests) == (2, 1)
    cloud.in_turn(cloud.Answer('{"name": "re', finish="length"))
    with pytest.raises(OutputTruncated):
        chain.with_structured_output(Colour).invoke("Which?")
    assert second.requests == 1


def test_who_does_not_wait_any_more_asks_nobody_else(chain: ChatChain, cloud: Any, second: Any):
    cloud.in_turn(cloud.Answer("word " * 500, pace=0.01))
    with stoppable() as flag, pytest.raises(Cancelled):  # noqa: PT012 - it is raised while it is read
        for _ in chain.stream("Hi"):
            flag.set()
    assert cloud.left.wait(5)
    assert second.requests == 0


def test_a_reader_who_leaves_ends_the_connection(chain: ChatChain, cloud: Any):
    cloud.in_turn(cloud.Answer("word " * 2000, pace=0.01))
    stream = chain.stream("Hi")
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    assert cloud.left.wait(5)
