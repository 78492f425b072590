"""What LangGraph's tools are given works, and the drawings are those of the code."""

import asyncio
import importlib.util
from pathlib import Path
from typing import Any

import orjson
import pytest

from agent.studio import drawings

ROOT = Path(__file__).resolve().parents[2]
NAMED = orjson.loads((ROOT / "langgraph.json").read_bytes())["graphs"]


def made(name: str) -> Any:
    """Return the graph that langgraph.json names, loaded as LangGraph's server loads it: from its file."""
    file, _, function = NAMED[name].partition(":")
    spec = importlib.util.spec_from_file_location(f"studio_{name}", ROOT / file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return asyncio.run(getattr(module, function)())


@pytest.fixture(autouse=True)
def home(demo_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUODVIDE_HOME", str(demo_home))


def test_a_question_is_answered() -> None:
    graph = made("question")
    asked = "How many BLEU points did the Transformer reach on English-to-German translation?"
    reply = graph.invoke({"question": asked})["reply"]
    assert reply["outcome"] == "answered"
    assert orjson.loads(orjson.dumps(reply)) == reply
    history = [{"role": "user", "content": "Give me the profile of Christopher Manning"}]
    follow = graph.invoke({"question": "Who does he work with most?", "history": history})["reply"]
    assert follow["intent"] == "collaborators"
    nodes = graph.get_graph(xray=True).nodes
    assert any("understand" in name for name in nodes)
    assert any("ground" in name for name in nodes)


def test_authors_are_summarized_and_one_failure_is_alone() -> None:
    given = {"authors": [{"author_id": "nobody at all"}, {"author_id": "Christopher Manning"}]}
    failed, profile = made("profiles").invoke(given)["profiles"]
    assert "no author" in failed["error"]["message"]
    assert len(profile["sections"]) == 6


def test_drawings_are_those_of_the_code() -> None:
    drawn = (ROOT / "graphs" / "README.md").read_text("utf-8")
    assert drawn == drawings(), "run `python -m agent.studio > graphs/README.md`"
    assert "link -.-> clarify;" in drawn.replace("&nbsp;", " ")
    assert "ground -.-> answer;" in drawn
