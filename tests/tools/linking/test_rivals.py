"""The columns over all names of a record, and over rivals, are those of a plain recomputation."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stores.catalogue import Catalogue
from stores.records import Authority
from tools.linking.features import FEATURES, Query, all_candidates
from tools.linking.registry import KINDS, Registry, build_registry
from tools.linking.rivals import COMPARED, ranks

RECORDS = [
    Authority(
        id="https://ror.org/nsf", type="funder", name="National Science Foundation",
        names=(
            ("NSF", "acronym"), ("National Science Foundation", "label"), ("Science Foundation of the Nation", "alias"),
            ("Natl. Science Foundation", "asserted"), ("NSF Foundation of Science", "asserted"),
        ),
    ),
    Authority(id="https://ror.org/snsf", type="funder", name="Swiss National Science Foundation"),
    Authority(
        id="crossref:1", type="funder", name="Science Foundation Trust", names=(("Trust for Science", "asserted"),)
    ),
]  # fmt: skip


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    catalogue = Catalogue(tmp_path_factory.mktemp("rivals") / "catalogue.sqlite", create=True)
    with catalogue.database.transaction() as connection:
        for one in RECORDS:
            catalogue.authorities.put(connection, one)
    yield Registry(build_registry(catalogue, "funder"))
    catalogue.close()


def rows_of(registry: Registry, id_: str, kind: str) -> list[int]:
    own = np.flatnonzero(registry.index.record == registry.number[id_]).tolist()
    return [row for row in own if KINDS[registry.kind[row]] == kind]


def column(registry: Registry, query: Query, id_: str, name: str) -> float:
    (pool,) = all_candidates(registry, [query])
    return float(pool.matrix[pool.records.index(registry.number[id_]), FEATURES.index(name)])


def test_all_names_of_a_record_count(registry: Registry) -> None:
    query, nsf = Query("National Science Foundation"), "https://ror.org/nsf"
    assert column(registry, query, nsf, "own_f1") == pytest.approx(1)
    assert 0 < column(registry, query, nsf, "asserted_f1") <= 1
    assert column(registry, query, nsf, "asserted_names") == 2
    # The alias that repeats the name, and the spelling that folds to it, are no names of their own.
    assert column(registry, query, nsf, "known_names") == len(
        {registry.index.name(row).tobytes() for row in np.flatnonzero(registry.index.record == registry.number[nsf])}
    )
    assert column(registry, query, nsf, "registered") == 1
    assert column(registry, Query("Science Foundation Trust"), "crossref:1", "registered") == 0


def test_what_is_left_out_counts_nowhere(registry: Registry) -> None:
    id_ = "crossref:1"
    without = frozenset(rows_of(registry, id_, "asserted"))
    assert without
    every, some = Query("Science Foundation Trust"), Query("Science Foundation Trust", without=without)
    assert column(registry, every, id_, "names") == column(registry, some, id_, "names") + 1
    assert column(registry, every, id_, "asserted_names") == 1
    for name in ("asserted_names", "asserted_f1", "asserted_supporting"):
        assert column(registry, some, id_, name) == 0


def test_one_mention_does_not_touch_another(registry: Registry) -> None:
    without = frozenset(rows_of(registry, "crossref:1", "asserted"))
    asked = [Query("Science Foundation Trust", without=without), Query("Trust for Science"), Query("NSF"), Query("?")]
    together = all_candidates(registry, asked)
    for query, pool in zip(asked, together, strict=True):
        (alone,) = all_candidates(registry, [query])
        assert np.array_equal(pool.matrix, alone.matrix)


@given(st.lists(st.lists(st.sampled_from((0.0, 0.25, 0.5, 1.0)), min_size=1, max_size=6), min_size=1, max_size=5))
def test_lead_and_rank(groups: list[list[float]]) -> None:
    mention = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    values = np.array([value for group in groups for value in group])
    found = ranks(dict.fromkeys(COMPARED, values), mention)
    lead, rank = [], []
    for group in groups:
        for n, value in enumerate(group):
            others = [other for k, other in enumerate(group) if k != n]
            lead.append(value - max(others, default=value))
            rank.append(sum(other > value for other in others))
    assert found["mass_lead"].tolist() == pytest.approx(lead)
    assert found["mass_rank"].tolist() == rank
