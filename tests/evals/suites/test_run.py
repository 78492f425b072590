"""The whole way over the demo corpus and data of our own: run, gates, cheaters, report, comparison, sweep."""

import shutil
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from evals.cli import evaluate
from evals.suites import run as run_
from evals.suites.compare import compared
from evals.suites.results import Run, read_run
from evals.suites.runner import read_items
from evals.suites.sweep import names_of, variants
from evals.suites.tasks import NAMES
from stores.errors import ConfigError, InputError

SMALL = Path(__file__).resolve().parents[3] / "evals" / "small"
# Hostile passages have a test of their own, which takes longer.
SUITES = [name for name in NAMES if name != "injection"]


@pytest.fixture(scope="module", autouse=True)
def argv() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", [])
        yield


@pytest.fixture(scope="module")
def ran(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a run of the small data that passed its gates."""
    output = tmp_path_factory.mktemp("run")
    given = ["--data", str(SMALL), "--home", str(demo_home), "--output", str(output)]
    assert evaluate(["run", *SUITES, *given, "--fail-under", str(SMALL / "gates.toml")]) == 0
    return output


def test_every_suite_has_figures_with_intervals_and_every_item(ran: Path) -> None:
    run = read_run(ran)
    assert [suite.suite for suite in run.suites] == SUITES
    for suite in run.suites:
        assert suite.figures
        assert not suite.failed
        assert len(read_items(ran / f"{suite.suite}.jsonl")) == suite.items > 0
        for one in suite.figures:
            assert one.figure.low <= one.figure.value <= one.figure.high, (suite.suite, one.name)
    assert run.environment["model"].endswith(".gguf")
    assert all(len(digest) == 64 for digest in run.data.values())


def figures(run: Run, suite: str) -> dict[str, tuple[float, dict[str, float]]]:
    (found,) = [one for one in run.suites if one.suite == suite]
    return {one.name: (one.figure.value, one.baselines) for one in found.figures}


def test_cheaters_and_simple_methods_stay_below(ran: Path) -> None:
    run = read_run(ran)
    answers = figures(run, "answers")
    assert answers["complete"][0] > answers["complete"][1]["first sentence"]
    assert answers["complete"][0] > answers["complete"][1]["question again"]
    assert answers["citations of a right paper"][0] > 2 * answers["citations of a right paper"][1]["papers whole"]
    assert answers["false refusals"][1]["always refuses"] == 1
    understanding = figures(run, "understanding")
    assert understanding["intent"][0] > understanding["intent"][1]["always find papers"] + 0.3
    themes = figures(run, "themes")
    assert themes["nDCG@5"][0] > themes["nDCG@5"][1]["chance"] + 0.3
    profiles = figures(run, "profiles")
    assert profiles["facts equal"][0] == 1 > profiles["facts equal"][1]["no facts"]


class Page(HTMLParser):
    """Collects what a page would load, and its headings."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.headings: list[str] = []
        self._in = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in = tag
        self.loads += [
            value or "" for name, value in attrs if name in {"src", "href"} and not (value or "#").startswith("#")
        ]

    def handle_data(self, data: str) -> None:
        if self._in == "h2" and data.strip():
            self.headings.append(data.strip())


def test_the_report_stands_alone_and_shows_plots_and_worst_items(ran: Path) -> None:
    evaluate(["report", str(ran)])
    page = (ran / "report.html").read_text("utf-8")
    read = Page(page)
    assert read.headings[: len(SUITES)] == SUITES
    assert read.loads == []
    assert page.count('class="plot"') == len(SUITES)
    assert "The items that lost most" in page
    text = (ran / "report.md").read_text("utf-8")
    assert "| complete |" in text
    assert "95 % interval" in text


def test_a_run_below_its_gates_ends_with_1(demo_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["--data", str(SMALL), "--home", str(demo_home), "--output", str(tmp_path)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUODVIDE_UNDERSTANDING__TAGGER", "rules")
        assert evaluate(["run", "understanding", *given, "--fail-under", str(SMALL / "gates.toml")]) == 1
    assert "below its gate: understanding: entities is" in " ".join(capsys.readouterr().err.split())


def test_a_worse_run_is_noticed(ran: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate(["compare", str(ran), str(ran), "--fail-worse"]) == 0
    assert "0 items are worse, 0 better" in capsys.readouterr().out
    worse = tmp_path / "worse"
    shutil.copytree(ran, worse, ignore=shutil.ignore_patterns("homes"))
    items = read_items(ran / "understanding.jsonl")
    spoilt = [item.model_copy(update={"scores": {**item.scores, "intent": (0.0, 1.0)}}) for item in items[:12]]
    lines = [item.model_dump_json() for item in (*spoilt, *items[12:])]
    (worse / "understanding.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    assert evaluate(["compare", str(ran), str(worse), "--fail-worse"]) == 1
    assert evaluate(["compare", str(worse), str(ran), "--fail-worse"]) == 0
    found, flips = compared(ran, worse)
    assert [one.name for one in found if one.worse] == ["intent"]
    assert sum(flip.change for flip in flips) == -sum(item.scores["intent"][0] for item in items[:12])


def test_settings_are_swept_in_processes_of_their_own(
    demo_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--data", str(SMALL), "--home", str(demo_home), "--output", str(tmp_path), "--limit", "6"]
    evaluate(["sweep", "understanding", "--vary", "understanding.tagger=default,rules", *given])
    assert "tagger=rules" in capsys.readouterr().err
    table = (tmp_path / "sweep.md").read_text("utf-8")
    assert table.count("| understanding | intent |") == 2
    page = (tmp_path / "sweep.html").read_text("utf-8")
    assert Page(page).headings == ["understanding: intent against time", "Quality against time and memory"]
    assert page.count('class="swatch"') == 2
    assert "mathdefault" not in page
    assert [
        read_run(tmp_path / str(n) / "understanding").environment["settings"]["understanding.tagger"] for n in (1, 2)
    ] == [
        "default",
        "rules",
    ]


def test_a_gate_of_a_suite_without_data_is_missed_and_an_old_record_goes(demo_home: Path, tmp_path: Path) -> None:
    data, output, gates = tmp_path / "data", tmp_path / "out", tmp_path / "gates.toml"
    data.mkdir()
    shutil.copy(SMALL / "robustness.jsonl", data)
    gates.write_text('[themes]\n"nDCG@5" = 0.5\n', "utf-8")
    given = ["--data", str(data), "--home", str(demo_home), "--output", str(output), "--limit", "2"]
    assert evaluate(["run", "robustness", *given, "--fail-under", str(gates)]) == 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_, "NAMES", ("themes", "robustness"))  # the others take their time
        assert evaluate(["run", "all", *given, "--fail-under", str(gates)]) == 1
    (data / "robustness.jsonl").write_text("{", "utf-8")
    with pytest.raises(InputError, match="is not JSON"):
        evaluate(["run", "robustness", *given])
    with pytest.raises(InputError, match="holds no run"):
        read_run(output)


def test_what_cannot_be_run_is_said(demo_home: Path, tmp_path: Path) -> None:
    given = ["--data", str(tmp_path), "--home", str(demo_home), "--output", str(tmp_path / "out")]
    with pytest.raises(ConfigError, match="there is no suite"):
        evaluate(["run", "nothing", *given])
    with pytest.raises(InputError, match="holds no questions"):
        evaluate(["run", "answers", *given])
    with pytest.raises(ConfigError, match="has no mode"):
        evaluate(["run", "themes", *given, "--mode", "oracle"])
    (tmp_path / "questions").mkdir()
    answers = tmp_path / "questions" / "answers.jsonl"
    for line, said in (("[]", "is not a JSON object"), ("{", "is not JSON"), ('{"id": 1}', "lacks 'question'")):
        answers.write_text(f"\n{line}\n", "utf-8")
        with pytest.raises(InputError, match=rf"answers\.jsonl:2: {said}"):
            evaluate(["run", "answers", *given])
    with pytest.raises(ConfigError, match="is no folder"):
        evaluate(["run", "all", "--data", str(tmp_path / "nowhere"), *given[2:]])
    for varied, said in (
        ("chat.model", "varies nothing"),
        ("chatmodel=none,bundled", "'chatmodel' is no setting"),
        ("home=a,b", "--home would win"),
    ):
        with pytest.raises(ConfigError, match=said):
            evaluate(["sweep", "answers", "--vary", varied, *given])
    with pytest.raises(ConfigError, match=r"with home=.*nowhere the run failed: quodvide: .*nowhere: is no folder"):
        evaluate(["sweep", "answers", "--vary", f"home={tmp_path / 'nowhere'}", *given[:2], *given[4:]])


def test_variants_are_told_apart() -> None:
    assert variants(["chat.model=none,x/a.gguf,none", "chat.model=b"]) == [
        {"chat.model": "none"}, {"chat.model": "x/a.gguf"}, {"chat.model": "b"},
    ]  # fmt: skip
    assert names_of(variants(["home=x/one,y/two"])) == ["home=one", "home=two"]
    assert names_of(variants(["home=x/one,y/one"])) == ["home=x/one", "home=y/one"]
