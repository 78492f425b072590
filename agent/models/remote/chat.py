"""A chat model elsewhere that behaves as the local one: the same options, one kind of error, counted tokens, an end when nobody waits."""

import time
from collections.abc import Callable, Iterator, Sequence
from threading import Lock
from typing import Any, Literal

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LangSmithParams, LanguageModelInput
from langchain_core.language_models.chat_models import generate_from_stream
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.messages.utils import count_tokens_approximately
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from pydantic import Field, PrivateAttr

from agent.models.answering import Cancelled
from agent.models.remote.faults import FAILED, RemoteBroken, RemoteError, RemoteNonsense, fault_of
from agent.models.stopping import current_flag, stopped
from stores.errors import QuodvideError

Structured = Literal["schema", "object", "prompt"]
_CHARACTERS_A_TOKEN = 4
_CANCELLED = "the call was cancelled"
_FORM = "response_format"  # the option that holds an answer to a schema


REST = 20.0  # seconds; a server that restarts needs about so long
_LONGEST_REST = 600.0


class _Rest:
    """Leaves a model alone for a while after it failed, so that not every call waits for a server that is down."""

    def __init__(self) -> None:
        self._until = 0.0
        self._fault: RemoteError | None = None

    def check(self) -> None:
        """Raise again what was wrong, while it is left alone."""
        fault, left = self._fault, self._until - time.monotonic()
        if fault is not None and left > 0:
            raise type(fault)(f"{fault.what}; left alone for {left:.0f} s more", where=fault.where, hint=fault.hint)

    def after(self, error: QuodvideError) -> QuodvideError:
        """Note a fault that the next call would meet as well, and return it."""
        # Of a request that it refuses the next one may be better.
        if isinstance(error, RemoteError) and error.code != RemoteError.code:
            self._until = time.monotonic() + min(_LONGEST_REST, max(REST, error.retry_after))
            self._fault = error
        return error


class _Shared:
    """What all copies of a model have in common, such as those that are counted in different roles."""

    def __init__(self) -> None:
        self.inner: BaseChatModel | None = None
        self.rest = _Rest()
        self.formless = False
        self.lock = Lock()


