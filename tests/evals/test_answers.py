"""Evaluations of retrieval, answers and refusals judge real runs over the demo corpus and tell right from wrong."""

from pathlib import Path

import orjson
import pytest

from agent import settings as settings_
from agent.wiring import open_session
from evals import answers, bench_retrieval, refusals
from evals.measures import recall
from evals.retrieval import rank_fusion
from stores.catalogue import Catalogue

BLEU = "How many BLEU points did the Transformer reach on English-to-German translation?"
ROWS = [
    {
        "id": "right",
        "question": BLEU,
        "answerable": True,
        "paper_ids": ["vaswani-2017-attention"],
        "must_include": ["28.4"],
    },
    {
        "id": "wrong",
        "question": BLEU,
        "answerable": True,
        "paper_ids": ["no-such-paper"],
        "must_include": ["99.9"],
    },
    {"id": "none", "question": "How many native speakers of Xhosa rated the output of BERT?", "answerable": False},
]


def test_answers_are_judged_by_what_they_must_hold(demo_home: Path) -> None:
    session, close = open_session(settings_.with_chat(settings_.load(demo_home), model="none"))
    catalogue = Catalogue(demo_home / "catalogue.sqlite")
    right, wrong, none = answers.evaluate(session, catalogue, ROWS)
    catalogue.close()
    close()
    assert (right.complete, right.gold_rank, right.refused, right.unfaithful) == (True, 1, False, 0)
    assert (wrong.complete, wrong.gold_rank) == (False, None)
    assert (none.refused, none.complete) == (True, False)
    assert 0 < right.first_words <= right.seconds
    assert "complete answers                              0.500" in answers.report([right, wrong, none])


def test_each_half_holds_its_own_abstracts(tmp_path: Path) -> None:
    rows = [
        {"id": str(n), "question": question, "contexts": [text, "It was a randomized trial."]}
        for n, (question, text) in enumerate(
            [
                (
                    "Does morning light shorten stays in burn wards?",
                    "Patients of burn wards with morning light had shorter stays.",
                ),
                (
                    "Do barefoot shoes prevent shin pain in recruits?",
                    "Recruits in barefoot shoes reported as much shin pain.",
                ),
            ]
        )
    ]
    assert [[row["id"] for row in half] for half in refusals.deal(rows)] == [["0"], ["1"]]
    found = list(refusals.evaluate(rows, tmp_path / "homes", [], "none"))
    assert [(each.id, each.present) for each in found] == [("0", True), ("1", False), ("0", False), ("1", True)]
    assert [each.outcome for each in found] == ["answered", "refused", "refused", "answered"]
    assert [each.own_paper_cited for each in found] == [True, False, False, True]
    assert "refused, its abstract absent" in refusals.report(found)


def test_rankings_are_fused_and_counted() -> None:
    assert rank_fusion(["a", "b"], ["b", "c"]) == ["b", "a", "c"]
    assert recall(["a", "x"], {"a": 1, "b": 2, "c": 0}) == pytest.approx(0.5)
    assert recall([], {}) == 0


def test_benchmarks_run(
    demo_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    questions = tmp_path / "questions.jsonl"
    questions.write_bytes(orjson.dumps({"question": BLEU}) + b"\n")
    monkeypatch.setattr("sys.argv", ["bench", str(questions), "--home", str(demo_home), "--repeats", "1"])
    bench_retrieval.main()
    said = capsys.readouterr().out
    assert "no filter" in said
    assert "country US" in said
