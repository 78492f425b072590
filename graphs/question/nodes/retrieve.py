"""Retrieve passages, choose the sentences that bear on the question, and decide whether they can answer it."""

from langgraph.runtime import Runtime

from graphs.question.context import Context
from graphs.question.state import State, Update
from stores.records import PaperFilter
from tools.grounding.answer import shown
from tools.grounding.answerable import decide
from tools.grounding.select import select
from tools.retrieval.find import papers_of

# A paper is asked about by its content; these say where to look. Topics and countries are left to retrieval.
_WHERE = {"author", "venue"}


def retrieve(state: State, runtime: Runtime[Context]) -> Update:
    """Find evidence; none that can answer the question is a refusal with its reason."""
    context = runtime.context
    understanding = state["understanding"]
    question = understanding.rewritten or understanding.question
    among = _among(state, context)
    hits = context.retriever.retrieve(question, context.limits.passages, among, context.limits.per_paper)
    evidence = select(question, hits, context.catalogue, context.embedder, context.limits.evidence)
    found = papers_of(context.catalogue, hits)[: context.limits.papers]
    decision = decide(question, evidence, hits, context.catalogue)
    if not decision.answerable:
        return {"hits": hits, "evidence": evidence, "papers": found, "outcome": "refused", "reason": decision.reason}
    return {"hits": hits, "evidence": evidence, "papers": found, "remaining": shown(question, evidence)}


def _among(state: State, context: Context) -> list[str] | None:
    """Return the papers that the question points at, or None for all; what no paper satisfies is no restriction."""
    if state["understanding"].paper_ids:
        return list(state["understanding"].paper_ids)
    wanted = state["wanted"] or PaperFilter()
    conditions = tuple(c for c in wanted.conditions if c.type in _WHERE and c.ids)
    if not conditions:
        return None
    return context.catalogue.filters.find(PaperFilter(conditions=conditions)) or None
