"""Reads names from the files that the user supplies, divided into those for training and those held out."""

import gzip
import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from math import sqrt
from pathlib import Path
from typing import Any

import orjson

from evals.tagger.examples import entry_held_out, held_out
from evals.tagger.forms import lines
from evals.tagger.pools import Names, Pool
from evals.tagger.subjects import split_topic, title_phrases
from evals.tagger.surfaces import affiliation, funder_surfaces, organization_surfaces
from stores.errors import InputError

FILES = (
    "organizations.jsonl.gz", "funders.jsonl.gz", "people.jsonl.gz", "openalex_topics.jsonl", "countries.jsonl", "papers.jsonl.gz",
    "works_rich.jsonl.gz",
)  # fmt: skip
_CLOSED = frozenset(("countries", "nations", "languages"))
_LISTED = {
    "organization_lists": "organizations.txt", "funder_lists": "funders.txt", "topic_lists": "topics.txt",
    "venue_lists": "venues.txt", "systems": "systems.txt",
}  # fmt: skip
_NATIONS = "nations.tsv"
_EVERYDAY_COUNTRIES = {
    "US": ("the US", "the USA", "USA", "US", "U.S.", "America", "the United States"), "GB": ("the UK", "UK", "Britain", "England"),
    "CN": ("China", "mainland China", "PRC"), "KR": ("South Korea", "Korea"), "CZ": ("Czechia", "the Czech Republic"),
    "AE": ("the UAE", "UAE"), "RU": ("Russia",), "NL": ("the Netherlands", "Holland"), "TW": ("Taiwan",), "HK": ("Hong Kong",),
    "IR": ("Iran",), "VN": ("Vietnam", "Viet Nam"), "TR": ("Turkey", "Türkiye"), "CI": ("Ivory Coast",), "CD": ("DR Congo",),
}  # fmt: skip
_LANGUAGES_OFTEN = 4.0

Weights = dict[str, dict[bool, dict[str, float]]]


