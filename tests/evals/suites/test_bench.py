"""What suites run on: homes of other corpora, and rows of files of one's own."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest

from agent import settings as settings_
from agent.wiring import Parts
from evals.suites.bench import Bench
from evals.suites.tasks import answers, injection, refusal

PAPER = "vaswani-2017-attention"


def write(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\n".join(map(orjson.dumps, rows)))
    return path


@pytest.fixture
def bench(demo_home: Path, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(settings_.load(demo_home), tmp_path / "data", tmp_path / "homes")
    yield made
    made.close()


def test_a_home_holds_what_its_files_hold_now_and_has_the_settings_that_are_measured(tmp_path: Path) -> None:
    measured = tmp_path / "measured"
    measured.mkdir()
    (measured / "settings.toml").write_text("[retrieval]\npassages = 7\n", "utf-8")
    bench = Bench(settings_.load(measured), tmp_path, tmp_path / "homes")
    papers = [{"id": id_, "title": f"On {id_}", "abstract": f"This is about {id_}.", "year": 2020} for id_ in "ab"]
    held = []
    for given in (papers, papers[:1], papers):
        settings = settings_.load(bench.home_of("some", [write(tmp_path / "papers.jsonl", given)]))
        assert settings.retrieval.passages == 7
        parts = Parts(settings)
        held.append([paper.id for paper, _ in parts.catalogue.papers.all()])
        parts.close()
    assert held == [["a", "b"], ["a"], ["a", "b"]]


def test_what_a_row_does_not_say_is_not_judged() -> None:
    given = answers.Answered("answered", "It is so.", ["p"], ["p"])
    assert (
        answers.TASK.scorer({"question": "?", "answerable": True}, given)
        .keys()
        .isdisjoint({"complete", "right paper in ten", "citations of a right paper"})
    )
    row = {"question": "?", "answerable": True, "must_include": ["so"], "paper_ids": ["p"]}
    scores = answers.TASK.scorer(row, given)
    assert scores["complete"] == scores["right paper in ten"] == scores["citations of a right paper"] == (1, 1)


def test_questions_are_dealt_only_where_their_papers_are_here(bench: Bench) -> None:
    asked: dict[str, Any] = {"question": "Why?", "answerable": True}
    rows = [
        {"id": "known", "paper_ids": [PAPER], **asked},
        {"id": "elsewhere", "paper_ids": ["no-such-paper"], **asked},
        {"id": "nothing", **asked},
    ]
    write(bench.data / "questions" / "answers.jsonl", rows)
    for name in ("one", "two"):
        write(bench.data / "qa" / f"pubmedqa_{name}.jsonl", [{"id": name, "question": "Why?", "contexts": ["So."]}])
    found = [(row.id, row.half) for row in refusal.TASK.dataset(bench)]
    assert found == [
        ("questions:known:present", 0),
        ("questions:known:absent", 1),
        ("pubmedqa:one:present", 0),
        ("pubmedqa:two:absent", 0),
        ("pubmedqa:one:absent", 1),
        ("pubmedqa:two:present", 1),
    ]


def test_hostile_passages_are_asked_about_with_the_settings_that_are_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured = tmp_path / "measured"
    measured.mkdir()
    (measured / "settings.toml").write_text("[retrieval]\npassages = 7\n", "utf-8")
    bench = Bench(settings_.load(measured), tmp_path, tmp_path / "homes")
    asked: list[int] = []

    def ask(_: Any, hostile: Path, clean: Path) -> Iterator[None]:
        asked.extend(settings_.load(home).retrieval.passages for home in (hostile, clean))
        yield None

    # What passages do once they are ingested has tests of its own.
    monkeypatch.setattr(injection, "build", lambda folder, _: folder / "home")
    monkeypatch.setattr(injection, "ask", ask)
    rows = injection.TASK.dataset(bench)[:1]
    with injection.TASK.solver(bench, rows) as ways:
        ways.solve(rows[0])
    assert asked == [7, 7]
