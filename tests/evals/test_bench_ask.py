"""Where the time of a question goes: questions for every route, new processes, and busy loops beside."""

import io
import json
from pathlib import Path

import orjson
import pytest
from rich.console import Console

from agent import settings as settings_
from evals import bench_ask
from evals.bench_ask import Asked, Measured, Start
from evals.routes import Route, routes
from stores.catalogue import Catalogue
from stores.errors import InputError
from stores.home import Home

BLEU = "How many BLEU points did the Transformer reach on English-to-German translation?"


def of_demo(home: Path, number: int) -> dict[str, Route]:
    catalogue = Catalogue(Home(home).catalogue)
    try:
        return {route.name: route for route in routes(catalogue, number)}
    finally:
        catalogue.close()


def test_questions_take_their_routes_step_by_step(demo_home: Path) -> None:
    chosen = [route for route in of_demo(demo_home, 3).values() if not route.worded]
    assert len(chosen) == 8
    found = bench_ask.measure(settings_.load(demo_home), chosen, cold=0, loops=0)
    for route, measured in zip(chosen, found, strict=True):
        assert [each.question for each in measured.warm] == list(route.questions[1:])
        assert {each.intent for each in measured.warm} == {route.intent}
        assert all(0 < each.first_words <= each.whole and not each.calls for each in measured.warm)
        steps = measured.steps()
        assert steps["understand"] > 0
        assert steps["between"] > 0
        assert sum(steps.values()) < 2 * measured.warm_at(0.5)
    assert not any("failed" in line for line in bench_ask.missed(found))


def test_a_new_process_and_a_busy_loop(demo_home: Path) -> None:
    (measured,) = bench_ask.measure(settings_.load(demo_home), [of_demo(demo_home, 2)["find papers"]], cold=1, loops=1)
    assert 0 < measured.cold_p50("first_words") <= measured.cold_p50("whole")
    assert measured.cold_p50("whole") > measured.warm_at(0.5)


def timed(loops: int, whole: float, first: float, outcome: str = "answered") -> Measured:
    asked = Asked(
        question="q", intent="find_papers", outcome=outcome, first_words=whole, whole=whole, steps={"find": whole / 2},
        calls=0, input_tokens=0,
    )  # fmt: skip
    return Measured(route="find papers", loops=loops, cold=(Start(first_words=first, whole=first),), warm=(asked,))


def test_targets_that_are_missed_are_named() -> None:
    assert bench_ask.missed([timed(0, 0.05, 1.0), timed(2, 0.14, 9.0)]) == []
    cold, quoted, slower, failed = bench_ask.missed([timed(0, 0.2, 3.0, "failed"), timed(2, 0.7, 9.0)])
    assert "3.0 s to the first words" in cold
    assert "200 ms warm" in quoted
    assert "3.5 times slower beside 2 busy loops" in slower
    assert "1 questions failed" in failed


def test_the_table_sets_idle_and_busy_side_by_side() -> None:
    console = Console(width=120, record=True, file=io.StringIO())
    found = [timed(0, 0.05, 1.0), timed(2, 0.14, 9.0)]
    console.print(bench_ask.table(found))
    said = console.export_text()
    assert "1,000 → 9,000" in said
    assert "50 → 140" in said
    assert "2.8" in said
    assert bench_ask.step_lines(found) == ["find papers: find 25 → 70, between 25 → 70; p95 of the whole 50 → 140"]


def test_the_command_prints_what_it_measured(
    demo_home: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "mine.jsonl"
    file.write_bytes(orjson.dumps({"id": 1, "question": BLEU}) + b"\n")
    options = ["--home", str(demo_home), "--questions", str(file), "--cold", "0", "--loops", "0", "--json"]
    monkeypatch.setattr("sys.argv", ["bench", *options])
    bench_ask.main()
    found = json.loads(capfdbinary.readouterr().out)
    assert [each["route"] for each in found["measured"]] == ["mine, quoted", "mine, worded"]
    assert [each["warm"][0]["calls"] for each in found["measured"]] == [0, 1]


def test_an_empty_library_has_nothing_to_ask_about(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path / "catalogue.sqlite", create=True)
    with pytest.raises(InputError, match="too little"):
        routes(catalogue, 3)
    catalogue.close()
