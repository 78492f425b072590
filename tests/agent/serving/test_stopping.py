"""A flag that is raised reaches the chat model through LangGraph's and the session's own threads and contexts."""

import threading
import time
from contextvars import copy_context
from pathlib import Path

import pytest

from agent import settings as settings_
from agent.models.stopping import stoppable
from agent.wiring import open_session
from stores.conversations import Conversations

QUESTION = "How many BLEU points did the Transformer reach on English-to-German translation?"


@pytest.mark.usefixtures("wording")
def test_an_answer_being_worded_ends_with_its_listener(demo_home: Path) -> None:
    session, close = open_session(settings_.load(demo_home))
    try:
        worded = session.ask(QUESTION)
        assert worded.usage.calls
        replies = []
        with stoppable() as flag:
            asking = threading.Thread(target=copy_context().run, args=(lambda: replies.append(session.ask(QUESTION)),))
            flag.set()
            started = time.monotonic()
            asking.start()
            asking.join()
            assert time.monotonic() - started < 5
        assert [reply.outcome for reply in replies] == ["failed"]
        assert not replies[0].usage.calls
        assert session.ask(QUESTION).sentences == worded.sentences
    finally:
        close()


@pytest.mark.usefixtures("wording")
def test_a_turn_whose_listener_went_is_not_kept(demo_home: Path, tmp_path: Path) -> None:
    conversations = Conversations(tmp_path / "conversations.sqlite")
    session, close = open_session(settings_.load(demo_home), conversations, interactive=True)
    try:
        with stoppable() as flag:
            flag.set()
            assert list(session.turn(QUESTION, "t"))
        assert conversations.turns("t") == []
        list(session.turn(QUESTION, "t"))
        (turn,) = conversations.turns("t")
        assert '"outcome":"answered"' in turn.body
        assert '"history":[]' in turn.body
    finally:
        close()
        conversations.close()
