"""--refine: profiles and summaries in the words of a model elsewhere where these pass, with tokens and cost."""

import io
import json
import re
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from agent.cli import app
from stores.errors import ConfigError
from stores.home import Home
from stores.usage import UsageLog

pytestmark = pytest.mark.usefixtures("far_refines")
TEXT = "We train a neural network that translates German sentences into English. It needs two weeks on one computer."
GIVEN = [{"label": "Machine translation", "description": "From one language into another"}, {"label": "Oral history"}]
SECTIONS = 3  # of Percy Liang's profile have two statements or more


@pytest.fixture(scope="module")
def home(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(demo_home, tmp_path_factory.mktemp("refined") / "home"))


# Profiles.

Echo = Callable[[dict[str, Any]], str]


def echo(*changes: tuple[str, str]) -> Echo:
    """Return a cloud that says a section's sentences again, changed."""

    def said(body: dict[str, Any]) -> str:
        text = body["messages"][-1]["content"].partition("\n\n")[2].strip()
        for before, after in (("coauthors are named", "coauthors appear"), *changes):
            text = text.replace(before, after)
        return str(text)

    return said


def run(capsys: pytest.CaptureFixture[str], home: Path, *arguments: str) -> tuple[str, str]:
    capsys.readouterr()
    assert app([*arguments, "--home", str(home)], standalone_mode=False) == 0
    found = capsys.readouterr()
    return found.out, found.err


def many(
    capsys: pytest.CaptureFixture[str], home: Path, tmp_path: Path, authors: list[str], *arguments: str
) -> tuple[dict[str, dict[str, Any]], str]:
    """Return the records of some authors by their ids, and what was said meanwhile."""
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("".join(json.dumps({"author_id": author}) + "\n" for author in authors))
    _, said = run(capsys, home, "profile", "--input", str(source), "--output", str(target), *arguments)
    found = [json.loads(line) for line in target.read_text("utf-8").splitlines()]
    return {record["author_id"]: record for record in found}, said


@pytest.fixture
def one(capsys: pytest.CaptureFixture[str], home: Path) -> Callable[..., tuple[dict[str, Any], str]]:
    def ask(*arguments: str) -> tuple[dict[str, Any], str]:
        out, said = run(capsys, home, "profile", "percy-liang", "--json", *arguments)
        found: dict[str, Any] = json.loads(out)
        return found, said

    return ask


One = Callable[..., tuple[dict[str, Any], str]]


def worded(record: dict[str, Any]) -> list[str]:
    return [section["title"] for section in record["sections"] if section["wording"] == "model"]


def test_a_profile_in_better_words(one: One, cloud: Any, home: Path):
    plain, _ = one()
    cloud.does = echo()
    Home(home).usage.unlink(missing_ok=True)
    record, said = one("--refine", "1", "--yes")
    about = record["refinement"]
    assert about["worded"] == worded(record)
    assert len(about["worded"]) == cloud.requests == SECTIONS
    assert about["reason"] == about["fallback_reason"] == ""
    assert about["model"] == f"m at {cloud.url[7:-3]}"
    assert (about["input_tokens"], about["output_tokens"]) == (cloud.input_tokens, cloud.output_tokens)
    assert about["cost"] == pytest.approx((2 * cloud.input_tokens + 10 * cloud.output_tokens) / 1e6)
    assert 0 < about["score"] <= 100
    texts = {section["title"]: section["text"] for section in record["sections"]}
    assert "11 coauthors appear on these 4 papers." in texts["Collaboration and institutions"]
    assert texts.keys() == {section["title"] for section in plain["sections"]}
    assert "refinement" not in plain
    estimate = re.search(
        r"1 draft would go to m at \S+: at most ([\d,]+) tokens read and ([\d,]+) written, \$(\S+)\.", said
    )
    assert estimate is not None
    read, written, dollars = (float(each.replace(",", "")) for each in estimate.groups())
    assert read >= cloud.input_tokens
    assert written >= cloud.output_tokens
    assert dollars >= about["cost"]
    assert f"1 of 1 are in its words now; {SECTIONS} calls: {cloud.input_tokens:,} tokens read" in said
    with closing(UsageLog(Home(home).usage)) as log:
        assert {(call.role, call.route) for call in log.calls()} == {("refine", "author_profile")}
        assert log.total().cost == pytest.approx(about["cost"])


