"""The filter over papers that a resolved question asks for."""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import cast

from stores.catalogue import Catalogue
from stores.records import Authority, AuthorityType, Condition, EntityType, PaperFilter
from tools.linking.resolve import ResolvedMention, ResolvedQuestion
from tools.ner.countries import country_names

_SHORTEST_NAME = 4
_SHORTEST_TYPED = 3
_TEXTS_AT_MOST = 60
# Of these a paper may have any one of those that a list names; of the others it must have them all.
_ANY_OF: frozenset[EntityType] = frozenset(("venue", "funder", "organization", "country"))
_PLACES: frozenset[EntityType] = frozenset(("organization", "country"))


def to_filter(resolved: ResolvedQuestion, catalogue: Catalogue, today: date) -> PaperFilter:
    """Return the conditions, years, order and number of a resolved question.

    A mention that is no known record keeps its own text, so that it is satisfied only by papers that carry this very
    name, and by none when there are none; it is never left out.
    """
    filters = resolved.understanding.filters
    year_from = filters.year_from
    if filters.last_n_years is not None:
        year_from = max(year_from or 0, today.year - filters.last_n_years)
    return PaperFilter(
        conditions=(*_wanted(resolved, catalogue), *_unwanted(resolved, catalogue)),
        year_from=year_from,
        year_to=filters.year_to,
        sort=filters.sort or "relevance",
        limit=filters.limit,
    )


def _wanted(resolved: ResolvedQuestion, catalogue: Catalogue) -> list[Condition]:
    found: list[Condition] = []
    before: ResolvedMention | None = None
    question = resolved.understanding.question
    for entry in resolved.mentions:
        if entry.mention.type == "year" or entry.mention.negated:
            continue
        if _implied(entry, resolved, catalogue):
            continue
        condition = condition_of(entry, catalogue)
        joining = _between(question, before, entry) if before is not None else ""
        merged = _merged(found[-1], condition, joining) if found and joining else None
        if merged is not None:
            found[-1] = merged
        else:
            found.append(condition)
        before = entry
    return found


def _implied(entry: ResolvedMention, resolved: ResolvedQuestion, catalogue: Catalogue) -> bool:
    """Return whether a country only says where an organization of the question is, which strings of papers seldom repeat."""
    if entry.mention.type != "country" or entry.link is None or entry.link.nil:
        return False
    ids = [
        other.link.candidates[0].id
        for other in resolved.mentions
        if other.mention.type == "organization" and not other.mention.negated and other.link and not other.link.nil
    ]
    code = entry.link.candidates[0].id
    question = resolved.understanding.question
    return any(record.country_code == code for record in catalogue.authorities.get("organization", ids)) and not any(
        _between(question, first, second) == "or" for first, second in pairwise(resolved.mentions)
    )


def _between(question: str, before: ResolvedMention, entry: ResolvedMention) -> str:
    if before.from_history or entry.from_history:
        return ""
    words = question[before.mention.end : entry.mention.start].casefold().replace(",", " , ").split()
    if "or" in words:
        return "or"
    return "and" if words and set(words) <= {"and", ",", "the", "&", "/"} else ""


def _merged(first: Condition, second: Condition, joining: str) -> Condition | None:
    """Return one condition that either satisfies, or None when both must hold."""
    if first.type == second.type and (joining == "or" or first.type in _ANY_OF):
        return Condition(type=first.type, ids=_once(first.ids + second.ids), texts=_once(first.texts + second.texts))
    if joining == "or" and {first.type, second.type} == _PLACES:
        # Both are found in affiliations, the country by its code.
        return Condition(
            type="organization", ids=_once(first.ids + second.ids), texts=_once(first.texts + second.texts)
        )
    return None


def _unwanted(resolved: ResolvedQuestion, catalogue: Catalogue) -> list[Condition]:
    by_value = {
        f"{entry.mention.type}:{value}": entry
        for entry in resolved.mentions
        if entry.mention.negated
        for value in (entry.mention.text, *(c.id for c in (entry.link.candidates[:1] if entry.link else ())))
    }
    found = []
    for text in resolved.excluded:
        entry = by_value.get(text)
        if entry is not None:
            found.append(condition_of(entry, catalogue).model_copy(update={"negated": True}))
        else:
            type_, _, value = text.partition(":")
            found.append(Condition.model_validate({"type": type_, "ids": (value,), "texts": (value,), "negated": True}))
    return found


def condition_of(entry: ResolvedMention, catalogue: Catalogue) -> Condition:
    """Return what one mention asks of a paper."""
    mention, link = entry.mention, entry.link
    if link is None or link.nil:
        return Condition(type=mention.type, texts=(mention.text,))
    best = link.candidates[0].id
    if mention.type == "venue":
        return Condition(type="venue", ids=tuple(candidate.id for candidate in link.candidates))
    if mention.type == "author":
        return Condition(type="author", ids=(best,))
    kind = cast("AuthorityType", mention.type)
    records = catalogue.authorities.get(kind, [best])
    texts = names_in_papers(records[0], mention.text) if records else (mention.text,)
    if mention.type == "country":
        texts = _once((*country_texts(best), *texts))
    return Condition(type=mention.type, ids=(best,), texts=texts)


def names_in_papers(record: Authority, mentioned: str) -> tuple[str, ...]:
    """Return the names by which a paper's free text may name a record: long enough to be no other word."""
    if record.type == "country":
        adjectives = country_names().adjectives
        names = [name for name, _ in record.names if name.casefold() not in adjectives and len(name) >= _SHORTEST_NAME]
        return _once((record.name, *names))[:_TEXTS_AT_MOST]
    names = [name for name, _ in record.names if len(name) >= _SHORTEST_NAME or record.type == "funder"]
    typed = (mentioned,) if len(mentioned) >= _SHORTEST_TYPED or record.type == "topic" else ()
    return _once((*typed, record.name, *names))[:_TEXTS_AT_MOST]


def country_texts(code: str) -> tuple[str, ...]:
    """Return the names of a country, those of nations inside it, and its abbreviations of three letters or so."""
    names = country_names()
    found = [name for name, own in names.nouns.items() if own == code]
    return tuple(found + [name for name, own in names.codes.items() if own == code and name != "us"])


def _once(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
