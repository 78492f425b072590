"""Answers that follow a schema from a model that may not be able to promise it: ask, read, validate, ask again once.

A server is told the schema in its own form where it knows one. Some ignore it and some refuse it, so it also stands in the
prompt, and what comes is validated in any case. Truncated answers are never read, however complete they look.
"""

import json
import re
from typing import TYPE_CHECKING, Any

from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import BaseMessage, HumanMessage
from langchain_core.runnables import Runnable

import prompts
from agent.models.structured import Reader, answering

if TYPE_CHECKING:
    from agent.models.remote.chat import RemoteChat

_FENCE = re.compile(r"```\w*[^\S\n]*\n(.*?)```", re.DOTALL)
_OPENING = re.compile(r"[\[{]")
_DECODER = json.JSONDecoder(strict=False)


def structured(
    model: "RemoteChat", schema: dict[str, Any] | type, *, include_raw: bool = False, options: dict[str, Any]
) -> Runnable[LanguageModelInput, Any]:
    """Return a runnable from messages to an instance of `schema`, or to a dict for a JSON schema.

    Args:
        model: answers.
        schema: a pydantic class or a JSON schema.
        include_raw: return `{"raw", "parsed", "parsing_error"}` instead, as LangChain does.
        options: passed on with every call.

    Raises:
        ModelError: now, when it is no schema; when run, when the second answer does not follow it either.
    """
    reader = Reader.of(schema, find=find_json)
    asked = prompts.load("json_schema").fill(schema=json.dumps(reader.schema, ensure_ascii=False)).user
    form = _form(model.structured, reader.schema)

    def prepare(messages: list[BaseMessage]) -> list[BaseMessage]:
        return [*messages, HumanMessage(asked)]

    call: dict[str, Any] = {**options, **({"response_format": form} if form else {})}
    return answering(model, reader, call, include_raw=include_raw, prepare=prepare)


def _form(kind: str, schema: dict[str, Any]) -> dict[str, Any] | None:
    if kind == "schema":
        return {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}
    if kind == "object":
        return {"type": "json_object", "schema": schema}
    return None


def find_json(text: str) -> str:
    """Return the JSON in an answer: the text itself, what stands between fences, or the longest object or list in prose."""
    text = text.strip()
    try:
        return _found(text)
    except RecursionError:  # nested too deeply to be read
        return text


def _found(text: str) -> str:
    inside = (fenced.group(1).strip() for fenced in _FENCE.finditer(text))
    for whole in (text, *inside):
        if whole and _end(whole, 0) == len(whole):
            return whole
    best, end = "", 0
    for opening in _OPENING.finditer(text):
        # Marks such as [1] are lists too, so the first need not be the answer.
        if opening.start() >= end and (found := _end(text, opening.start())):
            best = max(best, text[opening.start() : found], key=len)
            end = found
    return best or text


def _end(text: str, start: int) -> int:
    """Return where the JSON value that begins at `start` ends; 0 when none does."""
    try:
        return _DECODER.raw_decode(text, start)[1]
    except ValueError:
        return 0
