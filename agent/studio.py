"""The graphs for LangGraph's own tools, and their drawings.

`langgraph.json` names the functions here. Those tools cannot hand a graph its context, so each graph runs as the one node
of another that does; in a drawing it is unfolded. They work over the home folder of the settings (QUODVIDE_HOME).

`python -m agent.studio` prints `graphs/README.md`.
"""

import asyncio
from functools import cache
from typing import TYPE_CHECKING, Any, TypedDict

import typer
from langgraph.graph import END, START, StateGraph

from agent import settings as settings_
from agent.profiles import context_of, request_of
from agent.profiles import to_record as profile_record
from agent.wire import reply as reply_record
from agent.wiring import Parts, question_context
from graphs.profiles import graph as profiles_graph
from graphs.question import graph as question_graph
from tools.ner.base import Message

if TYPE_CHECKING:
    from langgraph.graph.state import CompiledStateGraph


class Asked(TypedDict, total=False):
    """A question, and what was said before: `{"role", "content"}` each."""

    question: str
    history: list[dict[str, str]]


class Answered(TypedDict):
    """The record of `quodvide ask`."""

    reply: dict[str, Any]


class Wanted(TypedDict):
    """Authors: `{"author_id", "window"?}` each."""

    authors: list[dict[str, Any]]


class Summarized(TypedDict):
    """The record of `quodvide profile` for each author, or why there is none."""

    profiles: list[dict[str, Any]]


async def question() -> "CompiledStateGraph[Any, Any, Any, Any]":
    """Return the question graph over the home folder; files are opened beside the event loop."""
    return await asyncio.to_thread(_question)


@cache
def _question() -> "CompiledStateGraph[Any, Any, Any, Any]":
    context = question_context(Parts(settings_.load()))
    inner = question_graph.build()

    def ask(state: Asked) -> Answered:
        history = [Message.model_validate(turn) for turn in state.get("history", ())]
        end = inner.invoke({"question": state["question"], "history": history}, context=context)
        return {"reply": reply_record(end["reply"])}

    graph = StateGraph(Asked, output_schema=Answered)
    graph.add_node("ask", ask)
    graph.add_edge(START, "ask")
    graph.add_edge("ask", END)
    return graph.compile()


async def profiles() -> "CompiledStateGraph[Any, Any, Any, Any]":
    """Return the graph of profiles over the home folder."""
    return await asyncio.to_thread(_profiles)


@cache
def _profiles() -> "CompiledStateGraph[Any, Any, Any, Any]":
    context = context_of(Parts(settings_.load()))
    inner = profiles_graph.build()

    def summarize(state: Wanted) -> Summarized:
        requests = [request_of(author) for author in state["authors"]]
        end = inner.invoke({"requests": requests}, context=context)
        outcomes = sorted(end["outcomes"], key=lambda one: one.place)
        return {
            "profiles": [
                profile_record(one.profile, requests[one.place].author)
                if one.profile
                else {"author_id": requests[one.place].author, "error": one.failure.model_dump()}
                for one in outcomes
            ]
        }

    graph = StateGraph(Wanted, output_schema=Summarized)
    graph.add_node("summarize", summarize)
    graph.add_edge(START, "summarize")
    graph.add_edge("summarize", END)
    return graph.compile()


def drawings() -> str:
    """Return the graphs as Mermaid in Markdown, drawn from the code."""
    parts = ["# The graphs", "", "Drawn from the code by `python -m agent.studio`; a test compares.", ""]
    for name, build in (("question", question_graph.build), ("profiles", profiles_graph.build)):
        parts += [f"## {name}", "", "```mermaid", build().get_graph().draw_mermaid().rstrip(), "```", ""]
    return "\n".join(parts)


if __name__ == "__main__":
    typer.echo(drawings(), nl=False)
