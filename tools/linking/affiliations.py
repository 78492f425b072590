"""Links the affiliation strings of a catalogue's papers to organizations and countries, once for each distinct string."""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from stores.catalogue import Catalogue
from stores.catalogue.affiliations import AffiliationLink
from stores.records import Authority
from tools.linking.base import Candidate, Link, LinkContext
from tools.linking.institutions import InstitutionLinker
from tools.linking.linker import LONGEST_MENTION
from tools.linking.mention import find_places
from tools.linking.ranker import SHIPPED
from tools.linking.registry import registry_state

# Raised when strings are read in another way.
FORM = 1
# Confidence from which a link counts: on labelled strings that nothing was trained on, 95 in 100 of those are right.
LOWEST = 0.77
# The same for a part of a string that joins several institutions, which is shorter and more often something else: behind
# "and", ";" or "/", and between commas, where it must be nothing but a name of the institution.
LOWEST_PART = 0.9
LOWEST_LISTED = 0.97
# The same where only the country counts: branches and namesakes of one country are no rivals then.
LOWEST_LAND = 0.5
_LOWEST = (LOWEST, LOWEST_PART, LOWEST_LISTED, LOWEST_LAND)
_AT_ONCE = 512
_WHOLE = frozenset(("exact", "alias", "acronym"))
_JOINTS = re.compile(r"\s*(?:[;|\n]+|\s/|/\s|\s[&+]\s|,?\s(?:and|und|et|y|e)\s)\s*")
_SHORTEST = 3
_MOST_ABOVE = 12


def affiliation_state(catalogue: Catalogue) -> dict[str, int | str | list[float]]:
    """Return what changes when the links of affiliation strings must be made anew: organizations, ranker, and this."""
    names = {key: value for key, value in registry_state(catalogue, "organization").items() if "funder" not in key}
    models = hashlib.sha256()
    for path in sorted(SHIPPED.glob("organization*")):
        models.update(path.read_bytes())
    return {**names, "ranker": models.hexdigest(), "strings form": FORM, "lowest": list(_LOWEST)}


def link_affiliations(
    catalogue: Catalogue, linker: Callable[[], InstitutionLinker], tick: Callable[[int], None] = lambda _: None
) -> int:
    """Link every string that has no link yet, and all of them when what they are linked with has changed.

    It goes on where it was interrupted; what papers no longer carry is forgotten.

    Args:
        catalogue: opened for writing; the caller holds the writer's lock.
        linker: gives the linker of organizations; is not called when there is nothing to do.
        tick: called with the number of strings done since the last call.

    Returns:
        The number of strings that were linked now.
    """
    state = affiliation_state(catalogue)
    fresh = catalogue.affiliations.state() != state
    with catalogue.database.transaction() as connection:
        catalogue.affiliations.begin(connection, state)
        catalogue.affiliations.prune(connection)
    pending = catalogue.affiliations.pending()
    known = bool(catalogue.authorities.counts().get("organization"))
    for first in range(0, len(pending), _AT_ONCE):
        part = pending[first : first + _AT_ONCE]
        links = link_strings(linker() if known else None, catalogue, [text for _, text in part])
        with catalogue.database.transaction() as connection:
            catalogue.affiliations.put(connection, ((key, found) for (key, _), found in zip(part, links, strict=True)))
        tick(len(part))
    if pending or fresh:
        above = list(_above(catalogue, catalogue.affiliations.organizations()))
        with catalogue.database.transaction() as connection:
            catalogue.affiliations.set_within(connection, above)
    return len(pending)