def test_a_section_with_a_false_number_stands_as_it_was(one: One, cloud: Any):
    cloud.does = echo(("11 coauthors", "12 coauthors"))
    record, _ = one("--refine", "1", "--yes")
    about = record["refinement"]
    assert about["worded"] == worded(record)
    assert len(about["worded"]) == SECTIONS - 1
    assert "Collaboration and institutions" not in about["worded"]
    assert about["reason"].startswith("Collaboration and institutions: ")
    assert "12" in about["reason"]
    assert "11 coauthors are named" in json.dumps(record["sections"])


@pytest.mark.parametrize(
    ("answer", "reason"),
    [({"status": 500, "text": "boom"}, "boom"), ({"status": 401}, "not accepted"), ({"text": ""}, "leaves out")],
)
def test_a_cloud_that_fails_leaves_the_draft(one: One, cloud: Any, answer: dict[str, Any], reason: str):
    plain, _ = one()
    cloud.in_turn(cloud.Answer(**answer))
    record, said = one("--refine", "1", "--yes")
    assert record["sections"] == plain["sections"]
    assert record["refinement"]["worded"] == []
    assert reason in record["refinement"]["reason"]
    assert "0 of 1 are in its words now" in said


def test_the_best_of_several_go(capsys: pytest.CaptureFixture[str], home: Path, tmp_path: Path, cloud: Any):
    cloud.does = echo()
    authors = ["ashish-vaswani", "percy-liang", "nobody-at-all", "feng-zhang-broad"]
    source = tmp_path / "in.jsonl"
    source.write_text("".join(json.dumps({"author_id": author}) + "\n" for author in authors))
    target = tmp_path / "out.jsonl"
    capsys.readouterr()
    arguments = [
        "profile",
        "--input",
        str(source),
        "--output",
        str(target),
        "--refine",
        "2",
        "--yes",
        "--home",
        str(home),
    ]
    assert app(arguments, standalone_mode=False) == 1  # nobody is not known
    said = capsys.readouterr().err
    records = [json.loads(line) for line in target.read_text("utf-8").splitlines()]
    assert len(records) == 4
    refined = {record["author_id"]: record["refinement"] for record in records if "refinement" in record}
    assert refined.keys() == {"percy-liang", "feng-zhang-broad"}
    lines = [line.split() for line in said.splitlines() if "(" in line]
    shown = [float(words[0]) for words in lines]
    assert shown == sorted((about["score"] for about in refined.values()), reverse=True)
    assert "2 drafts would go" in said
    assert sum(about["input_tokens"] for about in refined.values()) == cloud.input_tokens


def test_a_budget_goes_to_the_best(capsys: pytest.CaptureFixture[str], home: Path, tmp_path: Path, cloud: Any):
    authors = ["percy-liang", "feng-zhang-broad", "jure-leskovec"]
    cloud.does = echo()
    _, said = many(capsys, home, tmp_path, authors, "--refine", "1", "--yes")
    estimate = re.search(r"\$(\d+\.\d+)\.", said)
    assert estimate is not None
    budget = float(estimate[1]) + 1e-4
    cloud.reset()
    cloud.does = echo()
    records, _ = many(capsys, home, tmp_path, authors, "--refine", "3", "--yes", "--budget", f"{budget:.4f}")
    about = sorted((record["refinement"] for record in records.values()), key=lambda each: -each["score"])
    assert about[0]["worded"]
    for each in about[1:]:
        assert (each["worded"], each["reason"]) == ([], "the budget is used up")
        assert (each["cost"], each["input_tokens"]) == (0, 0)
    assert sum(each["cost"] for each in about) <= budget
    assert about[0]["input_tokens"] == cloud.input_tokens


