"""The command line as a user meets it: answers, filters over JSON Lines, and one line for every failure."""

import gzip
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

QUODVIDE = Path(sys.executable).parent / "quodvide"
QUOTED = "How many BLEU points did the Transformer reach on English-to-German translation?"


def run(*arguments: object, home: Path | None = None, **environment: str) -> "subprocess.CompletedProcess[str]":
    variables = {name: value for name, value in os.environ.items() if not name.startswith("QUODVIDE_")}
    if home is not None:
        variables["QUODVIDE_HOME"] = str(home)
    return subprocess.run(
        [QUODVIDE, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**variables, **environment},
    )


def records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def one_line(done: "subprocess.CompletedProcess[str]", *parts: str) -> None:
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    for part in parts:
        assert part in lines[0]
    assert "Traceback" not in done.stderr


def test_help_is_quick_and_names_every_command():
    done = run("--help")
    assert done.returncode == 0
    for command in (
        "ask",
        "chat",
        "ingest",
        "authorities",
        "understand",
        "link",
        "retrieve",
        "profile",
        "similar",
        "themes",
    ):
        assert f"  {command} " in done.stdout
    for command in ("status", "verify", "rebuild", "doctor", "bench", "eval"):
        assert f"  {command} " in done.stdout


def test_a_person_sees_the_answer_and_its_source(demo_home: Path):
    done = run("ask", QUOTED, home=demo_home)
    assert done.returncode == 0, done.stderr
    assert "28.4 BLEU" in done.stdout
    assert "vaswani-2017-attention" in done.stdout
    assert "[1]" in done.stdout


def test_questions_as_json_lines(demo_home: Path, tmp_path: Path):
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    questions = [
        {"id": "a", "question": QUOTED},
        {"id": "b", "question": ""},
        {"id": "c", "question": "and since 2021?", "history": [{"role": "user", "content": "Which papers did Percy Liang write?"}]},
        {"id": "d", "question": "Who is Feng Zhang?"},
        {"id": "e", "question": "What is the capital of Mongolia?"},
        {"id": "f", "question": "x", "history": "none"},
    ]  # fmt: skip
    source.write_text("".join(json.dumps(question) + "\n" for question in questions))
    done = run("ask", "--input", source, "--output", target, home=demo_home)
    assert done.returncode == 1
    found = {record["id"]: record for record in records(target)}
    assert list(found) == ["a", "b", "c", "d", "e", "f"]
    assert {name: record.get("outcome") for name, record in found.items()} == {
        "a": "answered", "b": None, "c": "answered", "d": "needs_clarification", "e": "refused", "f": None,
    }  # fmt: skip
    assert {found[name]["error"]["code"] for name in "bf"} == {"bad_input"}
    wanted = {"id", "outcome", "intent", "answer", "sentences", "papers", "entities", "model", "usage", "timings"}
    assert wanted <= found["a"].keys()
    assert {"paper_id", "passage_id", "start", "end", "quote"} <= found["a"]["sentences"][0]["citations"][0].keys()
    assert len(found["d"]["clarification"]["options"]) == 2
    done = run("ask", "--input", source, "--output", target, "--resume", home=demo_home)
    assert done.returncode == 1
    assert [record["id"] for record in records(target)] == ["a", "c", "d", "e", "b", "f"]


def test_understand(demo_home: Path):
    done = run("understand", "Find AI papers from Stanford authors funded by NSF since 2019", home=demo_home)
    record = json.loads(done.stdout)
    assert record["intent"] == "find_papers"
    assert record["filters"] == {"year_from": 2019}
    for entity in record["entities"]:
        assert {
            "start",
            "end",
            "text",
            "type",
            "confidence",
            "source",
            "nil",
            "ambiguous",
            "candidates",
        } <= entity.keys()
    assert [entity["candidates"][0]["id"] for entity in record["entities"] if entity["type"] == "organization"] == [
        "https://ror.org/00f54p054"
    ]