class Reader:
    """Collects names from the files, by kind and by whether they are held out.

    Args:
        folder: holds the files, in the formats of the shared data.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._found: Weights = defaultdict(lambda: {False: {}, True: {}})
        self._countries: Counter[str] = Counter()
        self._read_organizations()
        self._read_funders()
        self._read_people()
        self._read_topics()
        self._read_papers()
        self._read_works()
        self._read_countries()
        self._read_lists()

    def names(self) -> tuple[Names, Names]:
        """Return the names for training and those for validation; no text of an open kind is in both."""
        training = {kind: Pool(halves[False]) for kind, halves in self._found.items()}
        taken = [text for kind, pool in training.items() if kind not in _CLOSED for text in pool.texts]
        validation = {
            kind: training[kind] if kind in _CLOSED else Pool(halves[True]).without(taken)
            for kind, halves in self._found.items()
        }
        return Names(**training), Names(**validation)

    def _add(self, kind: str, text: str, weight: float, held: bool) -> None:
        text = " ".join(text.split())
        if text:
            half = self._found[kind][held]
            half[text] = half.get(text, 0.0) + weight

    def _read_organizations(self) -> None:
        for record in read_records(self._folder / "organizations.jsonl.gz"):
            held = held_out(record["id"])
            self._countries[record["country_code"] or ""] += 1
            weight = (
                1 + len(record["relationships"]) + 2 * bool(record["wikipedia"]) + 2 * ("education" in record["types"])
            )
            for text, part in organization_surfaces(record):
                self._add("organizations", text, part * sqrt(weight), held)
            if record["city"]:
                self._add("cities", record["city"], 1.0, held)

    def _read_funders(self) -> None:
        for record in read_records(self._folder / "funders.jsonl.gz"):
            weight = sqrt(1 + record["crossref_works"])
            for text, part in funder_surfaces(record):
                self._add("funders", text, part * weight, held_out(record["id"]))

    def _read_people(self) -> None:
        for record in read_records(self._folder / "people.jsonl.gz"):
            held = held_out(record["id"])
            self._add("people", record["name"], sqrt(record["n_papers"]), held)
            for variant in record["variants"]:
                self._add("people", variant, 0.5, held)
            for item in record["affiliations"]:
                if text := affiliation(item["name"]):
                    self._add("affiliations", text, sqrt(item["n"]), held)

    def _read_topics(self) -> None:
        for record in read_records(self._folder / "openalex_topics.jsonl"):
            held = held_out(record["id"])
            for text in split_topic(record["name"]):
                self._add("topics", text, 1.0, held)
            for level, kinds in (("subfield", ("topics", "fields")), ("field", ("topics", "fields"))):
                for text in split_topic(record[level]):
                    for kind in kinds:
                        self._add(kind, text, 0.2, entry_held_out(text))

    def _read_papers(self) -> None:
        phrases: Counter[str] = Counter()
        for record in read_records(self._folder / "papers.jsonl.gz"):
            held = held_out(record["id"])
            phrases.update(title_phrases(record["title"]))
            self._add("titles", record["title"], 1.0, held)
            self._add("ids", record["id"], 1.0, held)
            if record["venue"]:
                self._add("venues", record["venue"], 1.0, entry_held_out(record["venue"]))
            name, colon, _ = record["title"].partition(": ")
            if colon and " " not in name:
                self._add("systems", name, 0.3, held)
        for text, number in phrases.items():
            if number > 2:  # noqa: PLR2004
                self._add("phrases", text, sqrt(number), entry_held_out(text))
        for half in self._found["venues"].values():
            half.update({text: sqrt(number) for text, number in half.items()})

    def _read_works(self) -> None:
        for record in read_records(self._folder / "works_rich.jsonl.gz"):
            held = held_out(record["id"])
            self._add("titles", record["title"] or "", 1.0, held)
            self._add("ids", (record["doi"] or "").removeprefix("https://doi.org/"), 1.0, held)
            self._add("venues", record["venue"] or "", 1.0, entry_held_out(record["venue"] or ""))
            for author in record["authors"]:
                self._add("people", author["name"] or "", 0.7, held_out(author["id"] or author["name"] or ""))
            for concept in record["concepts"]:
                if "(" not in concept["name"]:
                    self._add("topics", concept["name"], 0.05, held_out(concept["id"]))
            for heading in record["mesh"]:
                if "," not in heading:
                    self._add("topics", heading, 0.05, entry_held_out(heading))

    def _read_countries(self) -> None:
        for record in read_records(self._folder / "countries.jsonl"):
            weight = sqrt(1 + self._countries[record["code"]])
            self._add("countries", record["name"], weight, held=False)
            for text in _EVERYDAY_COUNTRIES.get(record["code"], ()):
                self._add("countries", text, weight / 3, held=False)

    def _read_lists(self) -> None:
        for kind, file in _LISTED.items():
            for text in lines("lists", file):
                self._add(kind, text, 1.0, entry_held_out(text))
        for line in lines("lists", _NATIONS):
            adjective, country, code = line.split("\t")
            weight = sqrt(1 + self._countries[code])
            self._add("nations", adjective, weight, held=False)
            self._add("countries", country, weight, held=False)
        import pycountry

        often = {text.split()[0] for text in self._found["nations"][False]}
        for language in pycountry.languages:
            if hasattr(language, "alpha_2"):
                name = language.name.partition(" (")[0]
                self._add("languages", name, _LANGUAGES_OFTEN if name in often else 1.0, held=False)


def read_records(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the records of a JSON Lines file, compressed or not."""
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
            yield from (orjson.loads(line) for line in file if line.strip())
    except OSError as error:
        raise InputError(
            f"cannot be read ({error.strerror or error})", where=str(path), hint="Name the folder with --data"
        ) from error
    except orjson.JSONDecodeError as error:
        raise InputError("is no JSON Lines file", where=str(path)) from error


def data_digest(folder: Path, files: tuple[str, ...]) -> str:
    """Return sixteen hexadecimal digits that tell the files, and the package's forms and lists, from others."""
    state = hashlib.sha256()
    for name in sorted(files):
        with (folder / name).open("rb") as file:
            state.update(hashlib.file_digest(file, "sha256").digest())
    for line in (*lines("forms"), *(line for file in (*_LISTED.values(), _NATIONS) for line in lines("lists", file))):
        state.update(line.encode() + b"\n")
    return state.hexdigest()[:16]
