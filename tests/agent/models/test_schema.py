"""The schema translator: what it refuses, and that its grammars compile and mean what they should."""

import json
import re
from enum import Enum
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from agent.models.engine import Engine
from agent.models.numbers import decimals, integers
from agent.models.sampling import Chooser, Grammars
from agent.models.schema import schema_grammar
from stores.errors import ModelError


def obj(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        (obj(a={"type": "string", "pattern": r"^\d+$"}), "pattern"),
        (obj(a={"type": "string", "pattern": "^(?=a)b$"}), "pattern"),
        (obj(a={"type": "string", "pattern": "abc"}), "begin with"),
        (obj(a={"type": "string", "maxLength": 4000}), "maxLength 4000 is above 1000"),
        (obj(a={"type": "string", "maxLength": -1}), "maxLength"),
        (obj(a={"type": "string", "format": "date"}), "format"),
        (obj(a={"type": "array"}), "items are not described"),
        (obj(a={"type": "array", "items": {"type": "string"}, "maxItems": 5000}), "maxItems"),
        (obj(a={"type": "array", "maxItems": 200, "items": {"type": "string", "maxLength": 1000}}), "characters"),
        (obj(a={"$ref": "https://example.org/schema.json"}), "leads outside"),
        (obj(a={"$ref": "#/$defs/None"}), "leads nowhere"),
        ({"$ref": "#/$defs/A", "$defs": {"A": obj(a={"$ref": "#/$defs/A"})}}, "contains itself"),
        (obj(a={"not": {"type": "string"}}), "None"),
        (obj(a={"type": "number", "multipleOf": 3}), "multipleOf"),
        (obj(a={"type": "number", "exclusiveMinimum": 0}), "exclusiveMinimum"),
        (obj(a={"type": "integer", "minimum": 5, "maximum": 4}), "no whole number"),
        ({"type": "object", "additionalProperties": {"type": "string"}}, "fixed names"),
        (obj(a={"enum": []}), "without values"),
        (obj(a=True), "not a schema"),
        ({**obj(a={"type": "null"}), "required": ["b"]}, "required but not described"),
        ({"type": "object", "properties": {"a": {"type": "null"}}, "patternProperties": {}}, "patternProperties"),
    ],
)
def test_refused_when_wired(schema: dict[str, Any], said: str) -> None:
    with pytest.raises(ModelError, match=re.escape(said)):
        schema_grammar(schema)


def spells(engine: Engine, grammar: str, text: str) -> bool:
    """Say whether a grammar accepts exactly this text, asked of llama.cpp one letter at a time."""
    import numpy as np

    chooser = Chooser(grammar=Grammars(engine).instance(grammar))
    level = np.zeros(engine.n_vocab, dtype=np.float32)
    try:
        for letter in text:
            for token in engine.tokenize(letter, special=False):
                if not len(chooser._allowed(np.array([token]), level)):
                    return False
                chooser.accept(token)
        return bool(len(chooser._allowed(engine.endings, level)))
    finally:
        chooser.close()


class Kind(Enum):
    PAPER = "paper"
    BOOK = 'a "book"\\'


class Inner(BaseModel):
    name: str = Field(max_length=20)
    pair: tuple[int, bool] = (1, True)


class Outer(BaseModel):
    kind: Kind
    inner: list[Inner] = Field(min_length=1, max_length=3)
    note: str | None = None
    share: float = Field(ge=0, le=1)
    year: int = Field(gt=1899, lt=2100)
    code: str = Field(pattern="^[A-Z]{2}-[0-9]+$")
    fixed: Literal["é\n"] = "é\n"


def test_everything_pydantic_writes_is_accepted(engine: Engine) -> None:
    grammar, size = schema_grammar(Outer.model_json_schema())
    value = Outer(kind=Kind.BOOK, inner=[Inner(name="né 🙂"), Inner(name="")], share=0.25, year=1900, code="AB-12")
    text = json.dumps(value.model_dump(mode="json"), ensure_ascii=False)
    assert len(text) <= size
    assert spells(engine, grammar, text)
    for wrong in (text.replace("1900", "1899"), text.replace("0.25", "1.5"), text.replace("AB-", "ab-"), text[:-1]):
        assert not spells(engine, grammar, wrong)


def as_regex(rule: str) -> re.Pattern[str]:
    return re.compile(re.sub(r'"([^"]*)"', lambda match: f"(?:{re.escape(match[1])})", rule).replace(" ", ""))


@settings(max_examples=200, deadline=None)
@given(st.integers(-3000, 3000), st.integers(0, 3000))
def test_integer_bounds_are_exact(low: int, span: int) -> None:
    high = low + span
    pattern = as_regex(integers(low, high))
    for value in {low - 1, low, low + 1, 0, -1, 7, (low + high) // 2, high - 1, high, high + 1, 10 * high, low - 1000}:
        assert bool(pattern.fullmatch(str(value))) == (low <= value <= high), value


@pytest.mark.parametrize(
    ("low", "high", "inside", "outside"),
    [
        (0, 1, ["0", "1", "0.5", "1.0", "0.123456"], ["1.5", "-0.5", "2", ".5", "01"]),
        (-1, 1, ["-1", "-0.5", "0", "0.5"], ["-1.5", "1.1", "--1"]),
        (-20, -10, ["-10", "-10.0", "-19.5", "-20"], ["-9.9", "-20.5", "0", "10"]),
        (None, None, ["-12.5", "0", "123456789"], ["1e5", "NaN", "+1"]),
    ],
)
def test_decimal_bounds(low: int | None, high: int | None, inside: list[str], outside: list[str]) -> None:
    pattern = as_regex(decimals(low, high))
    assert [text for text in inside if not pattern.fullmatch(text)] == []
    assert [text for text in outside if pattern.fullmatch(text)] == []


VALUES = st.recursive(
    st.one_of(
        st.builds(lambda n: {"type": "string", "maxLength": n}, st.integers(0, 1000)),
        st.builds(lambda values: {"enum": values}, st.lists(st.text(max_size=8), min_size=1, max_size=4)),
        st.sampled_from([{"type": "integer"}, {"type": "number"}, {"type": "boolean"}, {"type": ["string", "null"]}]),
    ),
    lambda inner: st.one_of(
        st.builds(lambda item, n: {"type": "array", "items": item, "maxItems": n}, inner, st.integers(0, 12)),
        st.builds(lambda names: obj(**names), st.dictionaries(st.text(max_size=6), inner, max_size=3)),
        st.builds(lambda parts: {"anyOf": parts}, st.lists(inner, min_size=1, max_size=3)),
    ),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(VALUES)
def test_every_grammar_compiles(engine: Engine, schema: dict[str, Any]) -> None:
    try:
        grammar, _ = schema_grammar(schema)
    except ModelError as error:
        assert "characters" in str(error)  # noqa: PT017
        return
    grammars = Grammars(engine)
    try:
        Chooser(grammar=grammars.instance(grammar)).close()
    finally:
        grammars.close()
