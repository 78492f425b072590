"""Training of the linker: trees read alike in ONNX, the held-out part is apart, and the figures are what they say."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import onnxruntime
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.linker.card import table
from evals.linker.gold import FOLDS, HELD_OUT, Example, _folds, read_examples
from evals.linker.invented import invent, leave_out
from evals.linker.measures import figures, interval
from evals.linker.pools import pools_of
from evals.linker.training import fit, outcomes, scored, truth
from evals.linker.trees import to_onnx
from stores.catalogue import Catalogue
from stores.errors import InputError
from stores.keys import name_key
from stores.records import Authority
from tools.linking.features import FEATURES
from tools.linking.registry import Registry, build_registry

Matrix = np.ndarray[Any, np.dtype[np.float32]]


@pytest.fixture(scope="module")
def lightgbm() -> Any:
    return pytest.importorskip("lightgbm", reason="training needs lightgbm: pip install 'quodvide[train]'")


def trained(lightgbm: Any, matrix: Matrix, target: Any, rounds: int = 25, **parameters: Any) -> Any:
    given_ = {
        "objective": "binary",
        "verbose": -1,
        "num_threads": 1,
        "min_data_in_leaf": 3,
        "num_leaves": 12,
        **parameters,
    }
    return lightgbm.train(given_, lightgbm.Dataset(matrix, target), rounds)


def apart(booster: Any, matrix: Matrix) -> float:
    """Return how far the graph is from the booster, at most."""
    session = onnxruntime.InferenceSession(to_onnx(booster), providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"candidates": matrix})
    assert found.shape == (len(matrix), 1)
    return float(np.abs(found.reshape(-1) - booster.predict(matrix, raw_score=True, num_threads=1)).max())


@pytest.mark.parametrize("seed", range(4))
def test_trees_read_alike(lightgbm: Any, seed: int) -> None:
    random = np.random.default_rng(seed)
    matrix = random.standard_normal((400, 7)).astype(np.float32)
    matrix[:, 2] = np.round(matrix[:, 2])
    matrix[:, 3] = matrix[:, 3] > 0
    matrix[:, 4] = 0
    booster = trained(lightgbm, matrix, matrix[:, 0] + matrix[:, 2] > random.normal(0, 0.3, 400))
    other = (3 * random.standard_normal((2000, 7))).astype(np.float32)
    other[:, 2] = np.round(other[:, 2])
    for one in (matrix, other, np.zeros((1, 7), np.float32)):
        assert apart(booster, one) <= 1e-5


def test_trees_without_a_split_read_alike(lightgbm: Any) -> None:
    matrix = np.ones((50, 3), np.float32)
    assert apart(trained(lightgbm, matrix, np.arange(50) % 2), matrix) <= 1e-5


def test_values_next_to_each_other_stay_apart(lightgbm: Any) -> None:
    right = np.arange(200) % 2 == 1
    one = np.float32(0.7)
    matrix = np.where(right, np.nextafter(one, np.float32(1)), one).astype(np.float32).reshape(-1, 1)
    assert apart(trained(lightgbm, matrix, right), matrix) <= 1e-5


def test_a_split_by_category_is_refused(lightgbm: Any) -> None:
    matrix = (np.arange(400) % 8).astype(np.float32).reshape(-1, 1)
    data = lightgbm.Dataset(
        matrix, matrix[:, 0] % 2, categorical_feature=[0], params={"min_data_per_group": 1, "cat_smooth": 1}
    )
    booster = lightgbm.train({"objective": "binary", "verbose": -1, "num_threads": 1, "max_cat_to_onehot": 1}, data, 3)
    with pytest.raises(ValueError, match="split"):
        to_onnx(booster)


labels = st.lists(
    st.fixed_dictionaries(
        {
            "text": st.sampled_from(
                ["Heidelberg", "heidelberg!", "MIT", "M.I.T.", "ETH", "Éth", "?", "", "大学", "a b", "text a"]
            ),
            "gold_ids": st.lists(st.sampled_from([f"id{n}" for n in range(12)]), max_size=3),
        }
    ),
    max_size=25,
)


@settings(max_examples=80, deadline=None)
@given(labels)
def test_no_string_and_no_record_is_in_two_folds(rows: list[dict[str, Any]]) -> None:
    folds = _folds(rows)
    assert len(folds) == len(rows)
    assert all(0 <= fold < FOLDS for fold in folds)
    fold_of: dict[tuple[str, str], int] = {}
    for row, fold in zip(rows, folds, strict=True):
        for key in (("text", name_key(row["text"])), *(("id", id_) for id_ in row["gold_ids"])):
            assert fold_of.setdefault(key, fold) == fold
    assert _folds(rows) == folds


def test_folds_are_of_about_one_size() -> None:
    folds = _folds([{"text": f"place {n}", "gold_ids": [f"id{n}"]} for n in range(2000)])
    assert all(300 < folds.count(fold) < 500 for fold in range(FOLDS))


def test_figures_of_a_small_example() -> None:
    found = figures(
        right=[True, True, False, False, False],
        confidence=[0.95, 0.15, 0.95, 0.25, 0.25],
        nil=[False, True, False, True, False],
        has_record=[True, True, True, False, False],
    )
    assert found.mentions == 5
    assert found.linked[0] == pytest.approx(2 / 3)
    assert found.overall[0] == pytest.approx(2 / 5)  # one linked and right, one rightly "no match"
    assert (found.nil_precision, found.nil_recall) == (0.5, 0.5)
    assert found.bins == ((0.15, 1.0, 1), (0.25, 0.0, 2), (0.95, 0.5, 2))
    assert found.error == pytest.approx((0.85 + 2 * 0.25 + 2 * 0.45) / 5)
    low, high = found.overall[1:]
    assert 0 <= low <= found.overall[0] <= high <= 1


@pytest.mark.parametrize(
    ("nil", "overall", "precision", "recall"),
    [(True, 0.4, 0.4, 1.0), (False, 0.6, 0.0, 0.0)],
    ids=["never links", "always links"],
)
def test_figures_of_who_always_does_the_same(nil: bool, overall: float, precision: float, recall: float) -> None:
    some = [n % 5 < 3 for n in range(100)]
    found = figures(some, [1.0] * 100, [nil] * 100, some)
    assert found.overall[0] == pytest.approx(overall)
    assert (found.nil_precision, found.nil_recall) == pytest.approx((precision, recall))
    assert found.linked[0] == 1.0
    assert found.error == pytest.approx(0.4)


def test_figures_of_confidence_that_is_honest_and_that_is_not() -> None:
    right = [n % 10 < 7 for n in range(1000)]
    assert figures(right, [0.7] * 1000, [False] * 1000, [True] * 1000).error == pytest.approx(0, abs=1e-9)
    assert figures(right, [1.0] * 1000, [False] * 1000, [True] * 1000).error == pytest.approx(0.3)
    wide = figures(right[:100], [0.7] * 100, [False] * 100, [True] * 100).linked
    narrow = figures(right, [0.7] * 1000, [False] * 1000, [True] * 1000).linked
    assert narrow[2] - narrow[1] < wide[2] - wide[1] < 0.25


def test_figures_of_nothing() -> None:
    found = figures([], [], [], [])
    assert (found.mentions, found.linked, found.overall, found.error, found.bins) == (0, (0, 0, 0), (0, 0, 0), 0, ())
    assert interval(np.ones(10, bool), 1) == (1.0, 1.0, 1.0)
    assert "| nothing | 0 |" in table({"nothing": found})


KINDS = (
    "Heidelberg",
    "Basel",
    "Uppsala",
    "Padova",
    "Salamanca",
    "Coimbra",
    "Krakow",
    "Leiden",
    "Tartu",
    "Lund",
    "Pisa",
    "Graz",
)
PLACES = [f"{prefix}{kind}" for prefix in ("", "New", "Upper", "Lower") for kind in KINDS]


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    found = Catalogue(tmp_path_factory.mktemp("training") / "catalogue.sqlite", create=True)
    with found.database.transaction() as connection:
        for n, place in enumerate(PLACES):
            for what in ("University", "Hospital"):
                one = Authority(id=f"{what}-{n}", type="organization", name=f"{place} {what}", prior=n)
                found.authorities.put(connection, one)
    yield found
    found.close()


@pytest.fixture(scope="module")
def registry(catalogue: Catalogue) -> Registry:
    return Registry(build_registry(catalogue, "organization"))


@pytest.fixture(scope="module")
def gold(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("gold")
    random = Random(3)
    rows = []
    for n, place in enumerate(PLACES * 4):
        what = random.choice(["University", "Hospital"])
        text = random.choice(["{} of {}", "Dept of Physics, {1} {0}", "{1} {0}, Room 5"]).format(what, place)
        rows.append(
            {"text": text, "gold_ids": [f"{what}-{n % len(PLACES)}"] if n % 7 else ["elsewhere"], "source": "made"}
        )
    (folder / "affiliations_dev.jsonl.gz").write_bytes(gzip.compress(b"\n".join(orjson.dumps(row) for row in rows)))
    return folder


def test_labels_are_read(gold: Path, catalogue: Catalogue, registry: Registry, tmp_path: Path) -> None:
    examples = read_examples("organization", gold, catalogue, registry)
    assert len(examples) == 4 * len(PLACES)
    assert all(example.ids <= set(registry.ids) for example in examples)
    assert not any(example.ids for example in examples[::7])  # a record that is not in the registry: no match
    with pytest.raises(InputError, match="missing"):
        read_examples("organization", tmp_path, catalogue, registry)


def test_invented_mentions(catalogue: Catalogue, registry: Registry) -> None:
    kept_apart = frozenset(registry.ids[:40])
    folds = {id_: HELD_OUT if id_ in kept_apart else 3 for id_ in registry.ids[:60]}
    examples = invent("organization", catalogue, registry, folds, 400, 5)
    assert examples == invent("organization", catalogue, registry, folds, 400, 5)
    assert len(examples) == 400
    assert {folds.get(id_, example.fold) == example.fold for example in examples for id_ in example.ids} == {True}
    for example in examples:
        assert example.text.strip()
        assert example.fold != HELD_OUT
        assert not example.ids & kept_apart
        assert bool(example.ids) != bool(example.hidden)
    assert 20 < sum(not example.ids for example in examples) < 90


def test_names_left_out_are_to_be_found_by_the_others(catalogue: Catalogue) -> None:
    with catalogue.database.transaction() as connection:
        for n, place in enumerate(PLACES):
            one = Authority(
                id=f"Trust-{n}", type="funder", name=f"{place} Trust", names=((f"Trust of {place} {n}", "alias"),)
            )
            catalogue.authorities.put(connection, one)
    registry = Registry(build_registry(catalogue, "funder"))
    folds = {f"Trust-{n}": HELD_OUT if n < 10 else 2 for n in range(20)}
    examples = leave_out("funder", catalogue, registry, folds, 60, 5)
    assert examples == leave_out("funder", catalogue, registry, folds, 60, 5)
    assert len(examples) == 60
    for example in examples:
        (id_,) = example.ids
        assert folds.get(id_, example.fold) == example.fold != HELD_OUT
        held = set(np.flatnonzero(registry.index.record == registry.number[id_]).tolist())
        assert example.without < held  # another name of the record is left to find it by
        (pool,) = pools_of([example], registry, None)
        assert not example.without & set(pool.rows)
        names = pool.matrix[pool.records.index(registry.number[id_]), FEATURES.index("names")]
        assert names == len(held) - len(example.without)


def test_training_learns(lightgbm: Any, gold: Path, catalogue: Catalogue, registry: Registry) -> None:
    assert lightgbm
    examples: list[Example] = read_examples("organization", gold, catalogue, registry)
    pools = pools_of(examples, registry, None)
    fitted = fit(examples, pools, registry, seed=1, threads=1)
    assert fitted.booster.num_feature() == len(FEATURES)
    assert 0 < fitted.credible < 1
    assert apart(fitted.booster, np.concatenate([pool.matrix for pool in pools])) <= 1e-5
    held = [n for n, example in enumerate(examples) if example.fold == HELD_OUT and example.ids]
    assert held
    log_odds = {n: scored(fitted.booster, pools[n]) for n in held}
    found = list(outcomes(log_odds, examples, pools, registry, fitted.confidence).values())
    assert np.mean([one.right for one in found]) > 0.8
    assert all(0 <= one.confidence <= 1 for one in found)
    assert all(one.right == (one.rank == 0) for one in found)
    assert all(truth(examples[n], pools[n], registry).sum() == 1 for n in held)
