from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stores.records import Paper, Topic
from tools.profiling.clusters import MOST_GROUPS, groups, partition, silhouette, unit
from tools.profiling.contributions import contribution
from tools.profiling.phrases import Casing, key_of, phrases, team
from tools.profiling.terms import Terms
from tools.profiling.topics import Shares, chance, topics


def paper(number: int, title: str, abstract: str = "", year: int | None = None, **fields: Any) -> Paper:
    return Paper.model_validate({"id": f"p{number:02}", "title": title, "abstract": abstract, "year": year, **fields})


def blobs(sizes: tuple[int, ...], spread: float = 0.05) -> tuple[Any, list[int]]:
    random = np.random.default_rng(3)
    truth = [n for n, size in enumerate(sizes) for _ in range(size)]
    centres = np.eye(len(sizes), 16)
    return unit((centres[truth] + spread * random.normal(size=(len(truth), 16))).astype(np.float32)), truth


@pytest.mark.parametrize("sizes", [(6, 4), (5, 5, 5), (30, 20, 15, 10, 8, 7), (40, 20, 4)])
def test_groups_that_are_clearly_apart_are_found_in_any_order(sizes: tuple[int, ...]) -> None:
    points, truth = blobs(sizes)
    order = np.random.default_rng(1).permutation(len(points))
    for rows in (np.arange(len(points)), order):
        labels = partition(points[rows])
        assert len(set(labels)) == len(set(zip(labels, np.array(truth)[rows], strict=True))) == len(sizes)


def test_what_a_whole_library_shares_is_taken_off() -> None:
    points, truth = blobs((12, 8), 0.2)
    shared = np.zeros(16, dtype=np.float32)
    shared[5] = 4.0
    vectors = {f"d{n:02}": point + shared for n, point in enumerate(points)}
    found = groups(sorted(vectors), vectors, unit(shared[None])[0])
    bare = {id_: unit(vector[None])[0] - unit(shared[None])[0] for id_, vector in vectors.items()}
    assert found == groups(sorted(vectors), bare)
    assert [len({truth[int(id_[1:])] for id_ in group}) for group in found] == [1, 1]
    assert found != groups(sorted(vectors), vectors)


def test_a_paper_far_from_all_others_makes_no_group_and_no_two_groups() -> None:
    points, _ = blobs((40, 1))
    assert min(np.unique(partition(points), return_counts=True)[1]) > 1
    many, _ = blobs((60, 3))
    assert len(set(partition(many))) >= 4


@settings(max_examples=30, deadline=None)
@given(st.integers(6, 60), st.integers(1, 9))
def test_any_vectors_are_grouped_whole_and_into_few(n: int, kinds: int) -> None:
    random = np.random.default_rng(n)
    vectors = {f"d{i:03}": random.normal(size=8).astype(np.float32) * (i % kinds > 0) for i in range(n)}
    found = groups(sorted(vectors), vectors)
    assert sorted(id_ for group in found for id_ in group) == sorted(vectors)
    assert len(found) <= MOST_GROUPS
    assert found == groups(sorted(vectors), vectors)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=5, max_size=25).filter(lambda labels: len(set(labels)) > 1))
def test_the_silhouette_is_that_of_scikit_learn(labels: list[int]) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    points = np.random.default_rng(0).normal(size=(len(labels), 4)).astype(np.float32)
    distances = np.linalg.norm(points[:, None] - points[None], axis=2)
    expected = metrics.silhouette_score(distances, labels, metric="precomputed")
    assert silhouette(distances, np.array(labels)) == pytest.approx(expected, abs=1e-5)


@given(st.text(max_size=300))
def test_phrases_are_copied_from_the_text(text: str) -> None:
    for key, form in phrases(text):
        assert key
        assert 1 <= len(form.split()) <= 4
        assert all(word.casefold() in text.casefold() for word in form.split())


def test_phrases_keep_whole_names_of_topics() -> None:
    keys = {key for key, _ in phrases("Large Language Models for Open-Domain Question Answering and Data")}
    assert {"large language model", "open domain question answering"} <= keys
    assert not {"question", "large", "data", "model", "answering data"} & keys
    assert key_of("word embeddings") == key_of("Word Embedding")


def test_who_describes_a_system_is_told_from_a_topic() -> None:
    assert team("HW-TSC at SemEval-2024 Task 9: Exploring Prompts") == "HW-TSC"
    assert team("The University of Edinburgh’s Submission to the IWSLT21 Task") == "The University of Edinburgh"
    assert not team("Looking at the World: Grounded Parsing") + team("Parsing at Scale")


def test_capitals_of_titles_are_undone_and_those_of_names_kept() -> None:
    casing = Casing()
    casing.read("We study named entity tagging in Chinese with BERT. On the Penn Treebank, Penn wins.")
    assert casing.written("Named Entity Recognition") == "named entity recognition"
    assert casing.written("Chinese BERT Tagging") == "Chinese BERT tagging"
    assert casing.written("Spatial Description") == "spatial description"
    assert casing.written("Penn Treebank") == "Penn Treebank"


