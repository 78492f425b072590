"""A flag that is raised reaches the chat model through LangGraph's and the session's own threads and contexts."""

import threading
import time
from contextvars import copy_context
from pathlib import Path

import pytest

from agent import settings as settings_
from agent.models.stopping import stoppable
from agent.wiring import open_session

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
