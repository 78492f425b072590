import gzip
import json
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest

from stores.records import Paper

DEMO = Path(__file__).resolve().parents[2] / "evals" / "demo"
ROR = "https://ror.org/"
STANFORD, HARVARD, OXFORD = ROR + "00f54p054", ROR + "03vek6s52", ROR + "052gg0110"
NSF, NIH, ERC = ROR + "021nxhr62", ROR + "01cwqze88", ROR + "0472cxd90"
SHARED_WORDS = 13  # a run of more than twelve words counts as copied


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DEMO / name).read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def papers() -> list[Paper]:
    lines = (DEMO / "papers.jsonl").read_text(encoding="utf-8").splitlines()
    return [Paper.model_validate_json(line) for line in lines]


def matching(
    papers: list[Paper], *, topic: str, organization: str = "", funder: str = "", country: str = ""
) -> list[Paper]:
    """Return the papers for which every given condition holds; an author needs both organization and country."""

    def placed(paper: Paper) -> bool:
        places = [place for author in paper.authors for place in author.affiliations]
        return any(
            (not organization or place.organization_id == organization)
            and (not country or place.country_code == country)
            for place in places
        )

    return [
        paper
        for paper in papers
        if any(held.name.lower() == topic.lower() for held in paper.topics)
        and placed(paper)
        and (not funder or any(money.funder_id == funder for money in paper.funding))
    ]


def test_papers_are_enough_unique_and_complete(papers: list[Paper]) -> None:
    assert len(papers) >= 60
    for values in ([paper.id for paper in papers], [paper.title.lower() for paper in papers]):
        assert len(set(values)) == len(values)
    dois = [paper.doi for paper in papers if paper.doi]
    assert len(set(dois)) == len(dois)
    for paper in papers:
        assert re.fullmatch(r"[a-z0-9-]+", paper.id)
        assert paper.year
        assert paper.venue
        assert paper.authors
        assert len(paper.authors) <= 20
        assert len({author.id for author in paper.authors}) == len(paper.authors)
        assert paper.topics
        assert all(re.fullmatch(r"10\.\d{4,}/\S+", paper.doi) for _ in [0] if paper.doi)


def test_abstracts_are_short_prose(papers: list[Paper]) -> None:
    for paper in papers:
        assert 80 <= len(paper.abstract.split()) <= 190, paper.id
        sentences = re.findall(r"[.?!](?= |$)", paper.abstract)
        assert 4 <= len(sentences) <= 10, paper.id
        assert paper.abstract == " ".join(paper.abstract.split())


def test_prolific_authors(papers: list[Paper]) -> None:
    counts = Counter(author.id for paper in papers for author in paper.authors)
    prolific = {name for name, count in counts.items() if count >= 6}
    assert len(prolific) >= 8
    recent = Counter(author.id for paper in papers if (paper.year or 0) >= 2019 for author in paper.authors)
    assert sum(recent[name] >= 2 for name in prolific) >= 6


def test_homonyms_have_their_own_ids_and_affiliations(papers: list[Paper]) -> None:
    people: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for paper in papers:
        for author in paper.authors:
            people[author.name][author.id] |= {place.text for place in author.affiliations}
    pairs = {name: places for name, places in people.items() if len(places) > 1}
    assert len(pairs) >= 3
    similar = {row["id"]: row["similar"] for row in rows("people.jsonl")}
    for places in pairs.values():
        texts = list(places.values())
        assert all(texts)
        assert not set.intersection(*texts)
        for author_id in places:
            assert set(similar[author_id]) == set(places) - {author_id}


def test_every_reference_has_an_authority_record(papers: list[Paper]) -> None:
    organizations = {row["id"]: row for row in rows("organizations.jsonl")}
    funders = {row["id"] for row in rows("funders.jsonl")}
    topics = {row["id"]: row["name"] for row in rows("topics.jsonl")}
    countries = {row["code"] for row in rows("countries.jsonl")}
    people = {row["id"] for row in rows("people.jsonl")}
    assert len(organizations) >= 60
    assert len(funders) >= 40
    assert len(countries) >= 60
    for paper in papers:
        for author in paper.authors:
            assert author.id in people
            for place in author.affiliations:
                assert place.country_code is None or place.country_code in countries
                if place.organization_id and place.country_code:
                    assert organizations[place.organization_id]["country_code"] == place.country_code
                assert place.organization_id is None or place.organization_id in organizations
        assert all(money.funder_id is None or money.funder_id in funders for money in paper.funding)
        assert all(topic.id is None or topics[topic.id] == topic.name for topic in paper.topics)


def test_people_count_the_demo_papers(papers: list[Paper]) -> None:
    years: dict[str, list[int]] = defaultdict(list)
    for paper in papers:
        for author in paper.authors:
            years[author.id].append(paper.year or 0)
    people = {row["id"]: row for row in rows("people.jsonl")}
    assert set(people) == set(years)
    for author_id, row in people.items():
        held = years[author_id]
        assert (row["n_papers"], row["first_year"], row["last_year"]) == (len(held), min(held), max(held))
        assert row["name"] not in row["variants"]


@pytest.mark.parametrize("name", ["organizations", "funders", "topics", "people"])
def test_authority_ids_are_unique(name: str) -> None:
    ids = [row["id"] for row in rows(f"{name}.jsonl")]
    assert len(set(ids)) == len(ids)


def test_the_example_questions_have_answers(papers: list[Paper]) -> None:
    stanford = matching(papers, topic="artificial intelligence", organization=STANFORD, funder=NSF, country="US")
    oxford = matching(papers, topic="machine learning", organization=OXFORD, funder=ERC)
    harvard = matching(papers, topic="biology", organization=HARVARD, funder=NIH)
    ethics = matching(papers, topic="AI ethics", country="US")
    assert "hamilton-2017-graphsage" in {paper.id for paper in stanford}
    assert "simonyan-2015-vgg" in {paper.id for paper in oxford}
    assert "mali-2013-crispr" in {paper.id for paper in harvard}
    assert "bender-2021-stochastic-parrots" in {paper.id for paper in ethics}
    assert min(map(len, (stanford, oxford, harvard, ethics))) >= 3
    # each question also has papers that fail exactly one condition, so that a filter that is ignored shows
    assert len(matching(papers, topic="artificial intelligence", organization=STANFORD)) > len(stanford)
    assert len(matching(papers, topic="machine learning", funder=ERC)) > len(oxford)
    assert len(matching(papers, topic="AI ethics")) > len(ethics)


def word_runs(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[i : i + SHARED_WORDS]) for i in range(len(words) - SHARED_WORDS + 1)}


def test_abstracts_are_not_copied(papers: list[Paper], shared_data: Path) -> None:
    ours = {re.sub(r"\W+", " ", paper.title.lower()).strip(): paper for paper in papers}
    compared = 0
    for name in ("papers.jsonl.gz", "works_rich.jsonl.gz"):
        with gzip.open(shared_data / name, "rt", encoding="utf-8") as lines:
            for line in lines:
                record = json.loads(line)
                paper = ours.get(re.sub(r"\W+", " ", (record["title"] or "").lower()).strip())
                if paper and record["abstract"]:
                    compared += 1
                    assert not word_runs(paper.abstract) & word_runs(record["abstract"]), paper.id
    assert compared >= 15
