"""Have a second model word the finished answer better; nothing that goes wrong with it changes the answer."""

from langgraph.runtime import Runtime

from graphs.question.context import Context
from graphs.question.progress import Draft
from graphs.question.state import State, Update
from tools.grounding import refine as grounding


def refine(state: State, runtime: Runtime[Context]) -> Update:
    """Show the answer in the second model's words where they pass every check, or as it is."""
    context = runtime.context
    assert context.refiner is not None, "the way leads here only with a refiner"  # noqa: S101
    understanding = state["understanding"]
    sentences = state["sentences"]
    ids = list(dict.fromkeys(citation.paper_id for one in sentences for citation in one.citations))
    titles = {paper.id: paper.title for paper in context.catalogue.papers.get(ids)}

    def show(text: str) -> None:
        runtime.stream_writer(Draft(text))

    found = grounding.refine(
        understanding.rewritten or understanding.question,
        sentences,
        [titles.get(one.citations[0].paper_id, "") for one in sentences],
        context.refiner,
        embedder=context.embedder,
        verifier=context.verifier,
        on_text=show,
    )
    for sentence in found.sentences:
        runtime.stream_writer(sentence)
    refinement = found.refinement.model_copy(update={"model": context.refiner_model})
    return {"sentences": found.sentences, "refinement": refinement, "usage": state["usage"].plus(found.usage)}
