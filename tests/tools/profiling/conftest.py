"""A small catalogue of real shape: three people, six years, every kind of metadata at least once."""

from collections.abc import Iterator

import pytest

from stores.catalogue import Catalogue
from stores.records import Affiliation, Author, Authority, Funding, Paper, Passage, Topic

ADA = Author(
    id="ada",
    name="Ada Øst",
    affiliations=(Affiliation(text="University of Turin", organization_id="ror:turin", country_code="IT"),),
)
BO = Author(id="bo", name="Bo Lindqvist", affiliations=(Affiliation(text="Bangkok Institute, Thailand"),))
CY = Author(id="cy", name="Cy O’Hara")


def paper(number: int, year: int | None, authors: tuple[Author, ...], **fields: object) -> Paper:
    return Paper.model_validate(
        {"id": f"p{number}", "title": f"Parsing Speech {number}", "year": year, "authors": authors, **fields}
    )


PAPERS = (
    paper(1, 2018, (ADA, BO), venue="ACL", cited_by_count=40, abstract="We present BERTology. It parses speech."),
    paper(2, 2018, (ADA, BO), venue="ACL", cited_by_count=3),
    paper(3, 2019, (ADA, BO, CY), venue="LREC", cited_by_count=1),
    paper(4, 2021, (ADA,), venue="ACL", keywords=("Treebanks",)),
    paper(5, 2022, (ADA, CY), venue="TACL", keywords=("Treebanks",), topics=(Topic(name="Syntax", score=0.9),)),
    paper(
        6,
        2022,
        (ADA, CY),
        venue="ACL",
        topics=(Topic(name="Syntax", score=0.9), Topic(name="Noise", score=0.1)),
        funding=(Funding(name="National Science Foundation", funder_id="ror:nsf", grants=("IIS-17", "BCS-9")),),
        funding_statement="Supported by NSF.",
    ),
    paper(7, None, (ADA,)),
)


@pytest.fixture(scope="session")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    path = tmp_path_factory.mktemp("home") / "catalogue.sqlite"
    found = Catalogue(path, create=True)
    with found.database.transaction() as connection:
        for one in PAPERS:
            section = "body" if one.body else "title"
            text = one.section(section)
            passage = Passage(
                id=f"{one.id}:0", paper_id=one.id, ordinal=0, section=section, start=0, end=len(text), text=text
            )
            found.papers.put(connection, one, [passage], "x")
        found.authorities.put(
            connection,
            Authority(
                id="ror:turin", type="organization", name="University of Turin", country_code="IT",
                names=(("UNITO", "acronym"), ("Università di Torino", "label")),
                facts={"city": "Turin", "types": ["education"], "established": 1404},
            ),
        )  # fmt: skip
        for id_ in ("bo", "bo-2"):
            found.authorities.put(
                connection, Authority(id=id_, type="author", name="Bo Lindqvist", facts={"n_papers": 3})
            )
    yield found
    found.close()
