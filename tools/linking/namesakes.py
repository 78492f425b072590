"""Which of several persons of one name is meant: their papers against the paper or the work that the mention stands in.

A logistic model over what two papers of one person usually share: coauthors, coauthors of coauthors, words of titles,
venues, years and affiliations. `quodvide train linker` fits it on persons of the catalogue who share a name, each paper
left out of what is known of its author in turn.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from math import log, log1p
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, PositiveFloat, ValidationError

from stores.catalogue import Catalogue
from stores.errors import ModelError
from stores.keys import name_key
from stores.records import Authority
from tools.linking.base import LinkContext
from tools.linking.evidence import same_place
from tools.linking.work import Work, read_circle, read_work, title_words

SHIPPED = Path(__file__).resolve().parent / "models" / "author.json"
FEATURES = (
    "shares a coauthor", "shared coauthors", "papers with them", "coauthors of coauthors", "title like all titles",
    "title like one title", "years outside", "years to the nearest", "venue share", "affiliation", "comment", "has a comment",
    "papers", "collects several", "shared, behind", "papers with them, behind", "second degree, behind", "titles, behind",
    "one title, behind", "papers, behind", "affiliation, behind", "comment, behind",
    "collects, but another shares", "collects, shared of another", "collects, second degree of another",
    "collects, one title of another",
)  # fmt: skip
_BEHIND = (1, 2, 3, 4, 5, 12, 9, 10)
_COLLECTS = 13
_OF_ANOTHER = (0, 1, 3, 5)
_FAR = 9
_SAMPLE = 5000


class NamesakeModel(BaseModel):
    """The weights of the logistic model; `quodvide train linker` writes them.

    Attributes:
        features: FEATURES of the version that they belong to.
        weights: one a feature.
        constant: added to the weighted sum.
        temperature: what the log odds are divided by to be calibrated, without and with a record among the candidates
            that collects papers of several persons.
    """

    model_config = ConfigDict(frozen=True)

    features: tuple[str, ...]
    weights: tuple[float, ...]
    constant: float
    temperature: tuple[PositiveFloat, PositiveFloat] = (1.0, 1.0)
    seed: int = 0
    training: dict[str, Any] = {}
    figures: dict[str, Any] = {}


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
        return self.weigh(self.features(persons, context))

    def weigh(self, rows: Sequence[Sequence[float]]) -> list[float]:
        """Return the log odds of each row of FEATURES."""
        model = self._model
        heat = model.temperature[collects(rows)]
        return [(model.constant + sum(w * x for w, x in zip(model.weights, row, strict=True))) / heat for row in rows]

    def features(self, persons: Sequence[Authority], context: LinkContext) -> list[list[float]]:
        """Return the values of FEATURES for each person."""
        return self.compare([read_work(self._catalogue, person, context.paper_id) for person in persons], context)

    def compare(self, works: Sequence[Work], context: LinkContext) -> list[list[float]]:
        """Return the values of FEATURES for each of these persons' works."""
        coauthors = [key for name in context.coauthors if (key := name_key(name))]
        circle = read_circle(self._catalogue, coauthors, context.paper_id)
        rows = [_row(work, context, coauthors, circle, self._telling) for work in works]
        best = {column: sorted((row[column] for row in rows), reverse=True) for column in _BEHIND}
        single = {
            column: max((row[column] for row in rows if not row[_COLLECTS]), default=0.0) for column in _OF_ANOTHER
        }
        for row in rows:
            # The distance to the best of the others, so that a person far ahead stands out as well.
            behind = [row[c] - (best[c][1] if len(rows) > 1 and row[c] == best[c][0] else best[c][0]) for c in _BEHIND]
            # A record that collects what nobody else claims is the less likely the more speaks for a person.
            row += [*behind, *(row[_COLLECTS] * single[column] for column in _OF_ANOTHER)]
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


def collects(rows: Iterable[Sequence[float]]) -> bool:
    """Return whether one of these rows of FEATURES is of a record that collects papers of several persons."""
    return any(row[_COLLECTS] for row in rows)


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
        float(work.several),
    ]


def _best(wanted: Iterable[str], known: Iterable[str]) -> float:
    keys = [key for text in known if (key := name_key(text))]
    return max((same_place(key, other) for text in wanted if (key := name_key(text)) for other in keys), default=0.0)
