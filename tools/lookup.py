"""Facts of one authority record or venue in a few plain sentences, and who shares a name."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from stores.catalogue import Catalogue
from stores.keys import name_key
from stores.records import Authority, AuthorityType, Condition, NameKind, PaperFilter, Record
from tools.profiling.english import counted, listing, one_line, years
from tools.profiling.places import country_name

_LISTED = 4
_NAMESAKES = 10
_TYPES = {
    "education": "an educational institution",
    "company": "a company",
    "nonprofit": "a non-profit organization",
    "government": "a government body",
    "facility": "a research facility",
    "healthcare": "a healthcare institution",
    "archive": "an archive",
    "funder": "a funder",
}
_NOUNS: dict[str, str] = {
    "author": "author",
    "organization": "organization",
    "funder": "funder",
    "country": "country",
    "topic": "topic",
}


class Lookup(Record):
    """What is known of a record, in sentences that are true of it; `papers` counts those of the catalogue that name it."""

    id: str
    type: str
    name: str
    sentences: tuple[str, ...]
    papers: int

    @property
    def text(self) -> str:
        """Return the sentences as one paragraph."""
        return " ".join(self.sentences)


def describe(catalogue: Catalogue, authority: Authority) -> Lookup:
    """Return one to five sentences on a record: what and where it is, its other names, its relations, its papers."""
    authority = _with_organization(catalogue, authority)
    # Many papers name a place, topic or funder in words alone; a person's name in words would count namesakes.
    texts = () if authority.type == "author" else (authority.name, *_of_kind(authority, "alias"))
    condition = Condition(type=authority.type, ids=(authority.id,), texts=texts)
    papers = catalogue.filters.count(PaperFilter(conditions=(condition,)))
    sentences = [*_DESCRIBERS[authority.type](catalogue, authority), _papers(authority, papers)]
    kept = tuple(sentence for sentence in sentences if sentence)
    return Lookup(id=authority.id, type=authority.type, name=authority.name, sentences=kept, papers=papers)


def describe_venue(catalogue: Catalogue, text: str) -> Lookup:
    """Return how many papers of which years appeared in a venue; the catalogue knows venues by name alone."""
    key = name_key(text)
    names = [venue for venue in catalogue.papers.venues() if name_key(venue) == key]
    names = names or [venue for venue in catalogue.papers.venues() if f" {key} " in f" {name_key(venue)} "]
    if not key or not names:
        return Lookup(
            id=text, type="venue", name=text, papers=0, sentences=(f"No venue called {text} is in the catalogue.",)
        )
    marks = ",".join("?" * len(names))
    ((papers, first, last),) = catalogue.database.rows(
        f"SELECT count(*), min(year), max(year) FROM paper WHERE venue IN ({marks})", names
    )
    name = names[0] if len(names) == 1 else text
    sentences = [
        one_line(f"{name} is a venue of {counted(int(papers), 'paper')} in the catalogue {years(first, last)}") + "."
    ]
    if len(names) > 1:
        sentences.append(f"The name stands for {len(names)} venues, among them {listing(names[:_LISTED])}.")
    sentences.append("The catalogue does not record whether a venue is a conference, a workshop or a journal.")
    return Lookup(id=name, type="venue", name=name, papers=int(papers), sentences=tuple(sentences))


def namesakes(catalogue: Catalogue, type_: AuthorityType, text: str) -> list[Authority]:
    """Return the records that bear exactly this name, without case, accents and punctuation; a plural "s" is tried too."""
    for name in (text, text.removesuffix("s")):
        found = {one.id: one for one, _, _ in catalogue.authorities.named(type_, name)}
        if found:
            return list(found.values())
    return []


def count_namesakes(catalogue: Catalogue, type_: AuthorityType, text: str) -> str:
    """Answer "how many X do you know" in one or two sentences, with what tells them apart."""
    found = namesakes(catalogue, type_, text)
    noun = _NOUNS[type_]
    plural = "countries" if type_ == "country" else None
    if not found:
        return f"No {noun} called {text} is in the catalogue."
    names = {one.name for one in found}
    name = names.pop() if len(names) == 1 else text
    first = f"The catalogue knows {counted(len(found), noun, plural)} by the name {name}."
    told = [f"{one.id} ({hint})" if (hint := distinction(one)) else one.id for one in found[:_NAMESAKES]]
    return f"{first} {'This is' if len(found) == 1 else 'These are'} {listing(told)}."


def distinction(authority: Authority) -> str:
    """Return what tells a record from its namesakes, in a few words, or nothing."""
    facts = authority.facts
    if authority.type == "author":
        places = [one_line(str(one.get("name"))) for one in _dicts(facts.get("affiliations"))]
        papers = facts.get("n_papers")
        parts = [places[0] if places else str(facts.get("comment") or "")]
        parts.append(counted(papers, "paper") if isinstance(papers, int) else "")
    else:
        parts = [str(facts.get(field) or "") for field in ("city", "country", "field")]
    return ", ".join(part for part in parts if part)


def _with_organization(catalogue: Catalogue, one: Authority) -> Authority:
    """Return a funder with the names and the city of the organization that it is, where that is known."""
    ror = one.facts.get("ror_id")
    found = catalogue.authorities.get("organization", [ror]) if one.type == "funder" and isinstance(ror, str) else []
    if not found:
        return one
    names = tuple(dict.fromkeys((*one.names, *found[0].names)))
    return one.model_copy(update={"names": names, "facts": {**found[0].facts, **one.facts}})


def _organization(catalogue: Catalogue, one: Authority) -> list[str]:
    kinds = [_TYPES[kind] for kind in _texts(one.facts.get("types")) if kind in _TYPES]
    country = country_name(catalogue, one.country_code) if one.country_code else str(one.facts.get("country") or "")
    place = ", ".join(part for part in (str(one.facts.get("city") or ""), country) if part)
    what = listing(kinds) or ("a funder" if one.type == "funder" else "an organization")
    founded = one.facts.get("established")
    relations = _dicts(one.facts.get("relationships"))
    sentences = [
        f"{one.name} is {what}{f' in {place}' if place else ''}{f', established in {founded}' if founded else ''}.",
        f"It is marked as {one.status}." if one.status != "active" else "",
        _names(one),
    ]
    for kind, opening in (
        ("parent", "It is part of"),
        ("predecessor", "It succeeded"),
        ("successor", "It was succeeded by"),
    ):
        labels = [str(relation["label"]) for relation in relations if relation.get("type") == kind]
        sentences.append(f"{opening} {listing(labels[:_LISTED])}." if labels else "")
    works = one.facts.get("crossref_works")
    if isinstance(works, int) and works:
        sentences.append(f"The Crossref registry counts {counted(works, 'work')} that name it as a funder.")
    return sentences


def _country(_: Catalogue, one: Authority) -> list[str]:
    official = one.facts.get("official_name")
    return [
        f"{one.name} is a country with the ISO code {one.country_code or one.id}.",
        f"Its official name is {official}." if official and official != one.name else "",
    ]


def _topic(_: Catalogue, one: Authority) -> list[str]:
    level = str(one.facts.get("level") or "topic")
    above = [(name, one.facts.get(name)) for name in ("subfield", "field", "domain")]
    where = listing([f"the {name} {value}" for name, value in above if value])
    return [f"{one.name} is a {level}{f' in {where}' if where else ''}.", _names(one)]


def _author(_: Catalogue, one: Authority) -> list[str]:
    facts = one.facts
    places = [one_line(str(place["name"])) for place in _dicts(facts.get("affiliations")) if place.get("name")]
    venues = facts.get("venues")
    variants = _of_kind(one, "variant") or _of_kind(one, "alias")
    sentences = [
        f"{one.name} is an author{f' affiliated with {listing(places[:_LISTED])}' if places else ''}.",
        f"The name is also written {listing(variants[:_LISTED])}." if variants else "",
    ]
    if isinstance(venues, dict) and venues:
        top = [f"{venue} ({counted(int(n), 'paper')})" for venue, n in list(venues.items())[:_LISTED]]
        sentences.append(f"Venues are above all {listing(top)}.")
    if similar := _texts(facts.get("similar")):
        sentences.append(f"Not to be confused with {listing(similar[:_LISTED])}.")
    return sentences


_DESCRIBERS: dict[str, Callable[[Catalogue, Authority], list[str]]] = {
    "author": _author,
    "organization": _organization,
    "funder": _organization,
    "country": _country,
    "topic": _topic,
}


def _papers(one: Authority, papers: int) -> str:
    return f"The catalogue holds {counted(papers, 'paper') if papers else 'no paper'} {_ROLES[one.type]}."


_ROLES = {
    "author": "by this author",
    "organization": "with an affiliation naming it",
    "country": "with an affiliation in it",
    "funder": "naming it as a funder",
    "topic": "carrying or mentioning it",
}


def _names(one: Authority) -> str:
    acronyms = _of_kind(one, "acronym")
    aliases = _of_kind(one, "alias") + _of_kind(one, "label")
    parts = []
    if acronyms:
        parts.append(f"the {'acronym is' if len(acronyms) == 1 else 'acronyms are'} {listing(acronyms[:_LISTED])}")
    elif one.type != "topic" and not re.search(r"\([A-Z]{2,}\)$", one.name):
        parts.append("no acronym is recorded")
    if aliases:
        parts.append(f"it is also called {listing(aliases[:_LISTED])}")
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}." if text else ""


def _of_kind(one: Authority, kind: NameKind) -> list[str]:
    return [text for text, own in one.names if own == kind and text != one.name]


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _texts(value: Any) -> Sequence[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
