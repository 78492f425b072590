"""What a question for a ranking brings: every form that people write, and any text between them."""

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tools.themes.asked import asked_of, without_text

THREE = ("parsing", "dialogue systems", "summarization")


@pytest.mark.parametrize(
    ("question", "themes", "text"),
    [
        ("rank these themes for my text: A, B and C. Text: We study Latin.", ("A", "B", "C"), "We study Latin."),
        ("Which of parsing, dialogue systems and summarization fits this abstract best: We talk: a lot.", THREE, "We talk: a lot."),
        ("Which themes describe this best: we study sarcasm in tweets", (), "we study sarcasm in tweets"),
        ("rank parsing, dialogue systems, and summarization for this text: talk, machine", THREE, "talk, machine"),
        ('rank themes for the text: "We model dengue with mobile phones, daily."', (), "We model dengue with mobile phones, daily."),
        ('rank these themes for the text "We model dengue with mobile phones.": law, art', ("law", "art"), "We model dengue with mobile phones."),
        ("Here's a text: 'Robots sort waste.' Which themes fit best, in order?", (), "Robots sort waste."),
        ("Which themes fit this abstract? We parse Latin, which is fast. It reads all.", (), "We parse Latin, which is fast. It reads all."),
        ("Rank these for the text below.\nThemes:\n- Law: courts, rules\n- Art\n\nText:\nWe talk.\n\nA lot.", ("Law", "Art"), "We talk.\n\nA lot."),
        ('Which of these topics matches best: law, art, or "solar cells"?\n\nWe train panels to follow the sun, daily.', ("law", "art", "solar cells"), "We train panels to follow the sun, daily."),
        ("Text: We talk to machines.\nThemes: parsing; dialogue systems; summarization", THREE, "We talk to machines."),
        ("which themes fit a person who builds tutors and studies grammar", (), "a person who builds tutors and studies grammar"),
        ("rank these themes for my text: law, art", ("law", "art"), ""),
        ("For Dirk Hovy: rank demographic bias, annotation, parsing", ("demographic bias", "annotation", "parsing"), ""),
        ("order the following by importance for Ana Li: law, art (old, new), sport", ("law", "art (old, new)", "sport"), ""),
        ('rank the themes "law" and "image recognition" for vaswani-2017', ("law", "image recognition"), ""),
        ("What are the strongest themes of Stanford since 2015?", (), ""),
        ("Which of your themes fits best?", (), ""),
        ("themes in AHRC and ESRC grants", (), ""),
        ("Rank themes", (), ""),
    ],
)  # fmt: skip
def test_forms(question: str, themes: tuple[str, ...], text: str):
    found = asked_of(question)
    assert tuple(theme.label for theme in found.themes) == themes
    assert found.text == text


def test_descriptions_come_along():
    found = asked_of("Rank these for my text.\nThemes:\n- Law: courts, rules\n- Art\n\nText: We talk.")
    assert [theme.description for theme in found.themes] == ["courts, rules", ""]


@pytest.mark.parametrize(
    ("question", "back"),
    [
        ("Which themes fit this paper best?", True),
        ("rank these themes for the first paper: law, art", True),
        ("Which themes fit it best?", True),
        ("Which themes fit it best: it is a paper on law", False),
        ("What are the themes of Stanford?", False),
    ],
)
def test_what_points_back(question: str, back: bool):
    assert asked_of(question).points_back is back


def test_a_question_that_asks_another_thing_brings_no_text():
    assert without_text("How many BLEU points did the Transformer reach on English-to-German translation?") is None
    assert without_text("Find papers by Ana Li, Bo Chen and Cy Dee on parsing since 2015, newest first.") is None


WORDS = st.lists(
    st.sampled_from(["we", "parse", "Latin,", "which", "is", "old;", "It", "rank", "papers", "(1999)", "by", "Ana"]),
    min_size=8, max_size=40,
)  # fmt: skip


@given(WORDS)
@example(["similar", "papers", "of", "colleagues", "who", "work", "with", "Ana", "since", "1999", "by", "name"])
def test_the_text_comes_back_whole_whatever_its_words(words: list[str]):
    text = " ".join(words) + "."
    for form in (
        "rank these themes for my text: law, art, old music. Text: {}",
        "Which of law, art and old music fits this abstract best: {}",
        "Themes: law; art; old music\nText: {}",
        'rank law, art and old music for the text: "{}"',
    ):
        found = asked_of(form.format(text))
        assert found.text == text
        assert [theme.label for theme in found.themes] == ["law", "art", "old music"]


@pytest.mark.parametrize(
    "piece", ["text: ", "rank ", "'x ", '"', "“", "which of ", "\n", "\n\n", "- a\n", "a, (", "; ", "topic fits a "]
)
def test_no_question_takes_long(piece: str):
    question = ("Which themes fit " + piece * 20_000)[:20_000]
    started = time.perf_counter()
    asked_of(question)
    assert time.perf_counter() - started < 5  # it takes a second at worst, and minutes when a pattern goes wrong


@given(st.text(max_size=200))
def test_any_question_gives_themes_and_text_of_its_own(question: str):
    found = asked_of(question)
    assert found.text in question
    for theme in found.themes:
        assert theme.label.strip()
