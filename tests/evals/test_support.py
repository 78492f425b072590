"""Training of the verifier: pairs are what they say, the held-out part is apart, and the figures count right."""

from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.support.checks import report
from evals.support.corruptions import KINDS, Abstract, corrupted
from evals.support.made import made_pairs, rarity_of
from evals.support.measures import auc, calibration, figures
from evals.support.pairs import FOLDS, HELD_OUT, Pair, fold_of, joined, records
from evals.support.scifact import read_scifact
from evals.support.training import Judged, fit, scale, threshold
from evals.support.variants import variant
from stores.errors import InputError
from tools.grounding.hard import hard_faults
from tools.grounding.verifiers.base import Claim
from tools.grounding.verifiers.features import FEATURES

TEXT = (
    "We propose a parser for Quechua. It improves recall by 12 points over the baseline and may help Team Hydra of Lima. "
    "However, some annotators (two of five) were not paid, which led to 30% fewer texts before March. "
    "Our experiments show that many longer sentences are harder for every parser than shorter ones in all corpora."
)
ABSTRACT = Abstract(
    ["Annotators of Cusco marked nine corpora of letters by hand and several of them were lost later in the harbour."],
    ["Xenon"],
    lambda word, _: {"parser": "tagger", "recall": "precision"}.get(word),
)


def pair(true: bool, fold: int = 1, kind: str = "k", source: str = "papers") -> Pair:
    return Pair(Claim("a", "b"), true, kind, source, fold)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "sides exchanged"])
def test_each_corruption_changes_something(kind: str) -> None:
    made = {corrupted(TEXT, kind, ABSTRACT, Random(seed)) for seed in range(9)} - {None}
    assert made
    assert TEXT not in made


@pytest.mark.parametrize(
    "kind", ["number changed", "unit changed", "negated", "direction turned", "reserve dropped", "name exchanged"]
)
def test_rules_catch_what_a_program_can_name(kind: str) -> None:
    texts = {
        "It improves recall by 12% over the baseline.",
        "The drug may reduce deaths among Peruvian patients of Lima after 30 days.",
        "Accuracy is higher than that of the Hydra parser, and it can read 12 texts in 9 seconds.",
    }
    made = [(text, corrupted(text, kind, ABSTRACT, Random(seed))) for text in sorted(texts) for seed in range(6)]
    false = [(text, other) for text, other in made if other]
    assert false
    assert all(hard_faults(other, text) for text, other in false)


def test_variants_differ_and_break_no_rule() -> None:
    texts = [
        "In this paper, we investigate how annotators obtain consistent labels.",
        "We propose a parser for Quechua that combines rules and a neural network.",
        "Moreover, the illness occurs in infants (two of five), which leads to a longer stay.",
    ]
    made = [(text, variant(text, Random(seed))) for text in texts for seed in range(8)]
    assert len({other for _, other in made}) > len(texts)
    clean = [not hard_faults(other, text) for text, other in made]
    assert sum(clean) / len(clean) > 0.8


def test_made_pairs_of_one_document_share_a_fold() -> None:
    texts = [(f"p{n}", "A title", TEXT) for n in range(20)]
    pairs = list(made_pairs(texts, "papers", lambda *_: None, 3))
    assert pairs == list(made_pairs(texts, "papers", lambda *_: None, 3))
    assert {one.fold for one in pairs} <= set(range(FOLDS))
    assert {one.kind for one in pairs} > {"variant", "same abstract", "negated"}
    assert all(one.true == (one.kind == "variant") for one in pairs)


def test_rare_words_weigh_more() -> None:
    rarity = rarity_of(["parsers of Quechua", "parsers of Dutch", "parsers"], 3)
    assert len(rarity) == 3
    assert rarity["pars"] == 0
    assert max(rarity.values()) > 1


