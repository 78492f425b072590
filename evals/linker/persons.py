"""Mentions of persons who share a name: labelled ones, and many made from the papers of the catalogue."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import orjson

from stores.catalogue import Catalogue
from stores.keys import name_key
from stores.records import Authority, Paper
from tools.linking.base import LinkContext
from tools.linking.work import Work, read_work

FILE = "authors_dev.jsonl"
_OF_ONE_PERSON = 20
_LEAST = 2
_INITIALS, _COLLECTED = 2500, 2000
_SHARE_AN_INITIAL = 6
_REAL_WEIGHT = 3.0


@dataclass(frozen=True)
class Case:
    """Persons of one name, what stands around the mention, and which of them is meant.

    Attributes:
        name: key of the name that they share; empty for persons who share an initial and a family name only.
        ids: of the persons.
        works: what is known of each without the paper that the mention stands in.
        context: what stands around the mention.
        right: ids that are meant.
        weight: in training.
    """

    name: str
    ids: tuple[str, ...]
    works: tuple[Work, ...]
    context: LinkContext
    right: frozenset[str]
    weight: float = 1.0

    @property
    def collected(self) -> bool:
        """Whether what is meant is a record that collects papers of several persons."""
        return any(work.several for id_, work in zip(self.ids, self.works, strict=True) if id_ in self.right)


def labelled(gold: Path, catalogue: Catalogue) -> list[Case]:
    """Return the labelled mentions whose context must decide.

    The paper that each comes from is left out; a person who has no other paper would not be known without it, so the
    person is no candidate, and a mention of that person is no case.
    """
    groups = _groups(catalogue)
    found = []
    for line in gold.read_bytes().splitlines():
        row = orjson.loads(line)
        if row["source"] != "homonym":
            continue
        name = name_key(row["text"])
        ids = sorted(groups.get(name, ()))
        case = _case(catalogue, name, ids, context_of(row), frozenset(row["gold_ids"]))
        if case is not None:
            found.append(case)
    return found


def context_of(row: dict[str, Any]) -> LinkContext:
    """Return the context of a labelled mention."""
    given = row.get("context") or {}
    return LinkContext(
        organizations=(given["affiliation"],) if given.get("affiliation") else (),
        coauthors=tuple(given.get("coauthors") or ()),
        venue=given.get("venue"),
        year=given.get("year"),
        text=given.get("title") or "",
        paper_id=row.get("paper_id"),
    )


def cases(catalogue: Catalogue, seed: int) -> Iterator[Case]:
    """Yield cases made from the catalogue.

    Papers of namesakes; papers of some who share an initial and a family name; and of such again, some of whom stand for
    themselves while the papers of the others are collected under one record, as registries do.

    Args:
        catalogue: with persons and their papers.
        seed: of the choice.
    """
    random = Random(seed)
    for name, ids in sorted(_groups(catalogue).items()):
        for id_ in sorted(ids) if len(ids) > 1 else ():
            papers = catalogue.papers.by_author(id_)
            for paper in random.sample(papers, min(len(papers), _OF_ONE_PERSON)):
                context = _context(paper, id_, random)
                case = _case(catalogue, name, sorted(ids), context, frozenset((id_,)), _REAL_WEIGHT)
                if case is not None and len(case.ids) > 1:
                    yield case
    initials = _initials(catalogue)
    several = sorted(some for some in initials if len(some) > 1)
    for some in random.sample(several, min(len(several), _INITIALS)):
        chosen = random.sample(some, min(len(some), random.choice((2, 2, 3, 4, 8))))
        papers = catalogue.papers.by_author(chosen[0])
        if len(papers) >= _LEAST:
            context = _context(random.choice(papers), chosen[0], random)
            case = _case(catalogue, "", chosen, context, frozenset((chosen[0],)))
            if case is not None and len(case.ids) > 1:
                yield case
    many = [some for some in several if len(some) >= _SHARE_AN_INITIAL]
    for _ in range(_COLLECTED if many else 0):
        case = _collecting(catalogue, random.choice(many), random)
        if case is not None:
            yield case


def _collecting(catalogue: Catalogue, some: Sequence[str], random: Random) -> Case | None:
    """Return a case in which one of the candidates collects the papers of several persons."""
    mixed = random.sample(some, len(some))
    number = random.choice((1, 2, 3, 5))
    single, rest = mixed[:number], mixed[number : number + random.choice((4, 8, 15))]
    is_collected = random.random() < 0.5  # noqa: PLR2004
    meant = random.choice(rest if is_collected else single)
    papers = catalogue.papers.by_author(meant)
    if not papers:
        return None
    context = _context(random.choice(papers), meant, random)
    alone = _known(catalogue, single, context.paper_id)
    together = _together(work for _, work in _known(catalogue, rest, context.paper_id))
    right = "collected" if is_collected else meant
    ids = (*(id_ for id_, _ in alone), "collected")
    if len(ids) == 1 or right not in ids or not together.papers:
        return None
    return Case("", ids, (*(work for _, work in alone), together), context, frozenset((right,)))


def _together(works: Iterable[Work]) -> Work:
    whole = Work(several=True)
    for work in works:
        whole.coauthors += work.coauthors
        whole.venues += work.venues
        whole.titles += work.titles
        whole.years += work.years
        whole.places += work.places
        whole.papers += work.papers
    return whole


def _case(
    catalogue: Catalogue,
    name: str,
    ids: Sequence[str],
    context: LinkContext,
    right: frozenset[str],
    weight: float = 1.0,
) -> Case | None:
    known = _known(catalogue, ids, context.paper_id)
    if not right & {id_ for id_, _ in known}:
        return None
    return Case(name, tuple(id_ for id_, _ in known), tuple(work for _, work in known), context, right, weight)


def _known(catalogue: Catalogue, ids: Sequence[str], without: str | None) -> list[tuple[str, Work]]:
    persons = catalogue.authorities.get("author", ids)
    found = ((person.id, read_work(catalogue, person, without)) for person in persons)
    return [(id_, work) for id_, work in found if work.papers]


def _groups(catalogue: Catalogue) -> dict[str, set[str]]:
    groups: dict[str, set[str]] = {}
    for _, _, id_, _, key, _ in catalogue.authorities.names(["author"]):
        groups.setdefault(key, set()).add(id_)
    return groups


def _initials(catalogue: Catalogue) -> list[list[str]]:
    found: dict[str, list[str]] = {}
    one: Authority
    for one in catalogue.authorities.every("author"):
        words = name_key(one.name).split()
        if len(words) > 1 and one.prior:
            found.setdefault(f"{words[0][0]} {words[-1]}", []).append(one.id)
    return list(found.values())


def _context(paper: Paper, id_: str, random: Random) -> LinkContext:
    place = next((one.affiliations[0].text for one in paper.authors if one.id == id_ and one.affiliations), None)
    return LinkContext(
        organizations=(place,) if place else (),
        coauthors=tuple(one.name for one in paper.authors if one.id != id_),
        venue=paper.venue if random.random() > 0.1 else None,  # noqa: PLR2004
        year=paper.year,
        text=paper.title,
        paper_id=paper.id,
    )
