import re
from pathlib import Path
from typing import Any

import pytest

from evals.cli import evaluate
from evals.suites.compare import circumstances, compared
from evals.suites.figures import figure
from evals.suites.report import write_report
from evals.suites.results import Machine, Run, read_run, write_run
from evals.suites.runner import Cost, Reported, Summary
from evals.suites.task import Item, Score
from stores.errors import InputError

Items = dict[str, dict[str, Score]]
AROUND: dict[str, Any] = {
    "version": "1", "model": "none", "embedding": "e", "corpus": None, "prompts": {}, "settings": {"chat.model": "none"},
    "settings_digest": "x",
}  # fmt: skip


def write(folder: Path, suite: str, items: Items, **changes: Any) -> Path:
    """Write a run of one suite with these scores by item."""
    folder.mkdir(parents=True)
    names = dict.fromkeys(name for scores in items.values() for name in scores)
    figures = tuple(
        Reported(name=name, about="", better="higher", figure=figure([s[name] for s in items.values() if name in s]))
        for name in names
    )
    cost = Cost(seconds=0, seconds_p95=0, calls=0, input_tokens=0, output_tokens=0, cost=0, megabytes=0)
    summary = Summary(suite=suite, about="", mode="full", items=len(items), failed=0, figures=figures, cost=cost)
    machine = Machine(processor="", cores=1, system="", python="")
    run = Run(at="", seed=1, mode="full", environment=AROUND, data={}, machine=machine, suites=(summary,))
    write_run(folder, run.model_copy(update=changes))
    written = [Item(id=id_, scores=s, shown={"question": "a\x1b[31mb", "given": "c"}) for id_, s in items.items()]
    (folder / f"{suite}.jsonl").write_text("".join(item.model_dump_json() + "\n" for item in written), "utf-8")
    return folder


def test_an_attack_that_succeeds_is_an_item_that_got_worse(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before: Items = {str(n): {"attacks that succeed": (0, 1), "complete": (1, 1)} for n in range(20)}
    after: Items = {**before, "7": {"attacks that succeed": (1, 1), "complete": (1, 1)}}
    first, second = write(tmp_path / "1", "injection", before), write(tmp_path / "2", "injection", after)
    found, flips = compared(first, second)
    assert [(flip.id, flip.change) for flip in flips] == [("7", -1)]
    assert not any(one.worse for one in found)
    assert evaluate(["compare", str(first), str(second)]) == 0
    said = capsys.readouterr().out
    assert "1 items are worse, 0 better" in said
    assert "\x1b" not in said


@pytest.mark.parametrize(("name", "status"), [("milliseconds", 0), ("intent", 1)])
def test_slower_is_shown_as_worse_but_fails_nothing(tmp_path: Path, name: str, status: int) -> None:
    first, second = (
        write(tmp_path / str(n), "understanding", {str(id_): {name: (float(n), 1)} for id_ in range(20)})
        for n in ((1, 0) if name == "intent" else (1, 2))
    )
    assert [one.worse for one in compared(first, second)[0]] == [True]
    assert evaluate(["compare", str(first), str(second), "--fail-worse"]) == status


def test_one_item_and_what_one_run_lacks_are_compared_without_a_verdict(tmp_path: Path) -> None:
    first = write(tmp_path / "1", "answers", {"a": {"complete": (1, 1), "citations of a right paper": (1, 1)}})
    second = write(
        tmp_path / "2", "answers", {"a": {"complete": (0, 1), "length": (0.5, 1)}, "b": {"complete": (1, 1)}}
    )
    found, flips = compared(first, second)
    assert [one.name for one in found] == ["complete", "citations of a right paper", "length"]
    assert not any(one.worse for one in found)
    assert [flip.change for flip in flips] == [-2]
    assert evaluate(["compare", str(first), str(second)]) == 0


def test_a_measure_that_a_suite_no_longer_has_is_left_out(tmp_path: Path) -> None:
    old: Items = {id_: {"complete": (1, 1), "of old": (1, 1)} for id_ in "ab"}
    first, second = write(tmp_path / "1", "answers", old), write(tmp_path / "2", "answers", old)
    assert [one.name for one in compared(first, second)[0]] == ["complete"]
    write_report(first)
    assert "of old" in (first / "report.md").read_text("utf-8")


def test_text_of_items_and_names_of_groups_are_no_markup(tmp_path: Path) -> None:
    folder = write(tmp_path / "1", "retrieval", {"<i>": {"nDCG@10 (<b>$\\frac|x)": (0.5, 1)}})
    lines = (
        (folder / "retrieval.jsonl").read_text("utf-8").replace('"given":"c"', '"given":"<script>alert(1)</script>"')
    )
    (folder / "retrieval.jsonl").write_text(lines, "utf-8")
    page, text = write_report(folder)
    assert not re.search(r"<script|<i>|<b>", page.read_text("utf-8"))
    assert "&lt;script&gt;" in page.read_text("utf-8")
    assert "| nDCG@10 (<b>$\\frac/x) | 0.500 |" in text.read_text("utf-8")


def test_what_runs_were_not_alike_in_is_said(tmp_path: Path) -> None:
    items: Items = {"a": {"complete": (1, 1)}}
    around = {**AROUND, "settings": {"chat.model": "bundled"}, "settings_digest": "y"}
    data = {"questions/answers.jsonl": "1", "only here": "1"}
    first = write(tmp_path / "1", "answers", items, data={"questions/answers.jsonl": "2"})
    second = write(tmp_path / "2", "answers", items, data=data, environment=around, mode="oracle")
    found = circumstances(read_run(first), read_run(second))
    assert found == ["mode", "questions/answers.jsonl", "settings.chat.model"]
    assert circumstances(read_run(first), read_run(first)) == []


def test_runs_with_nothing_in_common_are_said(tmp_path: Path) -> None:
    first = write(tmp_path / "1", "answers", {"a": {"complete": (1, 1)}})
    second = write(tmp_path / "2", "answers", {"b": {"complete": (1, 1)}})
    with pytest.raises(InputError, match="no suite or no item in common"):
        compared(first, second)
