"""Answers that follow a schema: the grammar guarantees the form, validation the rest, one retry says what was wrong."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from langchain_core.language_models import BaseChatModel, LanguageModelInput
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
    reader = Reader.of(schema)
    grammar, size = schema_grammar(reader.schema)
    # A token has a character at least, so an answer of the largest size is never cut off while the context has room.
    call = {"max_tokens": max(model.max_tokens, size), **options, "grammar": grammar}
    return answering(model, reader, call, include_raw=include_raw)


def answering(
    model: BaseChatModel,
    reader: "Reader",
    call: dict[str, Any],
    *,
    include_raw: bool = False,
    prepare: Callable[[list[BaseMessage]], list[BaseMessage]] = list,
) -> Runnable[LanguageModelInput, Any]:
    """Return a runnable that asks, reads the answer and, when it does not follow the schema, asks once more.

    Args:
        model: answers.
        reader: reads its answers.
        call: the options of every call.
        include_raw: as for `structured`.
        prepare: makes the messages that are sent.
    """

    def finish(raw: BaseMessage, error: ModelError | None, parsed: Any) -> Any:
        if include_raw:
            return {"raw": raw, "parsed": parsed, "parsing_error": error}
        if error is not None:
            raise error
        return parsed

    def run(value: LanguageModelInput, config: RunnableConfig) -> Any:
        config = _quiet(config)
        messages = prepare(model._convert_input(value).to_messages())  # noqa: SLF001  (LangChain's own way to take any input)
        raw = model.invoke(messages, config, **call)
        parsed, error = reader.read(raw)
        if error is not None and not isinstance(error, OutputTruncated):
            raw = model.invoke(_again(messages, raw, error), config, **call)
            parsed, error = reader.read(raw)
        return finish(raw, error, parsed)

    async def arun(value: LanguageModelInput, config: RunnableConfig) -> Any:
        config = _quiet(config)
        messages = prepare(model._convert_input(value).to_messages())  # noqa: SLF001
        raw = await model.ainvoke(messages, config, **call)
        parsed, error = reader.read(raw)
        if error is not None and not isinstance(error, OutputTruncated):
            raw = await model.ainvoke(_again(messages, raw, error), config, **call)
            parsed, error = reader.read(raw)
        return finish(raw, error, parsed)

    return RunnableLambda(run, afunc=arun, name="structured")


class Reader:
    """Reads one answer.

    Args:
        kind: the pydantic class, or None for a plain JSON schema.
        schema: the JSON schema.
        find: returns the JSON in an answer; None where a grammar held it to the schema, and so there is nothing else.
    """

    def __init__(
        self, kind: type[BaseModel] | None, schema: dict[str, Any], find: Callable[[str], str] | None = None
    ) -> None:
        self._kind, self.schema, self._find = kind, schema, find

    @classmethod
    def of(cls, schema: dict[str, Any] | type, find: Callable[[str], str] | None = None) -> "Reader":
        """Return the reader of a pydantic class or a JSON schema.

        Raises:
            ModelError: it is neither.
        """
        if isinstance(schema, dict):
            if find is not None:
                _check_schema(schema)
            return cls(None, schema, find)
        if issubclass(schema, BaseModel):
            return cls(schema, schema.model_json_schema(), find)
        raise ModelError(f"a schema is a pydantic class or a JSON schema, not {schema!r}")

    def read(self, message: AIMessage) -> tuple[Any, ModelError | None]:
        """Return the value, or what is wrong; a truncated answer is never read, however complete it looks."""
        if message.response_metadata.get("finish_reason") == "length":
            tokens = message.usage_metadata["output_tokens"] if message.usage_metadata else 0
            return None, OutputTruncated(
                f"the answer was cut off at {tokens} tokens", hint="Raise max_tokens or lower the schema's bounds"
            )
        try:
            return self._checked(json.loads(self._find(message.text) if self._find else message.text, strict=False))
        except (ValueError, RecursionError) as error:
            return None, _invalid(str(error))

    def _checked(self, value: Any) -> tuple[Any, ModelError | None]:
        if self._kind is not None:
            try:
                return self._kind.model_validate(value), None
            except ValidationError as error:
                problems = (f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
                return None, _invalid("; ".join(problems))
        if self._find is not None:
            from jsonschema.exceptions import best_match
            from jsonschema.validators import validator_for
            from referencing import Registry
            from referencing.exceptions import Unresolvable

            # With a registry of its own nothing that the schema refers to is fetched from elsewhere.
            validator = validator_for(self.schema)(self.schema, registry=Registry())
            try:
                found = best_match(validator.iter_errors(value))
            except Unresolvable as error:
                return None, _invalid(f"{error.ref} is not in the schema")
            if found is not None:
                return None, _invalid(f"{found.json_path}: {found.message}")
        return value, None


def _check_schema(schema: dict[str, Any]) -> None:
    from jsonschema.exceptions import SchemaError
    from jsonschema.validators import validator_for

    try:
        validator_for(schema).check_schema(schema)
    except SchemaError as error:
        raise ModelError(f"that is no JSON schema: {error.json_path}: {error.message[:SHOWN_ERROR]}") from error


def _invalid(problem: str) -> ModelError:
    return ModelError(f"the model's answer does not follow the schema: {problem[:SHOWN_ERROR]}")


def _quiet(config: RunnableConfig) -> RunnableConfig:
    return {**config, "tags": [*(config.get("tags") or ()), NOSTREAM]}


def _again(messages: list[BaseMessage], raw: BaseMessage, error: ModelError) -> list[BaseMessage]:
    return [*messages, raw, HumanMessage(f"That was not valid. {error.what}. Answer again.")]
