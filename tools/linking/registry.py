"""What the ranker knows of the records of one type, as arrays beside their names."""

import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from stores.catalogue import Catalogue
from stores.errors import StoreError
from stores.manifest import MANIFEST, Manifest
from stores.records import AuthorityType, NameKind
from stores.word_build import run_hash
from stores.words import WordIndex, ranges
from tools.linking.wording import name_words

KINDS: tuple[NameKind, ...] = ("name", "label", "alias", "variant", "asserted", "acronym")
TYPES = ("education", "healthcare", "company", "facility", "government", "nonprofit", "archive", "other", "funder")
# Raised when names are folded or facts are kept in another way.
FORM = 2
USUAL_TOTAL = 150_000
STATUSES = ("active", "inactive", "withdrawn")
# Companies are told apart by a country in brackets that nobody writes: "Google (United States)".
_COUNTRY = re.compile(r"(?<=\S)\s+\((?:[A-Z][A-Za-z' ]{3,30})\)$")
_ACRONYM = re.compile(r"(?<=\S)\s+\(([A-Z][A-Za-z&-]*[A-Z])\)$")


class Registry:
    """Names of one type by their words, with what is known of each record.

    Attributes:
        index: the names.
        kind: uint8 (names,), place in KINDS.
        row: int64 (names,), row in the catalogue's table of names.
        ids: id of each record.
        country: int16 (records,), see `country_number`; 0 where unknown.
        types: uint16 (records,), bits in the order of TYPES.
        status: uint8 (records,), place in STATUSES.
        prior, works: float32 (records,), logarithms of how well known the record is.
        names: int16 (records,), number of names.
        city: uint64 (records,), run hash of the city's words, 0 where unknown.
        parents: record numbers of each record's parents.
    """

    def __init__(self, index: WordIndex) -> None:
        self.index = index
        extra = {name.removeprefix("extra."): value for name, value in index.extra.items()}
        self.kind: NDArray[np.uint8] = extra["kind"]
        self.row: NDArray[np.int64] = extra["row"]
        self.country: NDArray[np.int16] = extra["country"]
        self.types: NDArray[np.uint16] = extra["types"]
        self.status: NDArray[np.uint8] = extra["status"]
        self.prior: NDArray[np.float32] = extra["prior"]
        self.works: NDArray[np.float32] = extra["works"]
        self.names: NDArray[np.int16] = extra["names"]
        self.city: NDArray[np.uint64] = extra["city"]
        self._parent_start: NDArray[np.int64] = extra["parent_start"]
        self._parent: NDArray[np.int32] = extra["parent"]
        self.ids: list[str] = orjson.loads(bytes(extra["ids"]))
        self.number = {id_: n for n, id_ in enumerate(self.ids)}
        self._by_record = np.argsort(index.record, kind="stable")
        self._by_record_start = np.searchsorted(index.record[self._by_record], np.arange(len(self.ids) + 1))

    def names_of(self, records: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the rows of all names of these records, one record after the other, and the place of each one's record."""
        starts = self._by_record_start[records]
        lengths = self._by_record_start[records + 1] - starts
        return self._by_record[ranges(starts, lengths)], np.repeat(np.arange(len(records)), lengths)

    def parents(self, record: int) -> list[int]:
        """Return the record numbers of a record's parents."""
        return [int(n) for n in self._parent[self._parent_start[record] : self._parent_start[record + 1]]]


@cache
def usual_words() -> dict[str, int]:
    """Return in how many of USUAL_TOTAL names of organizations a word stands, counted in the whole registry (ROR 2.9)."""
    found: dict[str, int] = orjson.loads((Path(__file__).parent / "usual_words.json").read_bytes())
    return found


def open_registry(catalogue: Catalogue, type_: AuthorityType, folder: Path | None) -> Registry:
    """Return the records of one type from their index on disk, or made anew where that is missing or of another state."""
    if folder is not None:
        with suppress(StoreError):
            manifest = Manifest.read(folder / MANIFEST)
            if manifest.settings == registry_state(catalogue, type_):
                return Registry(WordIndex.load(folder))
    return Registry(build_registry(catalogue, type_))


def save_registry(catalogue: Catalogue, type_: AuthorityType, folder: Path) -> bool:
    """Bring the index of one type on disk up to date; return whether it had to be written."""
    state = registry_state(catalogue, type_)
    with suppress(StoreError):
        if Manifest.read(folder / MANIFEST).settings == state:
            return False
    build_registry(catalogue, type_).save(folder, state)
    return True


def registry_state(catalogue: Catalogue, type_: AuthorityType) -> dict[str, int]:
    """Return what changes when a record of the type (or of its twin, an organization that funds) changes."""
    types = ("organization", "funder") if type_ in {"organization", "funder"} else (type_,)
    state = {"form": FORM}
    for one in types:
        sql = "SELECT count(*), coalesce(max(rowid), 0) FROM name WHERE type = ?"
        ((count, last),) = catalogue.database.rows(sql, (one,))
        state |= {f"{one} names": int(count), f"{one} last": int(last)}
    return state


def build_registry(catalogue: Catalogue, type_: AuthorityType) -> WordIndex:
    """Return the index of all names of one type, with what is known of their records."""
    numbers: dict[str, int] = {}
    rows: list[int] = []
    kinds: list[int] = []
    counts: list[int] = []

    def add(row: int, text: str, kind: NameKind, number: int) -> Iterator[tuple[list[str], int]]:
        for form, own in _forms(text, kind):
            rows.append(row)
            kinds.append(KINDS.index(own))
            yield name_words(form), number

    def names() -> Iterator[tuple[list[str], int]]:
        for row, _, id_, text, _, kind in catalogue.authorities.names([type_]):
            number = numbers.setdefault(id_, len(numbers))
            if number == len(counts):
                counts.append(0)
            counts[number] += 1
            yield from add(row, text, kind, number)
        if type_ == "funder":
            # A funder that is an organization too has that one's names, translations among them.
            for row, _, id_, text, _, kind in catalogue.authorities.names(["organization"]):
                if id_ in numbers:
                    yield from add(row, text, kind, numbers[id_])

    index = WordIndex.build(names(), usual_words(), USUAL_TOTAL)
    facts = _facts(catalogue, type_, numbers)
    index.extra = {
        "extra.kind": np.array(kinds, np.uint8),
        "extra.row": np.array(rows, np.int64),
        "extra.names": np.minimum(np.array(counts, np.int32), 999).astype(np.int16),
        "extra.ids": np.frombuffer(orjson.dumps(list(numbers)), np.uint8),
        **{f"extra.{name}": value for name, value in facts.items()},
    }
    return index


def _forms(text: str, kind: NameKind) -> list[tuple[str, NameKind]]:
    """Return a name without what stands in brackets at its end, and an acronym that stands there."""
    if found := _ACRONYM.search(text):
        return [(text[: found.start()], kind), (found.group(1), "acronym")]
    return [(_COUNTRY.sub("", text), kind)]


def _facts(catalogue: Catalogue, type_: AuthorityType, numbers: dict[str, int]) -> dict[str, NDArray[Any]]:
    size = len(numbers)
    found: dict[str, NDArray[Any]] = {
        "country": np.zeros(size, np.int16), "types": np.zeros(size, np.uint16), "status": np.zeros(size, np.uint8),
        "prior": np.zeros(size, np.float32), "works": np.zeros(size, np.float32), "city": np.zeros(size, np.uint64),
    }  # fmt: skip
    parents: list[list[int]] = [[] for _ in range(size)]
    twin: AuthorityType = "funder" if type_ == "organization" else "organization"
    other = {one.id: one for one in catalogue.authorities.every(twin)} if type_ in {"organization", "funder"} else {}
    for one in catalogue.authorities.every(type_):
        n = numbers.get(one.id)
        if n is None:
            continue  # it has no name
        same = other.get(one.id) or other.get(str(one.facts.get("ror_id")))
        facts = {**(same.facts if same else {}), **one.facts}
        found["country"][n] = country_number(one.country_code or (same.country_code if same else None))
        found["types"][n] = sum(1 << TYPES.index(kind) for kind in facts.get("types") or () if kind in TYPES)
        found["status"][n] = STATUSES.index(one.status) if one.status in STATUSES else 0
        found["prior"][n] = np.log1p(one.prior)
        found["works"][n] = np.log1p(same.prior) if same else 0.0
        if city := name_words(str(facts.get("city") or "")):
            found["city"][n] = run_hash(city)
        relations = facts.get("relationships") or ()
        parents[n] = [numbers[r["id"]] for r in relations if r.get("type") == "parent" and r.get("id") in numbers]
    found["parent_start"] = np.cumsum([0, *map(len, parents)]).astype(np.int64)
    found["parent"] = np.array([n for own in parents for n in own], np.int32)
    return found


def country_number(code: str | None) -> int:
    """Return a number for a two-letter country code, 0 for none."""
    if not code or len(code) != 2 or not code.isascii():  # noqa: PLR2004
        return 0
    return (ord(code[0].upper()) - 64) * 32 + ord(code[1].upper()) - 64
