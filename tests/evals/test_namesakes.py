from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from evals.linker.namesakes import train_namesakes
from evals.linker.persons import FILE, cases, labelled
from stores.catalogue import Catalogue
from stores.records import Author, Authority, Paper
from tools.linking.base import LinkContext
from tools.linking.namesakes import Namesakes

GIVEN = ("Ada", "Alan", "Anna", "Arno", "Asta", "Axel", "Amos", "Abel")
FAMILIES = ("Lind", "Moser", "Okafor", "Quist")
SUBJECTS = ("glacier", "enzyme", "harbour", "folklore", "turbine", "orchard", "syntax", "meteor")


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    """Persons who share a name two by two, each with papers on a subject of their own with the same coauthor."""
    catalogue = Catalogue(tmp_path / "catalogue.sqlite", create=True)
    with catalogue.database.transaction() as connection:
        for family in FAMILIES:
            for n, given in enumerate(GIVEN):
                for place in ("north", "south"):
                    id_ = f"{given}-{family}-{place}".lower()
                    name = f"{given} {family}"
                    catalogue.authorities.put(
                        connection, Authority(id=id_, type="author", name=name, prior=3, facts={"comment": place})
                    )
                    for k in range(3):
                        other = Author(id=f"friend-of-{id_}", name=f"Friend {family} {n} {place}")
                        title = f"{SUBJECTS[n]} {place} {family} part {k}"
                        paper = Paper(
                            id=f"{id_}-{k}", title=title, year=2015 + k, venue="Venue", authors=(Author(id=id_, name=name), other)
                        )  # fmt: skip
                        catalogue.papers.put(connection, paper, [], "-")
    yield catalogue
    catalogue.close()


def write_gold(folder: Path) -> Path:
    rows = [
        {
            "text": "Ada Lind", "gold_ids": ["ada-lind-south"], "source": "homonym", "paper_id": f"ada-lind-south-{k}",
            "context": {"title": "glacier", "year": 2016, "coauthors": ["Friend Lind 0 south"]},
        }
        for k in range(3)
    ]  # fmt: skip
    path = folder / FILE
    path.write_bytes(b"\n".join(map(orjson.dumps, rows)))
    return path


def test_every_case_leaves_its_paper_out(catalogue: Catalogue) -> None:
    found = list(cases(catalogue, seed=3))
    assert any(case.collected for case in found)
    assert {bool(case.name) for case in found} == {True, False}
    for case in found:
        assert len(case.ids) == len(case.works) > 1
        assert case.right <= set(case.ids)
        if case.name:  # each has three papers, and the one that the mention stands in does not count
            right = case.works[case.ids.index(next(iter(case.right)))]
            assert right.papers == 2
            assert all(work.papers for work in case.works)


def test_the_same_seed_gives_the_same_cases(catalogue: Catalogue) -> None:
    assert list(cases(catalogue, seed=3)) == list(cases(catalogue, seed=3))


def test_persons_without_another_paper_are_no_candidates(catalogue: Catalogue, tmp_path: Path) -> None:
    gold = write_gold(tmp_path)
    assert [case.ids for case in labelled(gold, catalogue)] == [("ada-lind-north", "ada-lind-south")] * 3
    with catalogue.database.transaction() as connection:
        for number in (0, 1):
            catalogue.papers.remove(connection, f"ada-lind-south-{number}")
    assert len(labelled(gold, catalogue)) == 2  # the third comes from the only paper that is left


def test_training_writes_weights_that_tell_persons_apart(catalogue: Catalogue, tmp_path: Path) -> None:
    model = train_namesakes(catalogue, write_gold(tmp_path), tmp_path, seed=3)
    assert model.figures["labelled"]["mentions"] == 3
    assert model.figures["catalogue"]["right"] > 0.95 > model.figures["catalogue"]["most papers"]
    assert all(0.5 <= heat <= 6 for heat in model.temperature)
    persons = catalogue.authorities.get("author", ["axel-quist-north", "axel-quist-south"])
    context = LinkContext(coauthors=("Friend Quist 5 south",), text="turbine", year=2016)
    north, south = Namesakes(catalogue, tmp_path / "author.json").log_odds(persons, context)
    assert south > north
