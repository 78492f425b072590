from pathlib import Path

import numpy as np
import pytest

from stores.catalogue import Catalogue
from stores.records import Authority, AuthorityType
from tools.linking.base import LinkContext
from tools.linking.linker import CatalogueLinker


@pytest.mark.parametrize(
    ("type_", "text", "expected"),
    [
        ("organization", "Stanford", "stanford"),
        ("organization", "stanford university", "stanford"),
        ("organization", "Czech Technical University", "ctu"),
        ("organization", "Dept. of Physics, Stanford University, Stanford, CA, USA", "stanford"),
        ("funder", "NSF", "nsf"),
        ("funder", "JSPS", "jsps"),
        ("author", "Manning, Christopher", "christopher-d-manning"),
        ("author", "chris manning", "christopher-d-manning"),
        ("author", "Prof. Manning", "christopher-d-manning"),
        ("author", "Dr. Hinrich Schütze", "hinrich-schutze"),
        ("author", "C. D. Manning", "christopher-d-manning"),
        ("author", "Hinrich Schuetze", "hinrich-schutze"),
        ("country", "U.S.", "US"),
        ("country", "American", "US"),
        ("topic", "malaria", "T1"),
        ("topic", "malaria studies", "T1"),
        ("topic", "machine learning", "T2"),
    ],
)
def test_the_first_candidate(catalogue: Catalogue, type_: AuthorityType, text: str, expected: str) -> None:
    link = CatalogueLinker(catalogue).link(type_, text)
    assert not link.nil
    assert link.candidates[0].id == expected
    assert 0 <= link.confidence <= 1


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        ("organization", "Institute for Verdant Computation"),
        ("funder", "Nordic Lakes Science Trust"),
        ("author", "Leopold Amankwah-Stirling"),
        ("author", "Christa Manning"),
        ("country", "Ruritania"),
        ("topic", "poetry generation"),
        ("organization", ""),
        ("author", "\u202e ., ?"),
    ],
)
def test_what_nothing_fits_is_nil(catalogue: Catalogue, type_: AuthorityType, text: str) -> None:
    assert CatalogueLinker(catalogue).link(type_, text).nil


def test_namesakes_are_ambiguous_with_facts(catalogue: Catalogue) -> None:
    link = CatalogueLinker(catalogue).link("author", "Bill Byrne")
    assert link.ambiguous
    assert {candidate.id for candidate in link.candidates} == {"bill-byrne", "bill-byrne-ucsd"}
    assert link.candidates[0].facts == "University of Cambridge; 21 papers; EMNLP"


def test_the_context_settles_namesakes(catalogue: Catalogue) -> None:
    context = LinkContext(organizations=("UCSD", "University of California San Diego"))
    link = CatalogueLinker(catalogue).link("author", "Bill Byrne", context)
    assert (link.candidates[0].id, link.ambiguous) == ("bill-byrne-ucsd", False)


def test_a_country_decides_between_funders(catalogue: Catalogue) -> None:
    link = CatalogueLinker(catalogue).link(
        "funder", "National Science Foundation", LinkContext(countries=("Sri Lanka",))
    )
    assert link.candidates[0].id == "nsf-lk"


def test_little_known_namesakes_are_ambiguous_and_famous_ones_are_not(catalogue: Catalogue) -> None:
    linker = CatalogueLinker(catalogue)
    assert linker.link("organization", "UPF").ambiguous
    assert not linker.link("funder", "NSF").ambiguous


def test_vectors_of_names_add_candidates(catalogue: Catalogue) -> None:
    rows = {text: row for row, _, _, text, _, _ in catalogue.authorities.names()}

    class Embedder:
        def embed_query(self, text: str) -> np.ndarray:
            assert text == "plasmodium infections"
            return np.ones(4, dtype=np.float32) / 2

    class Index:
        def search(self, vectors: np.ndarray, k: int) -> list[list[tuple[str, float]]]:
            assert vectors.shape == (1, 4)
            return [[(str(rows["Malaria Research and Control"]), 0.99), (str(rows["Stanford University"]), 0.9)][:k]]

    link = CatalogueLinker(catalogue, Index(), Embedder()).link("topic", "plasmodium infections")
    assert [(candidate.id, candidate.method) for candidate in link.candidates] == [("T1", "embedding")]


def test_a_family_name_alone_is_as_sure_as_it_is_rare(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path / "catalogue.sqlite", create=True)
    found = []
    for name, prior in (("Christopher D. Manning", 70.0), ("Emma Manning", 2.0), ("Ruth Manning", 3.0)):
        one = Authority(id=name.lower().replace(" ", "-"), type="author", name=name, prior=prior)
        with catalogue.database.transaction() as connection:
            catalogue.authorities.put(connection, one)
        found.append(CatalogueLinker(catalogue).link("author", "Manning"))
    assert all(link.candidates[0].name == "Christopher D. Manning" and not link.nil for link in found)
    assert not found[0].ambiguous
    assert found[-1].ambiguous
    assert found[0].confidence > found[1].confidence > found[2].confidence
    catalogue.close()
