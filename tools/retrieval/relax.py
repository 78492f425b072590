"""What to give up when no paper satisfies every condition: which conditions empty the list, and what is nearest to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from stores.catalogue import Catalogue
from stores.records import Condition, EntityType, PaperFilter, Record
from tools.linking.affiliations import parents_of
from tools.linking.conditions import country_texts, names_in_papers
from tools.retrieval.find import years_in_words
from tools.retrieval.labels import is_known, label_of, name_of

_MOST = 4
_SHORTEST_WORD = 4
# What is given up first: a question is about its topic and its author before it is about a place or a time.
_ORDER: tuple[EntityType, ...] = ("year", "venue", "country", "funder", "organization", "topic", "author")


class Satisfied(Record):
    """How many papers of the library satisfy one condition alone."""

    condition: str
    type: EntityType
    total: int


class Relaxation(Record):
    """A filter near to the one that was asked for, which papers satisfy.

    Attributes:
        kind: whether conditions are dropped, or one is changed.
        conditions: those that are dropped or changed, in words.
        to: what it is changed to, in words; None where conditions are dropped.
        total: how many papers satisfy the new filter.
        filter: the new filter.
    """

    kind: Literal["dropped", "changed"]
    conditions: tuple[str, ...]
    to: str | None = None
    total: int
    filter: PaperFilter


@dataclass(frozen=True)
class _Piece:
    """One condition, or the years, with the papers that satisfy it alone."""

    label: str
    type: EntityType
    condition: Condition | None
    rows: frozenset[int]


def satisfied(catalogue: Catalogue, wanted: PaperFilter) -> tuple[Satisfied, ...]:
    """Return how many papers satisfy each condition alone, in their order, the years last."""
    return tuple(
        Satisfied(condition=label, type=type_, total=catalogue.filters.count(alone))
        for label, type_, _, alone in _alone(catalogue, wanted)
    )


def relaxations(catalogue: Catalogue, wanted: PaperFilter) -> tuple[Relaxation, ...]:
    """Return what papers there are when the filter, which none satisfies, asks for less; best first, none when alone.

    The smallest sets of conditions are dropped, and single conditions are changed: the years to the nearest year with
    papers, an organization to the one that it is part of or to its country, a topic to its words apart.
    """
    pieces = [
        _Piece(label, type_, condition, frozenset(catalogue.filters.rows(alone)))
        for label, type_, condition, alone in _alone(catalogue, wanted)
    ]
    dropped = _dropped(wanted, pieces)
    changed = [
        one
        for piece in pieces
        if piece.condition is None or not piece.condition.negated
        for one in _changed(catalogue, wanted, piece)
        if one.total
    ]
    return (*changed[:_MOST], *dropped[:_MOST])


def reason(catalogue: Catalogue, wanted: PaperFilter, found: tuple[Relaxation, ...]) -> str:
    """Return in words what stands in the way and what there is instead; empty when there is nothing to say."""
    unknown = [
        f"No {c.type} is known here as {name_of(c, catalogue)}, and no paper carries that very name."
        for c in wanted.conditions
        if not c.negated and not is_known(c) and c.texts and not catalogue.filters.count(PaperFilter(conditions=(c,)))
    ]
    offer = "; ".join(f"{_said(one)} there {'is' if one.total == 1 else 'are'} {one.total:,}" for one in found)
    return " ".join([*unknown, *([f"{offer[0].upper()}{offer[1:]}."] if offer else [])])


def _said(one: Relaxation) -> str:
    if one.kind == "dropped":
        return f"without {_listed(one.conditions)}"
    return f"with {one.to}"


def _alone(
    catalogue: Catalogue, wanted: PaperFilter
) -> Iterator[tuple[str, EntityType, Condition | None, PaperFilter]]:
    for condition in wanted.conditions:
        yield label_of(condition, catalogue), condition.type, condition, PaperFilter(conditions=(condition,))
    if said := years_in_words(wanted):
        yield said[0], "year", None, PaperFilter(year_from=wanted.year_from, year_to=wanted.year_to)


def _dropped(wanted: PaperFilter, pieces: list[_Piece]) -> list[Relaxation]:
    for size in range(1, len(pieces)):
        found = []
        for gone in combinations(pieces, size):
            kept = sorted((piece for piece in pieces if piece not in gone), key=lambda piece: len(piece.rows))
            rows = frozenset.intersection(*(piece.rows for piece in kept))
            if rows and any(piece.condition is None or not piece.condition.negated for piece in kept):
                found.append(
                    Relaxation(
                        kind="dropped",
                        conditions=tuple(piece.label for piece in gone),
                        total=len(rows),
                        filter=_without(wanted, gone),
                    )
                )
        if found:
            places = {piece.label: _ORDER.index(piece.type) for piece in pieces}
            return sorted(found, key=lambda one: ([places[label] for label in one.conditions], -one.total))
    return []


def _without(wanted: PaperFilter, gone: tuple[_Piece, ...]) -> PaperFilter:
    left = tuple(c for c in wanted.conditions if all(piece.condition is not c for piece in gone))
    years = {"year_from": None, "year_to": None} if any(piece.condition is None for piece in gone) else {}
    return wanted.model_copy(update={"conditions": left, **years})


def _changed(catalogue: Catalogue, wanted: PaperFilter, piece: _Piece) -> Iterator[Relaxation]:
    rest = _without(wanted, (piece,))
    if piece.condition is None:
        if (wider := _nearest_years(wanted, catalogue.filters.by_year(rest))) is not None:
            yield _to(catalogue, piece, f"{years_in_words(wider)[0]}", wider)
        return
    if not catalogue.filters.count(rest):
        return
    for to, instead in _broader(catalogue, wanted, piece.condition):
        at = wanted.conditions.index(piece.condition)
        conditions = (*wanted.conditions[:at], *instead, *wanted.conditions[at + 1 :])
        yield _to(catalogue, piece, to, wanted.model_copy(update={"conditions": conditions}))


def _to(catalogue: Catalogue, piece: _Piece, to: str, filter_: PaperFilter) -> Relaxation:
    total = catalogue.filters.count(filter_)
    return Relaxation(kind="changed", conditions=(piece.label,), to=to, total=total, filter=filter_)


def _nearest_years(wanted: PaperFilter, by_year: dict[int, int]) -> PaperFilter | None:
    """Return the filter with its years widened to the nearest year with papers."""
    if not by_year:
        return None
    low, high = wanted.year_from, wanted.year_to

    def away(year: int) -> int:
        return max((low or year) - year, year - (high or year), 0)

    nearest = min(by_year, key=lambda year: (away(year), -year))
    years = {
        "year_from": None if low is None else min(low, nearest),
        "year_to": None if high is None else max(high, nearest),
    }
    return wanted.model_copy(update=years)


def _broader(
    catalogue: Catalogue, wanted: PaperFilter, condition: Condition
) -> Iterator[tuple[str, tuple[Condition, ...]]]:
    if condition.type == "organization" and len(condition.ids) == 1:
        records = catalogue.authorities.get("organization", condition.ids)
        above = [id_ for record in records for id_ in parents_of(record)]
        for parent in catalogue.authorities.get("organization", above):
            texts = names_in_papers(parent, parent.name)
            yield f"{parent.name} instead", (Condition(type="organization", ids=(parent.id,), texts=texts),)
        code = records[0].country_code if records else None
        if code and all(code not in c.ids for c in wanted.conditions):
            country = Condition(type="country", ids=(code,), texts=country_texts(code))
            yield f"any organization in {name_of(country, catalogue)} instead", (country,)
    elif condition.type == "topic" and condition.texts:
        words = [word for word in condition.texts[0].split() if len(word) >= _SHORTEST_WORD]
        if len(words) > 1:
            apart = tuple(Condition(type="topic", texts=(word,)) for word in dict.fromkeys(words))
            yield f"the words {_listed([f'“{word}”' for word in words])} anywhere in a paper", apart


def _listed(items: "list[str] | tuple[str, ...]") -> str:
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)
