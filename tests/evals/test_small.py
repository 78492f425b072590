import json
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest

from evals.small.recount import profiles
from tools.ner.base import Intent

SMALL = Path(__file__).resolve().parents[2] / "evals" / "small"
DEMO = SMALL.parent / "demo"
RECORDS = {
    "author": "people",
    "organization": "organizations",
    "funder": "funders",
    "topic": "topics",
    "country": "countries",
}
GOLD = {"affiliations": 40, "funders": 25, "authors": 25}
RUN = 8
OUTCOMES = {"any", "answered", "refused", "needs_clarification"}


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def words(text: str) -> list[str]:
    return re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold())


def runs(text: str, size: int) -> set[tuple[str, ...]]:
    found = words(text)
    return {tuple(found[n : n + size]) for n in range(len(found) - size + 1)}


@cache
def ids(type_: str) -> frozenset[str]:
    key = "code" if type_ == "country" else "id"
    return frozenset(row[key] for row in rows(DEMO / f"{RECORDS[type_]}.jsonl"))


@cache
def abstracts() -> dict[str, str]:
    return {row["id"]: row["abstract"] for row in rows(DEMO / "papers.jsonl")}


def questions() -> list[dict[str, Any]]:
    return rows(SMALL / "questions" / "questions.jsonl")


def answers() -> list[dict[str, Any]]:
    return rows(SMALL / "questions" / "answers.jsonl")


def themes() -> list[dict[str, Any]]:
    return rows(SMALL / "questions" / "themes.jsonl")


def asked() -> Iterator[str]:
    yield from (row["question"] for row in [*questions(), *answers()])
    yield from (turn["content"] for row in questions() for turn in row["history"])


def test_there_are_as_many_rows_as_the_readme_says() -> None:
    assert len(questions()) == len(answers()) == len(rows(SMALL / "robustness.jsonl")) == 40
    assert {name: len(rows(SMALL / "gold" / f"{name}.jsonl")) for name in GOLD} == GOLD
    assert len(rows(SMALL / "retrieval" / "demo" / "queries.jsonl")) == 30
    assert len(themes()) == 8


@pytest.mark.parametrize(
    "name", ["questions/questions", "questions/answers", "questions/themes", "retrieval/demo/queries", "robustness"]
)
def test_ids_of_rows_are_unique(name: str) -> None:
    found = [row.get("id") or row["_id"] for row in rows(SMALL / f"{name}.jsonl")]
    assert len(set(found)) == len(found)


def test_offsets_of_entities_are_exact_and_do_not_overlap() -> None:
    for row in questions():
        end = 0
        for entity in row["entities"]:
            assert row["question"][entity["start"] : entity["end"]] == entity["text"], row["id"]
            assert entity["start"] >= end, row["id"]
            end = entity["end"]


def test_every_intent_is_asked_for() -> None:
    assert {row["intent"] for row in questions()} == set(get_args(Intent))


def test_ids_of_entities_are_of_demo_records() -> None:
    for row in questions():
        for entity in row["entities"]:
            known = ids(entity["type"]) if entity["type"] in RECORDS else set(entity["ids"])
            assert set(entity["ids"]) <= known, row["id"]
            assert not (entity.get("nil") and entity["ids"]), row["id"]
            assert entity.get("context_id") in {None, *entity["ids"]}, row["id"]
            assert bool(entity.get("ambiguous")) == (len(entity["ids"]) > 1), row["id"]
        for entity in row.get("context_entities", ()):
            assert "text" in entity or entity["id"] in ids(entity["type"]), row["id"]
        assert set(row.get("paper_ids", ())) <= set(abstracts()), row["id"]


def test_what_is_excluded_is_negated() -> None:
    for row in questions():
        negated = {
            f"{one['type']}:{''.join(one['ids']) or one['text']}" for one in row["entities"] if one.get("negated")
        }
        assert set(row["filters"].get("exclude", ())) == negated, row["id"]


def test_follow_ups_have_a_history() -> None:
    assert all(bool(row["history"]) == bool(row.get("followup")) for row in questions())
    assert sum(bool(row["history"]) for row in questions()) == 5


def test_evidence_is_a_piece_of_the_abstract() -> None:
    for row in answers():
        papers = row["evidence_paper_ids"]
        for piece, paper in zip(row["evidence"], papers, strict=True):
            assert piece in abstracts()[paper], row["id"]
        assert set(papers) == set(row["paper_ids"]), row["id"]
        assert {*row["paper_ids"], *row.get("alt_paper_ids", ()), *row.get("near_paper_ids", ())} <= set(abstracts())


