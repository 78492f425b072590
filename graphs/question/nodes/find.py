"""Find the papers that satisfy the question's conditions."""

from langgraph.runtime import Runtime

from graphs.question.context import Context
from graphs.question.state import State, Update
from stores.records import PaperFilter
from tools.grounding.base import Sentence
from tools.retrieval.find import find_papers, years_in_words
from tools.retrieval.relax import reason, relaxations, satisfied


def find(state: State, runtime: Runtime[Context]) -> Update:
    """List the papers; none is a refusal that says which conditions were meant, and what there is instead."""
    context = runtime.context
    wanted = state["wanted"] or PaperFilter()
    found = find_papers(context.catalogue, context.retriever, wanted, subject(wanted), context.limits.papers)
    asked = conditions(state)
    alone = list(satisfied(context.catalogue, wanted))
    if not found.total:
        near = relaxations(context.catalogue, wanted)
        said_why = f"No paper satisfies all of: {asked}. {reason(context.catalogue, wanted, near)}".strip()
        return {"outcome": "refused", "reason": said_why, "total": 0, "satisfied": alone, "relaxations": list(near)}
    more = f", the first {len(found.papers)} of them" if found.total > len(found.papers) else ""
    noun = "paper" if found.total == 1 else "papers"
    text = f"{found.total:,} {noun} for {asked}{more}:"
    said = Sentence(text=text, citations=(), wording="program")
    runtime.stream_writer(said)
    return {
        "outcome": "answered",
        "papers": list(found.papers),
        "total": found.total,
        "sentences": [said],
        "satisfied": alone,
    }


def subject(wanted: PaperFilter) -> str:
    """Return what the papers should be about, as a query."""
    return " ".join(c.texts[0] for c in wanted.conditions if c.type == "topic" and not c.negated and c.texts)


def conditions(state: State) -> str:
    """Return what was asked for, with what each name was taken to mean."""
    said = []
    for each in state["resolved"].mentions if state["resolved"] else ():
        mention, link = each.mention, each.link
        if mention.type != "year":
            known = link.candidates[0].name if link and not link.nil else ""
            meant = f" ({known})" if known and known.casefold() != mention.text.casefold() else ""
            said.append(f"{'not ' if mention.negated else ''}{mention.type} {mention.text}{meant}")
    return ", ".join([*said, *years_in_words(state["wanted"] or PaperFilter())]) or "any paper"
