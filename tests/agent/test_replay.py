"""The same question gives the same bytes, and a replay says when it does not and what else has changed."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from agent import settings as settings_
from agent import wire
from agent.digests import Digests
from agent.loading import load_authorities
from agent.replaying import replay_records
from agent.session import Session
from agent.threads import export_thread
from agent.wiring import open_session
from stores.catalogue import Catalogue
from stores.conversations import Conversations

ROOT = Path(__file__).resolve().parents[2]
QUOTED = "How many BLEU points did the Transformer reach on English-to-German translation?"
QUESTIONS = [
    QUOTED,
    "How much data did Church and colleagues store in DNA?",
    "Give me the profile of Christopher Manning",
    "Find AI papers from Stanford authors funded by NSF in the United States.",
    "What is NSF?",
    "Which papers did Feng Zhang write?",
    "papers like simonyan-2015-vgg",
]


pytestmark = pytest.mark.usefixtures("wording")


@pytest.fixture
def home(demo_home: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(demo_home, tmp_path / "home"))


@pytest.fixture
def session(home: Path) -> Iterator[Session]:
    session, close = open_session(settings_.load(home))
    yield session
    close()


def test_the_same_bytes_in_any_order_after_other_questions_and_in_another_process(session: Session, home: Path):
    first = {question: session.ask(question).digest for question in QUESTIONS}
    assert len(set(first.values())) == len(QUESTIONS)
    assert {question: session.ask(question).digest for question in reversed(QUESTIONS)} == first
    code = (
        "import sys; from agent import settings; from agent.wiring import open_session; from pathlib import Path\n"
        "session, close = open_session(settings.load(Path(sys.argv[1])))\n"
        "print(*[session.ask(question).digest for question in sys.argv[2:]]); close()"
    )
    some = [QUESTIONS[1], QUOTED]
    done = subprocess.run(
        [sys.executable, "-c", code, home, *some], capture_output=True, text=True, check=True, env={**os.environ, "OMP_NUM_THREADS": "1"}
    )  # fmt: skip
    assert done.stdout.split() == [first[question] for question in some]


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.fixture
def replayed(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[int, list[dict[str, Any]]]]:
    monkeypatch.setenv("QUODVIDE_CHAT__MODEL", "none")

    def replay(records: str | list[dict[str, Any]]) -> tuple[int, list[dict[str, Any]]]:
        source, target = tmp_path / "records", tmp_path / "replayed.jsonl"
        text = records if isinstance(records, str) else "".join(json.dumps(record) + "\n" for record in records)
        source.write_text(text, "utf-8")
        return replay_records(home, str(source), str(target), resume=False), lines(target)

    return replay


def asked(home: Path, *questions: str) -> list[dict[str, Any]]:
    session, close = open_session(settings_.load(home))
    found = [{"id": str(n), **wire.reply(session.ask(question))} for n, question in enumerate(questions)]
    close()
    return found


def test_a_record_names_what_it_was_made_from(home: Path):
    (record,) = asked(home, "hello")
    made = record["record"]["environment"]
    assert made["model"].endswith(".gguf")
    assert len(made["model_sha256"]) == len(made["settings_digest"]) == len(made["corpus"]["digest"]) == 64
    assert "MiniLM" in made["embedding"]
    assert set(made["prompts"]) >= {"word", "tag"}
    assert str(home) not in json.dumps(record["record"])
    assert record["digest"] == wire.digest(record)


def test_replay_of_answers_as_they_were_written(home: Path, replayed: Callable[..., Any]):
    records = asked(home, *QUESTIONS)
    status, found = replayed(records)
    assert status == 0
    assert found == [{"id": str(n), "same": True, "differs": [], "changed": []} for n in range(len(QUESTIONS))]
    # What `ask --json` prints for a person is read too, one after another.
    assert replayed("".join(json.dumps(record, indent=2) + "\n" for record in records[:2])) == (0, found[:2])


def test_replay_says_what_differs_and_what_changed(
    home: Path, replayed: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    records = asked(home, "papers like simonyan-2015-vgg", "What is NSF?")
    monkeypatch.setenv("QUODVIDE_RETRIEVAL__PAPERS", "3")
    funders = (ROOT / "evals" / "demo" / "funders.jsonl").read_text("utf-8")
    renamed = tmp_path / "funders.jsonl"
    renamed.write_text(funders.replace('"U.S. National Science Foundation"', '"American Science Foundation"'), "utf-8")
    assert load_authorities(home, [renamed], None) == 0
    records[0]["record"]["environment"]["prompts"]["word"] = "another"
    records[0]["record"]["environment"]["version"] = "0.0.1"
    status, (similar, nsf) = replayed(records)
    assert status == 1
    assert (similar["same"], nsf["same"]) == (False, False)
    assert {"papers", "total"} <= set(similar["differs"])
    assert set(similar["changed"]) == {"prompt word", "settings retrieval.papers", "corpus", "version"}
    assert {"answer", "entities"} <= set(nsf["differs"])


def test_a_conversation_is_replayed_with_its_history_and_its_choices(
    home: Path, replayed: Callable[..., Any], tmp_path: Path
):
    conversations = Conversations(home / "conversations.sqlite")
    session, close = open_session(settings_.load(home), conversations, interactive=True)
    said = ("Which papers did Percy Liang write?", "and since 2021?", "Which papers did Feng Zhang write?", "2",
            "profile of Feng Zhang", "Which papers did Yang Liu write?")  # fmt: skip
    for text in said:
        list(session.turn(text, "t"))
    close()
    conversations.close()
    target = tmp_path / "t.jsonl"
    export_thread(home, "t", str(target))
    assert [turn["outcome"] for turn in lines(target)][-1] == "needs_clarification"
    status, found = replayed(target.read_text("utf-8"))
    assert [(line["id"], line["same"], line["changed"]) for line in found] == [
        (f"t#{n}", True, []) for n in range(1, 6)
    ]
    assert status == 0


def test_spans_of_time_count_from_the_day_of_the_record(home: Path):
    session, close = open_session(settings_.load(home))
    question = "papers from the last five years"
    then, later = (session.ask(question, today=date(year, 6, 1)) for year in (2019, 2023))
    assert then.filters is not None
    assert later.filters is not None
    assert (then.filters.year_from, later.filters.year_from) == (2014, 2018)
    profile = session.ask("Give me the profile of Percy Liang", today=date(2019, 6, 1))
    assert "2019" in profile.answer
    assert profile.record is not None
    assert profile.record.today == date(2019, 6, 1)
    assert session.ask(question).record.today == date.today()  # type: ignore[union-attr]  # noqa: DTZ011
    close()


@pytest.mark.parametrize("record", [{"id": "x"}, {"id": "x", "record": 3}, {"id": "x", "record": {"environment": {}}},
                                    {"id": "x", "record": {"environment": {}, "question": "q", "today": "soon"}}])  # fmt: skip
def test_what_is_no_record_is_an_error_of_its_own(replayed: Callable[..., Any], record: dict[str, Any]):
    status, (found,) = replayed([record])
    assert status == 1
    assert (found["id"], found["error"]["code"]) == ("x", "bad_input")


def test_digests_are_kept_until_the_thing_changes(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path, model = tmp_path / "cache" / "digests.json", tmp_path / "model"
    model.write_bytes(b"one")
    first = Digests(path).file(model)
    monkeypatch.setattr("hashlib.file_digest", None)
    assert Digests(path).file(model) == first
    monkeypatch.undo()
    model.write_bytes(b"other")
    assert Digests(path).file(model) not in {first, None}
    assert Digests(path).file(tmp_path / "absent") is None
    path.write_text("{cut")
    assert Digests(path).file(model)

    catalogue = Catalogue(home / "catalogue.sqlite")
    before = Digests(path).catalogue(catalogue)
    with catalogue.database.transaction() as connection:
        catalogue.papers.remove(connection, "vaswani-2017-attention")
    assert Digests(path).catalogue(catalogue) != before
    catalogue.close()
