"""The topology of the profiles graph: every author goes to a run of the one node, side by side."""

from typing import Any

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Send

from graphs.profiles.context import Context
from graphs.profiles.nodes.summarize import summarize
from graphs.profiles.state import Input, State, Task


def each_author(state: State) -> list[Send]:
    """Return a task for every request."""
    return [Send("summarize", Task(place=n, request=one)) for n, one in enumerate(state["requests"])]


def build() -> "CompiledStateGraph[State, Context, Input, Any]":
    """Compile the graph; how many authors go side by side is the caller's `max_concurrency`."""
    graph = StateGraph(State, context_schema=Context, input_schema=Input)
    graph.add_node("summarize", summarize)
    graph.add_conditional_edges(START, each_author, ["summarize"])
    graph.add_edge("summarize", END)
    return graph.compile()
