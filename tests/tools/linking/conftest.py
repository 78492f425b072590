from collections.abc import Iterator

import pytest

from stores.catalogue import Catalogue
from stores.records import Affiliation, Author, Authority, Paper, Passage

SCHOOL = {"types": ["education", "funder"]}
RECORDS = [
    Authority(id="stanford", type="organization", name="Stanford University", country_code="US", prior=40, facts=SCHOOL),
    Authority(id="stanford-hospital", type="organization", name="Stanford Hospital", country_code="US", facts={"types": ["healthcare"]}),
    Authority(id="ucsd", type="organization", name="University of California San Diego", names=(("UCSD", "acronym"),), facts=SCHOOL),
    Authority(id="ctu", type="organization", name="Czech Technical University in Prague", facts={**SCHOOL, "city": "Prague"}),
    Authority(id="upf", type="organization", name="Universitat Pompeu Fabra", names=(("UPF", "acronym"),), prior=4, facts=SCHOOL),
    Authority(id="upf-br", type="organization", name="Universidade de Passo Fundo", names=(("UPF", "acronym"),), prior=2, facts=SCHOOL),
    Authority(id="nsf", type="funder", name="U.S. National Science Foundation", names=(("NSF", "acronym"),), country_code="US",
              prior=383334, facts={"types": ["government"]}),
    Authority(id="nsf-lk", type="funder", name="National Science Foundation of Sri Lanka", names=(("NSF", "acronym"),),
              country_code="LK", prior=157, facts={"types": ["government"]}),
    Authority(id="jsps", type="funder", name="Japan Society for the Promotion of Science (JSPS)", prior=213600),
    Authority(id="jsps-london", type="funder", name="Japan Society for the Promotion of Science London",
              names=(("JSPS", "acronym"),), prior=67),
    Authority(id="christopher-d-manning", type="author", name="Christopher D. Manning", prior=74),
    Authority(id="hinrich-schutze", type="author", name="Hinrich Schütze", prior=100),
    Authority(id="bill-byrne", type="author", name="Bill Byrne", prior=21,
              facts={"affiliations": [{"name": "University of Cambridge", "n": 3}], "n_papers": 21, "venues": {"EMNLP": 5}}),
    Authority(id="bill-byrne-ucsd", type="author", name="Bill Byrne", prior=2, facts={"comment": "UCSD", "n_papers": 2}),
    Authority(id="US", type="country", name="United States", country_code="US"),
    Authority(id="T1", type="topic", name="Malaria Research and Control"),
    Authority(id="T2", type="topic", name="Machine Learning and Algorithms"),
    Authority(id="T3", type="topic", name="Machine Learning in Healthcare"),
]  # fmt: skip


@pytest.fixture(scope="session")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    catalogue = Catalogue(tmp_path_factory.mktemp("linking") / "catalogue.sqlite", create=True)
    with catalogue.database.transaction() as connection:
        for record in RECORDS:
            catalogue.authorities.put(connection, record)
        for n, (place, venue, year) in enumerate(
            [("Stanford University", "ACL", 2019), ("UCSD", "LREC", 2021), ("", "ACL", 2021)]
        ):
            author = Author(
                id="bill-byrne", name="Bill Byrne", affiliations=(Affiliation(text=place),) if place else ()
            )
            paper = Paper(id=f"p{n}", title=f"Machine learning number {n}", authors=(author,), venue=venue, year=year)
            passage = Passage(
                id=f"p{n}#0",
                paper_id=paper.id,
                ordinal=0,
                section="title",
                start=0,
                end=len(paper.title),
                text=paper.title,
            )
            catalogue.papers.put(connection, paper, [passage], "-")
    yield catalogue
    catalogue.close()
