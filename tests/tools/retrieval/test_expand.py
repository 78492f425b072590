"""Other names of what a question names."""

from pathlib import Path

import pytest

from stores.catalogue import Catalogue
from stores.records import Authority
from tools.linking.base import Candidate, Link
from tools.linking.resolve import ResolvedMention, ResolvedQuestion
from tools.ner.base import Mention, Understanding
from tools.retrieval.expand import expansions

NER = Authority(
    id="t1", type="topic", name="Named entity recognition",
    names=(("NER", "acronym"), ("entity identification", "alias"), ("NER tagging", "alias")),
)  # fmt: skip


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    made = Catalogue(tmp_path / "catalogue.sqlite", create=True)
    with made.database.transaction() as connection:
        made.authorities.put(connection, NER)
    return made


def question(text: str, confidence: float = 0.9, *, negated: bool = False) -> ResolvedQuestion:
    mention = Mention(start=0, end=len(text), text=text, type="topic", confidence=1.0, source="rule", negated=negated)
    link = Link(
        candidates=(Candidate(id="t1", name=NER.name, score=1.0, method="exact"),), confidence=confidence, nil=False
    )
    understanding = Understanding(question=text, intent="paper_question", mentions=(mention,))
    return ResolvedQuestion(understanding=understanding, mentions=(ResolvedMention(mention=mention, link=link),))


def test_an_acronym_brings_the_name_and_the_name_the_acronym(catalogue: Catalogue) -> None:
    assert expansions(question("NER"), catalogue) == ("Named entity recognition", "entity identification")
    assert expansions(question("named entity recognition"), catalogue) == (
        "NER",
        "entity identification",
        "NER tagging",
    )


def test_what_is_doubtful_or_unwanted_brings_nothing(catalogue: Catalogue) -> None:
    assert expansions(question("NER", 0.3), catalogue) == ()
    assert expansions(question("NER", negated=True), catalogue) == ()
    assert expansions(None, catalogue) == ()