def test_profiles_of_many_authors_go_on_where_they_stopped(demo_home: Path, tmp_path: Path):
    source, target = tmp_path / "authors.jsonl", tmp_path / "profiles.jsonl"
    ids = ["percy-liang", "nobody", "christopher-manning"]  # the last is a name, not an id
    source.write_text("".join(json.dumps({"author_id": id_}) + "\n" for id_ in ids), "utf-8")
    done = run("profile", "--input", source, "--output", target, home=demo_home)
    assert done.returncode == 1, done.stderr
    first = records(target)
    assert [one.get("asked", one["author_id"]) for one in first] == ids
    assert first[2]["author_id"] == "christopher-d-manning"
    assert [one.get("error", {}).get("code") for one in first] == [None, "bad_input", None]
    whole = target.read_bytes().splitlines(keepends=True)
    target.write_bytes(whole[0] + whole[2][:40])  # as after a crash in the middle of a line
    done = run("profile", "--input", source, "--output", target, "--resume", home=demo_home)
    assert done.returncode == 1
    again = records(target)
    assert [one.get("asked", one["author_id"]) for one in again] == ids
    assert again[0] == first[0]
    assert again[2]["sections"] == first[2]["sections"]


def test_link_retrieve_profile_and_similar(demo_home: Path):
    link = json.loads(run("link", "--type", "funder", "NSF", home=demo_home).stdout)
    assert (link["nil"], link["candidates"][0]["id"]) == (False, "https://ror.org/021nxhr62")
    hits = json.loads(run("retrieve", "attention instead of recurrence", "--top", "5", home=demo_home).stdout)[
        "results"
    ]
    assert len(hits) == 5
    assert {"doc_id", "score", "passage_id", "start", "end"} <= hits[0].keys()
    profile = json.loads(
        run("profile", "percy-liang", "--json", "--from", "2016", "--to", "2022", home=demo_home).stdout
    )
    assert profile["window"] == {"year_from": 2016, "year_to": 2022}
    assert len(profile["sections"]) == 6
    assert {
        "papers_per_year",
        "venues",
        "coauthors",
        "organizations",
        "funders",
        "citations",
        "topics",
        "titles",
    } <= profile["facts"].keys()
    similar = json.loads(run("similar", "simonyan-2015-vgg", "--top", "3", home=demo_home).stdout)
    assert len(similar["results"]) == 3
    assert "simonyan-2015-vgg" not in [result["paper_id"] for result in similar["results"]]


def test_status_and_verify(demo_home: Path):
    status = json.loads(run("status", "--json", home=demo_home).stdout)
    assert status["papers"] == {"papers": 99, "passages": 99, "authors": 416, "pending": 0}
    done = run("verify", home=demo_home)
    assert (done.returncode, done.stdout.count("ok ")) == (0, 6)


def test_bad_usage_is_status_2(tmp_path: Path):
    one_line(run("ask"), "give a question")
    for arguments in (
        ["ask"],
        ["frobnicate"],
        ["ask", "--nope", "x"],
        ["retrieve", "x", "--top", "0"],
        ["bench", "x"],
        ["ingest"],
    ):
        done = run(*arguments, home=tmp_path)
        assert done.returncode == 2, arguments
        assert "Traceback" not in done.stderr
        assert "internal error" not in done.stderr
    one_line(run("ask", "x", QUODVIDE_CHAT__N_CTX="many"), "chat.n_ctx")
    (tmp_path / "settings.toml").write_text("[chat\n")
    one_line(run("ask", "x", home=tmp_path), "settings.toml")


def test_no_home_is_one_line(tmp_path: Path):
    done = run("ask", "x?", home=tmp_path / "absent")
    assert done.returncode == 1
    one_line(done, str(tmp_path / "absent"), "quodvide ingest")
    assert not (tmp_path / "absent").exists()


def test_a_file_that_is_no_model_is_a_failure_and_not_a_refusal(demo_home: Path, tmp_path: Path):
    model = tmp_path / "model.gguf"
    model.write_bytes(b"not a model " * 1000)
    done = run("ask", QUOTED, home=demo_home, QUODVIDE_CHAT__MODEL=str(model))
    assert done.returncode == 1
    assert "Failed: " in done.stdout
    assert "not a GGUF" in " ".join(done.stdout.split())
    done = run("doctor", home=demo_home, QUODVIDE_CHAT__MODEL=str(model))
    assert done.returncode == 1
    assert "FAIL  chat model" in done.stdout


