"""Small counts that all facts are made of."""

from collections import Counter
from collections.abc import Iterable

from stores.records import Paper
from tools.profiling.fact_records import PaperLine


def most_common(names: Counter[str]) -> str:
    """Return the most frequent name, the first in the alphabet among equals, or an empty string."""
    return min(names, key=lambda name: (-names[name], name), default="")


def by_year(papers: Iterable[Paper]) -> dict[int, int]:
    """Return how many of these papers are of each year that has any; papers without a year are left out."""
    return dict(sorted(Counter(paper.year for paper in papers if paper.year is not None).items()))


def line(paper: Paper) -> PaperLine:
    """Return a paper in one line."""
    return PaperLine(id=paper.id, year=paper.year, title=paper.title, cited_by_count=paper.cited_by_count)
