"""What linking a mention means: candidates, an honest confidence, NIL and ambiguity."""

from typing import Literal, Protocol

from stores.records import AuthorityType, Record

Method = Literal["exact", "alias", "acronym", "words", "fuzzy", "embedding", "code"]


class LinkContext(Record):
    """What stands around a mention and helps to decide between namesakes.

    Attributes:
        organizations, countries, coauthors, topics, venue, year: named beside it.
        text: a title or another text that it stands in.
        paper_id: the paper that it stands in, which is left out of what is known of the candidates.
    """

    organizations: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    coauthors: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    venue: str | None = None
    year: int | None = None
    text: str = ""
    paper_id: str | None = None


class Candidate(Record):
    """A canonical record that a mention may mean.

    Attributes:
        id: of the record.
        name: its main name.
        score: 0 to 1.
        method: how it was found.
        facts: what tells it from its namesakes.
        reasons: what speaks for it, in words.
    """

    id: str
    name: str
    score: float
    method: Method
    facts: str = ""
    reasons: tuple[str, ...] = ()


class Link(Record):
    """What became of a mention.

    Attributes:
        candidates: best first.
        confidence: how probable it is that the first is right.
        nil: whether nothing is credible.
        ambiguous: whether another candidate may as well be meant.
        also: ids of further records that the mention names beside the first, as an affiliation string with two does.
    """

    candidates: tuple[Candidate, ...] = ()
    confidence: float = 0.0
    nil: bool = True
    ambiguous: bool = False
    also: tuple[str, ...] = ()


class Linker(Protocol):
    """Links mentions to canonical records."""

    def link(self, type_: AuthorityType, text: str, context: LinkContext | None = None, top: int = 10) -> Link:
        """Return the candidates of one mention."""
        ...
