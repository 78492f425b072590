"""Say what the records hold on the names of the question."""

import re

from langgraph.runtime import Runtime

from graphs.question.context import Context
from graphs.question.state import State, Update
from stores.records import AuthorityType
from tools.grounding.base import Sentence
from tools.linking.resolve import ResolvedMention
from tools.lookup import Lookup, count_namesakes, describe, describe_venue

_SHOWN = 4  # records of one ambiguous name
_HOW_MANY = re.compile(r"\bhow many\b", re.IGNORECASE)


def look_up(state: State, runtime: Runtime[Context]) -> Update:
    """Describe each named record; all of them when a name is ambiguous; none is a refusal."""
    context = runtime.context
    resolved = state["resolved"]
    named = [e for e in resolved.mentions if e.mention.type != "year" and not e.mention.negated] if resolved else []
    if not named:
        return {"outcome": "refused", "reason": "The question names nothing that the records here describe"}
    counting = bool(_HOW_MANY.search(state["question"]))
    sentences = [
        Sentence(text=text, citations=(), wording="program")
        for each in named
        for text in (_counted(context, each) if counting else _described(context, each))
    ]
    if not sentences:
        names = ", ".join(each.mention.text for each in named)
        return {"outcome": "refused", "reason": f"No record of {names} is here"}
    for sentence in sentences:
        runtime.stream_writer(sentence)
    return {"outcome": "answered", "sentences": sentences}


def _counted(context: Context, each: ResolvedMention) -> list[str]:
    if each.mention.type in {"venue", "year"}:
        return _described(context, each)
    type_: AuthorityType = each.mention.type  # type: ignore[assignment]
    return [count_namesakes(context.catalogue, type_, each.mention.text)]


def _described(context: Context, each: ResolvedMention) -> list[str]:
    link = each.link
    if link is None or link.nil:
        return []
    if each.mention.type == "venue":
        return list(describe_venue(context.catalogue, each.mention.text).sentences)
    type_: AuthorityType = each.mention.type  # type: ignore[assignment]
    ids = [candidate.id for candidate in link.candidates[: _SHOWN if link.ambiguous else 1]]
    found: list[Lookup] = [describe(context.catalogue, one) for one in context.catalogue.authorities.get(type_, ids)]
    return [sentence for one in found for sentence in one.sentences]
