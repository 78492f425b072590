"""Servers and conversations see what another process changes in their library, and nobody loses what he works with."""

import gc
import json
import shutil
import subprocess
import sys
import weakref
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from agent import settings as settings_
from agent.generations import Generations
from agent.session import Done
from agent.terminal.opened import Opened
from evals.bench_serve import server
from stores.conversations import Conversations
from stores.errors import StoreError
from stores.home import Home

QUESTION = "How many grams of nitrate does the moss Tidalia absorb?"
BLEU = "How many BLEU points did the Transformer reach on English-to-German translation?"
MOSS = {
    "id": "moss", "title": "Moss gardens on tidal pylons", "year": 2024, "authors": [{"name": "Ada Mossgrove"}],
    "abstract": "We show that the moss Tidalia on pylons absorbs 43 grams of nitrate per square metre each year.",
}  # fmt: skip


@pytest.fixture
def home(demo_home: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(demo_home, tmp_path / "home"))


@pytest.fixture
def client(home: Path) -> Iterator[httpx.Client]:
    with server(home) as (url, _), httpx.Client(base_url=url, timeout=60) as opened:
        yield opened


def quodvide(home: Path, *arguments: str) -> "subprocess.Popen[bytes]":
    command = [str(Path(sys.executable).parent / "quodvide"), *arguments, "--home", str(home)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def papers(path: Path, *records: dict[str, object]) -> str:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return str(path)


def ask(client: httpx.Client, question: str) -> tuple[str, str]:
    """Return what became of a question, and the answer or the reason."""
    output = client.post("/ask/invoke", json={"input": {"question": question}}).json()["output"]
    return output["outcome"], output.get("answer") or output["reason"]


def test_a_server_sees_what_others_ingest_and_rebuild(client: httpx.Client, home: Path, tmp_path: Path):
    assert ask(client, QUESTION)[0] == "refused"
    assert quodvide(home, "ingest", papers(tmp_path / "moss.jsonl", MOSS)).wait() == 0
    assert "43 grams" in ask(client, QUESTION)[1]
    near = client.post("/similar", json={"text": "moss on pylons"}).json()["results"]
    assert near[0]["paper_id"] == "moss"
    assert quodvide(home, "rebuild", "passages").wait() == 0
    assert "43 grams" in ask(client, QUESTION)[1]
    # It takes away the index that the rebuild has replaced.
    again = {**MOSS, "abstract": str(MOSS["abstract"]).replace("43", "57")}
    assert quodvide(home, "ingest", papers(tmp_path / "again.jsonl", again)).wait() == 0
    assert not (home / "passages").exists()
    assert "57 grams" in ask(client, QUESTION)[1]
    said = client.post("/chat", json={"thread": "t", "text": QUESTION}).json()
    assert "57 grams" in said["answer"]


def test_no_question_fails_while_another_process_ingests(client: httpx.Client, home: Path, tmp_path: Path):
    many = [
        {"id": f"m{n}", "title": f"Pylon {n} and its moss", "abstract": f"The Transformer moss of pylon {n} is {n} mm high."}
        for n in range(600)
    ]  # fmt: skip
    other = quodvide(home, "ingest", papers(tmp_path / "many.jsonl", *many))
    asked = 0
    while other.poll() is None:
        for question in (BLEU, f"How high is the moss of pylon {asked % 600}?", "Find papers about moss"):
            outcome, said = ask(client, question)
            assert outcome != "failed", said
        asked += 1
    assert other.returncode == 0
    assert asked > 3
    assert "7 mm" in ask(client, "How high is the Transformer moss of pylon 7?")[1]


def test_a_conversation_sees_what_others_ingest(home: Path, tmp_path: Path):
    conversations = Conversations(home / "conversations.sqlite")
    opened = Opened(settings_.load(home), conversations)

    def say(text: str) -> str:
        last = list(opened.session.turn(text, "t"))[-1]
        assert isinstance(last, Done)
        return last.reply.answer or last.reply.outcome

    assert say(QUESTION) == "refused"
    session = opened.session
    assert session is opened.session, "nothing has changed"
    assert quodvide(home, "ingest", papers(tmp_path / "moss.jsonl", MOSS)).wait() == 0
    assert opened.people("Mossg", 5) == ["Ada Mossgrove"]
    assert "43 grams" in say(QUESTION)
    assert [turn.question for turn in conversations.turns("t")] == [QUESTION, QUESTION]
    opened.close()
    conversations.close()


class Counted:
    """Opens numbers, and keeps which of them were closed."""

    def __init__(self, home: Path) -> None:
        self.opened, self.closed = 0, list[int]()
        self.error: StoreError | None = None
        self.generations = Generations(Home(home), self._open, self.closed.append)

    def _open(self) -> int:
        if self.error is not None:
            raise self.error
        self.opened += 1
        return self.opened


def changed(home: Path) -> None:
    path = home / "names" / "manifest.json"
    path.write_bytes(path.read_bytes() + b" ")


def test_what_somebody_works_with_stays_open_until_he_ends(home: Path):
    counted = Counted(home)
    with counted.generations.now() as first, counted.generations.now() as same:
        assert (first, same) == (1, 1)
        changed(home)
        with counted.generations.now() as second:
            assert second == 2
            assert counted.closed == []
        assert counted.generations.latest() == 2
    assert counted.closed == [1]
    changed(home)
    assert counted.generations.latest() == 3
    assert counted.closed == [1, 2]
    counted.generations.close()
    assert counted.closed == [1, 2, 3]


def test_where_the_new_cannot_be_opened_the_next_one_tries_again(home: Path):
    counted = Counted(home)
    changed(home)
    counted.error = StoreError("the disk is gone")
    for _ in range(2):
        with pytest.raises(StoreError, match="the disk is gone"), counted.generations.now():
            pass
    counted.error = None
    with counted.generations.now() as found:
        assert found == 2
    counted.generations.close()
    assert counted.closed == [1, 2]


class Circle:
    """Refers to itself, as graphs and their nodes do."""

    def __init__(self) -> None:
        self.own = self


def test_nothing_of_what_was_closed_stays_in_memory(home: Path):
    generations = Generations(Home(home), Circle, lambda _: None)
    gc.disable()  # so that only what is meant to look for circles does
    try:
        old = weakref.ref(generations.latest())
        changed(home)
        with generations.now():
            assert old() is None
    finally:
        gc.enable()
    generations.close()