def link_strings(
    linker: InstitutionLinker | None, catalogue: Catalogue, texts: Sequence[str]
) -> list[tuple[AffiliationLink, ...]]:
    """Return the institutions that each affiliation string names, as far as they are certain enough.

    A string that joins several is read whole and in its parts. An institution is in the country that its part of the
    string names, else in that of its record; of a string without one, the country that it names is kept.
    """
    texts = [text[:LONGEST_MENTION] for text in texts]
    if linker is None:
        return [_countries(text) for text in texts]
    whole = dict(zip(texts, linker.link_all(texts, [LinkContext()] * len(texts), top=1), strict=True))
    parts = {text: _parts(text) for text, link in whole.items() if not _is_one_name(link)}
    lists = {text: _list(text) for text in parts}
    pieces = list(dict.fromkeys(piece for found in (*parts.values(), *lists.values()) for piece in found))
    apart = dict(zip(pieces, linker.link_all(pieces, [LinkContext()] * len(pieces), top=1), strict=True))
    ids = {c.id for link in (*whole.values(), *apart.values()) for c in link.candidates[:1]}
    lands = {one.id: one.country_code for one in catalogue.authorities.get("organization", sorted(ids), names=False)}
    found = []
    for text in texts:
        named = [(piece, best) for piece in parts.get(text, ()) if (best := _credible(apart[piece], LOWEST_PART))]
        named += [(piece, best) for piece in lists.get(text, ()) if (best := _own_name(apart[piece]))]
        if best := _credible(whole[text], LOWEST):
            named.append((text, best))
        links = {best.id: _link(piece, best, lands.get(best.id)) for piece, best in reversed(named)}
        found.append(tuple(links.values()) or _countries(text) or _land(whole[text], lands))
    return found


def _is_one_name(link: Link) -> bool:
    best = _credible(link, LOWEST)
    return best is not None and best.method in _WHOLE


def _credible(link: Link, lowest: float) -> Candidate | None:
    return link.candidates[0] if link.candidates and not link.nil and link.confidence >= lowest else None


def _parts(text: str) -> list[str]:
    """Return the parts of a string that may each be an institution; none when it is not joined of several."""
    found = [part.strip(" ,.") for part in _JOINTS.split(text)]
    found = [part for part in found if len(part) >= _SHORTEST]
    return found if len(found) > 1 else []


def _list(text: str) -> list[str]:
    """Return the parts between commas and other joints; an institution's own parts and place are among them."""
    found = [part.strip(" .") for joined in _JOINTS.split(text) for part in joined.split(",")]
    return [part for part in found if len(part) >= _SHORTEST] if len(found) > 1 else []


def _own_name(link: Link) -> Candidate | None:
    best = _credible(link, LOWEST_LISTED)
    return best if best and best.method in ("exact", "alias") else None


def _link(text: str, best: Candidate, land: str | None) -> AffiliationLink:
    said = find_places(text).said
    # A name such as Lebanon Valley College names no country; a branch does, where the string adds it.
    country = next(iter(said)) if len(said) == 1 and best.method not in _WHOLE else land
    return AffiliationLink(
        organization_id=best.id, country_code=country, score=round(best.score, 4), method=best.method
    )


def _countries(text: str) -> tuple[AffiliationLink, ...]:
    return tuple(AffiliationLink(country_code=code) for code in sorted(find_places(text).said))


def _land(link: Link, lands: dict[str, str | None]) -> tuple[AffiliationLink, ...]:
    """Return the country of an institution that is not certain enough itself."""
    best = _credible(link, LOWEST_LAND)
    country = lands.get(best.id) if best else None
    return (AffiliationLink(country_code=country),) if country else ()


def _above(catalogue: Catalogue, ids: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield (organization, a record above it) for each of these organizations."""
    parents: dict[str, list[str]] = {}
    wanted = set(ids)
    for _ in range(_MOST_ABOVE):
        records = catalogue.authorities.get("organization", sorted(wanted - parents.keys()), names=False)
        parents |= {one.id: parents_of(one) for one in records}
        wanted = {above for one in records for above in parents[one.id]} - parents.keys()
        if not wanted:
            break
    for id_ in ids:
        seen: set[str] = set()
        rest = list(parents.get(id_, ()))
        while rest:
            above = rest.pop()
            if above not in seen and above != id_:
                seen.add(above)
                rest += parents.get(above, ())
        yield from ((id_, above) for above in sorted(seen))


def parents_of(record: Authority) -> list[str]:
    """Return the ids of the organizations that a record says it is part of."""
    relations = record.facts.get("relationships") or ()
    return [str(one["id"]) for one in relations if one.get("type") == "parent" and one.get("id")]
