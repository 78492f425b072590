"""Link the mentions to records."""

from langgraph.runtime import Runtime

from graphs.question.context import Context
from graphs.question.nodes.clarify import settle
from graphs.question.state import State, Update
from tools.linking.conditions import to_filter
from tools.linking.resolve import resolve


def link(state: State, runtime: Runtime[Context]) -> Update:
    """Link every mention, with the choices that the user made earlier."""
    context = runtime.context
    resolved = resolve(state["understanding"], context.linker, context.catalogue)
    resolved = settle(resolved, state.get("chosen", {}))
    return {"resolved": resolved, "wanted": to_filter(resolved, context.catalogue, context.today())}
