"""The aggregates over an author's papers that a profile words."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, computed_field

from stores.records import Record

_CONCEPT = "https://openalex.org/C"
TopicKind = Literal["cluster", "topic", "keyword", "term"]


class VenueCount(Record):
    """A venue with its number of papers."""

    venue: str
    papers: int
    paper_ids: tuple[str, ...] = ()


class PersonCount(Record):
    """A coauthor with the number of joint papers."""

    id: str
    name: str
    papers: int


class Coauthor(PersonCount):
    """A coauthor with the years of the first and last joint paper."""

    first_year: int | None = None
    last_year: int | None = None
    paper_ids: tuple[str, ...] = ()


class CoauthorPair(Record):
    """Two coauthors who were on the same papers of the author."""

    a: str
    b: str
    papers: int


class Circle(Record):
    """How the coauthors changed: those of the last two years with papers beside those of the years before.

    Attributes:
        since: the first year of the recent part.
        before: how many coauthors the years before have.
        new: coauthors of the recent part who were none before.
        kept: those of both parts.
        left: those of the years before alone.
        newcomers: the new ones with most joint papers, at most five.
        lasting: those of both parts with most joint papers, at most five.
    """

    since: int
    before: int
    new: int
    kept: int
    left: int
    newcomers: tuple[Coauthor, ...] = ()
    lasting: tuple[Coauthor, ...] = ()


class OrganizationCount(Record):
    """Where the author worked: a linked organization, or, without an id, an affiliation as published."""

    id: str | None
    name: str
    papers: int
    last_year: int | None = None
    first_year: int | None = None
    per_year: dict[int, int] = Field(default_factory=dict)
    paper_ids: tuple[str, ...] = ()


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
    per_year: dict[int, int] = Field(default_factory=dict)
    paper_ids: tuple[str, ...] = ()


class PaperLine(Record):
    """A paper in one line."""

    id: str
    year: int | None
    title: str
    cited_by_count: int | None = None


class Citations(Record):
    """Citation counts as recorded; a paper without a count is left out of all of them.

    Attributes:
        mean: citations a paper, rounded to one place; None where no paper has a count.
        per_year: the citations that the papers of each year have had until now; records do not say when they came.
    """

    total: int = 0
    papers_with_count: int = 0
    h_index: int = 0
    mean: float | None = None
    per_year: dict[int, int] = Field(default_factory=dict)
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
        emerging: the share of the last two years is at least 1.5 times the share before, with at least 2 papers, and chance
            alone would bring so many of the topic's papers into those years in at most one case of five.
        fading: at least 3 papers before, and a share of the last two years of at most two thirds of the share before, with
            the same bound on chance. Concepts as broad as "Medicine" are neither.
        example: of a cluster, the paper nearest to the centre that says what it does and is no report on a shared task.
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
    fading: bool = False
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
    coauthors_per_year: dict[int, int]
    circle: Circle | None
    coauthor_pairs: tuple[CoauthorPair, ...]
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
