"""What the lane thread does: open the model, answer one job after another."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from langchain_core.messages import BaseMessage
from langchain_core.messages.ai import InputTokenDetails, UsageMetadata

from agent.models.adapters import Adapter
from agent.models.engine import Engine
from agent.models.gguf import read_header
from agent.models.kept_instructions import KeptInstructions
from agent.models.sampling import Chooser, Grammars
from agent.models.stopping import StopFlag
from agent.models.stops import StopText
from agent.models.template import ChatTemplate
from stores.errors import ModelError


class Cancelled(ModelError):
    """The caller went away; nobody sees this."""

    code = "cancelled"


class PromptTooLong(ModelError):
    """The prompt leaves no room for an answer."""

    code = "prompt_too_long"


class GrammarRefused(ModelError):
    """llama.cpp cannot follow the grammar."""

    code = "grammar"


@dataclass(frozen=True)
class Job:
    """One call: what to answer, how, and the flags that end it early: the caller's own, and that of its listener."""

    messages: tuple[BaseMessage, ...]
    stop: tuple[str, ...]
    grammar: str | None
    max_tokens: int
    temperature: float
    seed: int
    deadline: float | None
    listener: StopFlag | None = None
    asked_at: float = field(default_factory=time.perf_counter)
    _cancelled: threading.Event = field(default_factory=threading.Event)

    def cancel(self) -> None:
        """End the job before its next step; a job that has ended does not mind."""
        self._cancelled.set()

    def check(self) -> None:
        """Raise when the job should not go on.

        Raises:
            ModelError: the deadline has passed, or the caller went away.
        """
        if self._cancelled.is_set() or (self.listener is not None and self.listener.is_set()):
            raise Cancelled("the call was cancelled")
        if self.deadline is not None and time.perf_counter() - self.asked_at > self.deadline:
            raise ModelError(
                f"the chat model did not finish within {self.deadline:g} s", hint="Allow more time or a shorter answer"
            )


class Answer(NamedTuple):
    """A finished answer."""

    text: str
    usage: UsageMetadata
    metadata: dict[str, Any]


class _Open(NamedTuple):
    engine: Engine
    template: ChatTemplate
    grammars: Grammars


class Lane:
    """The model and what answers with it; every method runs on one and the same thread."""

    def __init__(self, path: Path, *, n_ctx: int, n_threads: int, adapter: Adapter | None = None) -> None:
        self._path, self._n_ctx, self._n_threads, self._adapter = path, n_ctx, n_threads, adapter
        self._opened: _Open | None = None

    def open(self) -> None:
        """Load the model unless it is loaded.

        Raises:
            ModelError: it or its adapter cannot be loaded, or its chat template cannot be used.
        """
        if self._opened is None:
            n_ctx = min(self._n_ctx, read_header(self._path).context_length)
            engine = Engine(self._path, n_ctx=n_ctx, max_threads=self._n_threads, adapter=self._adapter)
            try:
                template = ChatTemplate(engine)
            except ModelError as error:
                engine.close()
                raise ModelError(error.what, where=str(self._path), hint=error.hint) from None
            self._opened = _Open(engine, template, Grammars(engine))

    def close(self) -> None:
        """Free the model."""
        if self._opened is not None:
            self._opened.grammars.close()
            self._opened.engine.close()
            self._opened = None

    def _model(self) -> _Open:
        self.open()
        if self._opened is None:
            raise AssertionError
        return self._opened

    def count(self, text: str) -> int:
        """Return how many tokens a text takes."""
        return len(self._model().engine.tokenize(text, special=False))

    def read_ahead(self, messages: Sequence[BaseMessage], folder: Path) -> None:
        """Hold ready what the model knows once it has read the instructions of messages; see `KeptInstructions`."""
        model = self._model()
        prompt = model.template.prompt(messages)
        if len(prompt.tokens) < model.engine.n_ctx:
            kept = KeptInstructions(folder, self._path, self._adapter)
            model.engine.read_ahead(prompt.tokens, prompt.stable, kept)

    def answer(self, job: Job, tell: Callable[[str], None] | None = None) -> Answer:
        """Answer a job; `tell` gets each piece of text once it is certain.

        Raises:
            PromptTooLong: it leaves no room for an answer.
            GrammarRefused: it cannot be followed.
            ModelError: time ran out.
        """
        began = time.perf_counter()
        job.check()
        model = self._model()
        prompt = model.template.prompt(job.messages)
        room = model.engine.n_ctx - len(prompt.tokens)
        if room < 1:
            larger = read_header(self._path).context_length > model.engine.n_ctx
            raise PromptTooLong(
                f"the prompt has {len(prompt.tokens)} tokens, the context holds {model.engine.n_ctx} with the answer",
                hint="Ask with less text, or set a larger n_ctx" if larger else "Ask with less text",
            )
        chooser = Chooser(grammar=_instance(model.grammars, job.grammar), temperature=job.temperature, seed=job.seed)
        try:
            reused = model.engine.read(prompt.tokens, job.check, prompt.stable)
            read = time.perf_counter()
            text, count, reason = _written(model.engine, chooser, job, min(job.max_tokens, room), tell)
        finally:
            chooser.close()
        timings = {
            "queue_s": began - job.asked_at,
            "prompt_s": read - began,
            "generate_s": time.perf_counter() - read,
        }
        usage = UsageMetadata(
            input_tokens=len(prompt.tokens),
            output_tokens=count,
            total_tokens=len(prompt.tokens) + count,
            input_token_details=InputTokenDetails(cache_read=reused),
        )
        metadata = {"model_name": self._path.stem, "finish_reason": reason, "timings": timings}
        return Answer(text, usage, metadata)


def _instance(grammars: Grammars, text: str | None) -> Any:
    try:
        return None if text is None else grammars.instance(text)
    except ModelError as error:
        raise GrammarRefused(error.what, hint=error.hint) from None


def _written(
    engine: Engine, chooser: Chooser, job: Job, most: int, tell: Callable[[str], None] | None
) -> tuple[str, int, str]:
    """Generate an answer; return its text, its tokens and why it ended (`stop` or `length`)."""
    stops, parts = StopText(job.stop), []

    def put(text: str) -> None:
        if text:
            parts.append(text)
            if tell is not None:
                tell(text)

    count, reason = 0, "length"
    while count < most:
        job.check()
        token = chooser.choose(engine.logits())
        if engine.ends(token):
            reason = "stop"
            break
        count += 1
        chooser.accept(token)
        put(stops.add(engine.piece(token)))
        if stops.stopped or chooser.over(engine.endings, engine.letters, engine.n_vocab):
            reason = "stop"
            break
        if count < most:
            engine.feed(token)
    put(stops.end())
    return "".join(parts), count, reason
