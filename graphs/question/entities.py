"""Mentions and their links as a reply shows them."""

from graphs.question.state import Entity, State
from stores.records import AuthorityType
from tools.linking.base import Link
from tools.linking.resolve import ResolvedMention, ResolvedQuestion


def entities(resolved: ResolvedQuestion) -> tuple[Entity, ...]:
    """Return the mentions of the question itself; a span of time has nothing to link to, and is not NIL."""
    return tuple(
        Entity(
            start=each.mention.start,
            end=each.mention.end,
            text=each.mention.text,
            type=each.mention.type,
            confidence=each.mention.confidence,
            source=each.mention.source,
            negated=each.mention.negated,
            link=each.link or Link(nil=False),
        )
        for each in resolved.mentions
        if not each.from_history
    )


def linked_ids(resolved: ResolvedQuestion, type_: AuthorityType) -> list[str]:
    """Return the ids of the records of one type that are wanted, in the order of the question, then of the history."""
    return [
        each.link.candidates[0].id
        for each in resolved.mentions
        if each.mention.type == type_ and not each.mention.negated and each.link and not each.link.nil
    ]


def unknown(resolved: ResolvedQuestion, type_: AuthorityType) -> list[ResolvedMention]:
    """Return the mentions of one type that no record is known for."""
    return [
        e for e in resolved.mentions if e.mention.type == type_ and not e.mention.negated and (not e.link or e.link.nil)
    ]


def nobody(resolved: ResolvedQuestion | None) -> str:
    """Return why no author can be told from the question."""
    missing = ", ".join(each.mention.text for each in unknown(resolved, "author")) if resolved else ""
    return f"No author called {missing} is known here" if missing else "The question names no author that is known here"


def names_a_record(state: State) -> bool:
    """Return whether the question names anything that has a record, or should have one."""
    resolved = state["resolved"]
    return resolved is not None and any(
        each.mention.type not in {"year", "topic"} or (each.link is not None and not each.link.nil)
        for each in resolved.mentions
    )
