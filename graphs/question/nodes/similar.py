"""Find papers like the ones that the question names."""

from langgraph.runtime import Runtime

from graphs.question.context import Context
from graphs.question.state import State, Update
from stores.records import PaperFilter
from tools.grounding.base import Sentence
from tools.retrieval.find import FoundPaper
from tools.retrieval.relax import reason, relaxations


def similar(state: State, runtime: Runtime[Context]) -> Update:
    """List the papers nearest to the named paper, or to the question's words, within its conditions."""
    context = runtime.context
    understanding = state["understanding"]
    wanted = state["wanted"] or PaperFilter()
    k = wanted.limit or context.limits.papers
    restricted = bool(wanted.conditions or wanted.year_from or wanted.year_to)
    among = context.catalogue.filters.find(wanted) if restricted else None
    if among == []:
        near = relaxations(context.catalogue, wanted)
        why = f"No paper satisfies the conditions. {reason(context.catalogue, wanted, near)}".strip()
        return {"outcome": "refused", "reason": why, "relaxations": list(near)}
    papers: list[FoundPaper] = []
    named = context.catalogue.papers.get(understanding.paper_ids)
    for paper in named:
        papers += context.similar.to_paper(paper.id, k, among)
    if not named:
        papers = context.similar.to_text(understanding.rewritten or understanding.question, k, among)
    best: dict[str, FoundPaper] = {}
    for found in sorted(papers, key=lambda each: (-each.score, each.paper_id)):
        if found.paper_id not in understanding.paper_ids:
            best.setdefault(found.paper_id, found)
    found_papers = list(best.values())[:k]
    if not found_papers:
        return {"outcome": "refused", "reason": "No similar paper was found"}
    to = "; ".join(paper.title for paper in named) or "what you describe"
    said = Sentence(text=f"The {len(found_papers)} papers nearest to {to}:", citations=(), wording="program")
    runtime.stream_writer(said)
    return {"outcome": "answered", "papers": found_papers, "total": len(found_papers), "sentences": [said]}