class RemoteChat(BaseChatModel):
    """A LangChain chat model of another process or company; opened at the first call."""

    label: str = Field(description="the name by which answers and the log of usage know it")
    opens: Callable[[], BaseChatModel] = Field(description="returns the model of the provider's library")
    takes: frozenset[str] = Field(
        description="the options that it takes; others, such as a grammar, are left out: what it writes is checked anyway"
    )
    structured: Structured = Field(default="schema", description="how it is held to a schema")
    form_in_body: bool = Field(default=False, description="whether the library would itself read an answer in a form")
    key: str = Field(default="", description="the environment variable that holds its key")
    max_tokens: int = Field(default=1024, ge=1, description="the most tokens of an answer, where a call does not say")

    _shared: "_Shared" = PrivateAttr(default_factory=_Shared)

    @property
    def _llm_type(self) -> str:
        return "remote"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model": self.label, "max_tokens": self.max_tokens}

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> LangSmithParams:
        return LangSmithParams(**{**super()._get_ls_params(stop, **kwargs), "ls_model_name": self.label})

    def close(self) -> None:
        """Close the connections; a later call opens them again."""
        with self._shared.lock:
            client = getattr(self._shared.inner, "http_client", None)
            self._shared.inner = None
        if client is not None:
            client.close()

    def get_num_tokens(self, text: str) -> int:
        """Return about how many tokens a text takes; which tokens its model has is not known here."""
        return -(-len(text) // _CHARACTERS_A_TOKEN)

    def with_structured_output(
        self, schema: dict[str, Any] | type, *, include_raw: bool = False, **kwargs: Any
    ) -> Runnable[LanguageModelInput, Any]:
        """Return a runnable whose answer follows `schema`, or which fails; see `remote.structured`."""
        from agent.models.remote.structured import structured

        return structured(self, schema, include_raw=include_raw, options=kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002
        **kwargs: Any,
    ) -> ChatResult:
        began = time.perf_counter()
        options = self._options(stop, kwargs)
        if current_flag() is not None and _FORM not in options:
            # Only a stream can be ended when nobody waits any more.
            return generate_from_stream(self._stream(messages, stop, **kwargs))
        result = self._answered(messages, options)
        message = result.generations[0].message
        if not isinstance(message, AIMessage):
            raise RemoteError(f"its answer is no message of a model ({type(message).__name__})", where=self.label)
        info = result.generations[0].generation_info or {}
        message.response_metadata.update(self._about(info, message.response_metadata, began))
        if message.usage_metadata is None:
            message.usage_metadata = _estimated(messages, message.text)
        return result

    def _answered(self, messages: list[BaseMessage], options: dict[str, Any]) -> ChatResult:
        """Return the answer; a server that fails over the form of the schema is asked without it.

        Some refuse a form that they do not know and some fail; the schema also stands in the prompt.
        """
        shared = self._shared
        shared.rest.check()
        if stopped():
            raise Cancelled(_CANCELLED)
        try:
            return self._asked(messages, options)
        except QuodvideError as error:
            status = error.status if isinstance(error, RemoteError) else 0
            of_form = error.code == RemoteError.code or status >= FAILED
            if _FORM not in options or not of_form:
                raise shared.rest.after(error) from error.__cause__
        try:
            result = self._asked(messages, {name: value for name, value in options.items() if name != _FORM})
        except QuodvideError as error:
            raise shared.rest.after(error) from error.__cause__
        shared.formless = True
        return result

    def _asked(self, messages: list[BaseMessage], options: dict[str, Any]) -> ChatResult:
        if self.form_in_body and _FORM in options:
            options = {**options, "extra_body": {_FORM: options[_FORM]}}
            del options[_FORM]
        try:
            return self._model()._generate(messages, **options)  # noqa: SLF001 - one run in the traces, not two
        except Exception as error:
            raise fault_of(error, self.label, self.key) from error

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        began = time.perf_counter()
        came, written, about, usage = False, [], dict[str, Any](), None
        for chunk in self._chunks(messages, self._options(stop, kwargs)):
            came = True
            about |= {**(chunk.generation_info or {}), **chunk.message.response_metadata}
            usage = getattr(chunk.message, "usage_metadata", None) or usage
            if chunk.text:
                written.append(chunk.text)
                yield ChatGenerationChunk(message=AIMessageChunk(content=chunk.text))
        if not came:
            hint = "Check that its address is that of a chat model"
            raise self._shared.rest.after(RemoteNonsense("what it sent is no answer", where=self.label, hint=hint))
        if not about.get("finish_reason") and not about.get("stop_reason"):
            raise self._shared.rest.after(RemoteBroken("its answer broke off", where=self.label, hint="Try later"))
        yield ChatGenerationChunk(
            message=AIMessageChunk(
                content="",
                usage_metadata=usage or _estimated(messages, "".join(written)),
                response_metadata=self._about({}, about, began),
                chunk_position="last",
            )
        )

    def _chunks(self, messages: list[BaseMessage], options: dict[str, Any]) -> Iterator[ChatGenerationChunk]:
        """Yield what the library yields, its errors as ours; leaving ends the connection, and so with it the generation."""
        stream: Any = None
        self._shared.rest.check()
        try:
            stream = self._model()._stream(messages, **options)  # noqa: SLF001
            while not stopped() and (chunk := next(stream, None)) is not None:
                yield chunk
        except Exception as error:
            raise self._shared.rest.after(fault_of(error, self.label, self.key)) from error
        finally:
            if stream is not None:
                stream.close()
        if stopped():
            raise Cancelled(_CANCELLED)

    def _model(self) -> BaseChatModel:
        with self._shared.lock:
            if self._shared.inner is None:
                self._shared.inner = self.opens()
            return self._shared.inner

    def _options(self, stop: Sequence[str] | None, given: dict[str, Any]) -> dict[str, Any]:
        """Return what the model is sent beside the messages."""
        options = {"max_tokens": self.max_tokens, **given, "stop": list(stop) if stop else None}
        taken = self.takes if self._shared.formless else self.takes | {_FORM}
        return {name: value for name, value in options.items() if value is not None and name in taken}

    def _about(self, info: dict[str, Any], metadata: dict[str, Any], began: float) -> dict[str, Any]:
        """Return the metadata that every model's answers carry here."""
        reason = str(
            metadata.get("finish_reason") or info.get("finish_reason") or metadata.get("stop_reason") or "stop"
        )
        return {
            "model_name": self.label,
            # What each provider calls the end of its allowance.
            "finish_reason": "length" if reason.casefold() in {"length", "max_tokens"} else "stop",
            "timings": {"generate_s": time.perf_counter() - began},
        }


def _estimated(messages: list[BaseMessage], written: str) -> UsageMetadata:
    """Return about how many tokens a call took, where the server does not say."""
    read = count_tokens_approximately(messages)
    wrote = -(-len(written) // _CHARACTERS_A_TOKEN)
    return UsageMetadata(input_tokens=read, output_tokens=wrote, total_tokens=read + wrote)
