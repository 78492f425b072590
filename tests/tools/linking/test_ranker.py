"""The shipped rankers open and score; what was made for other features or is damaged is refused in one line."""

import shutil
from pathlib import Path

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stores.errors import ModelError
from stores.records import AuthorityType
from tools.linking.features import FEATURES
from tools.linking.ranker import FIRST, SHIPPED, Ranker, first_features, sigmoid

TYPES: tuple[AuthorityType, ...] = ("organization", "funder")
log_odds = st.floats(-12, 12)
RANKERS = {type_: Ranker(type_, FEATURES) for type_ in TYPES}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("organization.onnx", "organization-confidence.onnx", "organization.json"):
        shutil.copy(SHIPPED / name, tmp_path / name)
    return tmp_path


def change(folder: Path, **values: object) -> None:
    path = folder / "organization.json"
    path.write_bytes(orjson.dumps({**orjson.loads(path.read_bytes()), **values}))


@pytest.mark.parametrize("type_", TYPES)
def test_what_is_shipped_opens_and_scores(type_: AuthorityType) -> None:
    ranker = RANKERS[type_]
    assert ranker.description.type == type_
    assert ranker.description.features == FEATURES
    assert 0 < ranker.description.credible < 1
    matrix = np.random.default_rng(0).uniform(0, 5, (200, len(FEATURES))).astype(np.float32)
    scores = ranker.log_odds(matrix)
    assert scores.shape == (200,)
    assert scores.dtype == np.float32
    assert (np.abs(scores) <= 12).all()
    assert ranker.log_odds(matrix[:0]).shape == (0,)
    one_by_one = np.concatenate([ranker.log_odds(matrix[n : n + 1]) for n in range(200)])
    assert np.allclose(one_by_one, scores, atol=1e-5)


@pytest.mark.parametrize("type_", TYPES)
@settings(max_examples=50, deadline=None)
@given(rest=st.lists(log_odds, max_size=6), pair=st.tuples(log_odds, log_odds))
def test_the_confidence_grows_with_the_first_log_odds(
    type_: AuthorityType, rest: list[float], pair: tuple[float, float]
) -> None:
    rest = sorted(rest, reverse=True)
    least = rest[0] if rest else -12.0
    low, high = sorted(max(least, value) for value in pair)
    for row in ROWS:
        lower, higher = RANKERS[type_].confidences([([first, *rest], row) for first in (low, high)])
        assert 0 <= lower <= higher <= 1


ROWS = np.random.default_rng(1).uniform(0, 5, (4, len(FEATURES))).astype(np.float32)


@pytest.mark.parametrize("type_", TYPES)
def test_the_confidence_spans_the_probabilities(type_: AuthorityType) -> None:
    ranker = RANKERS[type_]
    assert ranker.confidences([]) == []
    plain = np.zeros(len(FEATURES), np.float32)
    for name in ("recall", "precision", "part_recall", "part_f1", "own_f1", "exact", "whole", "ratio"):
        plain[FEATURES.index(name)] = 1
    hopeless, sure, beyond = ranker.confidences([([-8.0], plain * 0), ([8.0, -4.0], plain), ([15.0, 14.0], plain)])
    assert hopeless < 0.2
    assert sure > 0.7
    assert beyond <= 1  # a context adds to what the trees say
    tied, ahead = ranker.confidences([([2.0, 1.9], plain), ([2.0, -6.0], plain)])
    assert tied <= ahead


@given(st.floats(allow_nan=False))
def test_probabilities(value: float) -> None:
    assert 0 <= sigmoid(value) <= 1
    assert sigmoid(value) + sigmoid(-value) == pytest.approx(1)


@given(st.lists(st.floats(-15, 15), min_size=1, max_size=50).map(lambda values: sorted(values, reverse=True)))
def test_what_the_confidence_is_computed_from(ordered: list[float]) -> None:
    first, lead, others = first_features(ordered)
    assert first == ordered[0]
    assert 0 <= lead <= 6
    assert 0 <= others <= 2


def refused(folder: Path) -> str:
    with pytest.raises(ModelError) as caught:
        Ranker("organization", FEATURES, folder)
    line = str(caught.value)
    assert "\n" not in line
    assert str(folder) in line
    assert "quodvide train linker" in line
    return line


def test_other_features_are_refused() -> None:
    for features in (FEATURES[:-1], FEATURES[::-1], (*FEATURES, "more"), ()):
        with pytest.raises(ModelError, match="other features"):
            Ranker("organization", features)


@pytest.mark.parametrize("content", [None, b"", b"{", b"[]", b"\xff\x00", b'{"type": "organization"}'])
def test_a_damaged_description(folder: Path, content: bytes | None) -> None:
    path = folder / "organization.json"
    path.unlink() if content is None else path.write_bytes(content)
    assert "description" in refused(folder)


@pytest.mark.parametrize("name", ["organization.onnx", "organization-confidence.onnx"])
@pytest.mark.parametrize("content", [None, b"", b"\x00" * 999, b"not a graph", "half"])
def test_a_damaged_graph(folder: Path, name: str, content: bytes | str | None) -> None:
    path = folder / name
    whole = path.read_bytes()
    path.unlink() if content is None else path.write_bytes(
        whole[: len(whole) // 2] if isinstance(content, str) else content
    )
    assert "cannot be opened" in refused(folder)


def test_a_description_that_is_out_of_range(folder: Path) -> None:
    change(folder, credible=1.5)
    refused(folder)


def test_a_ranker_of_another_type(folder: Path) -> None:
    shutil.copy(SHIPPED / "funder.json", folder / "organization.json")
    shutil.copy(SHIPPED / "funder.onnx", folder / "organization.onnx")
    refused(folder)


@pytest.mark.parametrize(("name", "more"), [("organization", 0), ("organization-confidence", len(FIRST))])
def test_a_graph_of_other_columns(folder: Path, name: str, more: int) -> None:
    import onnx

    model = onnx.load(folder / f"{name}.onnx")
    model.graph.input[0].type.tensor_type.shape.dim[1].dim_value = len(FEATURES) + more - 1
    onnx.save(model, folder / f"{name}.onnx")
    refused(folder)
