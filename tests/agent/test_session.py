"""Conversations that are kept, asked back in, resumed after a restart and deleted."""

from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import pytest

from agent import settings as settings_
from agent.session import Asked, Done, Event, Said, choose
from agent.wiring import open_session
from graphs.question.progress import Draft, Step
from graphs.question.state import Clarification, Option
from stores.conversations import Conversations
from stores.errors import StoreError

pytestmark = pytest.mark.usefixtures("wording")


class Talk:
    """A conversation over the demo corpus; every `say` opens everything anew, as after a restart."""

    def __init__(self, home: Path, file: Path) -> None:
        self._home = home
        self._file = file

    def say(self, text: str, thread: str = "main") -> list[Event]:
        conversations = Conversations(self._file)
        session, close = open_session(settings_.load(self._home), conversations, interactive=True)
        try:
            return list(session.turn(text, thread))
        finally:
            close()
            conversations.prune(thread)
            conversations.close()


@pytest.fixture
def talk(demo_home: Path, tmp_path: Path) -> Talk:
    return Talk(demo_home, tmp_path / "conversations.sqlite")


def test_an_ambiguous_name_is_asked_about_and_the_choice_remembered(talk: Talk):
    (asked,) = talk.say("Which papers did Feng Zhang write?")
    assert isinstance(asked, Asked)
    number = [option.id for option in asked.clarification.options].index("feng-zhang") + 1
    done = talk.say(str(number))[-1]
    assert isinstance(done, Done)
    assert done.reply.outcome == "answered"
    assert done.reply.total == 1
    again = talk.say("profile of Feng Zhang")[-1]
    assert isinstance(again, Done)
    assert again.reply.outcome in {"answered", "refused"}
    assert again.reply.clarification is None


def test_a_new_question_in_place_of_a_choice_is_a_new_question(talk: Talk):
    talk.say("Which papers did Feng Zhang write?")
    done = talk.say("What is NSF?")[-1]
    assert isinstance(done, Done)
    assert done.reply.intent == "entity_lookup"


def test_a_follow_up_after_a_restart_knows_what_was_said(talk: Talk):
    talk.say("Which papers did Percy Liang write?")
    done = talk.say("and since 2021?")[-1]
    assert isinstance(done, Done)
    assert done.reply.outcome == "answered"
    assert all("Percy Liang" in paper.authors for paper in done.reply.papers)


def test_steps_and_drafts_are_told_to_who_wants_them_and_change_nothing(demo_home: Path, tmp_path: Path):
    question = "How many BLEU points did the Transformer reach on English-to-German translation?"
    conversations = Conversations(tmp_path / "conversations.sqlite")
    session, close = open_session(settings_.load(demo_home), conversations, interactive=True)
    try:
        watched = list(session.turn(question, "watched", progress=True))
        plain = list(session.turn(question, "plain"))
    finally:
        close()
        conversations.close()
    steps = [event.name for event in watched if isinstance(event, Step)]
    assert steps[:4] == ["understand", "link", "retrieve", "answer"]
    drafts = [event.text for event in watched if isinstance(event, Draft)]
    assert len(drafts) > 3
    assert all(later.startswith(earlier) for earlier, later in pairwise(drafts))
    assert drafts[-1].startswith("The Transformer reached 28.4")
    assert not any("[" in draft for draft in drafts), "the number that it cites is not shown"
    first_said = next(n for n, event in enumerate(watched) if isinstance(event, Said))
    assert isinstance(watched[first_said - 1], Step), "a sentence is said once it was checked"
    assert _same(event for event in watched if not isinstance(event, Step | Draft)) == _same(plain)


def _same(events: Iterable[Event]) -> list[Event]:
    return [
        Done(event.reply.model_copy(update={"timings": {}, "calls": ()})) if isinstance(event, Done) else event
        for event in events
    ]


def test_threads_are_apart_listed_pruned_and_deleted(talk: Talk, tmp_path: Path):
    talk.say("hello", "one")
    talk.say("hello", "two")
    talk.say("hello", "two")
    conversations = Conversations(tmp_path / "conversations.sqlite")
    assert conversations.threads() == ["two", "one"]
    ((states,),) = conversations._connection.execute("SELECT count(*) FROM checkpoints WHERE thread_id = 'two'")
    assert states == 1
    assert conversations.delete("one")
    assert not conversations.delete("one")
    assert conversations.threads() == ["two"]
    conversations.close()


def test_a_file_that_is_no_database_is_one_line(tmp_path: Path):
    path = tmp_path / "conversations.sqlite"
    path.write_bytes(b"not SQLite at all " * 100)
    with pytest.raises(StoreError, match="conversations"):
        Conversations(path)


OPTIONS = Clarification(
    question="Which?",
    mention="Bo Li",
    options=(
        Option(id="bo-li", name="Bo Li", facts="Tsinghua; 3 papers"),
        Option(id="bo-li-2", name="Bo Li", facts="Vanderbilt University"),
    ),
)


@pytest.mark.parametrize(
    ("said", "meant"),
    [("1", "bo-li"), (" 2 ", "bo-li-2"), ("3", None), ("0", None), ("bo-li-2", "bo-li-2"), ("the Vanderbilt one", "bo-li-2"),
     ("Bo Li", None), ("tsinghua", "bo-li"), ("who is she?", None), ("", None)],
)  # fmt: skip
def test_choices_are_understood(said: str, meant: str | None):
    assert choose(said, OPTIONS) == meant
