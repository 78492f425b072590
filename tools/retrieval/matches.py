"""How each paper of a list satisfies each condition: by a record, by a link of a string, or by which of its words."""

from collections.abc import Iterator, Sequence
from typing import Literal

from stores.catalogue import Catalogue
from stores.catalogue.affiliations import AffiliationLink
from stores.catalogue.wording import spans
from stores.keys import name_key
from stores.records import Condition, EntityType, Paper, PaperFilter, Passage, Record
from tools.retrieval.labels import label_of

Kind = Literal["id", "link", "name", "words", "year"]
Source = Literal["author", "affiliation", "funding", "topic", "keyword", "venue", "year", "title", "body"]


class Match(Record):
    """How one paper satisfies one condition.

    Attributes:
        condition: the condition in words.
        type: its type.
        kind: by the "id" of a record that the paper's own data give, by the "link" of an affiliation string to a record,
            by the very "name", by "words" that stand in a text, or by the "year".
        source: what of the paper satisfies it.
        text: that, as the paper has it.
        start, end: where it stands in the title or body, `paper.section(source)[start:end] == text`; None elsewhere.
    """

    condition: str
    type: EntityType
    kind: Kind
    source: Source
    text: str
    start: int | None = None
    end: int | None = None


class Matcher:
    """Says how papers satisfy the conditions of one filter.

    Args:
        catalogue: where the papers are.
        wanted: the filter.
        papers: the papers of a list, each of which satisfies it.
    """

    def __init__(self, catalogue: Catalogue, wanted: PaperFilter, papers: Sequence[Paper]) -> None:
        self._catalogue = catalogue
        self._wanted = wanted
        self._papers = papers
        self._conditions = [condition for condition in wanted.conditions if not condition.negated]
        self._labels = {condition: label_of(condition, catalogue) for condition in self._conditions}
        strings = {a.text for paper in papers for author in paper.authors for a in author.affiliations}
        self._links = catalogue.affiliations.links([name_key(text) for text in strings]) if self._places else {}

    @property
    def _places(self) -> list[Condition]:
        return [condition for condition in self._conditions if condition.type in {"organization", "country"}]

    def all(self) -> dict[str, tuple[Match, ...]]:
        """Return the matches of each paper, in the order of the conditions, the years last."""
        found: dict[str, list[Match]] = {paper.id: [] for paper in self._papers}
        for condition in self._conditions:
            within = self._catalogue.affiliations.within(condition.ids) if condition in self._places else set()
            left = []
            for paper in self._papers:
                match = self._by_data(paper, condition, within)
                found[paper.id] += [match] if match else []
                left += [] if match else [paper]
            if condition.type == "topic":
                for id_, match in self._by_text(left, condition):
                    found[id_].append(match)
        if self._wanted.year_from is not None or self._wanted.year_to is not None:
            for paper in self._papers:
                found[paper.id].append(
                    Match(condition="years", type="year", kind="year", source="year", text=str(paper.year))
                )
        return {id_: tuple(matches) for id_, matches in found.items()}

    def _match(self, condition: Condition, kind: Kind, source: Source, text: str) -> Match:
        return Match(condition=self._labels[condition], type=condition.type, kind=kind, source=source, text=text)

    def _by_data(self, paper: Paper, condition: Condition, within: set[str]) -> Match | None:
        if condition.type in {"organization", "country"}:
            return self._by_affiliation(paper, condition, within)
        if condition.type == "venue":
            return self._match(condition, "name", "venue", paper.venue or "")
        if condition.type == "year":
            return self._match(condition, "year", "year", str(paper.year))
        keys = {name_key(text) for text in condition.texts}
        named = list(_named(paper, condition.type))
        for source, id_, name in named:
            if id_ is not None and id_ in condition.ids:
                return self._match(condition, "id", source, name)
        for source, _, name in named:
            if name_key(name) in keys:
                return self._match(condition, "name", source, name)
        return None

    def _by_affiliation(self, paper: Paper, condition: Condition, within: set[str]) -> Match | None:
        strings = list(dict.fromkeys(a for author in paper.authors for a in author.affiliations))
        for one in strings:
            if one.organization_id in within or one.country_code in condition.ids:
                return self._match(condition, "id", "affiliation", one.text)
        for one in strings:
            links: list[AffiliationLink] = [] if one.organization_id else self._links.get(name_key(one.text), [])
            if any(link.organization_id in within or link.country_code in condition.ids for link in links):
                return self._match(condition, "link", "affiliation", one.text)
        phrases = [f" {key} " for text in condition.texts if (key := name_key(text))]
        for one in strings:
            key = f" {name_key(one.text)} "
            if any(phrase in key for phrase in phrases):
                return self._match(condition, "words", "affiliation", one.text)
        return None

    def _by_text(self, papers: Sequence[Paper], condition: Condition) -> Iterator[tuple[str, Match]]:
        first = self._catalogue.wording.passages([paper.id for paper in papers], condition.texts)
        passages = {one.paper_id: one for one in self._catalogue.papers.passages(list(first.values()))}
        texts: list[str] = []
        places: list[tuple[Paper, Source, int]] = []
        for paper in papers:
            for source, start, text in _texts(paper, passages.get(paper.id)):
                texts.append(text)
                places.append((paper, source, start))
        done: set[str] = set()
        for (paper, source, start), text, span in zip(places, texts, spans(texts, condition.texts), strict=True):
            if span is None or paper.id in done:
                continue
            done.add(paper.id)
            if source in {"title", "body"}:
                match = self._match(condition, "words", source, text[span[0] : span[1]])
                yield paper.id, match.model_copy(update={"start": start + span[0], "end": start + span[1]})
            else:
                yield paper.id, self._match(condition, "words", source, text)


def _named(paper: Paper, type_: EntityType) -> Iterator[tuple[Source, str | None, str]]:
    """Yield what of a paper's own data a condition of this type is about, with its id and name."""
    if type_ == "author":
        yield from (("author", author.id, author.name) for author in paper.authors)
    elif type_ == "funder":
        yield from (("funding", funding.funder_id, funding.name) for funding in paper.funding)
    elif type_ == "topic":
        yield from (("topic", topic.id, topic.name) for topic in paper.topics)
        yield from (("keyword", None, keyword) for keyword in paper.keywords)


def _texts(paper: Paper, passage: Passage | None) -> Iterator[tuple[Source, int, str]]:
    """Yield what the full-text index holds of a paper, as far as needed, with where each text starts in its section."""
    yield "title", 0, paper.title
    if passage is not None:
        yield passage.section, passage.start, passage.text
    yield from (("topic", 0, topic.name) for topic in paper.topics)
    yield from (("keyword", 0, keyword) for keyword in paper.keywords)
    if paper.venue:
        yield "venue", 0, paper.venue
    yield from (("author", 0, author.name) for author in paper.authors)
