"""Names, adjectives and codes of countries."""

from dataclasses import dataclass
from functools import cache

from stores.keys import name_key
from tools.ingest.registries.names import data_file

# What ISO 3166 and the registries' table leave out, since country files usually give it.
_EVERYDAY = {
    "russia": "RU", "ivory coast": "CI", "dr congo": "CD", "kosovo": "XK", "brunei": "BN", "vatican city": "VA", "syria": "SY",
    "laos": "LA", "moldova": "MD", "micronesia": "FM", "cape verde": "CV", "swaziland": "SZ", "east timor": "TL", "burma": "MM",
}  # fmt: skip


@dataclass(frozen=True)
class CountryNames:
    """What countries are called, by `name_key`.

    Attributes:
        nouns: name of a country, or of a nation inside one, to code.
        adjectives: what belongs to a country, to code.
        codes: abbreviations that count only in capitals, to code.
    """

    nouns: dict[str, str]
    adjectives: dict[str, str]
    codes: dict[str, str]

    def code(self, text: str) -> str | None:
        """Return the ISO 3166 code that a text names, whatever its case, or None."""
        key = name_key(text)
        key = key.removeprefix("the ")
        return self.nouns.get(key) or self.adjectives.get(key) or self.codes.get(key) or _iso(key)


@cache
def country_names() -> CountryNames:
    """Return the names of all countries: those of ISO 3166, and the table that the registries' countries carry."""
    import pycountry

    nouns: dict[str, str] = dict(_EVERYDAY)
    for country in pycountry.countries:
        for field in ("name", "common_name", "official_name"):
            if name := getattr(country, field, None):
                nouns.setdefault(name_key(name.split(",")[0] if field == "name" else name), country.alpha_2)
    known = data_file("demonyms.json")
    codes: dict[str, str] = {}
    for code, values in known["names"].items():
        for value in values:
            key = name_key(value).removeprefix("the ")
            (codes if value.isupper() else nouns)[key] = code
    adjectives = {name_key(word): code for code, words in known["demonyms"].items() for word in words}
    return CountryNames(nouns, adjectives, codes)


def _iso(key: str) -> str | None:
    import pycountry

    if len(key) == 2:  # noqa: PLR2004
        country = pycountry.countries.get(alpha_2=key.upper())
    elif len(key) == 3:  # noqa: PLR2004
        country = pycountry.countries.get(alpha_3=key.upper())
    else:
        return None
    return None if country is None else str(country.alpha_2)
