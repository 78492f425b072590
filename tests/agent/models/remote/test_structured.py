"""Answers that follow a schema: told in the server's form, found in what comes, asked for again once, or failed clearly."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from agent.models.remote.chat import RemoteChat
from agent.models.remote.structured import find_json
from stores.errors import ModelError, OutputTruncated

Open = Callable[..., RemoteChat]

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(SCALARS, lambda each: st.lists(each) | st.dictionaries(st.text(), each), max_leaves=12)
WITHIN_PROSE = VALUES.filter(lambda value: isinstance(value, dict | list) and len(json.dumps(value)) > 4)
PROSE = st.text(st.characters(exclude_characters='[]{}`"', exclude_categories=["Cs"]), max_size=30)


class Colour(BaseModel):
    name: str = Field(max_length=8)
    share: int = Field(ge=0, le=100)


GOOD = '{"name": "red", "share": 7}'
RED = Colour(name="red", share=7)
SCHEMA = {"type": "object", "properties": {"n": {"type": "integer", "minimum": 3}}, "required": ["n"]}


@given(VALUES, st.sampled_from([None, 1]))
def test_a_value_alone_or_in_a_fence_is_found(value: Any, indent: int | None):
    text = json.dumps(value, indent=indent)
    assert json.loads(find_json(f"\n {text} ")) == value
    if "```" not in text:
        for fence in ("```json\n{}\n```", "```\n{}```", "Here:\n```JSON \n{}\n  ```\nThat is all."):
            assert json.loads(find_json(fence.replace("{}", text))) == value


@given(PROSE, WITHIN_PROSE, PROSE, st.booleans())
def test_a_value_in_prose_is_found(before: str, value: Any, after: str, ascii_: bool):
    text = json.dumps(value, ensure_ascii=ascii_)
    if not ascii_ and not text.isprintable():
        return
    assert json.loads(find_json(f"{before} [1] {text} {after} {{a}} [2]")) == value


@given(st.text())
def test_whatever_comes_is_no_failure(text: str):
    assert isinstance(find_json(text), str)


@pytest.mark.parametrize("text", ["[" * 20_000, '{"a":' * 5_000, "```json\n" * 500, "1" * 5_000, "[[1], [2]"])
def test_hostile_answers_are_read_to_their_end(text: str):
    assert find_json(text)


def test_a_fence_that_is_no_json_is_passed_over():
    text = "```python\nprint(1)\n```\nthen\n```json\n{}\n```".replace("{}", GOOD)
    assert find_json(text) == GOOD


@pytest.mark.parametrize(
    "text", [GOOD, f"```json\n{GOOD}\n```", f"Sure [1]! Here it is: {GOOD} Anything else?", f"<think>[x]</think>{GOOD}"]
)
def test_what_comes_is_read(far: Open, cloud: Any, text: str):
    cloud.in_turn(text)
    assert far().with_structured_output(Colour).invoke("Which?") == RED
    assert cloud.requests == 1


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        ("schema", {"type": "json_schema", "json_schema": {"name": "answer", "schema": SCHEMA}}),
        ("object", {"type": "json_object", "schema": SCHEMA}),
        ("prompt", None),
    ],
)
def test_the_schema_is_told_in_the_servers_form_and_in_words(far: Open, cloud: Any, kind: str, form: Any):
    cloud.in_turn('{"n": 3}')
    assert far(structured=kind).with_structured_output(SCHEMA).invoke("Which?") == {"n": 3}
    (body,) = cloud.bodies
    assert body.get("response_format") == form
    assert json.dumps(SCHEMA) in body["messages"][-1]["content"]


@pytest.mark.parametrize("status", [400, 422, 500])
def test_a_server_that_does_not_know_the_form_is_asked_without_it_from_then_on(far: Open, cloud: Any, status: int):
    cloud.does = lambda body: cloud.Answer("what form?", status=status) if "response_format" in body else GOOD
    asks = far().with_structured_output(Colour)
    assert asks.invoke("Which?") == RED
    assert cloud.requests == 2
    assert asks.invoke("Which?") == RED
    assert cloud.requests == 3


@pytest.mark.parametrize(
    ("answer", "code"),
    [({"status": 500}, "remote_broken"), ({"status": 401}, "remote_key"), ({"status": 400, "text": "no"}, "remote")],
)
def test_a_server_that_fails_over_something_else_fails(far: Open, cloud: Any, answer: dict[str, Any], code: str):
    cloud.in_turn(cloud.Answer(**answer))
    with pytest.raises(ModelError) as caught:
        far().with_structured_output(Colour).invoke("Which?")
    assert caught.value.code == code
    assert cloud.requests == (1 if code == "remote_key" else 2)


def test_what_was_wrong_is_fed_back_once(far: Open, cloud: Any):
    wrong = '{"name": "red", "share": 700}'
    cloud.in_turn(wrong, f"Sorry. {GOOD}")
    assert far().with_structured_output(Colour).invoke("Which?") == RED
    first, second = cloud.bodies
    assert second["messages"][: len(first["messages"])] == first["messages"]
    again = second["messages"][len(first["messages"]) :]
    assert [each["role"] for each in again] == ["assistant", "user"]
    assert again[0]["content"] == wrong
    assert "share: Input should be less than or equal to 100" in again[1]["content"]


@pytest.mark.parametrize("text", ['{"name": "red"}', "I would rather not.", "", "[]", "{" * 3_000])
async def test_twice_wrong_is_a_failure(far: Open, cloud: Any, text: str):
    cloud.in_turn(text)
    asks = far().with_structured_output(Colour)
    with pytest.raises(ModelError, match="does not follow the schema") as caught:
        asks.invoke("Which?")
    assert caught.value.code == "model"
    assert len(str(caught.value)) < 400
    with pytest.raises(ModelError, match="does not follow the schema"):
        await asks.ainvoke("Which?")
    assert cloud.requests == 4
    raw = far().with_structured_output(Colour, include_raw=True).invoke("Which?")
    assert isinstance(raw, dict)
    assert (raw["raw"].text, raw["parsed"], type(raw["parsing_error"])) == (text, None, ModelError)


def test_what_was_cut_off_is_not_read_however_complete_it_looks(far: Open, cloud: Any):
    cloud.in_turn(cloud.Answer(GOOD, finish="length"))
    with pytest.raises(OutputTruncated, match="cut off at 4 tokens"):
        far().with_structured_output(Colour).invoke("Which?")
    assert cloud.requests == 1


def test_a_plain_schema_is_checked_too(far: Open, cloud: Any):
    cloud.in_turn('{"n": 2}', '{"n": 4}')
    assert far().with_structured_output(SCHEMA).invoke("Which?") == {"n": 4}
    assert "$.n: 2 is less than the minimum of 3" in cloud.bodies[1]["messages"][-1]["content"]
    with pytest.raises(ModelError, match="no JSON schema"):
        far().with_structured_output({"type": 5})


def test_nothing_that_a_schema_refers_to_is_fetched(far: Open, cloud: Any):
    cloud.in_turn('{"n": 4}')
    away = {"type": "object", "properties": {"n": {"$ref": f"{cloud.url}/schema.json"}}}
    with pytest.raises(ModelError, match="is not in the schema"):
        far().with_structured_output(away).invoke("Which?")
    assert cloud.fetched == []
    within = {"$defs": {"n": {"type": "integer"}}, "type": "object", "properties": {"n": {"$ref": "#/$defs/n"}}}
    assert far().with_structured_output(within).invoke("Which?") == {"n": 4}
