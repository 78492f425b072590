"""What arrays say of all names of many mentions at once is what a plain reading of one name and one mention says."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import Indel
from rapidfuzz.fuzz import partial_ratio

from stores.catalogue import Catalogue
from stores.records import Authority
from tools.linking.features import FEATURES, Pool, Query, all_candidates, candidates
from tools.linking.mention import MentionWords, read_mention
from tools.linking.registry import KINDS, Registry, build_registry, country_number


def record(id_: str, name: str, country: str, city: str, parents: tuple[str, ...] = (), *others: str) -> Authority:
    facts = {
        "types": ["education"],
        "city": city,
        "relationships": [{"type": "parent", "id": one} for one in parents],
    }
    return Authority(
        id=id_, type="organization", name=name, names=tuple((one, "alias") for one in others), country_code=country,
        prior=len(name), facts=facts,
    )  # fmt: skip


RECORDS = [
    record("hd", "Heidelberg University", "DE", "Heidelberg", (), "Universität Heidelberg", "University of Heidelberg"),
    record("hd-us", "Heidelberg University", "US", "Tiffin", (), "Heidelberg College"),
    record("hd-hospital", "University Hospital Heidelberg", "DE", "Heidelberg", ("hd",)),
    record("hd-physics", "Institute of Physics of Heidelberg University", "DE", "Heidelberg", ("hd",), "Physics Institute"),
    record("trinity-ie", "Trinity College Dublin", "IE", "Dublin", (), "Trinity College", "Trinity Trinity College"),
    record("trinity-us", "Trinity College", "US", "New York"),
    record("mexico", "University of New Mexico", "US", "Albuquerque"),
    record("york", "York University", "CA", "Toronto", (), "University of York University"),
]  # fmt: skip
WORDS = (
    "Heidelberg", "University", "Universty", "Hospital", "of", "Physics", "Physik", "Institute", "Trinity", "College", "Dublin",
    "New", "York", "Mexico", "Germany", "Ireland", "USA", "Zorblatt", ",", ";", ",",
)  # fmt: skip
mentions = st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join)
queries = st.builds(
    Query,
    mentions,
    st.sampled_from([(), ("DE",), ("US", "IE")]),
    st.sampled_from([(), ((0, 0.7), (4, 0.4))]),
    st.sampled_from([frozenset(), frozenset({1, 3})]),
    st.sampled_from([frozenset(), frozenset({0})]),
)


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    catalogue = Catalogue(tmp_path_factory.mktemp("names") / "catalogue.sqlite", create=True)
    with catalogue.database.transaction() as connection:
        for one in RECORDS:
            catalogue.authorities.put(connection, one)
    yield Registry(build_registry(catalogue, "organization"))
    catalogue.close()


@settings(max_examples=60, deadline=None)
@given(st.lists(queries, max_size=6))
def test_many_mentions_as_one_by_one(registry: Registry, asked: list[Query]) -> None:
    together = all_candidates(registry, asked)
    assert len(together) == len(asked)
    for query, pool in zip(asked, together, strict=True):
        alone = candidates(registry, *query)
        assert (pool.records, pool.rows) == (alone.records, alone.rows)
        assert pool.matrix == pytest.approx(alone.matrix, abs=1e-6)
        assert not query.hidden & set(pool.records)
        assert not query.without & set(pool.rows)


@settings(max_examples=150, deadline=None)
@given(mentions, st.sampled_from([(), ("DE",), ("US", "IE")]))
def test_the_columns_equal_a_plain_reading(registry: Registry, text: str, countries: tuple[str, ...]) -> None:
    mention = read_mention(text, registry.index)
    pool = candidates(registry, text, countries)
    found = [dict(zip(FEATURES, line, strict=True)) for line in pool.matrix.tolist()]
    for n, values in enumerate(found):
        expected = {
            **plain_words(registry, mention, pool.rows[n], values),
            **plain_record(registry, mention, pool.records[n], countries),
            **plain_family(registry, pool, found, n),
        }
        expected = {name: float(value) for name, value in expected.items()}
        assert {name: values[name] for name in expected} == pytest.approx(expected, abs=1e-4)


def plain_words(
    registry: Registry, mention: MentionWords, row: int, values: dict[str, float]
) -> dict[str, float | bool]:
    index = registry.index
    ids = index.name(row).tolist()
    hits = [(id_, mention.weights[id_], mention.at[id_]) for id_ in ids if id_ in mention.weights]
    total = float(sum(index.idf[id_] for id_ in ids))
    mass = float(sum(index.idf[id_] * weight for id_, weight, _ in hits))
    masses = [0.0] * max(1, mention.count)
    got = [0.0] * max(1, mention.count)
    for id_, part in zip(mention.ids, mention.parts, strict=True):
        masses[part] += float(index.idf[id_]) if id_ >= 0 else index.unknown_idf
    for id_, weight, places in hits:
        for part in {mention.parts[place] for place in places}:
            got[part] += float(index.idf[id_]) * weight
    shares = [(one / total, min(1.0, one / of) if of else 0.0) for one, of in zip(got, masses, strict=True)]
    name = " ".join(index.words[id_] for id_ in ids)
    own_part = mention.part(int(values["part_from_start"]))
    firsts = [places[0] for _, _, places in hits]
    length = max(1, len(mention.words))
    runs = {tuple(mention.ids[first : first + len(ids)]): first for first in reversed(range(len(mention.ids)))}
    return {
        "recall": mass / total,
        "precision": min(1.0, mass / sum(masses)) if mass else 0.0,
        "part_f1": max(2 * a * b / (a + b) if a + b else 0.0 for a, b in shares),
        "mass": mass,
        "missed": total - mass,
        "words": len(ids),
        "exact_words": len(ids) * values["exact"],
        "whole": ids == mention.ids,
        "first": (runs[tuple(ids)] if values["exact"] else min(firsts, default=0)) / length,
        "order": sum(a < b for a, b in pairwise(firsts)) / max(1, len(ids) - 1),
        "typos": sum(weight < 1 for _, weight, _ in hits),
        "parts": mention.count,
        "part_from_end": mention.count - 1 - values["part_from_start"],
        "mention_words": len(mention.words),
        "kind": int(registry.kind[row]),
        "acronym": KINDS[registry.kind[row]] == "acronym",
        "ratio": Indel.normalized_similarity(own_part, name),
        "partial": partial_ratio(name, mention.whole) / 100,
    }


def plain_record(
    registry: Registry, mention: MentionWords, number: int, countries: tuple[str, ...]
) -> dict[str, float | bool]:
    one = next(one for one in RECORDS if one.id == registry.ids[number])
    said, implied = mention.place.said, mention.place.implied
    city = str(one.facts["city"]).casefold()
    return {
        "country_said": one.country_code in said,
        "country_implied": one.country_code in implied,
        "country_other": bool(said) and one.country_code not in said,
        "country_known": bool(said) + 2 * bool(implied),
        "country_context": (1 if one.country_code in countries else -1) if countries else 0,
        "city": f" {city} " in f" {mention.whole} ",
        "city_named": True,
        "education": True,
        "company": False,
        "prior": float(np.log1p(one.prior)),
        "names": 1 + len(one.names),
    }


def plain_family(registry: Registry, pool: Pool, found: list[dict[str, float]], n: int) -> dict[str, float | bool]:
    own, record_ = registry.index.name(pool.rows[n]).tolist(), pool.records[n]
    same = [m for m, row in enumerate(pool.rows) if registry.index.name(row).tolist() == own]
    exact = [number for number, values in zip(pool.records, found, strict=True) if values["exact"]]
    known = [float(registry.prior[number] + registry.works[number]) for number in pool.records]
    return {
        "namesakes": len(same),
        "known_behind": max(known[m] for m in same) - known[n],
        "best_mass": max(values["mass"] for values in found),
        "mass_behind": max(values["mass"] for values in found) - found[n]["mass"],
        "recall_behind": max(values["part_f1"] for values in found) - found[n]["part_f1"],
        "exact_behind": max(values["exact_words"] for values in found) - found[n]["exact_words"],
        "exact_names": len(exact),
        "parent_exact": any(up in exact for up in registry.parents(record_)),
        "parent_inside": any(up in pool.records for up in registry.parents(record_)),
        "child_exact": any(record_ in registry.parents(number) for number in exact),
        "child_inside": any(record_ in registry.parents(number) for number in pool.records),
    }


def test_a_name_within_another_one(registry: Registry) -> None:
    pool = candidates(registry, "Institute of Physics of Heidelberg University, Germany")
    inside = {registry.ids[one]: bool(line[FEATURES.index("inside_other")]) for one, line in zip(pool.records, pool.matrix, strict=True)}  # fmt: skip
    assert inside["hd"]
    assert inside["hd-us"]
    assert not inside["hd-physics"]
    assert country_number("DE") in {int(registry.country[one]) for one in pool.records}


def test_similarity_of_a_further_name_counts_for_its_record(registry: Registry) -> None:
    rows = np.flatnonzero(registry.index.record == registry.number["hd"]).tolist()
    pool = candidates(registry, "Heidelberg University", near=[(row, 0.1 * n) for n, row in enumerate(rows, 3)])
    line = pool.matrix[pool.records.index(registry.number["hd"])]
    assert line[FEATURES.index("similarity")] == pytest.approx(0.1 * (len(rows) + 2))
    assert set(pool.matrix[:, FEATURES.index("similarity_behind")].tolist()) == {
        0.0,
        *(pool.matrix[:, FEATURES.index("similarity")].max() - pool.matrix[:, FEATURES.index("similarity")]).tolist(),
    }
