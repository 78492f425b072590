"""What a profile is made of: aggregates over an author's papers, and the sections that word them."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, computed_field

from stores.records import Record
from tools.grounding.base import TokenUsage

_CONCEPT = "https://openalex.org/C"
WindowReason = Literal["asked", "last five years", "five years up to the last paper"]
TopicKind = Literal["cluster", "topic", "keyword", "term"]


class Window(Record):
    """The years that a profile covers, inclusive; None leaves a side open."""

    year_from: int | None = None
    year_to: int | None = None


class VenueCount(Record):
    """A venue with its number of papers."""

    venue: str
    papers: int


class PersonCount(Record):
    """A coauthor with the number of joint papers."""

    id: str
    name: str
    papers: int


class Coauthor(PersonCount):
    """A coauthor with the years of the first and last joint paper."""

    first_year: int | None = None
    last_year: int | None = None


class OrganizationCount(Record):
    """Where the author worked: a linked organization, or, without an id, an affiliation as published."""

    id: str | None
    name: str
    papers: int
    last_year: int | None = None


class CountryCount(Record):
    """A country of the author's affiliations."""

    code: str
    name: str
    papers: int


class FunderCount(Record):
    """A funder that the author's papers name, with the grant numbers given."""

    id: str | None
    name: str
    papers: int
    grants: tuple[str, ...] = ()


class PaperLine(Record):
    """A paper in one line."""

    id: str
    year: int | None
    title: str
    cited_by_count: int | None = None


class Citations(Record):
    """Citation counts as recorded; a paper without a count is left out of all of them."""

    total: int = 0
    papers_with_count: int = 0
    h_index: int = 0
    most_cited: tuple[PaperLine, ...] = ()


class TopicShare(Record):
    """A topic with how much of the work it takes up.

    Attributes:
        kind: a cluster of document vectors, a topic or keyword of the records, or a term of the titles.
        papers: how many of the window's papers.
        percent: the same in hundredths of all of them, rounded.
        per_year: papers by year.
        share_per_year: the fraction of each year's papers, 0 to 1, rounded to 2 places.
        papers_recent: papers of the last two years with papers in the window.
        papers_before: papers of the years before.
        percent_before: of the papers before the last two years of the window.
        percent_recent: of the papers of the last two years of the window.
        emerging: the share of the last two years is at least 1.5 times the share before, with at least 2 papers.
        example: the paper nearest to the centre, of a cluster.
        example_says: the sentence of its abstract that tells what it does, copied exactly.
    """

    name: str
    kind: TopicKind
    papers: int
    percent: int
    id: str | None = None
    per_year: dict[int, int] = Field(default_factory=dict)
    share_per_year: dict[int, float] = Field(default_factory=dict)
    papers_recent: int = 0
    papers_before: int = 0
    percent_before: int = 0
    percent_recent: int = 0
    emerging: bool = False
    example: PaperLine | None = None
    example_says: str = ""
    paper_ids: tuple[str, ...] = ()


class Span(Record):
    """Papers of a span of years."""

    year_from: int
    year_to: int
    papers: int


class Facts(BaseModel):
    """All that a profile may say; every list is ordered by count, then by name or id.

    Fields named works_*, first_year, last_year, citations_total, h_index_in_set, affiliations and venue_counts repeat
    others under the names that bibliographic exports use; they are computed when the facts are written out.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    papers_in_window: int
    papers_per_year: dict[int, int]
    first_year_in_window: int | None
    last_year_in_window: int | None
    papers_in_catalogue: int
    single_author_papers: int
    venues: dict[str, int]
    top_venues: tuple[VenueCount, ...]
    top_venues_tied_beyond: tuple[str, ...]
    n_coauthors: int
    coauthors: tuple[Coauthor, ...]
    top_coauthors: tuple[PersonCount, ...]
    coauthors_tied_beyond_10: tuple[PersonCount, ...]
    organizations: tuple[OrganizationCount, ...]
    papers_with_affiliation: int
    countries_of_work: tuple[CountryCount, ...]
    funders: tuple[FunderCount, ...]
    papers_with_funding: int
    funding_statements: int
    citations: Citations
    topics: tuple[TopicShare, ...]
    n_venues: int
    n_organizations: int
    n_groups: int
    emerging_since: int | None
    papers_since: int
    papers_before: int
    busiest_years: tuple[int, ...]
    halves: tuple[Span, ...]
    titles: tuple[PaperLine, ...]

    @computed_field
    def works_total(self) -> int:
        """Return the number of papers in the window."""
        return self.papers_in_window

    @computed_field
    def works_per_year(self) -> dict[int, int]:
        """Return the papers of each year that has any."""
        return {year: papers for year, papers in self.papers_per_year.items() if papers}

    @computed_field
    def first_year(self) -> int | None:
        """Return the year of the first paper in the window."""
        return self.first_year_in_window

    @computed_field
    def last_year(self) -> int | None:
        """Return the year of the last paper in the window."""
        return self.last_year_in_window

    @computed_field
    def venue_counts(self) -> dict[str, int]:
        """Return every venue with its papers."""
        return self.venues

    @computed_field
    def citations_total(self) -> int:
        """Return the sum of the recorded citation counts."""
        return self.citations.total

    @computed_field
    def works_with_citation_count(self) -> int:
        """Return how many papers carry a citation count."""
        return self.citations.papers_with_count

    @computed_field
    def h_index_in_set(self) -> int:
        """Return the h-index over the papers of the window."""
        return self.citations.h_index

    @computed_field
    def most_cited(self) -> list[dict[str, Any]]:
        """Return the papers cited most."""
        return [paper.model_dump() for paper in self.citations.most_cited]

    @computed_field
    def affiliations(self) -> list[dict[str, Any]]:
        """Return the organizations as name, ROR id and number of works."""
        return [{"name": one.name, "ror": one.id, "works": one.papers} for one in self.organizations]

    @computed_field
    def countries(self) -> dict[str, int]:
        """Return the papers by country code."""
        return {one.code: one.papers for one in self.countries_of_work}

    @computed_field
    def top_concepts(self) -> list[dict[str, Any]]:
        """Return the eight concepts of the records that most papers carry, OpenAlex ones where there are any."""
        found = [one for one in self.topics if one.kind == "topic"]
        found = [one for one in found if (one.id or "").startswith(_CONCEPT)] or found
        return [{"name": one.name, "works": one.papers} for one in found[:8]]


class Section(Record):
    """A titled part of a profile; `wording` says who worded the facts."""

    title: str
    text: str
    wording: Literal["program", "model"] = "program"
    paper_ids: tuple[str, ...] = ()


class Violation(Record):
    """A number or name that the facts do not hold, a changed meaning, or a fault of the model."""

    section: str
    kind: Literal["number", "name", "meaning", "model"]
    text: str


class Checks(Record):
    """What the check of all sections found.

    Attributes:
        numbers: how many numbers were checked in the text that is shown.
        names: how many names were checked in it.
        violations: those of the text that is shown; always empty.
        rejected: those for which a model's wording was put aside.
        model_sections: how many sections the model worded in the end.
    """

    numbers: int = 0
    names: int = 0
    violations: tuple[Violation, ...] = ()
    rejected: tuple[Violation, ...] = ()
    model_sections: int = 0


class Profile(Record):
    """An author's facts in numbers and in words."""

    author_id: str
    name: str
    window: Window
    window_reason: WindowReason
    facts: Facts
    sections: tuple[Section, ...]
    checks: Checks
    model: str | None
    usage: TokenUsage = TokenUsage()
    timings: dict[str, float] = Field(default_factory=dict)
