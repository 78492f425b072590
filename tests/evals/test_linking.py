"""The linking evaluation: methods side by side on held-out mentions, what is left out, the plot, and the ablations' parts."""

import gzip
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import orjson
import pytest
from numpy.typing import NDArray

from evals.cli import evaluate
from evals.linker import ablations, speed
from evals.linker import main as training
from evals.linker.gold import HELD_OUT, Example
from evals.linker.measures import figures
from evals.linker.methods import Answer, OfficialNames, best_threshold, by_exact_name, by_words, with_threshold
from evals.linker.pools import pools_of
from evals.linker.reliability import plot, write_plot
from evals.linker.report import Measured
from stores.catalogue import Catalogue
from stores.errors import InputError
from stores.home import Home
from tools.linking.features import FEATURES
from tools.linking.registry import Registry, build_registry

ALLEN, APPLE = "https://ror.org/05w520734", "https://ror.org/059hsda18"


@pytest.fixture(scope="module")
def catalogue(demo_home: Path) -> Catalogue:
    return Catalogue(Home(demo_home).catalogue)


@pytest.fixture(scope="module")
def registry(catalogue: Catalogue) -> Registry:
    return Registry(build_registry(catalogue, "organization"))


@pytest.fixture
def gold(tmp_path: Path, catalogue: Catalogue) -> Path:
    """Write labelled mentions made of the demo's own names, and some that name nothing."""
    (tmp_path / "gold").mkdir()
    for type_, name in (("organization", "affiliations_dev.jsonl.gz"), ("funder", "funders_dev.jsonl")):
        rows = [
            {"text": f"Department of Physics, {text}", "gold_ids": [id_], "source": f"source {row % 2}"}
            for row, _, id_, text, _, kind in catalogue.authorities.names([type_])  # type: ignore[list-item]
            if kind == "name"
        ]
        rows += [{"text": f"Verdant Lakes Trust number {n}", "gold_ids": [], "source": "source 0"} for n in range(20)]
        content = b"\n".join(map(orjson.dumps, rows))
        (tmp_path / "gold" / name).write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    people = list(catalogue.authorities.every("author"))[:8]
    persons = [
        {
            "text": one.name,
            "gold_ids": [one.id],
            "source": "homonym",
            "paper_id": "none",
            "context": {"title": "A title", "year": 2019},
        }
        for one in people
    ]
    persons += [
        {"text": f"Leopold Amankwah-Stirling {n}", "gold_ids": [], "source": "not_in_index", "context": None}
        for n in "abc"
    ]
    persons += [{"text": people[0].name, "gold_ids": [people[0].id], "source": "variant", "context": None}]
    (tmp_path / "gold" / "authors_dev.jsonl").write_bytes(b"\n".join(map(orjson.dumps, persons)))
    return tmp_path


def example(text: str, *ids: str, without: Sequence[int] = (), hidden: Sequence[int] = ()) -> Example:
    return Example(text, frozenset(ids), "test", HELD_OUT, without=frozenset(without), hidden=frozenset(hidden))


def test_all_methods_in_one_run(
    demo_home: Path, gold: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "170")
    monkeypatch.setattr(speed, "LOADS", 1)
    items, image = gold / "items.jsonl", gold / "plot.html"
    evaluate(["linking", "--data", str(gold), "--home", str(demo_home), "--items", str(items), "--plot", str(image)])
    out = capsys.readouterr().out
    for word in ("ranker", "exact name", "embedding", "word overlap", "not a known name", "source 1", "p95", "on disk"):
        assert word in out
    rows = [orjson.loads(line) for line in items.read_bytes().splitlines()]
    assert {row["type"] for row in rows} == {"organization", "funder", "author"}
    assert all(0 <= row["confidence"] <= 1 and len(row["candidates"]) <= 5 for row in rows)
    assert sum(row["first_right"] for row in rows) > sum(bool(row["gold_ids"]) for row in rows) / 2
    assert image.read_text("utf-8").count("<circle") >= 2


def test_missing_labels_are_said(demo_home: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="missing"):
        evaluate(["linking", "--data", str(tmp_path), "--home", str(demo_home), "--types", "funder"])


def test_an_exact_name_that_is_left_out_is_no_match(catalogue: Catalogue, registry: Registry) -> None:
    number = registry.number[ALLEN]
    places = np.flatnonzero(registry.index.record == number).tolist()
    text = "allen institute for AI"
    found = by_exact_name(
        [example(text, ALLEN), example(text, without=places), example(text, hidden=[number])],
        "organization", catalogue, registry,
    )  # fmt: skip
    assert [one.ids for one in found] == [(ALLEN,), (), ()]
    assert [one.nil for one in found] == [False, True, True]


