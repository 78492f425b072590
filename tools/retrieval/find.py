"""Find papers: the list that satisfies every condition, best first, with its count."""

from stores.catalogue import Catalogue
from stores.records import Paper, PaperFilter, Record
from tools.retrieval.base import Hit
from tools.retrieval.hybrid import HybridRetriever, best_per_document
from tools.retrieval.matches import Match, Matcher

_RANKED = 2000  # papers that are put in order of relevance; the rest follow in the filter's own order


class FoundPaper(Record):
    """A paper of a list, with what a reader wants to see of it at once, and how it satisfies each condition."""

    paper_id: str
    title: str
    year: int | None
    score: float
    authors: tuple[str, ...] = ()
    venue: str | None = None
    cited_by_count: int | None = None
    matches: tuple[Match, ...] = ()


class Found(Record):
    """The first papers of a list and how many there are in all."""

    papers: tuple[FoundPaper, ...]
    total: int


def find_papers(catalogue: Catalogue, retriever: HybridRetriever, wanted: PaperFilter, query: str, limit: int) -> Found:
    """Return the papers that satisfy a filter.

    Args:
        catalogue: where the conditions are checked.
        wanted: the filter.
        retriever: puts the papers in order when `wanted.sort` is "relevance".
        query: what relevance is measured against; empty when nothing but conditions was asked.
        limit: how many to return, unless `wanted.limit` says so.
    """
    ids = catalogue.filters.find(wanted)
    limit = min(wanted.limit or limit, len(ids))
    scores: dict[str, float] = {}
    if wanted.sort == "relevance" and query and ids:
        hits = best_per_document(retriever.retrieve(query, k=min(len(ids), _RANKED), among=ids, per_paper=1))
        scores = {hit.paper_id: hit.score for hit in hits}
        rest = [id_ for id_ in ids if id_ not in scores]
        ids = [hit.paper_id for hit in hits] + rest
    papers = catalogue.papers.get(ids[:limit])
    matches = Matcher(catalogue, wanted, papers).all()
    found = (summary(p, scores.get(p.id, 0.0)).model_copy(update={"matches": matches[p.id]}) for p in papers)
    return Found(papers=tuple(found), total=len(ids))


def papers_of(catalogue: Catalogue, hits: list[Hit]) -> list[FoundPaper]:
    """Return the papers of these hits, best first, each once, with the score of its best passage."""
    best = {hit.paper_id: hit.score for hit in best_per_document(hits)}
    return [summary(paper, best[paper.id]) for paper in catalogue.papers.get(list(best))]


def summary(paper: Paper, score: float) -> FoundPaper:
    """Return what a list shows of a paper."""
    return FoundPaper(
        paper_id=paper.id,
        title=paper.title,
        year=paper.year,
        score=round(score, 6),
        authors=tuple(author.name for author in paper.authors),
        venue=paper.venue,
        cited_by_count=paper.cited_by_count,
    )


def in_words(wanted: PaperFilter) -> str:
    """Return the conditions as a person would say them."""
    said = [
        f"{'not ' if c.negated else ''}{c.type} {(c.texts or c.ids or ('(unknown)',))[0]}" for c in wanted.conditions
    ]
    return ", ".join([*said, *years_in_words(wanted)]) or "any paper"


def years_in_words(wanted: PaperFilter) -> list[str]:
    """Return the years of a filter as a person would say them; empty without any."""
    if wanted.year_from is None and wanted.year_to is None:
        return []
    if wanted.year_from == wanted.year_to:
        return [f"year {wanted.year_from}"]
    if wanted.year_to is None:
        return [f"since {wanted.year_from}"]
    return [f"until {wanted.year_to}" if wanted.year_from is None else f"years {wanted.year_from}–{wanted.year_to}"]
