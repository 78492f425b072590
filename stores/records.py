"""What Quodvide keeps: papers, passages and authority records, as frozen pydantic models.

Offsets are Unicode code points, end exclusive. A passage is cut from one `section` of its paper, so
`paper.section(passage.section)[passage.start:passage.end] == passage.text` always holds.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

EntityType = Literal["author", "organization", "funder", "country", "topic", "year", "venue"]
AuthorityType = Literal["author", "organization", "funder", "country", "topic"]
NameKind = Literal["name", "alias", "acronym", "label", "variant", "asserted"]
Section = Literal["body", "title"]
MarkKind = Literal["page", "section"]
Sort = Literal["relevance", "newest", "oldest", "most_cited"]

# Between an abstract and the full text that follows it; an offset inside the abstract stays valid.
BODY_JOIN = "\n\n"


class Record(BaseModel):
    """A frozen value with no surplus fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Affiliation(Record):
    """Where an author worked: the string as published, and what is known of it."""

    text: str
    organization_id: str | None = None
    country_code: str | None = None


class Author(Record):
    """One author of one paper, in that paper's order."""

    id: str
    name: str
    orcid: str | None = None
    affiliations: tuple[Affiliation, ...] = ()


class Funding(Record):
    """A funder that a paper names, with its grant numbers."""

    name: str
    funder_id: str | None = None
    grants: tuple[str, ...] = ()


class Topic(Record):
    """A topic, concept or heading that a paper carries; `score` is the source's own, 0 to 1."""

    name: str
    id: str | None = None
    score: float | None = None


class Mark(Record):
    """Where a page or a section of a paper begins: an offset in its `body`, and what the page or section is called."""

    start: int = Field(ge=0)
    kind: MarkKind
    label: str


class Paper(Record):
    """A paper as its source gives it; text is kept exactly, never trimmed. `marks` are in the order of their offsets."""

    id: str = Field(min_length=1)
    title: str = Field(min_length=1)
    abstract: str = ""
    full_text: str = ""
    authors: tuple[Author, ...] = ()
    year: int | None = None
    venue: str | None = None
    doi: str | None = None
    url: str | None = None
    keywords: tuple[str, ...] = ()
    topics: tuple[Topic, ...] = ()
    funding: tuple[Funding, ...] = ()
    funding_statement: str = ""
    cited_by_count: int | None = None
    marks: tuple[Mark, ...] = ()

    @field_validator("marks")
    @classmethod
    def _in_order(cls, marks: tuple[Mark, ...]) -> tuple[Mark, ...]:
        return tuple(sorted(marks, key=lambda mark: mark.start))

    @property
    def body(self) -> str:
        """Return the abstract followed by the full text; passages are cut from it."""
        return BODY_JOIN.join(part for part in (self.abstract, self.full_text) if part)

    def section(self, name: Section) -> str:
        """Return the text that offsets of a passage of that section count in."""
        return self.title if name == "title" else self.body


class Passage(Record):
    """A chunk of a paper. A paper without a body has one passage: its title. Its id is its paper's, "#" and its ordinal."""

    id: str
    paper_id: str
    ordinal: int
    section: Section
    start: int
    end: int
    text: str


def paper_of(passage_id: str) -> str:
    """Return the id of the paper that a passage is of."""
    return passage_id.rpartition("#")[0]


class Authority(Record):
    """A canonical record that a mention can be linked to.

    `names` holds (text, kind) pairs besides `name`. `prior` is a popularity count (papers, works); `facts` are plain
    JSON values that tell homonyms apart (affiliations, venues, city, types, relationships).
    """

    id: str = Field(min_length=1)
    type: AuthorityType
    name: str = Field(min_length=1)
    names: tuple[tuple[str, NameKind], ...] = ()
    country_code: str | None = None
    prior: float = 0.0
    status: str = "active"
    facts: dict[str, Any] = Field(default_factory=dict)


class Condition(Record):
    """One requirement on a paper: any of `ids`, or, where a record names it only in words, any of `texts`."""

    type: EntityType
    ids: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    negated: bool = False


class PaperFilter(Record):
    """All conditions must hold; years are inclusive."""

    conditions: tuple[Condition, ...] = ()
    year_from: int | None = None
    year_to: int | None = None
    sort: Sort = "relevance"
    limit: int | None = None