def test_official_names_are_compared_by_meaning_without_aliases(catalogue: Catalogue, registry: Registry) -> None:
    rows = {row: (id_, kind) for row, _, id_, _, _, kind in catalogue.authorities.names(["organization"])}
    asked: list[str] = []

    class Stored:
        def vectors(self, ids: Sequence[str]) -> dict[str, NDArray[np.float32]]:
            asked.extend(ids)
            return {row: np.eye(2, dtype=np.float32)[int(rows[int(row)][0] != APPLE)] for row in ids}

    class Embedder:
        def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
            return np.tile(np.array([[0.8, 0.6]], np.float32), (len(texts), 1))

    names = OfficialNames("organization", catalogue, Stored(), Embedder())
    seen, hidden = names.nearest([example("apple"), example("apple", hidden=[registry.number[APPLE]])], registry)
    assert {rows[int(row)][1] for row in asked} == {"name"}
    assert seen.ids[0] == APPLE
    assert seen.score == pytest.approx(0.8)
    assert APPLE not in hidden.ids
    assert hidden.score == pytest.approx(0.6)


def test_the_threshold_is_the_best_of_the_mentions_it_is_chosen_on() -> None:
    examples = [example("a", "1"), example("b", "1"), example("c"), example("d")]
    answers = [Answer(("1",), 0.9), Answer(("1",), 0.7), Answer(("1",), 0.4), Answer(("1",), 0.2)]
    lowest = best_threshold(examples, answers)
    assert [one.nil for one in with_threshold(answers, lowest)] == [False, False, True, True]
    assert with_threshold([Answer((), 1.0)], 0.5)[0].nil
    assert best_threshold([], []) == 0.0


def test_groups_of_mentions() -> None:
    examples = [example("a", "1"), Example("b", frozenset(), "other", HELD_OUT, known=True)]
    measured = Measured("organization", examples, {"ranker": [Answer(("1",), 1, False, 0.9), Answer(())]}, sources=True)
    assert measured.groups() == {"all": [0, 1], "not a known name": [0], "other": [1], "test": [0]}
    assert measured.ours().overall[0] == 1.0


def test_the_plot_is_valid_and_escapes_names(tmp_path: Path) -> None:
    value = figures([True, False, True], [0.95, 0.15, 0.55], [False, True, False], [True, True, True])
    root = ET.fromstring(plot({"a < b": value, "c": value}))  # noqa: S314 - our own text
    assert len(root.findall(".//{http://www.w3.org/2000/svg}circle")) == 6
    write_plot(tmp_path / "plot.svg", {"a": value})
    assert (tmp_path / "plot.svg").read_text("utf-8").startswith("<svg")


def test_every_feature_of_a_group_exists_and_belongs_to_one() -> None:
    grouped = [name for names in ablations.GROUPS.values() for name in names]
    assert len(grouped) == len(set(grouped))
    assert set(grouped) <= set(FEATURES)
    assert len(ablations.columns_without(grouped)) == len(FEATURES) - len(grouped) > 0


def test_without_typos_a_word_is_found_only_as_written(registry: Registry) -> None:
    misspelled = [example("Allen Institut for Artificial Inteligence", ALLEN), example("Allan", ALLEN)]
    literal = ablations.without_typos(registry)
    with_, without = (pools_of(misspelled, one, None) for one in (registry, literal))
    column = FEATURES.index("typos")
    assert with_[0].matrix[:, column].max() > 0
    assert all(not len(pool.matrix) or pool.matrix[:, column].max() == 0 for pool in without)
    assert by_words(without, literal)[0].ids[0] == ALLEN
    assert registry.index.close_words("inteligence")


def test_ablations_train_again_without_each_part(
    demo_home: Path, gold: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("lightgbm")
    pytest.importorskip("sklearn")
    monkeypatch.setenv("COLUMNS", "170")
    monkeypatch.setattr(speed, "LOADS", 1)
    monkeypatch.setattr(ablations, "GROUPS", {"spelling": ablations.GROUPS["spelling"]})
    monkeypatch.setattr(training, "INVENTED", {"funder": 60})
    monkeypatch.setattr(training, "LEFT_OUT", {"funder": 20})
    home = ["--home", str(demo_home), "--threads", "1"]
    evaluate(["linking", "--data", str(gold), *home, "--types", "funder", "--ablations"])
    out = capsys.readouterr().out
    for word in ("everything", "without spelling", "without typo-tolerant words", "without embeddings"):
        assert word in out
