"""Other names of what a question names, from the authority records: "NER" is looked up as "named entity recognition" too."""

from typing import cast

from stores.catalogue import Catalogue
from stores.keys import name_key
from stores.records import Authority, AuthorityType
from tools.linking.resolve import ResolvedQuestion

_TYPES = frozenset({"topic", "organization", "funder"})
_SURE = 0.6  # a doubtful record's names would lead astray
_MOST = 4  # names of one record
_SHORTEST = 2


def expansions(resolved: ResolvedQuestion | None, catalogue: Catalogue) -> tuple[str, ...]:
    """Return further phrases to look for: the acronyms, the main name and aliases of the records that are surely meant.

    Names that hold the mention, or that the question has already, add nothing and are left out.
    """
    found: dict[str, None] = {}
    for each in resolved.mentions if resolved else ():
        mention, link = each.mention, each.link
        if mention.type in _TYPES and not mention.negated and link and not link.nil and link.confidence >= _SURE:
            kind = cast("AuthorityType", mention.type)
            for record in catalogue.authorities.get(kind, [link.candidates[0].id]):
                found.update(dict.fromkeys(_others(record, mention.text)))
    return tuple(found)


def _others(record: Authority, mentioned: str) -> list[str]:
    said = f" {name_key(mentioned)} "
    ranked = [record.name, *(text for text, kind in record.names if kind in {"acronym", "alias"})]
    others = [text for text in dict.fromkeys(ranked) if len(text) >= _SHORTEST and said not in f" {name_key(text)} "]
    return [text for text in others if f" {name_key(text)} " not in said][:_MOST]
