"""The people an author publishes with, and how that circle changes."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import combinations

from stores.records import Paper
from tools.profiling.counting import most_common
from tools.profiling.fact_records import Circle, Coauthor, CoauthorPair

_NAMED = 5
_PAIRED = 25  # coauthors among whom joint papers are counted: as many as a drawing holds


def coauthors(papers: Sequence[Paper], author_id: str) -> tuple[Coauthor, ...]:
    """Return everybody who is on these papers with the author, by number of joint papers, then by id."""
    found: dict[str, list[Paper]] = defaultdict(list)
    names: dict[str, Counter[str]] = defaultdict(Counter)
    for paper in papers:
        for one in {author.id: author for author in paper.authors if author.id != author_id}.values():
            found[one.id].append(paper)
            names[one.id][one.name] += 1
    order = sorted(found, key=lambda id_: (-len(found[id_]), id_))
    return tuple(_coauthor(id_, most_common(names[id_]), found[id_]) for id_ in order)


def _coauthor(id_: str, name: str, joint: Sequence[Paper]) -> Coauthor:
    years = [paper.year for paper in joint if paper.year is not None]
    return Coauthor(
        id=id_, name=name, papers=len(joint), first_year=min(years, default=None), last_year=max(years, default=None),
        paper_ids=tuple(paper.id for paper in joint),
    )  # fmt: skip


def per_year(papers: Sequence[Paper], author_id: str) -> dict[int, int]:
    """Return how many different coauthors the author has in each year with papers."""
    people: dict[int, set[str]] = defaultdict(set)
    for paper in papers:
        if paper.year is not None:
            people[paper.year].update(author.id for author in paper.authors if author.id != author_id)
    return {year: len(people[year]) for year in sorted(people)}


def circle(everybody: Sequence[Coauthor], since: int | None) -> Circle | None:
    """Return who came, stayed and left, or None when nothing lies before the recent part.

    Args:
        everybody: the coauthors, in order.
        since: the first year of the recent part.
    """
    if since is None:
        return None
    dated = [one for one in everybody if one.first_year is not None and one.last_year is not None]
    new = [one for one in dated if (one.first_year or 0) >= since]
    left = [one for one in dated if (one.last_year or 0) < since]
    kept = [one for one in dated if (one.first_year or 0) < since <= (one.last_year or 0)]
    return Circle(
        since=since, before=len(kept) + len(left), new=len(new), kept=len(kept), left=len(left),
        newcomers=tuple(new[:_NAMED]), lasting=tuple(kept[:_NAMED]),
    )  # fmt: skip


def pairs(papers: Sequence[Paper], everybody: Sequence[Coauthor]) -> tuple[CoauthorPair, ...]:
    """Return who of the most frequent coauthors were on papers together, by number, then by id."""
    named = {one.id for one in everybody[:_PAIRED]}
    joint: Counter[tuple[str, str]] = Counter()
    for paper in papers:
        joint.update(combinations(sorted({author.id for author in paper.authors} & named), 2))
    order = sorted(joint, key=lambda pair: (-joint[pair], pair))
    return tuple(CoauthorPair(a=a, b=b, papers=joint[a, b]) for a, b in order)
