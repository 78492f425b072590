"""The local chat model: LangChain's interface over llama.cpp.

One thread, the lane, owns a model. llama.cpp is not safe under threads, and OpenMP keeps a pool of spinning threads
for each thread that calls it, so every call, whichever thread or event loop it comes from, is a job of that one thread.
A caller that goes away (a closed stream, a cancelled task, an interrupt, a deadline) raises its job's flag, and the job
ends before its next token; so does the flag of `stopping`, which speaks for the one who listens to the caller.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import Future, wait
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage, SystemMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from pydantic import Field, PrivateAttr

from agent.models.adapters import Adapter
from agent.models.answering import Answer, Cancelled, Job
from agent.models.bundled import bundled_model
from agent.models.lanes import LanePool
from agent.models.stopping import current_flag
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
    adapter: Adapter | None = Field(default=None, description="a LoRA adapter for the model")
    n_contexts: int = Field(
        default=1, ge=1, le=16, description="calls answered at once, each with a context of its own"
    )

    _lanes: LanePool = PrivateAttr()

    def model_post_init(self, context: Any, /) -> None:
        """Prepare the lane; nothing is loaded yet."""
        super().model_post_init(context)
        self._lanes = LanePool(
            self.model_path, self.n_contexts, n_ctx=self.n_ctx, n_threads=self.n_threads, adapter=self.adapter
        )

    @property
    def _llm_type(self) -> str:
        return "llama.cpp"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        """Return what an answer depends on; LangChain's caches key on it."""
        return {
            "model": str(self.model_path),
            "adapter": [str(self.adapter.path), self.adapter.scale] if self.adapter else None,
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
        self._lanes.open()
        return self

    def read_ahead(self, instructions: str, folder: Path) -> None:
        """Load the model and let it read instructions that calls will begin with, before the first one comes.

        Args:
            instructions: the text of a system message; none of a user's, because what was read is kept.
            folder: where it is kept for later processes, which then read nothing.

        Raises:
            ModelError: it cannot be loaded.
        """
        messages = [SystemMessage(instructions), HumanMessage("-")]
        self._lanes.run(lambda lane: lane.read_ahead(messages, folder)).result()

    def close(self) -> None:
        """Free the model once the calls under way have ended; a later call loads it again."""
        self._lanes.close()

    def get_num_tokens(self, text: str) -> int:
        """Return how many tokens a text takes."""
        return self._lanes.count(text)

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
            listener=current_flag(),
        )

    @contextmanager
    def _answering(self, job: Job, tell: Callable[[str], None] | None = None) -> "Iterator[Future[Answer]]":
        """Have a job answered by the lane while the block runs; a job whose turn never came leaves the line."""
        future = self._lanes.submit(job, tell)
        try:
            if job.listener is None:
                yield future
            else:
                with job.listener.calling(future.cancel):
                    yield future
        finally:
            job.cancel()
            future.cancel()

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002
        **kwargs: Any,
    ) -> ChatResult:
        job = self._job(messages, stop, kwargs)
        with self._answering(job) as future:
            wait([future])
            return _result(_answer_of(future))

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,  # noqa: ARG002
        **kwargs: Any,
    ) -> ChatResult:
        job = self._job(messages, stop, kwargs)
        with self._answering(job) as future:
            answer = asyncio.wrap_future(future)
            try:
                # To await it would not tell a call that was taken out of the line from a task that was cancelled.
                await asyncio.wait([answer])
                return _result(_answer_of(answer))
            finally:
                answer.cancel()

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        job = self._job(messages, stop, kwargs)
        texts: SimpleQueue[str | None] = SimpleQueue()
        with self._answering(job, texts.put) as future:
            future.add_done_callback(lambda _: texts.put(None))
            while (text := texts.get()) is not None:
                yield ChatGenerationChunk(message=AIMessageChunk(content=text))
            yield _last_chunk(_answer_of(future))

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
        with self._answering(job, hand) as future:
            future.add_done_callback(lambda _: hand(None))
            while (text := await texts.get()) is not None:
                yield ChatGenerationChunk(message=AIMessageChunk(content=text))
            yield _last_chunk(_answer_of(future))

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


def _answer_of(future: "Future[Answer] | asyncio.Future[Answer]") -> Answer:
    if future.cancelled():
        raise Cancelled("the call was cancelled")
    return future.result()


def _result(answer: Answer) -> ChatResult:
    message = AIMessage(answer.text, usage_metadata=answer.usage, response_metadata=answer.metadata)
    info = {"finish_reason": answer.metadata["finish_reason"]}
    return ChatResult(generations=[ChatGeneration(message=message, generation_info=info)])


def _last_chunk(answer: Answer) -> ChatGenerationChunk:
    message = AIMessageChunk(
        content="", usage_metadata=answer.usage, response_metadata=answer.metadata, chunk_position="last"
    )
    return ChatGenerationChunk(message=message)
