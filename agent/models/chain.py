"""Chat models that stand in for one another: the first that can answers, and what is said of the answer tells which and why.

A model that failed is left alone for a while, so that not every question waits for a server that is down. What was
already streamed cannot be taken back: when the connection breaks then, the call fails, and the next one goes elsewhere.
"""

import time
from collections.abc import Callable, Iterator
from threading import Lock
from typing import Any, TypeVar

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda
from pydantic import Field, PrivateAttr

from agent.metering import FALLBACK_REASON
from agent.models.answering import Cancelled
from stores.errors import ModelError, OutputTruncated, StreamBroken

T = TypeVar("T")
REST = 30.0  # seconds that a model which failed is left alone, unless it asks for longer
LONGEST_REST = 600.0


class ChatChain(BaseChatModel):
    """Several chat models as one: each is asked when those before it cannot answer."""

    members: tuple[BaseChatModel, ...] = Field(min_length=2)
    names: tuple[str, ...]
    rest: float = Field(default=REST, ge=0, description="seconds that a model which failed is left alone")

    _until: dict[int, tuple[float, str]] = PrivateAttr(default_factory=dict)
    _lock: Any = PrivateAttr(default_factory=Lock)

    @property
    def _llm_type(self) -> str:
        return "chain"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"models": list(self.names)}

    def get_num_tokens(self, text: str) -> int:
        """Return how many tokens a text takes for the first model."""
        return self.members[0].get_num_tokens(text)

    def with_structured_output(
        self, schema: dict[str, Any] | type, *, include_raw: bool = False, **kwargs: Any
    ) -> Runnable[LanguageModelInput, Any]:
        """Return a runnable whose answer follows `schema`, by the first model that manages to."""
        each = [member.with_structured_output(schema, include_raw=include_raw, **kwargs) for member in self.members]

        def run(value: LanguageModelInput, config: RunnableConfig) -> Any:
            return self._first(lambda n, about: each[n].invoke(value, _with(config, about)))

        return RunnableLambda(run, name="structured")

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002
        **kwargs: Any,
    ) -> ChatResult:
        def ask(n: int, about: dict[str, str]) -> AIMessage:
            message = self.members[n].invoke(messages, _with(None, about), stop=stop, **kwargs)
            message.response_metadata.update(about)
            return message

        message = self._first(ask)
        info = {"finish_reason": message.response_metadata.get("finish_reason")}
        return ChatResult(generations=[ChatGeneration(message=message, generation_info=info)])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        def begin(n: int, about: dict[str, str]) -> "tuple[int, AIMessageChunk, Iterator[AIMessageChunk]]":
            chunks: Any = self.members[n].stream(messages, _with(None, about), stop=stop, **kwargs)
            return n, _marked(next(chunks), about), (_marked(chunk, about) for chunk in chunks)

        n, first, rest = self._first(begin)
        yield ChatGenerationChunk(message=first)
        try:
            for chunk in rest:
                yield ChatGenerationChunk(message=chunk)
        except (Cancelled, OutputTruncated):
            raise
        except ModelError as error:
            self._failed(n, error)
            raise StreamBroken(error.what, where=error.where, hint=error.hint) from error

    def _first(self, ask: Callable[[int, dict[str, str]], T]) -> T:
        """Return what the first model answers that can; those that rest are asked only when no other is left.

        Raises:
            ModelError: none can; it says what became of each.
        """
        faults: dict[int, str] = {}
        last: ModelError | None = None
        for n in self._order():
            about = {FALLBACK_REASON: self._reason(n, faults)} if n and (faults or self._resting(0)) else {}
            try:
                answer = ask(n, about)
            except (Cancelled, OutputTruncated):
                raise
            except ModelError as error:
                self._failed(n, error)
                faults[n], last = str(error), error
                continue
            with self._lock:
                self._until.pop(n, None)
            return answer
        if last is None or len(faults) == 1:
            raise last or AssertionError
        raise ModelError("no chat model could answer: " + "; ".join(faults.values())) from last

    def _order(self) -> list[int]:
        resting = [n for n in range(len(self.members)) if self._resting(n)]
        return [n for n in range(len(self.members)) if n not in resting] + resting

    def _resting(self, n: int) -> str:
        """Return why a model is left alone now; nothing when it is not."""
        with self._lock:
            until, reason = self._until.get(n, (0.0, ""))
        return reason if time.monotonic() < until else ""

    def _failed(self, n: int, error: ModelError) -> None:
        wait = min(LONGEST_REST, max(self.rest, getattr(error, "retry_after", 0.0)))
        with self._lock:
            self._until[n] = (time.monotonic() + wait, str(error))

    def _reason(self, n: int, faults: dict[int, str]) -> str:
        """Return why the models before one were not the ones to answer."""
        return "; ".join(faults.get(m) or self._resting(m) for m in range(n) if faults.get(m) or self._resting(m))


def _with(config: RunnableConfig | None, about: dict[str, str]) -> RunnableConfig:
    config = config or {}
    return {**config, "metadata": {**(config.get("metadata") or {}), **about}}


def _marked(chunk: AIMessageChunk, about: dict[str, str]) -> AIMessageChunk:
    """Say of the last chunk, which tells of the whole answer, why this model gave it."""
    if chunk.response_metadata:
        chunk.response_metadata.update(about)
    return chunk