def test_what_cannot_be_paid_or_agreed_to_is_refused_before_anything_is_done(
    home: Path, cloud: Any, monkeypatch: pytest.MonkeyPatch
):
    def refused(*arguments: str) -> str:
        with pytest.raises(ConfigError) as caught:
            app(["profile", "percy-liang", "--home", str(home), *arguments], standalone_mode=False)
        return str(caught.value)

    done: list[Any] = []
    monkeypatch.setattr("agent.profile_command.one", lambda *given: done.append(given))
    assert "nobody is there to agree" in refused("--refine", "1")
    assert "--refine N" in refused("--yes")
    assert "--refine N" in refused("--budget", "1")
    assert "no model 'nobody' is described" in refused("--refine", "1", "--refiner", "nobody", "--yes")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert "OPENAI_API_KEY holds no key" in refused("--refine", "1", "--refiner", "openai:gpt-4o-mini", "--yes")
    monkeypatch.setenv("QUODVIDE_CHAT__MODEL", "none")
    assert "chat.model is none" in refused("--refine", "1", "--refiner", "local", "--yes")
    monkeypatch.delenv("QUODVIDE_REMOTES__FAR__INPUT_PRICE")
    monkeypatch.delenv("QUODVIDE_REMOTES__FAR__OUTPUT_PRICE")
    assert "a budget needs the price" in refused("--refine", "1", "--budget", "1", "--yes")
    monkeypatch.delenv("QUODVIDE_ROLES__REFINE")
    assert "no model is named that refines" in refused("--refine", "1", "--yes")
    assert (done, cloud.requests) == ([], 0)


class Keyboard(io.StringIO):
    """What somebody types who sits there."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("typed", "sent"), [("n\n", 0), ("y\n", SECTIONS)])
def test_somebody_who_is_there_is_asked(one: One, cloud: Any, monkeypatch: pytest.MonkeyPatch, typed: str, sent: int):
    monkeypatch.setattr("sys.stdin", Keyboard(typed))
    cloud.does = echo()
    record, said = one("--refine", "1")
    assert "1 draft would go to" in said
    assert "Send them?" in said
    assert cloud.requests == len(worded(record)) == sent
    assert ("refinement" in record) == bool(sent)


def test_without_a_price_the_cost_is_not_known(one: One, cloud: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("QUODVIDE_REMOTES__FAR__INPUT_PRICE")
    monkeypatch.delenv("QUODVIDE_REMOTES__FAR__OUTPUT_PRICE")
    cloud.does = echo()
    record, said = one("--refine", "1", "--yes")
    assert "at a price that the settings do not name" in said
    assert record["refinement"]["cost"] is None
    assert record["refinement"]["input_tokens"] == cloud.input_tokens


def test_a_batch_is_gone_on_with(capsys: pytest.CaptureFixture[str], home: Path, tmp_path: Path, cloud: Any):
    cloud.does = echo()
    before, _ = many(capsys, home, tmp_path, ["percy-liang"], "--refine", "1", "--yes")
    asked = cloud.requests
    again, said = many(
        capsys, home, tmp_path, ["percy-liang", "feng-zhang-broad"], "--refine", "5", "--yes", "--resume"
    )
    assert again["percy-liang"] == before["percy-liang"]
    assert again["feng-zhang-broad"]["refinement"]["worded"]
    assert "1 draft would go" in said
    assert cloud.requests - asked == len(again["feng-zhang-broad"]["refinement"]["worded"])


def test_another_model_stands_in_and_the_record_says_why(
    one: One, cloud: Any, another_cloud: Any, monkeypatch: pytest.MonkeyPatch
):
    with another_cloud() as near:
        near.does = echo()
        cloud.in_turn(cloud.Answer("overloaded", status=503))
        for name, value in {"MODEL": "n", "BASE_URL": near.url, "INPUT_PRICE": "1", "OUTPUT_PRICE": "1"}.items():
            monkeypatch.setenv(f"QUODVIDE_REMOTES__NEAR__{name}", value)
        monkeypatch.setenv("QUODVIDE_ROLES__REFINE", "far,near")
        record, _ = one("--refine", "1", "--yes")
    about = record["refinement"]
    assert len(about["worded"]) == SECTIONS
    assert about["model"] == f"n at {near.url[7:-3]}"
    assert "overloaded" in about["fallback_reason"]
    assert about["cost"] == pytest.approx((near.input_tokens + near.output_tokens) / 1e6)


# Summaries of texts against themes.


def quoting(*changes: tuple[str, str]) -> Echo:
    """Return a cloud that words a sentence with the first source's own words, changed."""

    def said(body: dict[str, Any]) -> str:
        found = re.search(r"^\[1\] (.*)$", body["messages"][-1]["content"], re.MULTILINE)
        assert found is not None
        text = found[1]
        for before, after in changes:
            text = text.replace(before, after)
        return f"{text} [1]"

    return said


