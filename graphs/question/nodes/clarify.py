"""Ask which of several records an ambiguous name means; the one node that interrupts."""

from typing import Any

from langgraph.runtime import Runtime
from langgraph.types import interrupt

from graphs.question.context import Context
from graphs.question.state import Clarification, Option, State, Update
from stores.keys import name_key
from tools.linking.base import Link
from tools.linking.conditions import to_filter
from tools.linking.resolve import ResolvedMention, ResolvedQuestion

# What the answer hangs on: elsewhere a name only restricts, or all its meanings are the answer.
_DECISIVE = {"author_profile", "collaborators", "find_papers", "similar_papers"}
_SHOWN = 8


def ambiguous(state: State) -> ResolvedMention | None:
    """Return the first mention that must be decided before the question can be answered."""
    resolved = state["resolved"]
    if resolved is None or state["understanding"].intent not in _DECISIVE:
        return None
    return next((e for e in resolved.mentions if e.link and e.link.ambiguous and e.mention.type == "author"), None)


def clarify(state: State, runtime: Runtime[Context]) -> Update:
    """Ask the user, or, where nobody can be asked, end with the alternatives."""
    found = ambiguous(state)
    resolved = state["resolved"]
    if found is None or found.link is None or resolved is None:
        return {}
    text = found.mention.text
    options = tuple(Option(id=c.id, name=c.name, facts=c.facts) for c in found.link.candidates[:_SHOWN])
    asked = Clarification(question=f"Which {text} do you mean?", mention=text, options=options)
    if not runtime.context.interactive:
        return waiting(asked)
    choice: Any = interrupt(asked.model_dump(mode="json"))
    chosen = {**state.get("chosen", {}), key(found): str(choice)}
    resolved = settle(resolved, chosen)
    context = runtime.context
    return {"chosen": chosen, "resolved": resolved, "wanted": to_filter(resolved, context.catalogue, context.today())}


def waiting(asked: Clarification) -> Update:
    """Return what a turn comes to as long as the choice is not made."""
    return {
        "outcome": "needs_clarification",
        "clarification": asked,
        "reason": f"{asked.mention!r} can mean several records",
    }


def key(found: ResolvedMention) -> str:
    """Return the name under which a choice is remembered."""
    return f"{found.mention.type}:{name_key(found.mention.text)}"


def settle(resolved: ResolvedQuestion, chosen: dict[str, str]) -> ResolvedQuestion:
    """Return the question with the choices that were made in this conversation."""
    mentions = []
    for each in resolved.mentions:
        wanted = chosen.get(key(each))
        candidates = each.link.candidates if each.link else ()
        picked = tuple(c for c in candidates if c.id == wanted)
        if picked:
            rest = tuple(c for c in candidates if c.id != wanted)
            link = Link(candidates=picked + rest, confidence=1.0, nil=False)
            mentions.append(each.model_copy(update={"link": link}))
        else:
            mentions.append(each)
    return resolved.model_copy(update={"mentions": tuple(mentions)})