@pytest.fixture
def bad_files(tmp_path: Path) -> Path:
    good = '{"id": "good", "title": "A good paper", "abstract": "Words."}\n'
    (tmp_path / "empty.jsonl").write_text("")
    (tmp_path / "binary.jsonl").write_bytes(os.urandom(3000))
    (tmp_path / "cut.jsonl").write_text(good + '{"id": "b", "title": "B", "abst')
    (tmp_path / "untitled.jsonl").write_text('{"id": "x", "abstract": "y"}\n' + good)
    (tmp_path / "cut.jsonl.gz").write_bytes(gzip.compress(good.encode() * 50_000)[:700])
    return tmp_path


@pytest.mark.parametrize(
    ("name", "said", "kept"),
    [("empty.jsonl", "empty", 0), ("binary.jsonl", "binary", 0), ("cut.jsonl", "not valid JSON", 1),
     ("untitled.jsonl", "no title", 1), ("cut.jsonl.gz", "cut short", 1), ("absent.jsonl", "no such file", 0)],
)  # fmt: skip
def test_bad_files_are_one_line_each_and_nothing_is_lost(bad_files: Path, name: str, said: str, kept: int):
    home = bad_files / "home"
    done = run("ingest", bad_files / name, home=home)
    assert done.returncode == 1
    one_line(done, name, said)
    assert json.loads(run("status", "--json", home=home).stdout)["papers"]["papers"] == kept
    (bad_files / name).write_text('{"id": "good", "title": "Repaired", "abstract": "Words."}\n')
    assert run("ingest", bad_files / name, home=home).returncode == 0
    assert run("verify", home=home).returncode == 0


@pytest.mark.skipif(os.geteuid() != 0 or sys.platform != "linux", reason="needs to mount a small file system")
def test_a_full_disk_is_one_line_and_nothing_is_lost(tmp_path: Path):
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1200k", "tmpfs", small], check=False, capture_output=True
    ).returncode:
        pytest.skip("file systems cannot be mounted here")
    try:
        source = tmp_path / "papers.jsonl"
        papers = [
            {"id": f"p{n}", "title": f"Paper {n}", "abstract": f"Words about number {n}. " * 8} for n in range(400)
        ]
        source.write_text("".join(json.dumps(paper) + "\n" for paper in papers))
        home = small / "home"
        done = run("ingest", source, home=home)
        assert done.returncode == 1
        one_line(done, "small", "ull" if "full" in done.stderr.lower() else "space")
        subprocess.run(["mount", "-o", "remount,size=100m", small], check=True)
        assert run("ingest", source, home=home).returncode == 0
        assert run("verify", home=home).returncode == 0
        assert json.loads(run("status", "--json", home=home).stdout)["papers"]["papers"] == 400
    finally:
        subprocess.run(["umount", small], check=True)


def stored(home: Path) -> int:
    """Return how many papers are stored, 0 before there is a catalogue."""
    try:
        with closing(sqlite3.connect(f"file:{home / 'catalogue.sqlite'}?mode=ro", uri=True)) as connection:
            return int(connection.execute("SELECT count(*) FROM paper").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def test_ctrl_c_stops_and_the_same_command_goes_on(tmp_path: Path):
    source = tmp_path / "papers.jsonl"
    papers = [{"id": f"p{n}", "title": f"Paper {n}", "abstract": f"Words about number {n}. " * 12} for n in range(1500)]
    source.write_text("".join(json.dumps(paper) + "\n" for paper in papers))
    home = tmp_path / "home"
    command = [QUODVIDE, "ingest", source, "--home", home]
    child = subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        # A shell that runs the tests in the background has its children ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )
    while child.poll() is None and not stored(home):
        time.sleep(0.02)
    child.send_signal(signal.SIGINT)
    _, error = child.communicate(timeout=60)
    assert child.returncode == 130
    assert "interrupted" in error
    assert "Traceback" not in error
    assert 0 < stored(home) < 1500
    assert run("ingest", source, home=home).returncode == 0
    assert run("verify", home=home).returncode == 0
    assert stored(home) == 1500