PARSING = [
    paper(n, f"{start} Dependency Parsing of {language}", "We study dependency parsing with treebanks.", year=2018 + n)
    for n, (start, language) in enumerate([("Neural", "Dutch"), ("Greedy", "Thai"), ("Fast", "Czech")])
]
MEMES = [
    paper(10, "ACME at SemEval-2022 Task 5: Harmful Meme Detection", "ACME took part. Harmful memes hurt.", year=2021),
    paper(11, "Harmful Meme Detection with Vision", "We propose X for harmful meme detection.", year=2022),
    paper(12, "Explaining Harmful Meme Detection", "ACME helped. We describe harmful memes.", year=2022),
]


def test_labels_are_whole_phrases_that_set_a_group_apart() -> None:
    ids = [[one.id for one in part] for part in (PARSING, MEMES)]
    parsing, memes = Terms([*PARSING, *MEMES]).labels(ids)
    assert parsing[0] == "dependency parsing"
    assert memes[0] == "harmful meme detection"
    assert not {"ACME", "meme detection", "harmful meme"} & {*parsing, *memes}


def test_rarity_and_concepts_decide_between_terms() -> None:
    carried = [
        one.model_copy(update={"topics": (Topic(name="Medicine"), Topic(name="Memetics", score=0.9))}) for one in MEMES
    ]
    rarity = dict.fromkeys(("dependency parsing", "memetics"), 5.0)
    terms = Terms([*PARSING, *carried], lambda asked: {term: rarity.get(term, 0.1) for term in asked})
    label = terms.labels([[one.id for one in part] for part in (PARSING, carried)])[1]
    assert label[0] == "memetics"
    assert "medicine" not in label


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(min_size=1, max_size=60).filter(str.strip), min_size=2, max_size=8))
def test_any_titles_are_labelled(titles: list[str]) -> None:
    papers = [paper(n, title) for n, title in enumerate(titles)]
    labels = Terms(papers).labels([[one.id for one in papers[:2]], [one.id for one in papers[2:]]])
    assert all(len(terms) <= 3 for terms in labels)


def test_groups_have_a_telling_paper_for_an_example() -> None:
    papers = [*PARSING, *MEMES]
    vectors = {one.id: np.eye(2, dtype=np.float32)[n // 3] + 0.1 * (n % 3) for n, one in enumerate(papers)}
    found = {one.name: one for one in topics(papers, vectors, 2021) if one.kind == "cluster"}
    memes = next(one for name, one in found.items() if name.startswith("harmful"))
    assert memes.example is not None
    assert memes.example.id in {"p11", "p12"}
    assert memes.example_says
    assert memes.emerging


@pytest.mark.parametrize(
    ("before", "recent", "name", "emerging", "fading"),
    [
        ((1, 4), (2, 7), "Parsing", False, False),
        ((0, 10), (8, 10), "Parsing", True, False),
        ((0, 10), (8, 10), "Internal medicine", False, False),
        ((0, 10), (1, 10), "Parsing", False, False),
        ((8, 10), (1, 10), "Parsing", False, True),
        ((3, 4), (5, 10), "Parsing", False, False),
    ],
)
def test_news_needs_more_than_chance(
    before: tuple[int, int], recent: tuple[int, int], name: str, emerging: bool, fading: bool
) -> None:
    old = [paper(n, "A", year=2018) for n in range(before[1])]
    new = [paper(50 + n, "B", year=2022) for n in range(recent[1])]
    members = [one.id for one in (*old[: before[0]], *new[: recent[0]])]
    topic = Shares([*old, *new], 2021).topic(name, "topic", members)
    assert (topic.emerging, topic.fading) == (emerging, fading)


@given(st.integers(1, 20), st.integers(1, 20), st.data())
def test_chance_is_fisher_s(of_here: int, of_there: int, data: st.DataObject) -> None:
    from scipy.stats import hypergeom

    here, there = data.draw(st.integers(0, of_here)), data.draw(st.integers(0, of_there))
    expected = hypergeom.sf(here - 1, of_here + of_there, here + there, of_here)
    assert chance(here, of_here, there, of_there) == pytest.approx(float(expected), abs=1e-9)


@pytest.mark.parametrize(
    ("abstract", "says"),
    [
        (
            (
                "Training is hard. To this end, we first investigate the underlying reasons and uncover two factors. Based on"
                " both, we propose CTX, a training approach that narrows the gap between them. Experiments show it works."
            ),
            "Based on both, we propose CTX, a training approach that narrows the gap between them.",
        ),
        (
            (
                "OBJECTIVE: To assess the effect of aspirin on headache in adults. METHODS: We recruited 60 patients. RESULTS: We"
                " found that aspirin helped (p < 0.01)."
            ),
            "OBJECTIVE: To assess the effect of aspirin on headache in adults.",
        ),
        (
            "Memory declines. The aim of the present study was to test whether sleep slows it. We used two tests. Sleep did.",
            "The aim of the present study was to test whether sleep slows it.",
        ),
        ("Parsing is hard. Smith proposed a parser in 1990.", ""),
    ],
)
def test_the_sentence_is_the_one_that_says_what_the_paper_does(abstract: str, says: str) -> None:
    assert contribution(abstract) == says


@given(st.text(max_size=400))
def test_the_sentence_is_copied(text: str) -> None:
    assert contribution("We propose a parser of " + text) in "We propose a parser of " + text
