"""Which of several persons of one name is meant: their papers against the paper or the work that the mention stands in.

A logistic model over what two papers of one person usually share: coauthors, coauthors of coauthors, words of titles,
venues, years and affiliations. `quodvide train linker` fits it on persons of the catalogue who share a name, each paper
left out of what is known of its author in turn.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import log, log1p
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from stores.catalogue import Catalogue
from stores.errors import ModelError
from stores.keys import name_key
from stores.records import Authority
from tools.linking.base import LinkContext
from tools.linking.evidence import same_place
from tools.ner.lexicon import word_set

SHIPPED = Path(__file__).resolve().parent / "models" / "author.json"
FEATURES = (
    "shares a coauthor", "shared coauthors", "papers with them", "coauthors of coauthors", "title like all titles",
    "title like one title", "years outside", "years to the nearest", "venue share", "affiliation", "comment", "has a comment",
    "papers", "shared, behind", "papers with them, behind", "second degree, behind", "titles, behind",
    "one title, behind", "papers, behind", "affiliation, behind",
)  # fmt: skip
_BEHIND = (1, 2, 3, 4, 5, 12, 9)
_FAR = 9
_SAMPLE = 5000
# Words that most titles of a field share say nothing about who wrote them.
_PLAIN = word_set(
    "a an the of for and in on to with from by via using is are at as its into towards toward based how what do we can not or"
    " model models learning language data task tasks approach method methods study analysis new neural system systems shared"
    " natural processing evaluation"
)


class NamesakeModel(BaseModel):
    """The weights of the logistic model; `quodvide train linker` writes them."""

    model_config = ConfigDict(frozen=True)

    features: tuple[str, ...]
    weights: tuple[float, ...]
    constant: float
    seed: int = 0
    training: dict[str, Any] = {}
    figures: dict[str, Any] = {}


@dataclass
class Work:
    """What is known of a person's papers.

    Attributes:
        coauthors: papers with each coauthor, by name key.
        titles: the words of each title.
        years: year of each paper.
        venues: papers in each venue, by key.
        places: affiliations.
        papers: number of papers.
        comment: what the registry says to tell the person from namesakes.
    """

    coauthors: Counter[str] = field(default_factory=Counter)
    titles: list[frozenset[str]] = field(default_factory=list)
    years: list[int] = field(default_factory=list)
    venues: Counter[str] = field(default_factory=Counter)
    places: tuple[str, ...] = ()
    papers: int = 0
    comment: str = ""


class Namesakes:
    """Tells persons of one name apart.

    Args:
        catalogue: where their papers are.
        path: the weights.
    """

    def __init__(self, catalogue: Catalogue, path: Path = SHIPPED) -> None:
        self._catalogue = catalogue
        self._path = path

    @cached_property
    def _model(self) -> NamesakeModel:
        hint = "Install quodvide again, or train it: quodvide train linker"
        try:
            model = NamesakeModel.model_validate_json(self._path.read_bytes())
        except (OSError, ValidationError) as error:
            raise ModelError("the weights for namesakes cannot be read", where=str(self._path), hint=hint) from error
        if model.features != FEATURES or len(model.weights) != len(FEATURES):
            raise ModelError("the weights for namesakes are of another version", where=str(self._path), hint=hint)
        return model

    def log_odds(self, persons: Sequence[Authority], context: LinkContext) -> list[float]:
        """Return for each person the log odds that the context is theirs; they are to be compared with each other."""
        model = self._model
        rows = self.features(persons, context)
        return [model.constant + sum(w * x for w, x in zip(model.weights, row, strict=True)) for row in rows]

    def features(self, persons: Sequence[Authority], context: LinkContext) -> list[list[float]]:
        """Return the values of FEATURES for each person."""
        works = [self.work(person, context.paper_id) for person in persons]
        coauthors = [key for name in context.coauthors if (key := name_key(name))]
        circle = self._circle(coauthors, context.paper_id)
        rows = [_row(work, context, coauthors, circle, self._telling) for work in works]
        best = {column: sorted((row[column] for row in rows), reverse=True) for column in _BEHIND}
        for row in rows:
            # The distance to the best of the others, so that a person far ahead stands out as well.
            row += [row[c] - (best[c][1] if len(rows) > 1 and row[c] == best[c][0] else best[c][0]) for c in _BEHIND]
        return rows

    @cached_property
    def _telling(self) -> dict[str, float]:
        """Return how much a word of titles tells, over a sample of the catalogue's titles."""
        ((last,),) = self._catalogue.database.rows("SELECT coalesce(max(rowid), 0) FROM paper", ())
        step = max(1, int(last) // _SAMPLE)
        titles = self._catalogue.database.rows("SELECT title FROM paper WHERE rowid % ? = 0 LIMIT ?", (step, _SAMPLE))
        found = Counter(word for (title,) in titles for word in title_words(str(title)))
        return {word: log((len(titles) + 1) / (count + 1)) for word, count in found.items()} | {
            "": log(len(titles) + 1)
        }

    def work(self, person: Authority, without: str | None = None) -> Work:
        """Return what is known of a person's papers: those of the catalogue, else the facts of the registry."""
        comment = str(person.facts.get("comment") or "")
        sql = (
            "SELECT paper.rowid, paper.id, title, year, venue_key FROM author JOIN paper ON paper.rowid = author.paper"
            " WHERE author.id = ?"
        )
        rows = [row for row in self._catalogue.database.rows(sql, (person.id,)) if row[1] != without]
        if not rows:
            return _from_facts(person) if without is None else Work(comment=comment)
        marks = ",".join("?" * len(rows))
        numbers = [row[0] for row in rows]
        names = self._catalogue.database.rows(
            f"SELECT key, count(*) FROM author WHERE paper IN ({marks}) AND id != ? GROUP BY key", [*numbers, person.id]
        )
        places = self._catalogue.database.rows(
            "SELECT DISTINCT affiliation.text FROM affiliation JOIN author ON author.paper = affiliation.paper"
            f" AND author.position = affiliation.position WHERE affiliation.paper IN ({marks}) AND author.id = ?",
            [*numbers, person.id],
        )
        return Work(
            coauthors=Counter({str(key): int(count) for key, count in names}),
            titles=[title_words(str(row[2])) for row in rows],
            years=[int(row[3]) for row in rows if row[3] is not None],
            venues=Counter(str(row[4]) for row in rows if row[4]),
            places=tuple(str(row[0]) for row in places),
            papers=len(rows),
            comment=comment,
        )

    def _circle(self, coauthors: Sequence[str], without: str | None) -> dict[str, frozenset[str]]:
        """Return the coauthors of each coauthor."""
        found: dict[str, frozenset[str]] = {}
        for key in coauthors:
            sql = (
                "SELECT DISTINCT b.key FROM author a JOIN author b ON a.paper = b.paper JOIN paper ON paper.rowid = a.paper"
                " WHERE a.key = ? AND paper.id IS NOT ?"
            )
            found[key] = frozenset(str(row[0]) for row in self._catalogue.database.rows(sql, (key, without)))
        return found


def title_words(title: str) -> frozenset[str]:
    """Return the words of a title that may tell who wrote it."""
    return frozenset(word for word in name_key(title).split() if word not in _PLAIN and len(word) > 2)  # noqa: PLR2004


def _from_facts(person: Authority) -> Work:
    facts = person.facts
    top, venues, places = facts.get("top_coauthors"), facts.get("venues"), facts.get("affiliations")
    first, last = facts.get("first_year"), facts.get("last_year")
    return Work(
        coauthors=Counter({str(one).replace("-", " "): 2 for one in top} if isinstance(top, list) else {}),
        years=[year for year in (first, last) if isinstance(year, int)],
        venues=Counter({name_key(k): int(n) for k, n in venues.items()} if isinstance(venues, dict) else {}),
        places=tuple(str(one.get("name")) for one in places) if isinstance(places, list) else (),
        papers=int(facts.get("n_papers") or 0),
        comment=str(facts.get("comment") or ""),
    )


def _row(
    work: Work,
    context: LinkContext,
    coauthors: Sequence[str],
    circle: dict[str, frozenset[str]],
    telling: dict[str, float],
) -> list[float]:
    def idf(word: str) -> float:
        return telling.get(word, telling[""])

    def norm(words: Iterable[str]) -> float:
        return float(sum(idf(word) ** 2 for word in words) ** 0.5)

    shared = [key for key in coauthors if key in work.coauthors]
    mine = set(work.coauthors)
    second = sum(len(circle[key] & mine) / (3 + len(circle[key])) for key in coauthors if key not in mine)
    words = title_words(" ".join((context.text, *context.topics)))
    every = Counter(word for title in work.titles for word in title)
    length = sum((idf(word) * log1p(count)) ** 2 for word, count in every.items()) ** 0.5
    both = sum(idf(word) ** 2 * log1p(every[word]) for word in words if word in every)
    alike = both / (norm(words) * length) if both else 0.0
    one = max(
        (norm(words & title) ** 2 / (norm(words) * norm(title)) for title in work.titles if words & title), default=0.0
    )
    years, year = work.years, context.year
    outside = max(min(years) - year, 0, year - max(years)) if years and year else 0
    nearest = min((abs(other - year) for other in years), default=_FAR) if year else 0
    venue = work.venues[name_key(context.venue)] / (work.papers + 1) if context.venue else 0.0
    return [
        float(bool(shared)),
        float(len(shared)),
        sum(log1p(work.coauthors[key]) for key in shared),
        second,
        alike,
        one,
        float(min(outside, _FAR)),
        float(min(nearest, _FAR)),
        venue,
        _best(context.organizations, work.places),
        _best(context.organizations, (work.comment,) if work.comment else ()),
        float(bool(work.comment)),
        log1p(work.papers),
    ]


def _best(wanted: Iterable[str], known: Iterable[str]) -> float:
    keys = [key for text in known if (key := name_key(text))]
    return max((same_place(key, other) for text in wanted if (key := name_key(text)) for other in keys), default=0.0)
