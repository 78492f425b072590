"""Papers cited by their titles."""

from collections.abc import Iterable, Sequence

from langgraph.runtime import Runtime

from graphs.question.context import Context
from graphs.question.state import Update
from stores.records import Paper
from tools.grounding.base import Citation, Sentence
from tools.profiling.base import Section
from tools.retrieval.find import summary

_CITED = 3  # papers behind a statement that are all cited; of more, so many as examples fewer by one


def titles(context: Context, papers: list[Paper]) -> tuple[Citation, ...]:
    """Return the titles of papers as citations: what a count of papers rests on."""
    passages = {
        p.paper_id: p.id for p in reversed(context.catalogue.papers.passages_of([paper.id for paper in papers]))
    }
    return tuple(
        Citation(paper_id=p.id, passage_id=passages[p.id], section="title", start=0, end=len(p.title), quote=p.title)
        for p in papers
    )


def answered(
    runtime: Runtime[Context], sentences: Iterable[Sentence], papers: Sequence[Paper], total: int | None
) -> Update:
    """Say these sentences as they come, and return the turn as answered from these papers.

    Args:
        runtime: of the node.
        sentences: what is said.
        papers: those that the reply shows.
        total: how many there are in all; None where papers are not what was asked for.
    """
    said = []
    for sentence in sentences:
        runtime.stream_writer(sentence)
        said.append(sentence)
    found = [summary(paper, 1.0) for paper in papers]
    return {"outcome": "answered", "sentences": said, "papers": found, "total": total}


def told(context: Context, sections: Sequence[Section]) -> Iterable[Sentence]:
    """Yield the statements of sections as sentences, with the papers behind each."""
    papers = _cited(context, sections)
    for section in sections:
        for statement in section.statements:
            ids = statement.paper_ids
            shown = ids if len(ids) <= _CITED else ids[: _CITED - 1]
            yield Sentence(
                text=statement.text,
                citations=tuple(papers[id_] for id_ in shown if id_ in papers),
                wording="model" if section.wording == "model" else "program",
                heading=section.title,
                paper_ids=ids if len(ids) > _CITED else None,
            )


def _cited(context: Context, sections: Sequence[Section]) -> dict[str, Citation]:
    """Return the citation of every paper that may be cited, looked up at once."""
    ids = [id_ for section in sections for one in section.statements for id_ in one.paper_ids[:_CITED]]
    found = context.catalogue.papers.get(list(dict.fromkeys(ids)))
    return dict(zip((paper.id for paper in found), titles(context, found), strict=True))
