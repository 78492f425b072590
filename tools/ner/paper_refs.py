"""Papers that a question names: by an id, a DOI or a quoted title."""

import re
from dataclasses import dataclass

from stores.catalogue import Catalogue
from stores.keys import name_key

# Ids as collections write them: ACL Anthology new and old, DOI, OpenAlex, arXiv, PubMed.
_IDS = re.compile(
    r"(?<![\w/.])(?:"
    r"(?P<acl>(?:19|20)\d\d\.[a-z0-9]+(?:[_-][a-z0-9]+)*\.\d+|[A-Z]\d\d-\d{4})"
    r"|(?:https?://(?:dx\.)?doi\.org/|doi:\s?)?(?P<doi>10\.\d{4,9}/[^\s\"'<>“”]+[^\s\"'<>“”.,;:!?)\]])"
    r"|(?:https?://(?:api\.)?openalex\.org/(?:works/)?)?(?P<openalex>W\d{6,})"
    r"|(?:arxiv:\s?)(?P<arxiv>\d{4}\.\d{4,5}(?:v\d+)?)"
    r"|(?:pmid:?\s?)(?P<pubmed>\d{5,9})"
    r")(?!\w)",
    re.IGNORECASE,
)
_QUOTED = re.compile(
    r"\"(?P<a>[^\"\n]{3,400})\"|“(?P<b>[^“”\n]{3,400})”|«(?P<c>[^«»\n]{3,400})»|„(?P<d>[^„“”\n]{3,400})[“”]"
    r"|(?<![\w])'(?P<e>[^\n]{3,400}?)'(?!\w)|‘(?P<f>[^\n]{3,400}?)’(?!\w)"
)
_ID_LIKE = re.compile(r"[^\s\"'“”‘’()<>]*[^\s\"'“”‘’()<>.,;:!?]")
_CONTAINERS = re.compile(r"https?://\S+")
_TITLE_WORDS = 3
_CLOSE = 92.0
_LOOKED_AT = 10


@dataclass(frozen=True)
class Reference:
    """A place where a question names a paper.

    Attributes:
        start: where it starts, quotation marks included.
        end: where it ends.
        text: the id or the title.
        title: whether it is a title.
    """

    start: int
    end: int
    text: str
    title: bool


def find_references(question: str, catalogue: Catalogue | None = None) -> list[Reference]:
    """Return ids and quoted titles in order; a quotation of fewer than three words is no title.

    Ids are what looks like one, and what is one in the catalogue.
    """
    found = _stored_ids(question, catalogue) if catalogue is not None else []
    for match in _IDS.finditer(question):
        text = next(value for value in match.groups() if value)
        if all(match.end() <= ref.start or ref.end <= match.start() for ref in found):
            found.append(Reference(match.start(), match.end(), text, title=False))
    for match in _CONTAINERS.finditer(question):
        if all(match.end() <= ref.start or ref.end <= match.start() for ref in found):
            found.append(Reference(match.start(), match.end(), match[0].rstrip(".,;)?!"), title=False))
    for match in _QUOTED.finditer(question):
        text = next(value for value in match.groups() if value)
        if len(name_key(text).split()) >= _TITLE_WORDS and all(
            match.end() <= ref.start or ref.end <= match.start() for ref in found
        ):
            found.append(Reference(match.start(), match.end(), text, title=True))
    return sorted(found, key=lambda ref: ref.start)


def _stored_ids(question: str, catalogue: Catalogue) -> list[Reference]:
    # An id of a single plain word ("attention") would turn that word of a question into a paper.
    tokens = {m.span(): m[0] for m in _ID_LIKE.finditer(question) if any(not ch.isalpha() for ch in m[0])}
    known = catalogue.papers.known(list(dict.fromkeys(tokens.values()))) if tokens else set()
    return [
        Reference(*span, text, title=False) for span, text in tokens.items() if text in known and not text.isdecimal()
    ]


def resolve_references(references: list[Reference], catalogue: Catalogue | None) -> tuple[str, ...]:
    """Return the ids of the papers of the catalogue that are meant, in order; what it does not hold is left out."""
    if catalogue is None:
        return ()
    found: list[str] = []
    for reference in references:
        paper_id = _by_title(reference.text, catalogue) if reference.title else _by_id(reference.text, catalogue)
        if paper_id is not None and paper_id not in found:
            found.append(paper_id)
    return tuple(found)


def _by_id(text: str, catalogue: Catalogue) -> str | None:
    bare = text.rstrip("/").rsplit("/", 1)[-1]
    spellings = [text, text.lower(), text.upper(), bare, f"https://openalex.org/{bare.upper()}"]
    spellings += [f"{prefix}{text.lower()}" for prefix in ("https://doi.org/", "doi:", "arxiv:", "pmid:")]
    papers = catalogue.papers.get(list(dict.fromkeys(spellings)))
    if papers:
        return papers[0].id
    return catalogue.papers.with_doi(text) if text.startswith("10.") else None


def _by_title(text: str, catalogue: Catalogue) -> str | None:
    from rapidfuzz.fuzz import ratio

    wanted = name_key(text)
    hits = catalogue.search.passages([word for word in wanted.split() if len(word) > 2], _LOOKED_AT * 3)  # noqa: PLR2004
    passages = catalogue.papers.passages([passage_id for passage_id, _ in hits])
    papers = catalogue.papers.get(list(dict.fromkeys(passage.paper_id for passage in passages))[:_LOOKED_AT])
    scored = sorted(((ratio(wanted, name_key(paper.title)), paper.id) for paper in papers), key=lambda p: (-p[0], p[1]))
    return scored[0][1] if scored and scored[0][0] >= _CLOSE else None
