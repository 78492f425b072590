"""A model elsewhere has the options, tokens and metadata of the local one, and ends when nobody waits."""

import asyncio
from collections.abc import Callable
from threading import Timer
from typing import Any

import pytest
from langchain_core.messages import AIMessageChunk

from agent.models.answering import Cancelled
from agent.models.remote.chat import RemoteChat
from agent.models.stopping import stoppable

Open = Callable[..., RemoteChat]
COUNTED = {"input_tokens": 2, "output_tokens": 3, "total_tokens": 5}


def whole(chunks: list[AIMessageChunk]) -> AIMessageChunk:
    found = chunks[0]
    for chunk in chunks[1:]:
        found += chunk
    return found


def test_invoke_and_stream_say_the_same(far: Open, cloud: Any):
    cloud.in_turn("Yes it is.")
    chat = far()
    chunks = list(chat.stream("Is it?"))
    message = chat.invoke("Is it?")
    streamed = whole(chunks)
    assert [chunk.text for chunk in chunks if chunk.text] == ["Yes", " it", " is."]
    assert message.text == streamed.text == "Yes it is."
    for each in (message, streamed):
        assert each.usage_metadata is not None
        assert COUNTED.items() <= each.usage_metadata.items()
        assert each.response_metadata["model_name"] == chat.label == f"m at {cloud.url[7:-3]}"
        assert each.response_metadata["finish_reason"] == "stop"
        assert each.response_metadata["timings"]["generate_s"] > 0


def test_asynchronous_calls(far: Open, cloud: Any):
    cloud.in_turn("Yes it is.")
    chat = far()

    async def both() -> tuple[str, str]:
        return (await chat.ainvoke("Is it?")).text, "".join([chunk.text async for chunk in chat.astream("Is it?")])

    assert asyncio.run(both()) == ("Yes it is.", "Yes it is.")


def test_tokens_are_estimated_where_the_server_does_not_count(far: Open, cloud: Any):
    cloud.in_turn(cloud.Answer("Yes it is.", usage=False))
    chat = far()
    streamed = whole(list(chat.stream("Is it? " * 40))).usage_metadata
    assert streamed == chat.invoke("Is it? " * 40).usage_metadata
    assert streamed is not None
    assert 60 <= streamed["input_tokens"] <= 90
    assert streamed["output_tokens"] == 3
    assert chat.get_num_tokens("Yes it is.") == 3


def test_an_answer_that_is_cut_off_says_so_and_an_empty_one_is_one(far: Open, cloud: Any):
    cloud.in_turn(cloud.Answer("Yes it", finish="length"))
    chat = far()
    assert chat.invoke("Hi").response_metadata["finish_reason"] == "length"
    assert whole(list(chat.stream("Hi"))).response_metadata["finish_reason"] == "length"
    cloud.in_turn("")
    assert (chat.invoke("Hi").text, whole(list(chat.stream("Hi"))).text) == ("", "")


def test_only_what_it_takes_is_sent(far: Open, cloud: Any):
    given = {"temperature": 0.5, "seed": 3, "grammar": "root ::= x", "deadline": 9.0, "max_tokens": 7}
    far().invoke("Hi", stop=["\n"], **given)
    far(takes=("max_tokens",)).invoke("Hi", stop=["\n"], **given)
    far(max_tokens=99).invoke("Hi")
    list(far().stream("Hi", **given))
    sent = [{name: value for name, value in body.items() if name not in {"messages", "model"}} for body in cloud.bodies]
    whole_ = {"temperature": 0.5, "seed": 3, "max_tokens": 7}
    assert sent[0] == {**whole_, "stop": ["\n"], "stream": False}
    assert sent[1] == {"max_tokens": 7, "stream": False}
    assert sent[2] == {"max_tokens": 99, "stream": False}
    assert sent[3] == {**whole_, "stream": True, "stream_options": {"include_usage": True}}


def test_nothing_of_the_environment_goes_to_a_server_of_ones_own(
    far: Open, cloud: Any, monkeypatch: pytest.MonkeyPatch
):
    for name in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_ORGANIZATION", "OPENAI_PROJECT_ID", "LANGSMITH_API_KEY"):
        monkeypatch.setenv(name, "secret-of-mine")
    monkeypatch.setenv("OPENAI_BASE_URL", "https://example.org/v1")
    far().invoke("Hi")
    list(far().stream("Hi"))
    assert cloud.requests == 2
    assert "secret-of-mine" not in str(cloud.headers)
    assert {headers["authorization"] for headers in cloud.headers} == {"Bearer none"}


def test_what_is_asked_of_this_machine_goes_by_no_proxy(far: Open, monkeypatch: pytest.MonkeyPatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert far().invoke("Hi").text == "Yes."


def test_a_model_with_a_name_of_openais_is_asked_for_chat(far: Open, cloud: Any):
    assert far(model="gpt-5-pro").invoke("Hi").text == "Yes."
    assert cloud.bodies[0]["model"] == "gpt-5-pro"
    assert far(model="openai:tiny").invoke("Hi").text == "Yes."
    assert cloud.bodies[1]["model"] == "tiny"
    assert far(model="qwen2.5:0.5b").invoke("Hi").text == "Yes."
    assert cloud.bodies[2]["model"] == "qwen2.5:0.5b"


def test_the_stop_flag_ends_the_stream_and_the_connection(far: Open, cloud: Any):
    cloud.in_turn(cloud.Answer("word " * 2000, pace=0.01))
    came = []
    with stoppable() as flag, pytest.raises(Cancelled):  # noqa: PT012 - it is raised while it is read
        for chunk in far().stream("Hi"):
            came.append(chunk.text)
            if len(came) == 3:
                flag.set()
    assert len(came) == 3
    assert cloud.left.wait(5)


def test_the_stop_flag_ends_a_call_that_is_not_streamed(far: Open, cloud: Any):
    cloud.in_turn(cloud.Answer("word " * 2000, pace=0.01))
    with stoppable() as flag:
        timer = Timer(0.1, flag.set)
        timer.start()
        with pytest.raises(Cancelled):
            far().invoke("Hi")
        timer.join()
    assert cloud.left.wait(5)
    cloud.in_turn("Yes it is.")
    with stoppable():
        message = far().invoke("Is it?")
    assert message.text == "Yes it is."
    assert message.usage_metadata is not None
    assert COUNTED.items() <= message.usage_metadata.items()
    assert message.response_metadata["finish_reason"] == "stop"


def test_a_reader_who_leaves_ends_the_connection(far: Open, cloud: Any):
    cloud.in_turn(cloud.Answer("word " * 2000, pace=0.01))
    stream = far().stream("Hi")
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    assert cloud.left.wait(5)


def test_nobody_waits_before_it_is_asked(far: Open, cloud: Any):
    with stoppable() as flag:
        flag.set()
        with pytest.raises(Cancelled):
            list(far().stream("Hi"))
        with pytest.raises(Cancelled):
            far().invoke("Hi")
    assert cloud.requests == 0


def test_after_it_is_closed_it_opens_again(far: Open):
    chat = far()
    assert chat.invoke("Hi").text == "Yes."
    chat.close()
    assert chat.invoke("Hi").text == "Yes."
