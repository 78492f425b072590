"""The topology of the question graph, and nothing else."""

from typing import Any, Literal

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime

from graphs.question.context import Context
from graphs.question.entities import names_a_record
from graphs.question.nodes.answer import answer
from graphs.question.nodes.clarify import ambiguous, clarify
from graphs.question.nodes.collaborate import collaborate
from graphs.question.nodes.decline import decline
from graphs.question.nodes.find import find
from graphs.question.nodes.ground import ground
from graphs.question.nodes.link import link
from graphs.question.nodes.look_up import look_up
from graphs.question.nodes.profile import profile
from graphs.question.nodes.rank_themes import rank_themes
from graphs.question.nodes.refine import refine
from graphs.question.nodes.reply import reply
from graphs.question.nodes.retrieve import retrieve
from graphs.question.nodes.set_side_by_side import set_side_by_side, two_sides
from graphs.question.nodes.similar import similar
from graphs.question.nodes.understand import understand
from graphs.question.state import Input, Output, State
from graphs.question.timing import timed

Work = Literal[
    "find", "retrieve", "similar", "profile", "set_side_by_side", "collaborate", "look_up", "rank_themes", "decline"
]
# One literal with all names, because LangGraph draws no edges for a union of two.
Next = Literal["clarify", "reply", Work]

_BY_INTENT: dict[str, Work] = {
    "find_papers": "find",
    "paper_question": "retrieve",
    "similar_papers": "similar",
    "author_profile": "profile",
    "collaborators": "collaborate",
    "entity_lookup": "look_up",
    "rank_themes": "rank_themes",
}


def is_anything_unclear(state: State, runtime: Runtime[Context]) -> Next:
    """Return whether a name must be decided, whether nobody could be asked, or else what is wanted."""
    if state["clarification"] is not None:
        return "reply"
    if ambiguous(state):
        return "clarify"
    if state["understanding"].intent == "entity_lookup" and not names_a_record(state):
        return "retrieve"
    if state["understanding"].intent == "author_profile":
        if two_sides(state, runtime.context):
            return "set_side_by_side"
        if about(state):
            return "find"
    return _BY_INTENT.get(state["understanding"].intent, "decline")


def about(state: State) -> bool:
    """Return whether a person's work on some subject is wanted, and not all of it."""
    wanted = state["wanted"]
    types = {condition.type for condition in wanted.conditions if not condition.negated} if wanted else set()
    return {"author", "topic"} <= types


def is_it_rather_a_question(state: State) -> Literal["retrieve", "reply"]:
    """Return whether nothing was listed because what was taken for subjects is the matter of a question."""
    wanted = state["wanted"]
    subjects = wanted is not None and all(condition.type == "topic" for condition in wanted.conditions)
    return "retrieve" if not state["total"] and subjects else "reply"


def is_there_evidence(state: State) -> Literal["answer", "reply"]:
    """Return whether anything was found to answer from."""
    return "answer" if state["remaining"] else "reply"


def is_it_finished(state: State, runtime: Runtime[Context]) -> Literal["answer", "refine", "reply"]:
    """Return whether a sentence is still to be worded, or the answer goes to a second model, where one is configured."""
    if state["remaining"]:
        return "answer"
    return "refine" if runtime.context.refiner is not None else "reply"


def build(
    checkpointer: "BaseCheckpointSaver[Any] | None" = None,
) -> "CompiledStateGraph[State, Context, Input, Output]":
    """Compile the graph; with a checkpointer it remembers conversations and can ask back."""
    graph = StateGraph(State, context_schema=Context, input_schema=Input, output_schema=Output)
    for node in (
        understand,
        link,
        clarify,
        find,
        retrieve,
        answer,
        ground,
        refine,
        similar,
        profile,
        set_side_by_side,
        collaborate,
        look_up,
        rank_themes,
        decline,
    ):
        graph.add_node(node.__name__, timed(node))
    graph.add_node("reply", reply)

    graph.add_edge(START, "understand")
    graph.add_edge("understand", "link")
    graph.add_conditional_edges("link", is_anything_unclear)
    graph.add_conditional_edges("clarify", is_anything_unclear)
    graph.add_conditional_edges("find", is_it_rather_a_question)
    graph.add_conditional_edges("retrieve", is_there_evidence)
    graph.add_edge("answer", "ground")
    graph.add_conditional_edges("ground", is_it_finished)
    for name in (
        "refine",
        "similar",
        "profile",
        "set_side_by_side",
        "collaborate",
        "look_up",
        "rank_themes",
        "decline",
    ):
        graph.add_edge(name, "reply")
    graph.add_edge("reply", END)
    return graph.compile(checkpointer=checkpointer)
