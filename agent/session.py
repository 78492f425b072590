"""One conversation with the question graph: decides resume or new question, and reports what happens as events."""

import contextvars
import sqlite3
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import orjson

from agent import clock, purpose, wire
from agent.settings import ConversationSettings
from graphs.question.progress import Draft, Step
from graphs.question.record import Asking
from graphs.question.state import Clarification, Reply
from stores.errors import QuodvideError, StoreError
from stores.records import Paper
from stores.usage import CANCELLED
from tools.embedding.base import encodable
from tools.grounding.base import Sentence
from tools.ner.base import Intent, Message

if TYPE_CHECKING:
    from langgraph.graph.state import CompiledStateGraph

    from agent.recording import Recorder
    from graphs.question.context import Context
    from stores.conversations import Conversations


@dataclass(frozen=True)
class Said:
    """A sentence of the answer, checked and final."""

    sentence: Sentence


@dataclass(frozen=True)
class Asked:
    """The graph waits for a choice."""

    clarification: Clarification


@dataclass(frozen=True)
class Done:
    """The end of the turn."""

    reply: Reply


Progress = Step | Draft
Event = Progress | Said | Asked | Done


class Session:
    """Runs questions through the graph.

    Args:
        graph: the compiled question graph; with the conversations' checkpointer when it is to remember.
        context: the parts it runs with.
        recorder: says what answers were made from; without one replies carry no record.
        conversations: where turns of a thread are kept.
        kept: how much of conversations is kept.
        debug: whether an unexpected failure is raised, in place of a reply that says so.
    """

    def __init__(
        self,
        graph: "CompiledStateGraph[Any, Any, Any, Any]",
        context: "Context",
        *,
        recorder: "Recorder | None" = None,
        conversations: "Conversations | None" = None,
        kept: ConversationSettings | None = None,
        debug: bool = False,
    ) -> None:
        self._graph = graph
        self._context = context
        self._recorder = recorder
        self._conversations = conversations
        self._kept = kept or ConversationSettings()
        self._debug = debug

    def ask(
        self,
        question: str,
        history: Sequence[Message] = (),
        choices: Mapping[str, str] | None = None,
        today: date | None = None,
    ) -> Reply:
        """Answer one question that stands for itself.

        Args:
            question: what is asked.
            history: what was said before.
            choices: what ambiguous names mean, as a replay record of before says.
            today: the day that spans of time count from; the machine's by default.
        """
        reply: Reply | None = None
        for event in self._alone(question, history, choices or {}, today):
            if isinstance(event, Done):
                reply = event.reply
        assert reply is not None, "a turn ends with a reply"  # noqa: S101
        return reply

    def stream(self, question: str, history: Sequence[Message] = (), *, progress: bool = False) -> Iterator[Event]:
        """Answer one question that stands for itself, sentence by sentence.

        Args:
            question: what is asked.
            history: what was said before.
            progress: whether steps that begin and drafts that are not checked yet are events too.
        """
        return self._alone(question, history, {}, None, progress=progress)

    def pending(self, thread: str) -> Clarification | None:
        """Return the choice that a conversation waits for.

        Raises:
            StoreError: the conversation cannot be read.
        """
        interrupts = self._state(thread).interrupts
        return Clarification.model_validate(interrupts[0].value) if interrupts else None

    def paper(self, paper_id: str) -> Paper | None:
        """Return a paper of the library, to open what a citation quotes; None when it is gone."""
        return next(iter(self._context.catalogue.papers.get([paper_id])), None)

    def people(self, beginning: str, most: int) -> list[str]:
        """Return names of authors that hold these words, the last of them perhaps unfinished; the best known first."""
        return self._context.catalogue.authorities.beginning("author", beginning, most)

    def turn(self, text: str, thread: str, *, progress: bool = False) -> Iterator[Event]:
        """Take what the user typed in a conversation: the choice that was asked for, or else a new question.

        Args:
            text: what was typed.
            thread: name of the conversation.
            progress: whether steps that begin and drafts that are not checked yet are events too.
        """
        try:
            with self._conversations.alone(thread) if self._conversations else nullcontext():
                try:
                    last = yield from self._in_thread(encodable(text), thread, progress=progress)
                finally:
                    if self._conversations:
                        self._conversations.prune(thread)
        except QuodvideError as error:
            last = Done(_failed(str(error)))
        except Exception as error:
            if self._debug:
                raise
            last = Done(_failed(f"internal error ({type(error).__name__}: {error})"))
        yield last

    def _alone(
        self,
        question: str,
        history: Sequence[Message],
        choices: Mapping[str, str],
        today: date | None,
        *,
        progress: bool = False,
    ) -> Iterator[Event]:
        asking = Asking(
            question=encodable(question), history=tuple(history), choices=dict(choices), today=today or clock.today()
        )
        given = {"question": asking.question, "history": list(history), "chosen": asking.choices}
        end, choices = yield from self._run(given, None, asking, progress=progress)
        if isinstance(end, Reply):
            yield Done(self._recorded(end, asking))

    def _in_thread(self, text: str, thread: str, *, progress: bool) -> Generator[Said | Progress, None, Asked | Done]:
        """Run one turn, keep it, and return its last event."""
        from langgraph.types import Command

        before = self._state(thread)
        values, waits = before.values, bool(before.interrupts)
        choice = choose(text, Clarification.model_validate(before.interrupts[0].value)) if waits else None
        asking = Asking(
            question=values["question"] if choice else text,
            history=tuple(values.get("history", ())),
            choices=values.get("chosen", {}),
            today=clock.today(),
        )
        given: Any = Command(resume=choice) if choice else {"question": text}
        intent = values["understanding"].intent if choice else None
        end, choices = yield from self._run(given, thread, asking, intent=intent, progress=progress)
        asking = asking.model_copy(update={"choices": choices})
        last: Asked | Done
        if isinstance(end, Reply):
            reply = self._recorded(end, asking)
            last = Done(reply)
        else:
            reply = self._recorded(self._waiting(thread, end), asking)
            last = Asked(end)
        if self._conversations:
            body = orjson.dumps(wire.reply(reply)).decode()
            self._conversations.keep(
                thread,
                asking.question,
                body,
                waiting=isinstance(last, Asked),
                goes_on=bool(choice),
                most=self._kept.turns,
            )
            self._conversations.tidy(threads=self._kept.threads, days=self._kept.days, but=thread)
        return last

    def _waiting(self, thread: str, asked: Clarification) -> Reply:
        """Return what the turn comes to when nobody makes the choice: the reply where nobody could be asked."""
        from graphs.question.nodes.clarify import waiting
        from graphs.question.nodes.reply import compose

        state: Any = {**self._state(thread).values, **waiting(asked)}
        return compose(state, self._context.model)

    def _state(self, thread: str) -> Any:
        try:
            return self._graph.get_state(_config(thread))
        except sqlite3.Error as error:
            raise StoreError(f"the conversation cannot be read ({error})") from error

    def _recorded(self, reply: Reply, asking: Asking) -> Reply:
        if self._recorder is None:
            return reply
        record = self._recorder.record(asking)
        return reply.model_copy(update={"record": record, "digest": wire.digest(wire.reply(reply))})

    def _run(
        self,
        given: Any,
        thread: str | None,
        asking: Asking,
        *,
        intent: Intent | None = None,
        progress: bool = False,
    ) -> Generator[Said | Progress, None, tuple[Reply | Clarification, dict[str, str]]]:
        """Run the graph to its end or to a question back; return that, and the choices made so far.

        `intent` is that of a question which is gone on with.
        """
        modes: Any = ["custom", "updates"]
        config: Any = {"recursion_limit": 100, **(_config(thread) if thread else {"configurable": {}})}
        end: Reply | Clarification | None = None
        choices = dict(asking.choices)
        # The graph runs in a context of its own, where the day stands still, also while the caller takes a sentence.
        steps = contextvars.copy_context()
        steps.run(clock.pin, asking.today)
        serves = steps.run(purpose.begin, intent, thread)
        try:
            stream: Any = self._graph.stream(
                given,
                config,
                context=self._context,
                stream_mode=modes,
                durability="exit" if thread else None,
                version="v2",
            )
            try:
                while (part := steps.run(next, stream, None)) is not None:
                    if part["type"] == "custom":
                        yield from _events(part["data"], progress=progress)
                        continue
                    for node, update in part["data"].items():
                        if node == "__interrupt__":
                            end = Clarification.model_validate(update[0].value)
                        elif node == "reply":
                            end = update["reply"]
                        elif update:
                            choices = update.get("chosen", choices)
                            serves.route = getattr(update.get("understanding"), "intent", serves.route)
            finally:
                steps.run(stream.close)
        except QuodvideError as error:
            end = _failed_unless_left(error, thread)
        except Exception as error:
            if self._debug:
                raise
            end = _failed(f"internal error ({type(error).__name__}: {error})")
        return _ended(end, serves), choices


