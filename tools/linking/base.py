"""What linking a mention means: candidates, an honest confidence, NIL and ambiguity."""

from typing import Literal, Protocol

from stores.records import AuthorityType, Record

Method = Literal["exact", "alias", "acronym", "words", "fuzzy", "embedding", "code"]


class LinkContext(Record):
    """What stands around a mention and helps to decide between namesakes."""

    organizations: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    coauthors: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    venue: str | None = None
    year: int | None = None
    text: str = ""


class Candidate(Record):
    """A canonical record that a mention may mean; `score` in 0..1, `facts` tell namesakes apart."""

    id: str
    name: str
    score: float
    method: Method
    facts: str = ""


class Link(Record):
    """What became of a mention: best candidate first; NIL when nothing is credible."""

    candidates: tuple[Candidate, ...] = ()
    confidence: float = 0.0
    nil: bool = True
    ambiguous: bool = False


class Linker(Protocol):
    """Links mentions to canonical records."""

    def link(self, type_: AuthorityType, text: str, context: LinkContext | None = None, top: int = 10) -> Link:
        """Return the candidates of one mention."""
        ...
