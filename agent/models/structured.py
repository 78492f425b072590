"""Answers that follow a schema: the grammar guarantees the form, validation the rest, one retry says what was wrong."""

import json
from typing import TYPE_CHECKING, Any

from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda
from pydantic import BaseModel, ValidationError

from agent.models.schema import schema_grammar
from stores.errors import ModelError, OutputTruncated

if TYPE_CHECKING:
    from agent.models.local import ChatLlama

# LangGraph's token stream leaves calls with this tag out: nobody wants to read JSON as it grows.
NOSTREAM = "nostream"
SHOWN_ERROR = 300


def structured(
    model: "ChatLlama", schema: dict[str, Any] | type, *, include_raw: bool = False, options: dict[str, Any]
) -> Runnable[LanguageModelInput, Any]:
    """Return a runnable from messages to an instance of `schema`, or to a dict for a JSON schema.

    Args:
        model: answers.
        schema: a pydantic class or a JSON schema.
        include_raw: return `{"raw", "parsed", "parsing_error"}` instead, as LangChain does.
        options: passed on with every call.

    Raises:
        ModelError: now, when the schema cannot be guaranteed.
    """
    if isinstance(schema, dict):
        reader = _Reader(None, schema)
    elif issubclass(schema, BaseModel):
        reader = _Reader(schema, schema.model_json_schema())
    else:
        raise ModelError(f"a schema is a pydantic class or a JSON schema, not {schema!r}")
    grammar, size = schema_grammar(reader.schema)
    # A token has a character at least, so an answer of the largest size is never cut off while the context has room.
    call = {"max_tokens": max(model.max_tokens, size), **options, "grammar": grammar}

    def finish(raw: BaseMessage, error: ModelError | None, parsed: Any) -> Any:
        if include_raw:
            return {"raw": raw, "parsed": parsed, "parsing_error": error}
        if error is not None:
            raise error
        return parsed

    def run(value: LanguageModelInput, config: RunnableConfig) -> Any:
        config = _quiet(config)
        messages = model._convert_input(value).to_messages()  # noqa: SLF001  (LangChain's own way to take any input)
        raw = model.invoke(messages, config, **call)
        parsed, error = reader.read(raw)
        if error is not None and not isinstance(error, OutputTruncated):
            raw = model.invoke(_again(messages, raw, error), config, **call)
            parsed, error = reader.read(raw)
        return finish(raw, error, parsed)

    async def arun(value: LanguageModelInput, config: RunnableConfig) -> Any:
        config = _quiet(config)
        messages = model._convert_input(value).to_messages()  # noqa: SLF001
        raw = await model.ainvoke(messages, config, **call)
        parsed, error = reader.read(raw)
        if error is not None and not isinstance(error, OutputTruncated):
            raw = await model.ainvoke(_again(messages, raw, error), config, **call)
            parsed, error = reader.read(raw)
        return finish(raw, error, parsed)

    return RunnableLambda(run, afunc=arun, name="structured")


class _Reader:
    """Reads one answer; `kind` is the pydantic class, or None for a plain JSON schema."""

    def __init__(self, kind: type[BaseModel] | None, schema: dict[str, Any]) -> None:
        self._kind, self.schema = kind, schema

    def read(self, message: AIMessage) -> tuple[Any, ModelError | None]:
        """Return the value, or what is wrong; a truncated answer is never read, however complete it looks."""
        if message.response_metadata.get("finish_reason") == "length":
            tokens = message.usage_metadata["output_tokens"] if message.usage_metadata else 0
            return None, OutputTruncated(
                f"the answer was cut off at {tokens} tokens", hint="Raise max_tokens or lower the schema's bounds"
            )
        try:
            value = json.loads(message.text, strict=False)
            return (value if self._kind is None else self._kind.model_validate(value)), None
        except ValidationError as error:
            problem = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        except ValueError as error:
            problem = str(error)
        return None, ModelError(f"the model's answer does not follow the schema: {problem[:SHOWN_ERROR]}")


def _quiet(config: RunnableConfig) -> RunnableConfig:
    return {**config, "tags": [*(config.get("tags") or ()), NOSTREAM]}


def _again(messages: list[BaseMessage], raw: BaseMessage, error: ModelError) -> list[BaseMessage]:
    return [*messages, raw, HumanMessage(f"That was not valid. {error.what}. Answer again.")]