def _ended(end: Reply | Clarification | None, serves: purpose.Purpose) -> Reply | Clarification:
    """Return what a run came to, with the calls of models that it made."""
    end = end or _failed("internal error (the graph ended without a reply)")
    return end.model_copy(update={"calls": tuple(serves.calls)}) if isinstance(end, Reply) else end


def _events(written: Sentence | Progress, *, progress: bool) -> list[Said | Progress]:
    """Return what the graph wrote as events: a sentence, or what only those who watch want."""
    if isinstance(written, Sentence):
        return [Said(written)]
    return [written] if progress else []


def _config(thread: str) -> Any:
    return {"configurable": {"thread_id": thread}}


def choose(text: str, clarification: Clarification) -> str | None:
    """Return the id of the option that the user means by a number, an id, or words that only one option has."""
    said = text.strip().casefold()
    options = clarification.options
    if said.isdecimal():
        return options[int(said) - 1].id if 1 <= int(said) <= len(options) else None
    for option in options:
        if said == option.id.casefold():
            return option.id
    words = set(said.removeprefix("the ").removesuffix(" one").split())
    fits = [
        o.id
        for o in options
        if words and words <= set(f"{o.name} {o.facts}".casefold().replace(",", " ").replace(";", " ").split())
    ]
    return fits[0] if len(fits) == 1 else None


def _failed_unless_left(error: QuodvideError, thread: str | None) -> Reply:
    """Return what a turn that failed comes to; that of a conversation which nobody waits for is none, and is not kept.

    Raises:
        QuodvideError: the error itself.
    """
    if thread and error.code == CANCELLED:
        raise error
    return _failed(str(error))


def _failed(reason: str) -> Reply:
    return Reply(outcome="failed", reason=reason)
