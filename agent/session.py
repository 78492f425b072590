"""One conversation with the question graph: decides resume or new question, and reports what happens as events."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphs.question.state import Clarification, Reply
from stores.errors import QuodvideError
from tools.grounding.base import Sentence
from tools.ner.base import Message

if TYPE_CHECKING:
    from langgraph.graph.state import CompiledStateGraph

    from graphs.question.context import Context


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


Event = Said | Asked | Done


class Session:
    """Runs questions through the graph.

    Args:
        graph: the compiled question graph; with a checkpointer when it is to remember.
        context: the parts it runs with.
        debug: whether an unexpected failure is raised, in place of a reply that says so.
    """

    def __init__(
        self, graph: "CompiledStateGraph[Any, Any, Any, Any]", context: "Context", *, debug: bool = False
    ) -> None:
        self._graph = graph
        self._context = context
        self._debug = debug

    def ask(self, question: str, history: Sequence[Message] = ()) -> Reply:
        """Answer one question that stands for itself, with its history given."""
        reply: Reply | None = None
        for event in self._events({"question": question, "history": list(history)}, None):
            if isinstance(event, Done):
                reply = event.reply
        assert reply is not None, "a turn ends with a reply"  # noqa: S101
        return reply

    def stream(self, question: str, history: Sequence[Message] = ()) -> Iterator[Event]:
        """Answer one question that stands for itself, sentence by sentence."""
        return self._events({"question": question, "history": list(history)}, None)

    def turn(self, text: str, thread: str) -> Iterator[Event]:
        """Take what the user typed in a conversation: the choice that was asked for, or else a new question."""
        from langgraph.types import Command

        config = {"configurable": {"thread_id": thread}}
        pending = self._graph.get_state(config).interrupts  # type: ignore[arg-type]
        if pending:
            clarification = Clarification.model_validate(pending[0].value)
            if (choice := choose(text, clarification)) is not None:
                return self._events(Command(resume=choice), thread)
        return self._events({"question": text}, thread)

    def _events(self, given: Any, thread: str | None) -> Iterator[Event]:
        config: Any = {"recursion_limit": 100, "configurable": {"thread_id": thread} if thread else {}}
        modes: Any = ["custom", "updates"]
        reply: Reply | None = None
        try:
            stream = self._graph.stream(
                given,
                config,
                context=self._context,
                stream_mode=modes,
                durability="exit" if thread else None,
                version="v2",
            )
            part: Any
            for part in stream:
                if part["type"] == "custom":
                    yield Said(part["data"])
                elif "__interrupt__" in part["data"]:
                    yield Asked(Clarification.model_validate(part["data"]["__interrupt__"][0].value))
                    return
                elif "reply" in part["data"]:
                    reply = part["data"]["reply"]["reply"]
        except QuodvideError as error:
            reply = _failed(str(error))
        except Exception as error:
            if self._debug:
                raise
            reply = _failed(f"internal error ({type(error).__name__}: {error})")
        if reply is not None:
            yield Done(reply)


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


def _failed(reason: str) -> Reply:
    return Reply(outcome="failed", reason=reason)
