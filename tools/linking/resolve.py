"""Every mention of a question with its link, each decided in the light of the others."""

from collections.abc import Sequence
from typing import cast

from stores.catalogue import Catalogue
from stores.records import AuthorityType, Record
from tools.linking.base import Candidate, Link, LinkContext, Linker
from tools.linking.countries import venue_names
from tools.linking.library import by_library
from tools.ner.base import Mention, Understanding

# Countries and organizations first: they help to tell persons and funders apart.
_ORDER = ("country", "organization", "venue", "funder", "topic", "author")
_VENUE_SCORE = 0.98


class ResolvedMention(Record):
    """A mention and what became of it.

    Attributes:
        mention: the span.
        link: its candidates; a venue's ids are its names in the catalogue; None for a span of time.
        from_history: whether an earlier turn contributed it; its offsets then count in the rewritten question.
    """

    mention: Mention
    link: Link | None = None
    from_history: bool = False


class ResolvedQuestion(Record):
    """An understood question whose mentions are linked.

    Attributes:
        understanding: the question understood.
        mentions: its mentions in order, then those of the history.
        excluded: what its results must not have: "type:id", or "type:text" where nothing is known of that name.
    """

    understanding: Understanding
    mentions: tuple[ResolvedMention, ...] = ()
    excluded: tuple[str, ...] = ()


def resolve(understanding: Understanding, linker: Linker, catalogue: Catalogue) -> ResolvedQuestion:
    """Link all mentions of a question and of its context."""
    everything = [(mention, False) for mention in understanding.mentions]
    everything += [(mention, True) for mention in understanding.context]
    links: dict[int, Link] = {}
    for type_ in _ORDER:
        for n, (mention, _) in enumerate(everything):
            if mention.type != type_:
                continue
            if mention.type == "venue":
                links[n] = _venue(mention.text, catalogue)
            else:
                context = _context(understanding, everything, links, n)
                link = linker.link(_authority_type(mention), mention.text, context)
                links[n] = by_library(link, catalogue) if mention.type == "organization" else link
    resolved = tuple(
        ResolvedMention(mention=mention, link=links.get(n), from_history=earlier)
        for n, (mention, earlier) in enumerate(everything)
    )
    return ResolvedQuestion(understanding=understanding, mentions=resolved, excluded=_excluded(understanding, resolved))


def _authority_type(mention: Mention) -> AuthorityType:
    return cast("AuthorityType", mention.type)


def _venue(text: str, catalogue: Catalogue) -> Link:
    found = tuple(
        Candidate(id=name, name=name, score=_VENUE_SCORE, method="code") for name in venue_names(text, catalogue)
    )
    return Link(candidates=found, confidence=_VENUE_SCORE if found else 0.0, nil=not found)


def _context(
    understanding: Understanding, everything: Sequence[tuple[Mention, bool]], links: dict[int, Link], own: int
) -> LinkContext:
    texts: dict[str, list[str]] = {}
    for n, (mention, _) in enumerate(everything):
        if n == own or mention.negated:
            continue
        named = texts.setdefault(mention.type, [])
        named.append(mention.text)
        link = links.get(n)
        if link is not None and not link.nil:
            named.append(link.candidates[0].name)
    return LinkContext(
        organizations=tuple(texts.get("organization", ())),
        countries=tuple(texts.get("country", ())),
        coauthors=tuple(texts.get("author", ())),
        topics=tuple(texts.get("topic", ())),
        venue=next(iter(texts.get("venue", ())), None),
        year=understanding.filters.year_from,
    )


def _excluded(understanding: Understanding, resolved: Sequence[ResolvedMention]) -> tuple[str, ...]:
    known = {
        f"{entry.mention.type}:{value}": entry
        for entry in resolved
        for value in (
            entry.mention.text,
            *(candidate.id for candidate in (entry.link.candidates[:1] if entry.link else ())),
        )
    }
    found = []
    for text in understanding.filters.exclude:
        entry = known.get(text)
        link = entry.link if entry else None
        found.append(f"{text.split(':', 1)[0]}:{link.candidates[0].id}" if link and not link.nil else text)
    return tuple(dict.fromkeys(found))
