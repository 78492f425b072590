"""Counts the calls of chat models, whichever way they are made, in the log of usage."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import LLMResult
from pydantic import BaseModel, ConfigDict, Field

from agent import purpose
from agent.settings import Settings
from stores.errors import QuodvideError
from stores.home import Home
from stores.usage import CANCELLED, OK, Call, UsageLog

Chat = TypeVar("Chat", bound=BaseChatModel)
FALLBACK_REASON = "fallback_reason"  # in a call's `config["metadata"]`: why the model stands in for another
_A_MILLION = 1_000_000


class Price(BaseModel):
    """What a model's tokens cost, in US dollars a million."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: float = Field(ge=0, allow_inf_nan=False)
    output: float = Field(ge=0, allow_inf_nan=False)


FREE = Price(input=0, output=0)


def usage_log(settings: Settings) -> UsageLog | None:
    """Return the log of calls of a home folder, or None when they are not counted."""
    chosen = settings.usage
    return UsageLog(Home(settings.home).usage, chosen.days) if chosen.keep else None


def metered(chat: Chat, log: UsageLog | None, role: str, price: Price | None = FREE) -> Chat:
    """Return the same model with every call through it counted; what is loaded is shared with the one given.

    Args:
        chat: any chat model.
        log: where calls are written; None for only to the purpose that they serve.
        role: what it is asked for.
        price: None where it is not known.
    """
    path = getattr(chat, "model_path", None)
    name = path.stem if path else chat._get_ls_params().get("ls_model_name") or type(chat).__name__  # noqa: SLF001 - LangChain's one name for it
    before = chat.callbacks or []
    if not isinstance(before, list):
        raise TypeError("callbacks of a model are a list")
    return chat.model_copy(update={"callbacks": [*before, Meter(log, name, role, price)]})


@dataclass
class _Running:
    """A call that has begun; `forget` ends the watch over the task that awaits it."""

    at: datetime
    started: float
    serves: purpose.Purpose
    reason: str | None
    forget: Callable[[], object] = lambda: None


class Meter(BaseCallbackHandler):
    """Writes a row for each call of one model in one role.

    Args:
        log: where to; None for only to the purpose that calls serve.
        model: name of the model.
        role: what it is asked for.
        price: of its tokens; None where it is not known.
    """

    run_inline = True  # in the caller's own task and context, also when it is asynchronous

    def __init__(self, log: UsageLog | None, model: str, role: str, price: Price | None = FREE) -> None:
        self._log, self._model, self._role, self._price = log, model, role, price
        self._running: dict[UUID, _Running] = {}

    def on_chat_model_start(
        self,
        serialized: dict[str, Any],  # noqa: ARG002
        messages: list[list[BaseMessage]],  # noqa: ARG002
        *,
        run_id: UUID,
        metadata: dict[str, Any] | None = None,
        **kwargs: Any,  # noqa: ARG002
    ) -> None:
        """Remember when the call began and what for."""
        serves = purpose.current()
        reason = (metadata or {}).get(FALLBACK_REASON)
        running = _Running(datetime.now(UTC), time.perf_counter(), serves, reason)
        self._running[run_id] = running
        # LangChain says nothing of a call whose task was cancelled while it was awaited.
        with suppress(RuntimeError):  # no event loop runs here
            if (task := asyncio.current_task()) is not None:

                def abandoned(_: object) -> None:
                    self._end(run_id, None, CANCELLED)

                task.add_done_callback(abandoned)
                running.forget = lambda: task.remove_done_callback(abandoned)

    def on_llm_end(self, response: LLMResult, *, run_id: UUID, **kwargs: Any) -> None:  # noqa: ARG002
        """Write a call that was answered."""
        self._end(run_id, _used(response), OK)

    def on_llm_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        """Write a call that failed, or that nobody wanted any more."""
        if isinstance(error, QuodvideError):
            code = error.code
        else:
            # A closed stream, a cancelled task and Ctrl-C are no exceptions in Python's sense.
            code = type(error).__name__ if isinstance(error, Exception) else CANCELLED
        self._end(run_id, _used(kwargs.get("response")), code)

    def _end(self, run_id: UUID, used: UsageMetadata | None, code: str) -> None:
        running = self._running.pop(run_id, None)
        if running is None:
            return
        running.forget()
        details = used.get("input_token_details", {}) if used else {}
        call = Call(
            at=running.at.isoformat(timespec="milliseconds"),
            model=self._model,
            role=self._role,
            route=running.serves.route or self._role,
            thread=running.serves.thread,
            input_tokens=used["input_tokens"] if used else None,
            cached_tokens=details.get("cache_read", 0) if used else None,
            output_tokens=used["output_tokens"] if used else None,
            seconds=round(time.perf_counter() - running.started, 4),
            cost=self._cost(used),
            code=code,
            fallback_reason=running.reason,
        )
        running.serves.calls.append(call)
        if self._log is not None:
            self._log.add(call)

    def _cost(self, used: UsageMetadata | None) -> float | None:
        if self._price == FREE:
            return 0.0
        if self._price is None or used is None:
            return None
        return (used["input_tokens"] * self._price.input + used["output_tokens"] * self._price.output) / _A_MILLION


def _used(response: LLMResult | None) -> UsageMetadata | None:
    """Return the tokens of a call, where they are known."""
    for generation in (each for several in response.generations for each in several) if response else ():
        found: UsageMetadata | None = getattr(getattr(generation, "message", None), "usage_metadata", None)
        if found is not None:
            return found
    return None
