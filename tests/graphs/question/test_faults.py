"""A fault in every node is a failure with its reason, and never a refusal; the faults are real where one can be made."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from agent import settings as settings_
from agent.models.bundled import bundled_model
from agent.models.local import ChatLlama
from agent.session import Done, Session
from agent.wiring import open_session
from graphs.question.context import Context
from graphs.question.graph import build
from graphs.question.nodes import decline
from graphs.question.state import Reply
from stores.conversations import Conversations

QUOTED = "How many BLEU points did the Transformer reach on English-to-German translation?"


pytestmark = pytest.mark.usefixtures("wording")


class Place(NamedTuple):
    """Where a fault is made: a home folder of its own, the parts that run over it, and a way to change a module."""

    home: Path
    context: Context
    patch: pytest.MonkeyPatch


def dropped(*tables: str) -> Callable[[Place], Context]:
    """Return a fault: tables of the catalogue are gone."""

    def make(place: Place) -> Context:
        with closing(sqlite3.connect(place.home / "catalogue.sqlite")) as connection:
            for table in tables:
                connection.execute(f"DROP TABLE {table}")
            connection.commit()
        return place.context

    return make


def truncated_index(place: Place) -> Context:
    path = next((place.home / "documents").glob("*.faiss"))
    path.write_bytes(path.read_bytes()[:200])
    return place.context


def truncated_model(place: Place) -> Context:
    cut = place.home / "cut.gguf"
    with bundled_model().open("rb") as whole:
        cut.write_bytes(whole.read(3_000_000))
    return replace(place.context, chat=ChatLlama(model_path=cut))


class Meanwhile:
    """A chat model that answers nothing while another process changes every paper."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def stream(self, *_: Any, **__: Any) -> Iterator[Any]:
        with closing(sqlite3.connect(self._home / "catalogue.sqlite")) as connection:
            connection.execute("UPDATE paper SET abstract = 'New. ' || abstract")
            connection.commit()
        yield from ()


def changed_paper(place: Place) -> Context:
    chat: Any = Meanwhile(place.home)
    return replace(place.context, chat=chat)


def no_greeting(place: Place) -> Context:
    place.patch.setattr(decline, "_HELLO", None)
    return place.context


def unnamed_model(place: Place) -> Context:
    name: Any = None
    return replace(place.context, model=name)


def no_refiner(place: Place) -> Context:
    refiner: Any = object()
    return replace(place.context, refiner=refiner)


class Fault(NamedTuple):
    """A node, what makes it fail, a question that comes to it, and what the reason says."""

    node: str
    make: Callable[[Place], Context]
    question: str
    said: str


FAULTS = [
    Fault("understand", dropped("name"), QUOTED, "no such table"),
    Fault("link", dropped("name_fts"), "Find papers about genome editing", "no such table"),
    Fault("find", dropped("passage_fts"), "Find papers about genome editing", "no such table"),
    Fault("retrieve", dropped("passage_fts"), QUOTED, "no such table"),
    Fault("answer", truncated_model, QUOTED, "cut.gguf"),
    Fault("ground", changed_paper, QUOTED, "changed while it was quoted"),
    Fault("refine", no_refiner, QUOTED, "no attribute 'stream'"),
    Fault("similar", truncated_index, "papers like simonyan-2015-vgg", "documents"),
    Fault("profile", dropped("document_vector"), "Give me the profile of Christopher Manning", "no such table"),
    Fault(
        "set_side_by_side",
        dropped("document_vector"),
        "Compare Christopher Manning and Percy Liang",
        "no such table",
    ),
    Fault("collaborate", dropped("author"), "Who has Jure Leskovec published with most often?", "no such table"),
    Fault("look_up", dropped("funding"), "What is NSF?", "no such table"),
    Fault("rank_themes", dropped("topic"), "Rank the themes for this text: live subtitles", "no such table"),
    Fault("decline", no_greeting, "hello", "valid string"),
    Fault("reply", unnamed_model, "hello", "valid string"),
]
INTERRUPTING = {"clarify"}  # fails in the turn that makes the choice; a test of its own below


@pytest.fixture
def place(demo_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    monkeypatch.setenv("QUODVIDE_CHAT__MODEL", "none")
    home = Path(shutil.copytree(demo_home, tmp_path / "home"))
    session, close = open_session(settings_.load(home))
    yield Place(home, session._context, monkeypatch)
    close()


def test_every_node_has_a_fault():
    nodes = set(build().nodes) - {"__start__"}
    assert nodes == {fault.node for fault in FAULTS} | INTERRUPTING


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.node)
def test_a_fault_in_a_node_is_a_failure_and_never_a_refusal(place: Place, fault: Fault):
    context = fault.make(place)
    with pytest.raises(Exception, match=fault.said) as caught:
        build().invoke({"question": fault.question, "history": []}, context=context)
    notes = " ".join(caught.value.__notes__)
    assert f"task with name '{fault.node}'" in notes, f"another node failed first: {notes}"
    check(Session(build(), context).ask(fault.question), fault.said)


def test_a_fault_while_a_choice_is_made_is_a_failure_and_the_choice_can_be_made_again(place: Place):
    conversations = Conversations(place.home / "conversations.sqlite")
    context = replace(place.context, interactive=True)

    def gone() -> Any:
        raise OSError("no clock")

    def say(text: str, context: Context) -> Any:
        return list(Session(build(conversations.saver), context, conversations=conversations).turn(text, "t"))[-1]

    say("Which papers did Feng Zhang write?", context)
    failed = say("1", replace(context, today=gone))
    assert isinstance(failed, Done)
    check(failed.reply, "no clock")
    done = say("1", context)
    assert isinstance(done, Done)
    assert done.reply.outcome == "answered"
    conversations.close()


def check(reply: Reply, said: str) -> None:
    assert reply.outcome == "failed"
    assert said in (reply.reason or "")
    assert not reply.sentences
