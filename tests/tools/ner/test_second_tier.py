"""The second tier: when it is asked, what of its answer counts, and that it can do no harm by failing."""

import logging
from pathlib import Path

import pytest

from tools.ner.base import Mention
from tools.ner.second_tier import SecondTier, doubtful


class Tagger:
    """Says what it was told to say, and counts how often it was asked."""

    def __init__(self, *mentions: Mention, fails: bool = False) -> None:
        self.mentions, self.fails, self.asked = mentions, fails, 0

    def tag(self, question: str) -> list[Mention]:
        self.asked += 1
        if self.fails:
            raise ConnectionError("gone")
        assert all(question[m.start : m.end] == m.text for m in self.mentions)
        return list(self.mentions)


def m(question: str, text: str, type_: str, confidence: float = 0.9, source: str = "rule") -> Mention:
    start = question.index(text)
    return Mention.model_validate(
        {
            "start": start,
            "end": start + len(text),
            "text": text,
            "type": type_,
            "confidence": confidence,
            "source": source,
        }
    )


QUESTION = "Which papers by Ada Nilsen at Gdansk Tech are about sea ice?"
ADA = m(QUESTION, "Ada Nilsen", "author")
ICE = m(QUESTION, "sea ice", "topic")
TECH = m(QUESTION, "Gdansk Tech", "organization", 0.6, "chat")


@pytest.mark.parametrize(
    ("question", "mentions", "places"),
    [
        (QUESTION, [ADA, ICE], ["Gdansk", "Tech"]),
        (QUESTION, [ADA, ICE, TECH], ["Gdansk Tech"]),
        (QUESTION, [ADA, ICE, m(QUESTION, "Gdansk Tech", "organization")], []),
        ("Parsing in a nutshell. Tagging too", [], []),
        ("BERT in a nutshell", [], ["BERT"]),
        ('What does "Attention Is All You Need" say?', [], []),
        ("Show Papers Since then", [], []),
    ],
)
def test_doubt(question: str, mentions: list[Mention], places: list[str]):
    assert [question[start:end] for start, end in doubtful(question, mentions)] == places


def test_it_is_asked_only_in_doubt():
    second = Tagger(TECH)
    sure = SecondTier(Tagger(ADA, ICE, m(QUESTION, "Gdansk Tech", "organization")), second)
    assert [x.source for x in sure.tag(QUESTION)] == ["rule"] * 3
    assert second.asked == 0


def test_what_it_finds_in_doubtful_places_counts():
    other = m(QUESTION, "papers", "topic", 0.6, "chat")
    mentions = SecondTier(Tagger(ADA, ICE), Tagger(other, m(QUESTION, "Nilsen", "venue"), TECH)).tag(QUESTION)
    assert mentions == [ADA, TECH, ICE]


def test_a_weak_mention_is_confirmed_replaced_or_kept():
    weak = m(QUESTION, "Gdansk Tech", "author", 0.6)
    assert SecondTier(Tagger(ADA, weak), Tagger(TECH)).tag(QUESTION) == [ADA, TECH]
    part = m(QUESTION, "Tech", "author", 0.6, "chat")
    assert SecondTier(Tagger(ADA, weak), Tagger(part)).tag(QUESTION) == [ADA, weak]
    assert SecondTier(Tagger(ADA, weak), Tagger()).tag(QUESTION) == [ADA, weak]


def test_its_failure_changes_nothing(caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.WARNING):
        assert SecondTier(Tagger(ADA), Tagger(fails=True)).tag(QUESTION) == [ADA]
    assert "gone" in caplog.text


def test_long_texts_are_left_to_the_first():
    second = Tagger(fails=True)
    assert SecondTier(Tagger(), second).tag("At Gdansk Tech. " * 100) == []
    assert second.asked == 0


def test_the_setting_puts_the_chat_model_behind(demo_home: Path):
    from agent.settings import load
    from agent.wiring import Parts

    parts = Parts(load(demo_home, understanding={"second_tier": True, "tagger": "rules"}))
    try:
        question = "What did Zorblatt write for the Quux Symposium about parsing?"
        mentions = parts.understander.understand(question).mentions
        assert all(question[x.start : x.end] == x.text for x in mentions)
        assert "_local" in parts.models.__dict__
    finally:
        parts.close()
