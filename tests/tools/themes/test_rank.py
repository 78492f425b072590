"""Theme ranking with the bundled embedder."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.embedding.base import Embedder
from tools.themes.base import Theme
from tools.themes.encoder import theme_encoder
from tools.themes.exclusion import exclusions
from tools.themes.known import fields, known_for
from tools.themes.pieces import MOST_SENTENCES, read
from tools.themes.rank import ThemeRanker

THEMES = [
    Theme(label="Machine translation", description="Turning text of one language into another"),
    Theme(label="Sentiment analysis", description="Opinions and emotions in texts"),
    Theme(label="Beekeeping", description="Keeping honey bees and their hives"),
    Theme(label="Glaciology", description="Ice on land and its movement"),
    Theme(label="Speech recognition", description="Turning what is spoken into text"),
    Theme(label="Monetary policy", description="Interest rates and inflation"),
    Theme(label="Batteries", description="Electrochemical storage of energy"),
]
HIVES = "Each morning I lift the lids, blow smoke and weigh the honey. In June the swarms leave for the neighbour's chimney."


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return theme_encoder(2)


@pytest.fixture(scope="module")
def ranker(embedder: Embedder) -> ThemeRanker:
    return ThemeRanker(embedder)


def _by_label(ranker: ThemeRanker, text: str):
    return {one.label: one for one in ranker.rank(text, THEMES)}


def test_a_theme_is_found_that_the_text_does_not_name(ranker: ThemeRanker):
    scores = ranker.rank(HIVES, THEMES)
    assert scores[0].label == "Beekeeping"
    assert scores[0].score > 50 > max(one.score for one in scores[1:])
    assert [one.score for one in scores] == sorted((one.score for one in scores), reverse=True)
    assert {one.label for one in scores} == {theme.label for theme in THEMES}


def test_the_best_sentence_is_an_exact_span(ranker: ThemeRanker):
    text = f"Our town is small. {HIVES} The bank raised its interest rate twice to bring inflation down."
    found = _by_label(ranker, text)["Monetary policy"]
    assert text[found.start : found.end] == "The bank raised its interest rate twice to bring inflation down."


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        (
            "Our dictation program hears nurses with strong accents. This is not at all about machine translation.",
            "Machine translation",
        ),
        (
            "We do not work on batteries. Our hall hums with a dictation program that writes what callers say.",
            "Batteries",
        ),
        ("Unlike sentiment analysis, we ask what callers say, word by word, from the audio.", "Sentiment analysis"),
        (
            "The audio is typed up. It has nothing to do with translating: callers and clerks speak Swahili.",
            "Machine translation",
        ),
    ],
)
def test_what_the_text_sets_aside_is_marked_and_below_50(ranker: ThemeRanker, text: str, denied: str):
    scores = _by_label(ranker, text)
    assert [label for label, one in scores.items() if one.negated] == [denied]
    assert scores[denied].score < 50


@pytest.mark.parametrize(
    "text",
    [
        "We work not only on machine translation but also on speech recognition of the same debates.",
        "It is not easy to do machine translation for Basque. Speech recognition is no easier.",
        "We never stopped working on machine translation when speech recognition became the fashion.",
        "Unlike others, we do machine translation after speech recognition, and do not do machine translation of books.",
    ],
)
def test_other_denials_set_nothing_aside(ranker: ThemeRanker, text: str):
    scores = _by_label(ranker, text)
    assert not any(one.negated for one in scores.values())
    assert min(scores["Machine translation"].score, scores["Speech recognition"].score) > 50


def test_the_score_of_a_theme_does_not_depend_on_the_others(ranker: ThemeRanker):
    alone = [ranker.rank(HIVES, [theme])[0] for theme in THEMES]
    together = _by_label(ranker, HIVES)
    assert [one.score for one in alone] == pytest.approx([together[one.label].score for one in alone], abs=1e-3)


def test_it_is_deterministic_and_remembers(embedder: Embedder, ranker: ThemeRanker):
    assert ranker.rank(HIVES, THEMES) == ranker.rank(HIVES, THEMES)
    calls: list[int] = []

    class Counting:
        name = embedder.name
        dimension = embedder.dimension
        embed_query = embedder.embed_query

        def embed(self, texts):
            calls.append(len(texts))
            return embedder.embed(texts)

    counted = ThemeRanker(Counting())
    first = counted.rank(HIVES, THEMES)
    before = sum(calls)
    assert counted.rank(HIVES, list(reversed(THEMES)))[0] == first[0]
    assert sum(calls) - before == before - 2 * len(THEMES)


def test_a_long_text_takes_bounded_work(ranker: ThemeRanker, embedder: Embedder):
    text = " ".join(f"{HIVES} Number {n} of the ledger." for n in range(2_200))
    assert len(text.split()) > 50_000
    reading = read(text, embedder)
    assert len(reading.spans) == MOST_SENTENCES
    assert reading.spans[-1][1] == len(text)
    started = time.perf_counter()
    assert ranker.rank(text, THEMES)[0].label == "Beekeeping"
    assert time.perf_counter() - started < 20


def test_many_themes(ranker: ThemeRanker):
    many = [Theme(label=f"{field.label} {n}") for n in range(2) for field in fields()[:250]]
    scores = ranker.rank(HIVES, many)
    assert len(scores) == 500
    assert scores[0].label.startswith(("Entomology", "Animal", "Agronomy", "Rural"))


class LongestFirst:
    """A reranker to tell by: it likes long labels."""

    def score(self, question, texts):  # noqa: ARG002 - the interface's
        return np.array([1000.0 * len(text.split(":")[0]) for text in texts], np.float32)


def test_a_reranker_changes_the_order_and_not_the_set_of_scores(embedder: Embedder, ranker: ThemeRanker):
    plain, refined = ranker.rank(HIVES, THEMES), ThemeRanker(embedder, reranker=LongestFirst()).rank(HIVES, THEMES)
    assert [one.score for one in refined] == pytest.approx([one.score for one in plain])
    assert [one.label for one in refined] != [one.label for one in plain]


def test_what_is_shipped_is_what_the_list_of_fields_says(embedder: Embedder):
    known = known_for(embedder)
    assert known.fields.shape == (len(fields()), embedder.dimension)
    assert len({field.label for field in fields()}) == len(fields())
    vectors = embedder.embed([field.full for field in fields()[:20]])
    assert np.abs(known.fields[:20] - vectors).max() < 1e-3


def test_another_embedder_is_learned_for(monkeypatch: pytest.MonkeyPatch):
    learned = []
    monkeypatch.setattr("tools.themes.known.learn", learned.append)

    class Other:
        name = "another-model@0 onnx"

    known_for(Other())
    assert len(learned) == 1


@given(st.text(max_size=300))
def test_exclusions_are_spans_in_order(text: str):
    last = 0
    for one in exclusions(text):
        assert last <= one.start < one.end <= len(text)
        assert one.subject in text[one.start : one.end]
        last = one.end


@given(
    st.sampled_from(["not about", "nothing to do with", "unlike"]), st.text(alphabet="abc xyz", min_size=4, max_size=40)
)
def test_a_set_aside_subject_is_found_as_written(cue: str, subject: str):
    found = [one.subject for one in exclusions(f"It is {cue} {subject.strip() or 'abcd'}. We do more.")]
    assert all(one in f"{subject.strip() or 'abcd'}" for one in found)


def test_any_text_can_be_ranked(ranker: ThemeRanker):
    for text in (
        "x",
        "?!",
        "This is not about machine translation.",
        "語" * 5000,
        "a " * 3000,
        "\n\n- \n",
        "\ud800 bees",
    ):
        scores = ranker.rank(text, THEMES)
        assert len(scores) == len(THEMES)
        assert all(0 <= one.start <= one.end <= len(text) and 0 <= one.score <= 100 for one in scores)
