"""A catalogue that holds only the records whose names could occur in the labelled questions, for speed."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from evals.questions import read_questions
from stores.catalogue import Catalogue
from stores.keys import name_key
from stores.records import Author, Authority, Paper

OWN_QUESTIONS = Path(__file__).with_name("questions.jsonl")
FILES = {
    "organization": "organizations.jsonl.gz", "funder": "funders.jsonl.gz", "author": "people.jsonl.gz", "topic": "openalex_topics.jsonl",
}  # fmt: skip
FACTS = (
    "types",
    "city",
    "country",
    "affiliations",
    "venues",
    "top_coauthors",
    "comment",
    "n_papers",
    "first_year",
    "last_year",
)
SCHOOLS = ("{} university", "university of {}", "{} institute of technology")


def lines(path: Path) -> Iterator[dict[str, Any]]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rb") as stream:
        yield from (orjson.loads(line) for line in stream)


def names(record: dict[str, Any]) -> list[tuple[str, str]]:
    found = [(value, "acronym") for value in record.get("acronyms", ())]
    found += [(value, "alias") for value in record.get("aliases", ())]
    found += [(value, "variant") for value in record.get("variants", ())]
    found += [(value, "asserted") for value in record.get("asserted_names", ())]
    return found + [(label["value"], "label") for label in record.get("labels", ())]


@pytest.fixture(scope="session")
def question_rows(shared_data: Path) -> dict[str, list[dict[str, Any]]]:
    return {
        "development": read_questions(shared_data / "questions" / "questions.jsonl"),
        "own": read_questions(OWN_QUESTIONS),
    }


@pytest.fixture(scope="session")
def question_catalogue(
    shared_data: Path, question_rows: dict[str, list[dict[str, Any]]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Catalogue]:
    keys: set[str] = set()
    vocabulary: set[str] = set()
    for row in (row for rows in question_rows.values() for row in rows):
        for text in (row["question"].replace("'s", ""), *(turn["content"] for turn in row["history"])):
            words = name_key(text).split()
            vocabulary.update(words)
            grams = {" ".join(words[i:j]) for i in range(len(words)) for j in range(i + 1, min(i + 9, len(words)) + 1)}
            keys |= grams | {pattern.format(gram) for gram in grams if gram.count(" ") < 2 for pattern in SCHOOLS}
    catalogue = Catalogue(tmp_path_factory.mktemp("questions") / "catalogue.sqlite", create=True)
    with catalogue.database.transaction() as connection:
        for type_, file in FILES.items():
            for record in lines(shared_data / file):
                own = name_key(record["name"])
                other = names(record)
                known = own in keys or any(name_key(name) in keys for name, _ in other)
                if (
                    known
                    or type_ == "topic"
                    or (type_ == "author" and vocabulary.issuperset(own.split()[-1:] + own.split()[:1]))
                ):
                    authority = {
                        "id": record["id"], "type": type_, "name": record["name"], "names": other,
                        "country_code": record.get("country_code"), "status": record.get("status") or "active",
                        "prior": record.get("crossref_works") or record.get("n_papers") or len(record.get("relationships", ())),
                        "facts": {key: record[key] for key in FACTS if record.get(key) is not None},
                    }  # fmt: skip
                    catalogue.authorities.put(connection, Authority.model_validate(authority))
        venues = {record["venue"] for record in lines(shared_data / "papers.jsonl.gz")}
        for n, venue in enumerate(sorted(venue for venue in venues if venue)):
            paper = Paper(id=f"p{n}", title=f"Paper {n}", venue=venue, authors=(Author(id="a", name="Ann Author"),))
            catalogue.papers.put(connection, paper, [], "-")
    yield catalogue
    catalogue.close()