def test_the_evidence_holds_what_an_answer_must() -> None:
    for row in answers():
        evidence = " ".join(row["evidence"]).casefold()
        for element in row["must_include"]:
            choice = [element] if isinstance(element, str) else element
            assert any(one.casefold() in evidence for one in choice), row["id"]


def test_answerable_questions_have_evidence_and_others_a_reason() -> None:
    assert sum(row["answerable"] for row in answers()) == 26
    for row in answers():
        assert row["answerable"] == bool(row["evidence"]) == bool(row["must_include"]), row["id"]
        assert row["answerable"] != ("unanswerable_reason" in row), row["id"]


def test_questions_are_not_copied_from_abstracts() -> None:
    copied = set[tuple[str, ...]]().union(*(runs(text, RUN) for text in abstracts().values()))
    assert [text for text in asked() if runs(text, RUN) & copied] == []


def test_profiles_are_what_a_recount_gives() -> None:
    assert rows(SMALL / "questions" / "profiles.jsonl") == profiles()


def test_themes_are_graded() -> None:
    for row in themes():
        labels = [theme["label"] for theme in row["themes"]]
        assert len(set(labels)) == len(labels) == 20, row["id"]
        assert row["relevant"].keys() == set(labels), row["id"]
        assert set(row["relevant"].values()) <= {0, 1, 2, 3}, row["id"]
        assert max(row["relevant"].values()) == 3, row["id"]
        assert all(row["relevant"][label] == 0 for label in row["hard_negatives"]), row["id"]


def test_themes_and_texts_are_none_of_those_trained_on() -> None:
    trained = rows(SMALL.parent / "themes" / "texts.jsonl")
    labels = {
        " ".join(words(label)) for row in trained for part in ("grades", "hard", "negated") for label in row[part]
    }
    ours = {" ".join(words(theme["label"])) for row in themes() for theme in row["themes"]}
    assert not ours & labels
    known = set[tuple[str, ...]]().union(*(runs(row["text"], 5) for row in trained))
    assert all(not runs(row["text"], 5) & known for row in themes())


@pytest.mark.parametrize("name", GOLD)
def test_gold_mentions_name_records_that_are_here_or_not(name: str) -> None:
    for row in rows(SMALL / "gold" / f"{name}.jsonl"):
        known = [id_ in ids(row["type"]) for id_ in row["gold_ids"]]
        if row["kind"] == "linked":
            assert known, row["text"]
            assert all(known), row["text"]
        else:
            assert not any(known), row["text"]
            assert bool(known) == (row["kind"] == "out_of_index"), row["text"]
        assert row.get("paper_id") in {None, *abstracts()}, row["text"]


def test_spellings_are_no_main_name_and_unknown_names_are_of_nobody() -> None:
    names = {" ".join(words(row["name"])) for row in rows(DEMO / "people.jsonl")}
    for row in rows(SMALL / "gold" / "authors.jsonl"):
        assert (" ".join(words(row["text"])) in names) == (row["source"] == "homonym"), row["text"]


def test_judgements_name_queries_and_demo_papers() -> None:
    folder = SMALL / "retrieval" / "demo"
    header, *lines = (folder / "qrels" / "test.tsv").read_text(encoding="utf-8").splitlines()
    assert header == "query-id\tcorpus-id\tscore"
    judged: dict[str, set[str]] = {}
    for line in lines:
        query, paper, grade = line.split("\t")
        assert paper in abstracts()
        assert grade in {"1", "2"}
        assert paper not in judged.setdefault(query, set())
        judged[query].add(paper)
    assert judged.keys() == {row["_id"] for row in rows(folder / "queries.jsonl")}
    assert all(1 <= len(papers) <= 4 for papers in judged.values())


def test_robustness_expects_an_outcome() -> None:
    for row in rows(SMALL / "robustness.jsonl"):
        # Where nothing is asked, a failure that says so is right.
        assert row["expect"] in (OUTCOMES if row["question"].strip() else {"failed"})


def test_questions_are_none_of_the_shared_ones(shared_data: Path) -> None:
    shared = [row[key] for path in (shared_data / "questions").glob("*.jsonl") for row in rows(path)
              for key in ("question", "text") if key in row]  # fmt: skip
    queries = [row["text"] for row in rows(SMALL / "retrieval" / "demo" / "queries.jsonl")]
    ours = [*asked(), *queries, *(row["text"] for row in themes())]
    assert not {tuple(words(text)) for text in shared} & {tuple(words(text)) for text in ours}
    known = set[tuple[str, ...]]().union(*(runs(text, RUN) for text in shared))
    assert [text for text in ours if runs(text, RUN) & known] == []
