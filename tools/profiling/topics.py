"""What an author's papers are about, with each topic's share by year and whether it is emerging."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import comb
from typing import TYPE_CHECKING

from stores.catalogue import Catalogue
from stores.keys import name_key
from stores.records import Paper
from tools.profiling.contributions import contribution
from tools.profiling.fact_records import PaperLine, TopicKind, TopicShare
from tools.profiling.phrases import team
from tools.profiling.stopwords import BROAD
from tools.profiling.terms import Rarity, Terms

if TYPE_CHECKING:
    from tools.profiling.clusters import Vector

_GROWTH = 1.5
_MIN_RECENT = 2
_MIN_BEFORE = 3
_CHANCE = 0.2  # a change that chance alone brings about more often than this is no news
_NEAR = 4  # a typical paper is one of the nearest quarter, or of so many
_OF_EVENTS = re.compile(r"(?:findings|overview|proceedings|report|results) of|.*\bshared task\b", re.IGNORECASE)
_MOST = 30
_MIN_SCORE = 0.3  # OpenAlex assigns a concept from this score on; lower ones are passing mentions
_LABEL_TERMS = 3

_LIBRARY = 10  # times as many papers must a catalogue hold to say what is common to all papers
_MEAN_OF = 1000


def topics(
    papers: Sequence[Paper],
    vectors: "Mapping[str, Vector]",
    recent_from: int | None,
    rarity: Rarity | None = None,
    mean: "Vector | None" = None,
) -> tuple[TopicShare, ...]:
    """Return clusters of papers, topics and keywords of the records, or, without any of these, terms of the titles.

    Args:
        papers: the papers of a window.
        vectors: document vectors (d,) by paper id; may be empty.
        recent_from: the first year of the recent part, or None when nothing can be called emerging.
        rarity: how rare terms are in the whole catalogue.
        mean: of the library's document vectors (d,); taken off, what all papers have in common weighs nothing.
    """
    shares = Shares(papers, recent_from)
    found = [*_clusters(papers, vectors, shares, rarity, mean), *_of_records(papers, shares)]
    return tuple(found) if found else _of_titles(papers, shares, rarity)


def topics_in(
    catalogue: Catalogue, papers: Sequence[Paper], vectors: "Mapping[str, Vector]", recent_from: int | None
) -> tuple[TopicShare, ...]:
    """Return the topics of papers beside what the whole catalogue is about, unless they make up much of it."""
    large = catalogue.papers.count() >= _LIBRARY * len(papers)
    mean = catalogue.indexing.mean_vector(_MEAN_OF) if large and vectors else None
    return topics(papers, vectors, recent_from, catalogue.search.rarity, mean)


class Shares:
    """Turns a set of papers into a topic with its shares.

    Args:
        papers: all papers, of which a topic takes a share.
        recent_from: the first year of the recent part.
    """

    def __init__(self, papers: Sequence[Paper], recent_from: int | None) -> None:
        self._papers = {paper.id: paper for paper in papers}
        self._recent_from = recent_from
        self._years = Counter(paper.year for paper in papers if paper.year is not None)
        self._recent, self._before = self._parts(self._papers)

    def topic(
        self, name: str, kind: TopicKind, ids: Iterable[str], *, id_: str | None = None, example: str | None = None
    ) -> TopicShare:
        """Return a topic over these papers."""
        members = list(dict.fromkeys(ids))
        years = Counter(year for member in members if (year := self._papers[member].year) is not None)
        recent, before = self._parts(members)
        share_recent = recent / self._recent if self._recent else 0.0
        share_before = before / self._before if self._before else 0.0
        compared = self._recent_from is not None and self._before > 0 and name.casefold() not in BROAD
        central = self._papers[example] if example else None
        return TopicShare(
            name=name,
            kind=kind,
            id=id_,
            papers=len(members),
            percent=percent(len(members), len(self._papers)),
            per_year=dict(sorted(years.items())),
            share_per_year={year: round(years[year] / n, 2) for year, n in sorted(self._years.items())},
            papers_recent=recent,
            papers_before=before,
            percent_before=percent(before, self._before),
            percent_recent=percent(recent, self._recent),
            emerging=compared
            and recent >= _MIN_RECENT
            and share_recent >= _GROWTH * share_before
            and not by_chance(recent, self._recent, before, self._before),
            fading=compared
            and before >= _MIN_BEFORE
            and share_before >= _GROWTH * max(share_recent, 0.01)
            and not by_chance(recent, self._recent, before, self._before),
            example=PaperLine(id=central.id, year=central.year, title=central.title) if central else None,
            example_says=contribution(central.abstract) if central else "",
            paper_ids=tuple(members),
        )

    def _parts(self, ids: Iterable[str]) -> tuple[int, int]:
        """Return how many papers are of the recent years, and how many of the years before."""
        years = [year for id_ in ids if (year := self._papers[id_].year) is not None]
        if self._recent_from is None:
            return 0, 0
        recent = sum(year >= self._recent_from for year in years)
        return recent, len(years) - recent


def percent(part: int, whole: int) -> int:
    """Return hundredths of the whole, halves rounded up; 0 of nothing."""
    return (200 * part + whole) // (2 * whole) if whole else 0


def by_chance(a: int, of_a: int, b: int, of_b: int) -> bool:
    """Return whether shares as far apart as `a` of `of_a` and `b` of `of_b` come by chance often enough to be no news."""
    larger = (a, of_a, b, of_b) if a * of_b >= b * of_a else (b, of_b, a, of_a)
    return chance(*larger) > _CHANCE


def chance(here: int, of_here: int, there: int, of_there: int) -> float:
    """Return how probable so large a share is by chance alone, 0 to 1: Fisher's exact test, one-sided.

    Args:
        here: papers of the topic in the part where its share is larger.
        of_here: all papers of that part.
        there: papers of the topic in the other part.
        of_there: all papers of the other part.
    """
    topic, every = here + there, of_here + of_there
    ways = sum(comb(of_here, n) * comb(of_there, topic - n) for n in range(here, min(topic, of_here) + 1))
    return ways / comb(every, topic)


def _clusters(
    papers: Sequence[Paper],
    vectors: "Mapping[str, Vector]",
    shares: Shares,
    rarity: Rarity | None,
    mean: "Vector | None",
) -> list[TopicShare]:
    if not vectors:
        return []
    from tools.profiling.clusters import groups

    grouped = groups([paper.id for paper in papers], vectors, mean)
    if len(grouped) < 2:  # noqa: PLR2004
        return []
    labels = Terms(papers, rarity).labels(grouped, _LABEL_TERMS)
    known = {paper.id: paper for paper in papers}
    return [
        shares.topic(", ".join(terms) or "other", "cluster", members, example=_typical([known[id_] for id_ in members]))
        for terms, members in zip(labels, grouped, strict=True)
    ]


def _typical(members: Sequence[Paper]) -> str:
    """Return the id of the most central paper that says what it does, among the papers nearest to the centre.

    Args:
        members: the papers of a group, the most central first.
    """
    near = members[: max(_NEAR, len(members) // _NEAR)]
    telling = (
        one for one in near if not team(one.title) and not _OF_EVENTS.match(one.title) and contribution(one.abstract)
    )
    return next(telling, members[0]).id


def _of_records(papers: Sequence[Paper], shares: Shares) -> list[TopicShare]:
    members: dict[tuple[TopicKind, str], list[str]] = defaultdict(list)
    names: dict[tuple[TopicKind, str], Counter[tuple[str, str | None]]] = defaultdict(Counter)
    for paper in papers:
        carried: list[tuple[TopicKind, str, str | None]] = [
            ("topic", topic.name, topic.id)
            for topic in paper.topics
            if topic.score is None or topic.score >= _MIN_SCORE
        ]
        carried += [("keyword", keyword, None) for keyword in paper.keywords]
        for kind, name, id_ in carried:
            key = (kind, id_ or name_key(name) or name)
            members[key].append(paper.id)
            names[key][(name, id_)] += 1
    found = []
    for key, ids in members.items():
        name, id_ = min(names[key], key=lambda pair: (-names[key][pair], pair[0]))
        found.append(shares.topic(name, key[0], ids, id_=id_))
    found.sort(key=lambda one: (one.kind != "topic", -one.papers, one.name))
    return [one for kind in ("topic", "keyword") for one in [one for one in found if one.kind == kind][:_MOST]]


def _of_titles(papers: Sequence[Paper], shares: Shares, rarity: Rarity | None) -> tuple[TopicShare, ...]:
    found = [shares.topic(term, "term", ids) for term, ids in Terms(papers, rarity).of_titles()]
    return tuple(found)
