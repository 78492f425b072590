"""Countries and venues: the types that are linked by tables alone."""

from collections.abc import Iterable

from stores.catalogue import Catalogue
from stores.keys import name_key
from tools.ner.countries import country_names
from tools.ner.gazetteer import common_venues


def country_codes(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the ISO 3166 codes of names, adjectives or codes of countries; what is none is left out."""
    found = [country_names().code(text) for text in texts]
    return tuple(dict.fromkeys(code for code in found if code))


def venue_names(text: str, catalogue: Catalogue) -> tuple[str, ...]:
    """Return the venues of the catalogue's papers that a text names, as written there; empty when it has none so named."""
    key = name_key(text)
    keys = [key, key.removeprefix("the ")]
    if (short := common_venues().get(key)) is not None:
        keys.append(name_key(short))
    return tuple(dict.fromkeys(catalogue.authorities.venues(list(dict.fromkeys(keys))).values()))
