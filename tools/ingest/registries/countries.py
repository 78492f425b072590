"""Countries, with the names of ISO 3166, the adjectives of their people and what else they are called."""

from typing import Any

from stores.records import Authority
from tools.ingest.formats.fields import UnusableRecordError, unique_texts
from tools.ingest.registries.names import Names, clean_name, compact, data_file

_CODE_CHARS = 2
# ISO's three-letter codes that are English words: nobody who writes "and" means Andorra.
_WORDS = (
    *("and", "are", "ben", "caf", "can", "cod", "cub", "fin", "gab", "gin", "gum", "hun", "lie", "mac", "mar", "mus"),
    *("nor", "pan", "per", "sur", "ton", "vat"),
)


class CountryReader:
    """Reads the countries of one file; records of one country under two codes become one."""

    def __init__(self) -> None:
        self._given: dict[str, list[str]] = {}
        self._names: dict[str, str] = {}

    def read(self, record: dict[str, Any]) -> None:
        """Take in one record: code, name, variants, other_names.

        Raises:
            UnusableRecordError: the code is not of two letters.
        """
        code = clean_name(record.get("code")).upper()
        if len(code) != _CODE_CHARS or not (code.isascii() and code.isalpha()):
            raise UnusableRecordError("the country has no two-letter code")
        own = data_file("demonyms.json")["same_country"].get(code, code)
        name = clean_name(record.get("name"))
        if own == code and name and not name.islower():
            self._names[code] = name
        given = self._given.setdefault(own, [])
        given.append(name)
        for key in ("other_names", "variants"):
            value = record.get(key)
            given.extend(unique_texts(value) if isinstance(value, list) else [])

    def finish(self) -> list[Authority]:
        """Return the countries in the order of their first record."""
        known = data_file("demonyms.json")["names"]
        foreign = {name.casefold(): code for code, names in known.items() for name in names}
        foreign |= {name.casefold(): code for code, name in self._names.items()}
        return [
            _authority(code, self._names.get(code), [g for g in given if foreign.get(g.casefold(), code) == code])
            for code, given in self._given.items()
        ]


def _authority(code: str, given_name: str | None, given: list[str]) -> Authority:
    import pycountry

    data = data_file("demonyms.json")
    entry = pycountry.countries.get(alpha_2=code)
    iso: dict[str, str] = dict(entry) if entry else {}
    known = data["names"].get(code, [])
    name = given_name or iso.get("common_name") or iso.get("name")
    name = name or next((n for n in [*known[:1], *given] if len(n) > _CODE_CHARS), code)
    names = Names(name.title() if name.islower() else name)
    names.add_known(known)
    names.add([iso.get("common_name"), iso.get("name"), iso.get("official_name")], "alias")
    names.add(data["demonyms"].get(code), "variant")
    alpha_3 = iso.get("alpha_3", "")
    names.add(alpha_3 if alpha_3.lower() not in _WORDS else None, "acronym")
    dropped = {*data["not_names"].get(code, ()), *(n.casefold() for n, _ in names.pairs()), names.main.casefold()}
    # Two letters are a code: of this country it is the id, and of a state of the USA it is too often a word.
    names.add([g for g in given if len(g) > _CODE_CHARS and g.casefold() not in dropped], "variant")
    return Authority(
        id=code,
        type="country",
        name=names.main,
        names=names.pairs(),
        country_code=code,
        facts=compact({"alpha_3": alpha_3, "official_name": iso.get("official_name")}),
    )
