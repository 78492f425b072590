"""Several taggers are compared in one run, each in a column of its own."""

from collections import Counter
from pathlib import Path

import orjson
import pytest

from evals import questions
from evals.cli import evaluate
from stores.errors import InputError

ROWS = [
    {
        "id": "1", "question": "Papers on parsing since 2019", "intent": "find_papers", "filters": {"year_from": 2019},
        "entities": [
            {"start": 10, "end": 17, "text": "parsing", "type": "topic"}, {"start": 24, "end": 28, "text": "2019", "type": "year"},
        ],
    },
    {"id": "2", "question": "hello", "intent": "chitchat", "filters": {}, "entities": []},
]  # fmt: skip


def test_taggers_stand_side_by_side(
    demo_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    file = tmp_path / "questions.jsonl"
    file.write_bytes(b"\n".join(map(orjson.dumps, ROWS)))
    home = ["--home", str(demo_home)]
    evaluate(["questions", str(file), *home, "--tagger", "rules", "--tagger", "default", "--first", "1", "--items"])
    table = capsys.readouterr().out
    heading = next(line for line in table.splitlines() if "measure" in line)
    assert heading.index("rules") < heading.index("default")
    assert "1.000 (1.000-1.000)" in table


def test_no_question_is_said(tmp_path: Path, demo_home: Path) -> None:
    (tmp_path / "empty.jsonl").write_text("\n")
    with pytest.raises(InputError, match="holds no question"):
        evaluate(["questions", str(tmp_path / "empty.jsonl"), "--home", str(demo_home)])
    assert questions.read_questions(tmp_path / "empty.jsonl") == []


def test_f1_counts_what_is_found_missed_and_invented() -> None:
    some: questions.Counts = Counter({("topic", "tp"): 2, ("topic", "fn"): 1, ("year", "fp"): 1})
    assert questions.f1(some) == pytest.approx(4 / 6)
    assert questions.f1(some, "topic") == pytest.approx(4 / 5)
    assert questions.f1(some, "venue") == 0
    none = questions.Item("1", True, True, Counter(), [], 0.0)
    item = questions.Item("2", True, True, some, [], 0.0)
    value, low, high = questions.interval([none, item, item], "entities")
    assert value == pytest.approx(4 / 6)
    assert low <= value <= high
