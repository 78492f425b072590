"""Chat models that stand in for one another: the first that can answers, and what is said of the answer tells which and why.

What was already streamed cannot be taken back: when the connection breaks then, the call fails, and the next one goes
elsewhere, because a model elsewhere that failed is left alone for a while.
"""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda
from pydantic import Field

from agent.metering import FALLBACK_REASON
from agent.models.answering import Cancelled
from stores.errors import ModelError, OutputTruncated, StreamBroken

T = TypeVar("T")


class ChatChain(BaseChatModel):
    """Several chat models as one: each is asked when those before it cannot answer."""

    members: tuple[BaseChatModel, ...] = Field(min_length=2)
    names: tuple[str, ...]

    @property
    def label(self) -> str:
        """The name of the first model."""
        return self.names[0]

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
        def begin(n: int, about: dict[str, str]) -> "tuple[AIMessageChunk, Iterator[AIMessageChunk]]":
            chunks: Any = self.members[n].stream(messages, _with(None, about), stop=stop, **kwargs)
            return _marked(next(chunks), about), (_marked(chunk, about) for chunk in chunks)

        first, rest = self._first(begin)
        yield ChatGenerationChunk(message=first)
        try:
            for chunk in rest:
                yield ChatGenerationChunk(message=chunk)
        except (Cancelled, OutputTruncated):
            raise
        except ModelError as error:
            raise StreamBroken(error.what, where=error.where, hint=error.hint) from error

    def _first(self, ask: Callable[[int, dict[str, str]], T]) -> T:
        """Return what the first model answers that can.

        Raises:
            ModelError: none can; it says what became of each.
        """
        faults: list[str] = []
        for n in range(len(self.members)):
            about = {FALLBACK_REASON: "; ".join(faults)} if faults else {}
            try:
                return ask(n, about)
            except (Cancelled, OutputTruncated):
                raise
            except ModelError as error:
                faults.append(str(error))
        raise ModelError(f"no chat model could answer: {'; '.join(faults)}")


def _with(config: RunnableConfig | None, about: dict[str, str]) -> RunnableConfig:
    config = config or {}
    return {**config, "metadata": {**(config.get("metadata") or {}), **about}}


def _marked(chunk: AIMessageChunk, about: dict[str, str]) -> AIMessageChunk:
    """Say of the last chunk, which tells of the whole answer, why this model gave it."""
    if chunk.response_metadata:
        chunk.response_metadata.update(about)
    return chunk
