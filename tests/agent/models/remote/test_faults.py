"""Each thing that goes wrong with a model elsewhere has a code and one clear line, whether it is streamed or not."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from agent.models.remote import chat as chat_
from agent.models.remote.chat import RemoteChat
from agent.models.remote.faults import RemoteBusy, RemoteError
from stores.errors import ModelError

Open = Callable[..., RemoteChat]
KEY = "sk-very-secret-0123456789"


def ask(chat: RemoteChat, how: str) -> str:
    return chat.invoke("Hi").text if how == "invoke" else "".join(chunk.text for chunk in chat.stream("Hi"))


@pytest.mark.parametrize("how", ["invoke", "stream"])
@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        ({"hang": 30}, "remote_timeout", "did not answer in time"),
        ({"text": f"{KEY} is wrong", "status": 401}, "remote_key", "not accepted (status 401). Set FAR_KEY"),
        ({"text": "not yours", "status": 403}, "remote_key", "not accepted (status 403). Set FAR_KEY"),
        ({"status": 429, "headers": {"Retry-After": "7"}}, "remote_busy", "asks to wait 7 s. Try later"),
        ({"status": 429}, "remote_busy", "no more requests now (status 429). Try later"),
        ({"text": f"what is {KEY}?\nmore", "status": 500}, "remote_broken", "failed (status 500: "),
        ({"text": f"what is {KEY}?\nmore", "status": 400}, "remote", "refuses the request (status 400: "),
        ({"status": 408}, "remote_timeout", "did not answer in time"),
        ({"raw": "<html><body>Welcome"}, "remote_nonsense", "what it sent is no answer"),
        ({"raw": '{"answer": 1}'}, "remote_nonsense", "what it sent is no answer"),
        ({"raw": "[1]"}, "remote_nonsense", "what it sent is no answer"),
        ({"raw": '{"choices": ['}, "remote_nonsense", "what it sent is no answer"),
    ],
)
def test_codes_and_lines(
    far: Open,
    cloud: Any,
    monkeypatch: pytest.MonkeyPatch,
    how: str,
    answer: dict[str, Any],
    code: str,
    said: str,
):
    monkeypatch.setenv("FAR_KEY", KEY)
    cloud.in_turn(cloud.Answer(**answer))
    with pytest.raises(ModelError) as caught:
        ask(far(key_env="FAR_KEY", timeout=0.3 if "hang" in answer else 5), how)
    line = str(caught.value)
    assert caught.value.code == code
    assert said in line
    assert line.startswith("m at 127.0.0.1:")
    assert KEY not in line
    assert "\n" not in line
    assert len(line) < 350
    assert cloud.headers[0]["authorization"] == f"Bearer {KEY}"
    assert cloud.requests == 1


@pytest.mark.parametrize("answer", [{"text": "one two three", "cut": 2}, {"text": "one two three", "finish": ""}])
def test_a_stream_that_breaks(far: Open, cloud: Any, answer: dict[str, Any]):
    cloud.in_turn(cloud.Answer(**answer))
    came = []
    with pytest.raises(ModelError) as caught:  # noqa: PT012 - it is raised while it is read
        for chunk in far().stream("Hi"):
            came.append(chunk.text)  # noqa: PERF401 - what came before the error is wanted
    assert caught.value.code == "remote_broken"
    assert came[:2] == ["one", " two"]


def test_nobody_listens_there(far: Open, another_cloud: Any):
    with another_cloud() as gone:
        url = gone.url
    with pytest.raises(ModelError, match="Check its address and that it is running") as caught:
        far(base_url=url).invoke("Hi")
    assert caught.value.code == "remote_broken"


def test_too_many_requests_are_sent_again_after_the_wait(far: Open, cloud: Any):
    cloud.in_turn(cloud.Answer(status=429, headers={"Retry-After": "1"}), "Yes.")
    began = time.perf_counter()
    assert far(retries=1).invoke("Hi").text == "Yes."
    assert time.perf_counter() - began >= 1
    assert cloud.requests == 2


def test_a_server_that_asks_for_it_is_left_alone_for_so_long(far: Open, cloud: Any, monkeypatch: pytest.MonkeyPatch):
    now = time.monotonic()
    clock = type("Clock", (), {"monotonic": lambda: now, "perf_counter": time.perf_counter})
    monkeypatch.setattr(chat_, "time", clock)
    cloud.in_turn(cloud.Answer(status=429, headers={"Retry-After": "90"}), "Yes.")
    chat = far()
    with pytest.raises(RemoteBusy):
        chat.invoke("Hi")
    now += 89
    with pytest.raises(RemoteBusy, match="left alone for 1 s more"):
        list(chat.stream("Hi"))
    assert cloud.requests == 1
    now += 2
    assert chat.invoke("Hi").text == "Yes."


def test_copies_leave_it_alone_together_and_ask_again_later(far: Open, cloud: Any, monkeypatch: pytest.MonkeyPatch):
    cloud.in_turn(cloud.Answer("boom", status=500), "Yes.")
    chat = far()
    twin = chat.model_copy(update={"callbacks": []})
    with pytest.raises(RemoteError, match="boom"):
        chat.invoke("Hi")
    with pytest.raises(RemoteError, match=r"boom.*left alone for \d+ s more"):
        twin.invoke("Hi")
    assert cloud.requests == 1
    now = time.monotonic()
    monkeypatch.setattr(chat_.time, "monotonic", lambda: now + chat_.REST + 1)
    assert twin.invoke("Hi").text == "Yes."


def test_after_a_request_that_is_refused_the_next_one_is_sent(far: Open, cloud: Any):
    cloud.in_turn(cloud.Answer("too long", status=400), "Yes.")
    chat = far()
    with pytest.raises(RemoteError, match="too long"):
        chat.invoke("Hi")
    assert chat.invoke("Hi").text == "Yes."


def test_what_a_server_says_cannot_drive_the_terminal(far: Open, cloud: Any):
    cloud.in_turn(cloud.Answer("\x1b[31mred\u202e \x07", status=500))
    with pytest.raises(RemoteError) as caught:
        far().invoke("Hi")
    assert not {"\x1b", "\x07", "\u202e"} & set(str(caught.value))