def test_scifact_keeps_claims_and_abstracts_in_one_fold(shared_data: Path) -> None:
    pairs = read_scifact(shared_data / "retrieval" / "scifact_train", 13)
    folds: dict[str, set[int]] = {}
    for one in pairs:
        folds.setdefault(one.claim.sentence, set()).add(one.fold)
        if one.kind != "other claim":
            folds.setdefault(one.claim.title, set()).add(one.fold)
    assert all(len(found) == 1 for found in folds.values())
    kinds = {kind: sum(one.kind == kind for one in pairs) for kind in {one.kind for one in pairs}}
    assert kinds["supported"] > 600
    assert kinds["contradicted"] > 300
    assert 0.1 < sum(one.fold == HELD_OUT for one in pairs) / len(pairs) < 0.3


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh"))))
def test_joined_keys_share_a_name(edges: list[tuple[str, str]]) -> None:
    found = joined(edges)
    assert all(found[one] == found[other] for one, other in edges)
    assert joined([*edges, ("y", "z")])["y"] not in found.values()


def test_a_fit_learns_calibrates_and_keeps_false_pairs_out() -> None:
    pytest.importorskip("lightgbm", reason="training needs lightgbm: pip install 'quodvide[train]'")
    random = np.random.default_rng(5)
    count = 1500
    matrix = random.random((count, len(FEATURES))).astype(np.float32)
    chance = 1 / (1 + np.exp(-12 * (matrix[:, FEATURES.index("least neighbour")] - 0.6)))
    pairs = [pair(bool(random.random() < value), n % FOLDS) for n, value in enumerate(chance)]
    rules = Judged(np.ones(count, bool), np.zeros(count, bool))
    fitted = fit(pairs, rules, matrix, seed=3, threads=1)
    true = np.array([one.true for one in pairs])
    held_out = np.array([one.fold == HELD_OUT for one in pairs])
    assert auc(fitted.unseen[held_out], true[held_out]) > 0.8
    sure = 1 / (1 + np.exp(-(fitted.slope * fitted.unseen + fitted.offset)))
    assert calibration(sure[~held_out], true[~held_out])[0] < 0.06
    passed = sure >= fitted.threshold
    assert passed[~held_out & ~true].mean() <= 0.01
    assert passed[true].any()


def test_the_threshold_holds_each_kind() -> None:
    pairs = [pair(False, kind="a") for _ in range(1000)] + [pair(False, kind="b") for _ in range(100)]
    sure = np.concatenate([np.full(1000, 0.1), np.linspace(0, 1, 100)])
    rules = Judged(np.ones(1100, bool), np.zeros(1100, bool))
    least = threshold(pairs, rules, sure, range(1100))
    assert (sure[1000:] >= least).sum() == 2
    assert threshold(pairs[:1000], rules, sure[:1000], range(1000)) == 0.5


def test_scale_undoes_what_was_scaled() -> None:
    random = np.random.default_rng(2)
    values = random.normal(0, 2, 20_000)
    true = random.random(20_000) < 1 / (1 + np.exp(-(0.5 * values - 1)))
    slope, offset = scale(values, true, np.ones(20_000))
    assert slope == pytest.approx(0.5, abs=0.05)
    assert offset == pytest.approx(-1, abs=0.08)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=30))
def test_auc_is_the_share_of_pairs_in_order(rows: list[tuple[int, bool]]) -> None:
    sure, true = np.array([value for value, _ in rows], float), np.array([yes for _, yes in rows], bool)
    both = [(a > b) + (a == b) / 2 for a, yes in rows if yes for b, other in rows if not other]
    assert auc(sure, true) == pytest.approx(sum(both) / len(both)) if both else np.isnan(auc(sure, true))


def test_figures_and_table() -> None:
    pairs = [pair(True, 0), pair(True, 0), pair(False, 0), pair(False, 0)]
    found = figures(pairs, np.array([True, False, True, False]))
    assert (found.passed_true[0], found.passed_false[0], found.precision) == (0.5, 0.5, 0.5)
    passed: dict[str, Any] = {"rules and verifier": np.array([True, False, False, False])}
    text = report(pairs, passed, np.array([0.9, 0.4, 0.5, 0.1]), Judged(np.ones(4, bool), np.zeros(4, bool)))
    assert "| rules and verifier | 0.500" in text
    assert "| all | 4 | 0.750 |" in text


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_text("{", "utf-8")
    with pytest.raises(InputError, match="cannot be read"):
        list(records(tmp_path / "bad.jsonl"))
    assert fold_of("a") == fold_of("a")
