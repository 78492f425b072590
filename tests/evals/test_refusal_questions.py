import json
from functools import cache
from pathlib import Path
from typing import Any

from evals.answers import holds_all
from evals.rows import AnsweredRow, read_rows

EVALS = Path(__file__).resolve().parents[2] / "evals"


@cache
def papers() -> dict[str, str]:
    lines = (EVALS / "demo" / "papers.jsonl").read_text(encoding="utf-8").splitlines()
    return {row["id"]: f"{row['title']} {row['abstract']}" for row in map(json.loads, lines)}


@cache
def questions() -> list[dict[str, Any]]:
    return read_rows(EVALS / "refusal" / "questions" / "answers.jsonl", AnsweredRow)


def test_there_are_as_many_as_the_readme_says() -> None:
    assert sum(row["answerable"] for row in questions()) == 72
    assert len(questions()) == len({row["question"] for row in questions()}) == 122


def test_their_papers_hold_what_an_answer_must() -> None:
    for row in questions():
        if row["answerable"]:
            (id_,) = row["paper_ids"]
            assert row["must_include"], row["id"]
            assert holds_all(row["must_include"], papers()[id_]), row["id"]
        else:
            assert row["near_paper_ids"][0] in papers(), row["id"]
            assert row["unanswerable_reason"], row["id"]


def test_none_of_the_small_suite_is_among_them() -> None:
    small = read_rows(EVALS / "small" / "questions" / "answers.jsonl", AnsweredRow)
    there = [words(row["question"]) for row in small]
    for row in questions():
        asked = words(row["question"])
        assert all(len(asked & other) <= len(asked | other) / 2 for other in there), row["id"]


def words(question: str) -> set[str]:
    return set(question.lower().rstrip("?").split())
