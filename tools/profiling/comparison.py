"""Two bodies of papers side by side: two authors, or one author in two spans of years."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from stores.catalogue import Catalogue
from stores.records import Paper, Record
from tools.profiling.base import Window
from tools.profiling.counting import by_year
from tools.profiling.fact_records import Citations, Coauthor, FunderCount, OrganizationCount, VenueCount
from tools.profiling.people import coauthors
from tools.profiling.places import places
from tools.profiling.records import citations, funders
from tools.profiling.topics import by_chance, percent, topics_in
from tools.profiling.venues import venues

if TYPE_CHECKING:
    from tools.profiling.clusters import Vector

_MOST = 6


class Side(Record):
    """One of the two.

    Attributes:
        name: what it is called: an author's name, or the years.
        paper_ids: its papers.
        a_year: papers a year over the years of the window, to one place; None where the window is open.
    """

    name: str
    author_id: str
    window: Window
    paper_ids: tuple[str, ...]
    papers: int
    per_year: dict[int, int]
    a_year: float | None
    coauthors: tuple[Coauthor, ...]
    n_coauthors: int
    venues: tuple[VenueCount, ...]
    organizations: tuple[OrganizationCount, ...]
    funders: tuple[FunderCount, ...]
    citations: Citations


class SharedTopic(Record):
    """A topic of both bodies together, with the papers and the percentage of each side.

    Attributes:
        differs: whether shares as far apart would seldom come by chance; the same test as for emerging topics.
    """

    name: str
    papers: tuple[int, int]
    percent: tuple[int, int]
    differs: bool
    paper_ids: tuple[str, ...]


class Comparison(Record):
    """All that is said of the two.

    Attributes:
        kind: two authors, or two spans of one.
        joint: papers of both; of spans always empty.
        shared: coauthors of both, with the numbers of papers with the second side; the two themselves are left out.
        only: how many coauthors are of one side alone.
        n_shared: how many are of both.
    """

    kind: Literal["authors", "years"]
    sides: tuple[Side, Side]
    topics: tuple[SharedTopic, ...]
    joint: tuple[str, ...]
    n_joint: int
    shared: tuple[Coauthor, ...]
    n_shared: int
    only: tuple[int, int]


def compare(
    catalogue: Catalogue,
    sides: Sequence[tuple[str, str, Window]],
    kind: Literal["authors", "years"],
    vectors: "Mapping[str, Vector] | None" = None,
) -> Comparison:
    """Return the facts of two sides.

    Args:
        catalogue: where the papers are.
        sides: name, author id and years of each of the two.
        kind: what they are.
        vectors: a document vector (d,) for each paper id, for topics by clustering.
    """
    papers = [catalogue.papers.by_author(id_, w.year_from, w.year_to) for _, id_, w in sides]
    a, b = (_side(catalogue, *side, found) for side, found in zip(sides, papers, strict=True))
    both = set(a.paper_ids) & set(b.paper_ids)
    themselves = {a.author_id, b.author_id}
    of_a = {one.id for one in a.coauthors} - themselves
    of_b = {one.id for one in b.coauthors} - themselves
    return Comparison(
        kind=kind,
        sides=(a, b),
        topics=_topics(catalogue, papers, vectors or {}),
        joint=tuple(id_ for id_ in a.paper_ids if id_ in both),
        n_joint=len(both),
        shared=tuple(one for one in b.coauthors if one.id in of_a & of_b),
        n_shared=len(of_a & of_b),
        only=(len(of_a - of_b), len(of_b - of_a)),
    )


def _side(catalogue: Catalogue, name: str, author_id: str, window: Window, papers: list[Paper]) -> Side:
    people = coauthors(papers, author_id)
    years = None if window.year_from is None or window.year_to is None else window.year_to - window.year_from + 1
    return Side(
        name=name,
        author_id=author_id,
        window=window,
        paper_ids=tuple(paper.id for paper in papers),
        papers=len(papers),
        per_year=by_year(papers),
        a_year=round(len(papers) / years, 1) if years else None,
        coauthors=people,
        n_coauthors=len(people),
        venues=tuple(venues(papers)),
        organizations=places(catalogue, papers, author_id)[0],
        funders=funders(papers),
        citations=citations(papers),
    )


def _topics(
    catalogue: Catalogue, papers: Sequence[list[Paper]], vectors: "Mapping[str, Vector]"
) -> tuple[SharedTopic, ...]:
    """Return the topics of both together, those whose shares differ most first."""
    every = list({paper.id: paper for found in papers for paper in found}.values())
    of = [{paper.id for paper in found} for found in papers]
    found = topics_in(catalogue, every, vectors, None)
    clusters = [one for one in found if one.kind == "cluster"]
    kinds = [one.kind for one in found]
    chosen = clusters or [one for one in found if one.kind == kinds[0]]
    shared = []
    for topic in chosen:
        a, b = (len(side & set(topic.paper_ids)) for side in of)
        shares = (percent(a, len(of[0])), percent(b, len(of[1])))
        differs = not by_chance(a, len(of[0]), b, len(of[1]))
        shared.append(
            SharedTopic(name=topic.name, papers=(a, b), percent=shares, differs=differs, paper_ids=topic.paper_ids)
        )
    shared.sort(key=lambda one: (-abs(one.percent[0] - one.percent[1]), -sum(one.papers), one.name))
    return tuple(shared[:_MOST])
