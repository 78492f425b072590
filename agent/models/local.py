"""The local chat model: LangChain's interface over llama.cpp.

One thread, the lane, owns the model. llama.cpp is not safe under threads, and OpenMP keeps a pool of spinning threads
for each thread that calls it, so every call, whichever thread or event loop it comes from, is a job of that one thread.
A caller that goes away (a closed stream, a cancelled task, an interrupt, a deadline) raises its job's flag, and the job
ends before its next token.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from pydantic import Field, PrivateAttr

from agent.models.answering import Answer, Job, Lane
from agent.models.bundled import bundled_model
from stores.errors import ModelError

Options = dict[str, Any]
OPTIONS = {"grammar", "max_tokens", "temperature", "seed", "deadline"}


class ChatLlama(BaseChatModel):
    """A GGUF chat model run by llama.cpp in this process; loaded at the first call.

    Every call takes `stop=`, `grammar=` (GBNF), `max_tokens=`, `temperature=`, `seed=` and `deadline=` (seconds from the call,
    waiting included), so they can be bound. At temperature 0 the same messages give the same bytes.
    """

    model_path: Path = Field(default_factory=bundled_model, description="the GGUF file")
    n_ctx: int = Field(default=4096, ge=128, description="tokens of context, prompt and answer together")
    n_threads: int = Field(default=0, ge=0, description="the most threads to use; 0 for every usable core")
    max_tokens: int = Field(default=512, ge=1, description="the most tokens of an answer")
    temperature: float = Field(default=0.0, ge=0.0, description="0 always takes the best token")
    seed: int = Field(default=0, ge=0, description="of sampling, when temperature is above 0")
    deadline: float | None = Field(default=None, gt=0, description="seconds a call may take, waiting included")

    _lane: Lane = PrivateAttr()
    _worker: ThreadPoolExecutor = PrivateAttr()

    def model_post_init(self, context: Any, /) -> None:
        """Prepare the lane; nothing is loaded yet."""
        super().model_post_init(context)
        self._lane = Lane(self.model_path, n_ctx=self.n_ctx, n_threads=self.n_threads)
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="llama")

    @property
    def _llm_type(self) -> str:
        return "llama.cpp"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        """Return what an answer depends on; LangChain's caches key on it."""
        return {
            "model": str(self.model_path),
            "n_ctx": self.n_ctx,
            "max_tokens": self.max_tokens,
            "temperature": self.temperature,
            "seed": self.seed,
        }

    def load(self) -> "ChatLlama":
        """Load the model now instead of at the first call.

        Raises:
            ModelTooLarge: it does not fit in memory.
            ModelError: it cannot be loaded.
        """
        self._worker.submit(self._lane.open).result()
        return self

    def close(self) -> None:
        """Free the model once the calls under way have ended; a later call loads it again."""
        self._worker.submit(self._lane.close).result()

    def get_num_tokens(self, text: str) -> int:
        """Return how many tokens a text takes."""
        return self._worker.submit(self._lane.count, text).result()

    def _job(self, messages: Sequence[BaseMessage], stop: Sequence[str] | None, options: Options) -> Job:
        if surplus := sorted(set(options) - OPTIONS):
            raise ModelError(f"the local chat model knows no option {surplus[0]!r}")
        return Job(
            messages=tuple(messages),
            stop=tuple(stop or ()),
            grammar=options.get("grammar"),
            max_tokens=options.get("max_tokens", self.max_tokens),
            temperature=options.get("temperature", self.temperature),
            seed=options.get("seed", self.seed),
            deadline=options.get("deadline", self.deadline),
        )

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002
        **kwargs: Any,
    ) -> ChatResult:
        job = self._job(messages, stop, kwargs)
        future = self._worker.submit(self._lane.answer, job)
        try:
            answer = future.result()
        except BaseException:
            job.cancel()
            future.cancel()
            raise
        return _result(answer)

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,  # noqa: ARG002
        **kwargs: Any,
    ) -> ChatResult:
        job = self._job(messages, stop, kwargs)
        try:
            return _result(await asyncio.wrap_future(self._worker.submit(self._lane.answer, job)))
        except BaseException:
            job.cancel()
            raise

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        job = self._job(messages, stop, kwargs)
        texts: SimpleQueue[str | None] = SimpleQueue()
        future = self._worker.submit(self._lane.answer, job, texts.put)
        future.add_done_callback(lambda _: texts.put(None))
        try:
            while (text := texts.get()) is not None:
                yield ChatGenerationChunk(message=AIMessageChunk(content=text))
            yield _last_chunk(future.result())
        finally:
            job.cancel()
            future.cancel()

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,  # noqa: ARG002
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        job = self._job(messages, stop, kwargs)
        loop = asyncio.get_running_loop()
        texts: asyncio.Queue[str | None] = asyncio.Queue()
        hand = _hand_over(loop, texts)
        future = self._worker.submit(self._lane.answer, job, hand)
        future.add_done_callback(lambda _: hand(None))
        try:
            while (text := await texts.get()) is not None:
                yield ChatGenerationChunk(message=AIMessageChunk(content=text))
            yield _last_chunk(future.result())
        finally:
            job.cancel()
            future.cancel()

    def with_structured_output(
        self, schema: dict[str, Any] | type, *, include_raw: bool = False, **kwargs: Any
    ) -> Runnable[LanguageModelInput, Any]:
        """Return a runnable whose answer always follows `schema`; see `structured.structured`."""
        from agent.models.structured import structured

        return structured(self, schema, include_raw=include_raw, options=kwargs)


def _hand_over(loop: asyncio.AbstractEventLoop, texts: "asyncio.Queue[str | None]") -> Callable[[str | None], None]:
    """Return a function that puts into a loop's queue from another thread, unless the loop has ended."""

    def hand(text: str | None) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(texts.put_nowait, text)

    return hand


def _result(answer: Answer) -> ChatResult:
    message = AIMessage(answer.text, usage_metadata=answer.usage, response_metadata=answer.metadata)
    info = {"finish_reason": answer.metadata["finish_reason"]}
    return ChatResult(generations=[ChatGeneration(message=message, generation_info=info)])


def _last_chunk(answer: Answer) -> ChatGenerationChunk:
    message = AIMessageChunk(
        content="", usage_metadata=answer.usage, response_metadata=answer.metadata, chunk_position="last"
    )
    return ChatGenerationChunk(message=message)
