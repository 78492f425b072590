"""Retrieve passages, choose the sentences that bear on the question, and decide whether they can answer it."""

from langgraph.runtime import Runtime

from graphs.question.context import Context
from graphs.question.scope import Scope, scopes
from graphs.question.state import State, Update
from tools.grounding.answer import shown
from tools.grounding.answerable import decide
from tools.grounding.base import Sentence
from tools.grounding.select import select
from tools.retrieval.expand import expansions
from tools.retrieval.find import papers_of


def retrieve(state: State, runtime: Runtime[Context]) -> Update:
    """Find evidence where the question points, else anywhere; none that can answer it is a refusal with its reason."""
    refusal: Update = {}
    tried = scopes(state, runtime.context)
    also = expansions(state["resolved"], runtime.context.catalogue)
    for scope in tried:
        update = _search(state, runtime.context, scope, also)
        if "remaining" in update:
            if scope is not tried[0]:
                said = Sentence(
                    text=f"Nothing under {tried[0].said} answers this; elsewhere:", citations=(), wording="program"
                )
                runtime.stream_writer(said)
                update["sentences"] = [said]
            return update
        refusal = refusal or update
    return refusal


def _search(state: State, context: Context, scope: Scope, also: tuple[str, ...]) -> Update:
    understanding = state["understanding"]
    question = scope.rest_of(understanding.rewritten or understanding.question)
    limits = context.limits
    hits = context.retriever.retrieve(question, limits.passages, scope.papers, limits.per_paper, also=also)
    evidence = select(question, hits, context.catalogue, context.embedder, limits.evidence)
    found = papers_of(context.catalogue, hits)[: limits.papers]
    decision = decide(question, evidence, hits, context.catalogue, narrowed=bool(scope.named))
    update: Update = {"hits": hits, "evidence": evidence, "papers": found}
    if decision.answerable:
        return {**update, "remaining": shown(question, evidence)}
    where = f"; only papers were searched that satisfy: {scope.said}" if scope.said else ""
    closest = f"; the closest is “{found[0].title}”" if found else ""
    return {**update, "outcome": "refused", "reason": f"{decision.reason}{where}{closest}"}
