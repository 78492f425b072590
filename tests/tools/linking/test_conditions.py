from datetime import date

import pytest

from stores.catalogue import Catalogue
from stores.records import PaperFilter
from tools.linking.conditions import to_filter
from tools.linking.linker import CatalogueLinker
from tools.linking.resolve import ResolvedQuestion, resolve
from tools.ner.understand import Understander

TODAY = date(2022, 6, 1)


def resolved(catalogue: Catalogue, question: str) -> ResolvedQuestion:
    understanding = Understander(catalogue, today=lambda: TODAY).understand(question)
    return resolve(understanding, CatalogueLinker(catalogue), catalogue)


def wanted(catalogue: Catalogue, question: str) -> PaperFilter:
    return to_filter(resolved(catalogue, question), catalogue, TODAY)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("papers on machine learning from Stanford", ["p0"]),
        ("papers on machine learning from Stanford in the United States", ["p0"]),
        ("machine learning papers in ACL or LREC", ["p1", "p2", "p0"]),
        ("machine learning papers at UCSD since 2020", ["p1"]),
        ("papers by Bill Byrne in the last two years", ["p1", "p2"]),
        ("machine learning papers, but not in ACL", ["p1"]),
        ("machine learning papers from the Institute for Verdant Computation", []),
        ("machine learning papers funded by NSF", []),
    ],
)
def test_the_papers_that_a_question_asks_for(catalogue: Catalogue, question: str, expected: list[str]) -> None:
    assert catalogue.filters.find(wanted(catalogue, question)) == expected


def test_an_exclusion_is_given_by_id(catalogue: Catalogue) -> None:
    assert resolved(catalogue, "machine learning papers, but not on malaria").excluded == ("topic:T1",)


def test_other_mentions_settle_a_namesake(catalogue: Catalogue) -> None:
    entry = resolved(catalogue, "Describe the Bill Byrne at UCSD").mentions[0]
    assert entry.link is not None
    assert (entry.link.candidates[0].id, entry.link.ambiguous) == ("bill-byrne-ucsd", False)
