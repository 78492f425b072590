"""What records say of money and of citations."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from stores.records import Paper
from tools.profiling.counting import by_year, line, most_common
from tools.profiling.fact_records import Citations, FunderCount

_MOST_CITED = 3


def funders(papers: Sequence[Paper]) -> tuple[FunderCount, ...]:
    """Return who paid for these papers by number of papers, then by name, with the grant numbers given."""
    found: dict[str, dict[str, Paper]] = defaultdict(dict)
    names: dict[str, Counter[str]] = defaultdict(Counter)
    ids: dict[str, str | None] = {}
    grants: dict[str, dict[str, None]] = defaultdict(dict)
    for paper in papers:
        for one in paper.funding:
            key = one.funder_id or one.name
            found[key][paper.id] = paper
            names[key][one.name] += 1
            ids[key] = one.funder_id
            grants[key].update(dict.fromkeys(one.grants))
    order = sorted(found, key=lambda key: (-len(found[key]), most_common(names[key])))
    return tuple(
        FunderCount(
            id=ids[key], name=most_common(names[key]), papers=len(found[key]), grants=tuple(grants[key]),
            per_year=by_year(found[key].values()), paper_ids=tuple(found[key]),
        )
        for key in order
    )  # fmt: skip


def citations(papers: Sequence[Paper]) -> Citations:
    """Return how often these papers are cited; the h-index (Hirsch, 2005) is over these papers alone."""
    counted = [paper for paper in papers if paper.cited_by_count is not None]
    counted.sort(key=lambda paper: (-(paper.cited_by_count or 0), paper.year or 0, paper.id))
    values = [paper.cited_by_count or 0 for paper in counted]
    per_year: Counter[int] = Counter()
    for paper in counted:
        if paper.year is not None:
            per_year[paper.year] += paper.cited_by_count or 0
    return Citations(
        total=sum(values),
        papers_with_count=len(values),
        h_index=sum(value >= rank for rank, value in enumerate(values, 1)),
        mean=round(sum(values) / len(values), 1) if values else None,
        per_year=dict(sorted(per_year.items())),
        most_cited=tuple(map(line, counted[:_MOST_CITED])),
    )