def themes(capsys: pytest.CaptureFixture[str], tmp_path: Path, texts: list[str]) -> tuple[list[dict[str, Any]], str]:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(
        "".join(json.dumps({"id": n, "text": text, "themes": GIVEN}) + "\n" for n, text in enumerate(texts))
    )
    wish = ("--summary", "--refine", "1", "--yes", "--input", str(source), "--output", str(target))
    _, said = run(capsys, tmp_path / "none", "themes", *wish)
    return [json.loads(line) for line in target.read_text("utf-8").splitlines()], said


def test_the_best_summary_in_better_words(capsys: pytest.CaptureFixture[str], tmp_path: Path, cloud: Any):
    cloud.does = quoting(("We train a neural network that translates", "A neural network translates"))
    (best, other), said = themes(capsys, tmp_path, [TEXT, "The shop sells bread and butter on Mondays."])
    about = best["refinement"]
    assert "refinement" not in other
    assert about["worded"] == ["Machine translation"]
    assert about["reason"] == ""
    assert "A neural network translates German sentences into English." in best["summary"]["text"]
    assert (about["input_tokens"], about["output_tokens"]) == (cloud.input_tokens, cloud.output_tokens)
    assert about["cost"] == pytest.approx((2 * cloud.input_tokens + 10 * cloud.output_tokens) / 1e6)
    assert "1 draft would go" in said
    for sentence in best["summary"]["sentences"]:
        assert TEXT[sentence["start"] : sentence["end"]] == sentence["quote"]


def test_a_summary_that_says_something_false_stands_as_it_was(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, cloud: Any
):
    cloud.does = quoting(("German", "Dutch"))
    ((record,), _) = themes(capsys, tmp_path, [TEXT])
    assert record["refinement"]["worded"] == []
    assert "the text does not support its words for" in record["refinement"]["reason"]
    assert "Dutch" not in json.dumps(record["summary"])
    cloud.in_turn(cloud.Answer("boom", status=500))
    ((record,), _) = themes(capsys, tmp_path, [TEXT])
    assert record["refinement"]["worded"] == []
    assert "boom" in record["refinement"]["reason"]
    assert "German" in record["summary"]["text"]


def test_themes_are_agreed_to_before_anything_is_done(tmp_path: Path, cloud: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("agent.theme_command.Themes", None)
    with pytest.raises(ConfigError, match="nobody is there to agree"):
        app(["themes", TEXT, "--home", str(tmp_path), "--summary", "--refine", "1"], standalone_mode=False)
    with pytest.raises(ConfigError, match="--summary"):
        app(["themes", TEXT, "--home", str(tmp_path), "--refine", "1", "--yes"], standalone_mode=False)
    assert cloud.requests == 0
