"""`/generate`: the chat model itself, without the library."""

import json
from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING, Annotated, Any

import orjson
from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage, SystemMessage

from agent.models.local import ChatLlama
from agent.serving.answers import Ended, Generated, Usage
from agent.serving.output_schemas import grammar_of
from agent.serving.parts import Served
from agent.serving.routes import FAILURES, served
from agent.serving.schemas import MAX_TOKENS, GenerateRequest
from stores.errors import ConfigError, InputError, QuodvideError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

router = APIRouter(responses=FAILURES)
_EVENTS = {
    "text/event-stream": {"schema": {"type": "string", "description": "with `stream`: events piece, end, error"}}
}


@router.post("/generate", response_model=None, responses={200: {"model": Generated, "content": _EVENTS}})
def generate(given: GenerateRequest, parts: Annotated[Served, Depends(served)]) -> Generated | StreamingResponse:
    """Have the chat model write on a prompt.

    The text is the model's own: it comes from no library, has no sources, and nothing in it was checked. For answers with
    sources use `/ask` or `/chat`. With `stream` each event `piece` brings `{"text"}` as it is written, and the event `end`
    the rest of the answer; an event `error` says what went wrong meanwhile. A schema is enforced token by token, where the
    model runs here; another model's answer is checked, asked for once more, and else an error, so that it comes in one piece.
    """
    chat = parts.chats.of("generate")
    if chat is None:
        raise ConfigError("there is no chat model", where="setting chat.model", hint="Name one, or 'bundled'")
    messages, options = _call(given)
    parsed = given.output_schema is not None
    if given.output_schema is None or isinstance(chat, ChatLlama):
        if given.stream:
            return _streamed(chat.stream(messages, **options), parsed=parsed)
        message = chat.invoke(messages, **options)
    else:
        message = _checked(chat, given.output_schema, messages, options)
        if given.stream:
            return _streamed(_in_one_piece(message), parsed=parsed)
    return Generated(text=message.text, **_ended(message, message.text if parsed else "").model_dump())


def _checked(
    chat: "BaseChatModel", schema: dict[str, Any], messages: list[BaseMessage], options: dict[str, Any]
) -> AIMessage:
    """Return the answer of a model that cannot be held to a grammar, after it was found to follow the schema.

    Raises:
        ModelError: it does not, the second time either.
    """
    taken = {name: value for name, value in options.items() if name != "grammar"}
    found = chat.with_structured_output(schema, include_raw=True, **taken).invoke(messages)
    assert isinstance(found, dict), "with include_raw it is one"  # noqa: S101
    if found["parsing_error"] is not None:
        raise found["parsing_error"]
    raw = found["raw"]
    return AIMessage(
        orjson.dumps(found["parsed"]).decode(),
        usage_metadata=raw.usage_metadata,
        response_metadata=raw.response_metadata,
    )


def _in_one_piece(message: AIMessage) -> Iterator[AIMessageChunk]:
    yield AIMessageChunk(content=message.text)
    yield AIMessageChunk(content="", usage_metadata=message.usage_metadata, response_metadata=message.response_metadata)


def _streamed(chunks: Iterator[AIMessageChunk], *, parsed: bool) -> StreamingResponse:
    events = _events(chunks, parsed=parsed)
    # The first event is waited for, so that what cannot be answered at all is said by the status.
    return StreamingResponse(chain([next(events)], events), media_type="text/event-stream")


def _call(given: GenerateRequest) -> tuple[list[BaseMessage], dict[str, Any]]:
    """Return the messages and the options of a request.

    Raises:
        InputError: the schema cannot be used, or stands beside texts that would cut it off.
    """
    messages: list[BaseMessage] = [SystemMessage(given.system)] if given.system else []
    messages.append(HumanMessage(given.prompt))
    options: dict[str, Any] = {"temperature": given.temperature, "seed": given.seed}
    if given.output_schema is None:
        return messages, {**options, "stop": given.stop, "max_tokens": given.max_tokens or MAX_TOKENS}
    if given.stop:
        raise InputError("give either stop or schema", hint="Bound the strings of the schema with maxLength")
    grammar, size = grammar_of(given.output_schema)
    return messages, {**options, "grammar": grammar, "max_tokens": given.max_tokens or size}


def _events(chunks: Iterator[AIMessageChunk], *, parsed: bool) -> Iterator[bytes]:
    """Yield the events of a stream; what goes wrong before the first one is raised."""
    written, begun = "", False
    try:
        for chunk in chunks:
            if chunk.response_metadata:
                yield _event("end", _ended(chunk, written if parsed else "").model_dump(mode="json"))
            elif chunk.text:
                written += chunk.text
                yield _event("piece", {"text": chunk.text})
            begun = True
    except QuodvideError as error:
        if not begun:
            raise
        yield _event("error", {"error": {"code": error.code, "message": str(error)}})


def _ended(message: AIMessage | AIMessageChunk, written: str) -> Ended:
    """Return how a text came about; `written` is what is to be read as JSON."""
    usage, about = message.usage_metadata, message.response_metadata
    if usage is None:
        raise AssertionError
    return Ended(
        # A text that was cut off is never read, however complete it looks.
        parsed=json.loads(written, strict=False) if written and about["finish_reason"] == "stop" else None,
        model=about["model_name"],
        finish_reason=about["finish_reason"],
        usage=Usage(
            input_tokens=usage["input_tokens"],
            output_tokens=usage["output_tokens"],
            total_tokens=usage["total_tokens"],
            reused_tokens=usage.get("input_token_details", {}).get("cache_read", 0),
        ),
        timings={name: round(seconds, 4) for name, seconds in about["timings"].items()},
    )


def _event(name: str, record: dict[str, Any]) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (name.encode(), orjson.dumps(record))
