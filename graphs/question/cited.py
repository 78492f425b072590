"""Papers cited by their titles."""

from graphs.question.context import Context
from stores.records import Paper
from tools.grounding.base import Citation


def titles(context: Context, papers: list[Paper]) -> tuple[Citation, ...]:
    """Return the titles of papers as citations: what a count of papers rests on."""
    passages = {
        p.paper_id: p.id for p in reversed(context.catalogue.papers.passages_of([paper.id for paper in papers]))
    }
    return tuple(
        Citation(paper_id=p.id, passage_id=passages[p.id], section="title", start=0, end=len(p.title), quote=p.title)
        for p in papers
    )
