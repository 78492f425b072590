"""The comparison of ways to group papers, on vectors whose groups are known."""

from itertools import pairwise

import numpy as np
import pytest

from evals.topic_methods import methods
from evals.topics import Library, agreement, of_persons, of_venues, real_authors, steadiness
from stores.errors import InputError
from tools.profiling.clusters import unit

VENUES = [f"V{n}" for n in range(9)]


@pytest.fixture(scope="module")
def library() -> Library:
    random = np.random.default_rng(0)
    truth = [n for n in range(len(VENUES)) for _ in range(60)]
    points = unit((np.eye(len(VENUES), 24)[truth] + 0.05 * random.normal(size=(len(truth), 24))).astype(np.float32))
    venues = {name: [row for row, own in enumerate(truth) if own == n] for n, name in enumerate(VENUES)}
    authors = {
        f"{name}-{part}": rows[a:b]
        for name, rows in venues.items()
        for part, (a, b) in enumerate(pairwise((0, 20, 40, 60)))
    }
    return Library([f"p{row}" for row in range(len(truth))], points, venues, authors)


def test_made_up_authors_are_of_two_to_seven_topics_in_unequal_shares(library: Library) -> None:
    made = [
        *of_venues(library, VENUES, 30, np.random.default_rng(1)),
        *of_persons(library, True, 30, np.random.default_rng(1)),
    ]
    assert len(made) == 60
    assert {len(set(one.topics.tolist())) for one in made} >= {2, 3, 4, 5}
    assert all(len(set(one.rows.tolist())) == len(one.rows) for one in made)
    assert all(2 <= len(one.names) == len(set(one.topics.tolist())) <= 7 for one in made)
    assert any(np.ptp(np.bincount(one.topics)) > 10 for one in made)
    pools = {**library.venues, **library.authors}
    assert all(row in pools[one.names[n]] for one in made for row, n in zip(one.rows, one.topics, strict=True))


def test_the_method_of_profiles_finds_groups_that_are_apart(library: Library) -> None:
    made = [
        one for one in of_venues(library, VENUES, 20, np.random.default_rng(2)) if np.bincount(one.topics).min() > 4
    ]
    tried = methods(library.points.mean(axis=0))
    ari, v, off = agreement(library, made, tried["profiles"])
    # Of hundreds of papers a twentieth makes no group of its own.
    assert min(ari, v) > 0.98
    assert off < 0.2
    blind, _, _ = agreement(library, made, lambda points: np.arange(len(points)) % 3)
    assert blind < 0.1


def test_every_method_labels_every_paper_and_is_measured_on_real_authors(library: Library) -> None:
    real = real_authors(library, 2, np.random.default_rng(3))
    for name, method in methods(library.points.mean(axis=0)).items():
        steady, apart, milliseconds = steadiness(library, real[:2], method, np.random.default_rng(4))
        assert -1 <= apart <= 1, name
        assert -1 <= steady <= 1, name
        assert milliseconds > 0, name


def test_a_library_without_the_venues_is_said_so(library: Library) -> None:
    with pytest.raises(InputError, match="too few of the venues"):
        list(of_venues(library, ["Nowhere"], 3, np.random.default_rng(0)))
