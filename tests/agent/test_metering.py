"""Every call of a chat model is counted, whichever way it is made and however it ends; with the bundled model."""

import asyncio
import contextvars
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage
from pydantic import BaseModel, Field, field_validator

from agent import purpose
from agent.metering import FALLBACK_REASON, FREE, Price, metered
from agent.models.local import ChatLlama
from stores.errors import ModelError
from stores.usage import Call, UsageLog


@pytest.fixture(scope="module")
def model() -> Iterator[ChatLlama]:
    with closing(ChatLlama(n_ctx=512, max_tokens=4)) as opened:
        yield opened.load()


@pytest.fixture
def log(tmp_path: Path) -> Iterator[UsageLog]:
    with closing(UsageLog(tmp_path / "usage.sqlite")) as opened:
        yield opened


def only(log: UsageLog) -> Call:
    (call,) = log.calls()
    return call


def test_the_counted_model_is_the_same_model(model: ChatLlama, log: UsageLog):
    counted = metered(model, log, "word")
    assert counted._lanes is model._lanes
    assert model.callbacks is None
    assert counted.invoke("Say yes.").text == model.invoke("Say yes.").text
    assert log.total().calls == 1


def test_invoke_and_stream_and_async_are_counted_alike(model: ChatLlama, log: UsageLog):
    counted = metered(model, log, "word")

    async def later() -> None:
        await counted.ainvoke("Say yes.")
        async for _ in counted.astream("Say yes."):
            pass

    counted.invoke("Say yes.")
    list(counted.stream("Say yes."))
    counted.batch(["Say yes.", "Say yes."])
    asyncio.run(later())
    calls = log.calls()
    assert len(calls) == 6
    assert {(call.model, call.role, call.route, call.thread, call.code, call.cost) for call in calls} == {
        ("SmolLM2-135M-Instruct.Q4_1", "word", "word", None, "ok", 0.0)
    }
    assert len({(call.input_tokens, call.output_tokens) for call in calls}) == 1
    assert calls[0].input_tokens
    assert calls[0].output_tokens == 4
    assert all(0 < call.seconds < 60 for call in calls)


def test_a_repair_is_a_call_too(model: ChatLlama, log: UsageLog):
    class Never(BaseModel):
        word: str = Field(max_length=4)

        @field_validator("word")
        @classmethod
        def _refused(cls, _: str) -> str:
            raise ValueError("no word will do")

    with pytest.raises(ModelError):
        metered(model, log, "understand").with_structured_output(Never).invoke("Say yes.")
    assert [(call.role, call.code) for call in log.calls()] == [("understand", "ok")] * 2


def test_failures_are_counted_by_their_code(model: ChatLlama, log: UsageLog):
    counted = metered(model, log, "word")
    with pytest.raises(ModelError):
        counted.invoke("long " * 600)
    with pytest.raises(ModelError):
        list(counted.stream("Say yes.", deadline=1e-9))
    assert [call.code for call in log.calls()] == ["prompt_too_long", "model"]
    assert [call.input_tokens for call in log.calls()] == [None, None]
    assert log.total().failed == 2


def test_a_reader_who_leaves_is_no_failure(model: ChatLlama, log: UsageLog):
    stream = metered(model, log, "word").stream("Say yes.", max_tokens=200)
    next(stream)
    stream.close()
    assert only(log).code == "cancelled"
    assert log.total().failed == 0


async def test_a_cancelled_task_is_counted_once(model: ChatLlama, log: UsageLog):
    counted = metered(model, log, "word")
    task = asyncio.create_task(counted.ainvoke("Tell a story.", max_tokens=400))
    await asyncio.sleep(0.05)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    await asyncio.sleep(0)
    assert only(log).code == "cancelled"
    await counted.ainvoke("Say yes.")
    assert [call.code for call in log.calls()] == ["cancelled", "ok"]


def test_what_a_call_serves_comes_from_its_context(model: ChatLlama, log: UsageLog):
    counted = metered(model, log, "word")
    turn = contextvars.copy_context()
    serves = turn.run(purpose.begin, None, "mine")
    turn.run(counted.invoke, "Say yes.")
    serves.route = "find_papers"
    turn.run(counted.invoke, "Say yes.")
    elsewhere = threading.Thread(target=counted.invoke, args=("Say yes.",))
    elsewhere.start()
    elsewhere.join()
    assert [(call.route, call.thread) for call in log.calls()] == [
        ("word", "mine"),
        ("find_papers", "mine"),
        ("word", None),
    ]


def test_without_a_log_only_the_purpose_knows_of_a_call(model: ChatLlama):
    turn = contextvars.copy_context()
    serves = turn.run(purpose.begin, "find_papers")
    turn.run(metered(model, None, "word").invoke, "Say yes.")
    assert [(call.role, call.route) for call in serves.calls] == [("word", "find_papers")]


def test_prices_and_why_one_model_stands_in_for_another(log: UsageLog):
    used = {"input_tokens": 2_000, "output_tokens": 500, "total_tokens": 2_500}

    def far(price: Price | None) -> GenericFakeChatModel:
        answers = iter([AIMessage("yes", usage_metadata=used), AIMessage("yes")])  # type: ignore[arg-type]
        return metered(GenericFakeChatModel(messages=answers), log, "refine", price)

    far(Price(input=2.5, output=10)).invoke("Say yes.", {"metadata": {FALLBACK_REASON: "timeout"}})
    far(None).invoke("Say yes.")
    far(FREE).invoke("Say yes.")
    priced, unknown, free = log.calls()
    assert priced.cost == pytest.approx(0.01)
    assert priced.fallback_reason == "timeout"
    assert (unknown.cost, unknown.fallback_reason, free.cost) == (None, None, 0.0)
    assert log.total().unpriced == 1


def test_no_text_is_kept(model: ChatLlama, log: UsageLog, tmp_path: Path):
    answer = metered(model, log, "word").invoke("Repeat: xylophone", max_tokens=12).text
    log.close()
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"SmolLM2" in written
    assert b"xylophone" not in written
    assert answer.encode() not in written
