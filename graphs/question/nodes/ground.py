"""Check the drafted sentence against its evidence; what fails is replaced by the quotation."""

from langgraph.runtime import Runtime

from graphs.question.context import Context
from graphs.question.progress import Draft
from graphs.question.state import State, Update
from stores.errors import StoreError
from tools.grounding.answer import settle


def ground(state: State, runtime: Runtime[Context]) -> Update:
    """Let a sentence through only with a quotation that stands in its paper, and only what that quotation supports."""
    context = runtime.context
    item, *remaining = state["remaining"]
    understanding = state["understanding"]
    question = understanding.rewritten or understanding.question
    citation = item.citation
    papers = context.catalogue.papers.get([citation.paper_id])
    if not papers or papers[0].section(citation.section)[citation.start : citation.end] != citation.quote:
        raise StoreError(f"paper {citation.paper_id} changed while it was quoted", hint="Ask again")
    sentence = settle(question, item, state["draft"], context.embedder, context.verifier)
    # With a refiner the answer is not final yet.
    runtime.stream_writer(Draft(sentence.text) if context.refiner else sentence)
    return {"sentences": [*state["sentences"], sentence], "remaining": remaining, "draft": "", "outcome": "answered"}
