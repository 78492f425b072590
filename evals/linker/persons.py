"""Training of what tells namesakes apart, on persons of the catalogue who share a name, and its figures on labelled ones."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import orjson

from stores.catalogue import Catalogue
from stores.keys import name_key
from stores.manifest import replace
from stores.records import Authority, Paper
from tools.linking.base import LinkContext
from tools.linking.namesakes import FEATURES, NamesakeModel, Namesakes

FILE = "authors_dev.jsonl"
_OF_ONE_PERSON = 20
_LEAST = 2
_INITIALS = 2500
_REAL_WEIGHT = 3.0


@dataclass(frozen=True)
class Case:
    """Persons of one name, what stands around the mention, and which of them is meant."""

    persons: tuple[Authority, ...]
    context: LinkContext
    right: frozenset[str]
    weight: float = 1.0


def labelled(gold: Path, catalogue: Catalogue) -> list[Case]:
    """Return the labelled mentions whose context must decide; the paper that each comes from is left out."""
    groups = _groups(catalogue)
    cases = []
    for line in gold.read_bytes().splitlines():
        row = orjson.loads(line)
        if row["source"] != "homonym":
            continue
        persons = catalogue.authorities.get("author", sorted(groups.get(name_key(row["text"]), ())))
        cases.append(Case(tuple(persons), context_of(row), frozenset(row["gold_ids"])))
    return cases


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
    """Yield cases made from the catalogue: every paper of namesakes, and papers of some who share initial and surname.

    Args:
        catalogue: with persons and their papers.
        seed: of the choice.
    """
    random = Random(seed)
    groups = [ids for key, ids in sorted(_groups(catalogue).items()) if len(ids) > 1]
    for ids in groups:
        persons = tuple(catalogue.authorities.get("author", sorted(ids)))
        for person in persons:
            papers = catalogue.papers.by_author(person.id)
            if len(papers) < _LEAST:
                continue  # without its only paper nothing is known of a person, which would give the answer away
            for paper in random.sample(papers, min(len(papers), _OF_ONE_PERSON)):
                yield Case(persons, _context(paper, person, random), frozenset((person.id,)), _REAL_WEIGHT)
    initials: dict[str, list[str]] = {}
    for one in catalogue.authorities.every("author"):
        words = name_key(one.name).split()
        if len(words) > 1 and one.prior:
            initials.setdefault(f"{words[0][0]} {words[-1]}", []).append(one.id)
    several = sorted(some for some in initials.values() if len(some) > 1)
    for some in random.sample(several, min(len(several), _INITIALS)):
        chosen = random.sample(some, min(len(some), random.choice((2, 2, 3, 4, 8))))
        persons = tuple(catalogue.authorities.get("author", chosen))
        papers = catalogue.papers.by_author(chosen[0])
        if len(papers) >= _LEAST:
            paper = random.choice(papers)
            yield Case(persons, _context(paper, persons[0], random), frozenset((chosen[0],)))


def _groups(catalogue: Catalogue) -> dict[str, set[str]]:
    groups: dict[str, set[str]] = {}
    for _, _, id_, _, key, _ in catalogue.authorities.names(["author"]):
        groups.setdefault(key, set()).add(id_)
    return groups


def _context(paper: Paper, person: Authority, random: Random) -> LinkContext:
    place = next((one.affiliations[0].text for one in paper.authors if one.id == person.id and one.affiliations), None)
    return LinkContext(
        organizations=(place,) if place else (),
        coauthors=tuple(one.name for one in paper.authors if one.id != person.id),
        venue=paper.venue if random.random() > 0.1 else None,  # noqa: PLR2004
        year=paper.year,
        text=paper.title,
        paper_id=paper.id,
    )


def train_namesakes(
    catalogue: Catalogue, gold: Path, output: Path, seed: int, say: Callable[[str], None] = lambda _: None
) -> NamesakeModel:
    """Fit the weights on all cases and write them; the figures are of weights that never saw the tested name."""
    tested = labelled(gold, catalogue)
    reader = Namesakes(catalogue)
    rows = [(case, reader.features(case.persons, case.context)) for case in cases(catalogue, seed)]
    say(f"{len(rows):,} cases of persons who share a name")
    path = output / "author.json"
    counts: list[dict[str, float]] = []
    for name in sorted({_name(case) for case in tested}):
        part = [case for case in tested if _name(case) == name]
        _fit([row for row in rows if _name(row[0]) != name], seed, path)
        counts.append(accuracy(part, Namesakes(catalogue, path)))
    total = sum(one["mentions"] for one in counts)
    figures = {key: sum(one[key] * one["mentions"] for one in counts) / total for key in counts[0] if key != "mentions"}
    model = _fit(rows, seed, path).model_copy(update={"figures": {"mentions": total, **figures}})
    replace(path, model.model_dump_json(indent=1).encode() + b"\n")
    return model


def _name(case: Case) -> str:
    """Return the name that the persons of a case share."""
    return min((name_key(person.name) for person in case.persons), key=lambda key: (len(key), key), default="")


def _fit(rows: Sequence[tuple[Case, list[list[float]]]], seed: int, path: Path) -> NamesakeModel:
    """Fit a logistic model on standardized features, and write it with the standardization folded in."""
    from sklearn.linear_model import LogisticRegression

    matrix = np.array([row for _, found in rows for row in found])
    target = [person.id in case.right for case, _ in rows for person in case.persons]
    weight = [case.weight for case, _ in rows for _ in case.persons]
    mean, spread = matrix.mean(axis=0), matrix.std(axis=0) + 1e-6
    fitted = LogisticRegression(C=1.0, max_iter=2000).fit((matrix - mean) / spread, target, sample_weight=weight)
    weights = fitted.coef_[0] / spread
    model = NamesakeModel(
        features=FEATURES,
        weights=tuple(round(float(value), 5) for value in weights),
        constant=round(float(fitted.intercept_[0] - weights @ mean), 5),
        seed=seed,
        training={"cases": len(rows)},
    )
    replace(path, model.model_dump_json(indent=1).encode())
    return model


def accuracy(tested: Sequence[Case], namesakes: Namesakes) -> dict[str, float]:
    """Return how often the first is right, beside the person with most papers and the one with most shared coauthors."""
    right = {"context": 0, "most papers": 0, "most shared coauthors": 0}
    papers, shared = FEATURES.index("papers"), FEATURES.index("papers with them")
    for case in tested:
        rows = namesakes.features(case.persons, case.context)
        scores = {
            "context": namesakes.log_odds(case.persons, case.context),
            "most papers": [row[papers] for row in rows],
            "most shared coauthors": [row[shared] for row in rows],
        }
        for name, values in scores.items():
            right[name] += case.persons[int(np.argmax(values))].id in case.right
    return {"mentions": float(len(tested)), **{name: count / len(tested) for name, count in right.items()}}
