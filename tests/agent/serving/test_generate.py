"""The chat model over HTTP, with the bundled model: what it writes, in which form, and that it stops with its client."""

import base64
import json
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from agent.serving.keys import new_key
from evals.bench_serve import server
from stores.home import Home
from stores.usage import UsageLog

LONG = {"prompt": "Write a long story about a library.", "max_tokens": 2000}


@pytest.fixture(scope="module")
def client(demo_home: Path) -> Iterator[httpx.Client]:
    with server(demo_home) as (url, _), httpx.Client(base_url=url, timeout=60) as opened:
        yield opened


def running(client: httpx.Client) -> float:
    """Return how many requests are worked on, by the server's own count."""
    found = re.search(r"^quodvide_\w*running\w* (\S+)$", client.get("/metrics").text, re.MULTILINE)
    assert found
    return float(found[1])


def test_text_and_what_it_took(client: httpx.Client) -> None:
    given = {"prompt": "Name three colours.", "system": "Be brief.", "max_tokens": 12}
    first, second = (client.post("/generate", json=given).json() for _ in range(2))
    assert first["text"]
    assert first["text"] == second["text"]
    assert first["model"].startswith("SmolLM2")
    assert 0 < first["usage"]["output_tokens"] <= 12


def test_a_schema_is_followed(client: httpx.Client) -> None:
    schema = {
        "type": "object",
        "properties": {"colour": {"enum": ["red", "blue"]}, "many": {"type": "integer", "minimum": 0, "maximum": 9}},
        "required": ["colour", "many"],
    }
    answer = client.post("/generate", json={"prompt": "Which colour, and how many?", "schema": schema}).json()
    assert answer["parsed"]["colour"] in {"red", "blue"}
    assert 0 <= answer["parsed"]["many"] <= 9
    wrong = client.post("/generate", json={"prompt": "x", "schema": {"type": "nonsense"}})
    assert wrong.status_code == 400
    assert "\n" not in wrong.json()["error"]["message"]


@pytest.mark.parametrize(
    ("field", "value", "status"),
    [
        ("prompt", "\ud800", 422),  # no text
        ("\ud800", "x", 422),
        ("prompt", "word " * 30_000, 400),  # no room for an answer
        ("schema", {"type": "object", "properties": 3}, 400),
        ("schema", {"type": "integer", "minimum": 1e308}, 400),  # more than llama.cpp's grammars hold
        ("schema", {"type": "null", "description": "\ud800"}, 400),
        ("stop", [""], 422),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_what_cannot_be_written_is_the_callers_mistake(
    client: httpx.Client, field: str, value: object, status: int, *, stream: bool
) -> None:
    body = json.dumps({"prompt": "x", "stream": stream, field: value})
    answer = client.post("/generate", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == status, answer.text
    assert len(answer.content) < 1000


def test_a_schema_that_unfolds_without_end_is_refused_at_once(client: httpx.Client) -> None:
    folded: dict[str, object] = {"s0": {"type": "string"}}
    for n in range(1, 40):
        below = {"$ref": f"#/$defs/s{n - 1}"}
        folded[f"s{n}"] = {"type": "object", "properties": {"$defs": below, "other": below}}
    started = time.monotonic()
    answer = client.post("/generate", json={"prompt": "x", "schema": {"$defs": folded, "$ref": "#/$defs/s39"}})
    assert answer.status_code == 400
    assert "parts" in answer.json()["error"]["message"]
    assert time.monotonic() - started < 5


def test_pieces_come_as_they_are_written(client: httpx.Client) -> None:
    given = {"prompt": "Name three colours.", "max_tokens": 12}
    with client.stream("POST", "/generate", json={**given, "stream": True}) as response:
        events = re.findall(r"event: (\w+)\ndata: (.*)", response.read().decode())
    assert {name for name, _ in events[:-1]} == {"piece"}
    assert events[-1][0] == "end"
    assert len(events) > 3
    text = "".join(json.loads(data)["text"] for name, data in events if name == "piece")
    assert text == client.post("/generate", json=given).json()["text"]


@pytest.mark.parametrize("stream", [False, True])
def test_a_client_that_goes_stops_its_generation(client: httpx.Client, *, stream: bool) -> None:
    url = str(client.base_url)
    if stream:
        with httpx.stream("POST", f"{url}/generate", json={**LONG, "stream": True}, timeout=60) as response:
            next(response.iter_text())
    else:
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(f"{url}/generate", json=LONG, timeout=0.5)
    deadline = time.monotonic() + 5
    while running(client) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert running(client) == 0
    # 2,000 tokens take at least ten seconds on two cores; the next caller does not wait for them.
    started = time.monotonic()
    assert client.post("/generate", json={"prompt": "Hello.", "max_tokens": 2}).status_code == 200
    assert time.monotonic() - started < 5


def test_questions_do_not_wait_for_generations(client: httpx.Client) -> None:
    with httpx.stream("POST", f"{client.base_url}/generate", json={**LONG, "stream": True}, timeout=60) as response:
        next(response.iter_text())
        started = time.monotonic()
        assert client.post("/similar", json={"text": "attention", "top": 1}).status_code == 200
        assert client.post("/ask/invoke", json={"input": {"question": "What is attention?"}}).status_code == 200
        assert time.monotonic() - started < 5


def test_a_browser_gives_the_key_as_a_password(demo_home: Path, tmp_path: Path) -> None:
    home = Path(shutil.copytree(demo_home, tmp_path / "home"))
    key = new_key(home, "browser")
    with server(home) as (url, _), httpx.Client(base_url=url, timeout=60) as client:
        refused = client.get("/ask/playground/")
        assert refused.status_code == 401
        assert "Basic" in ", ".join(refused.headers.get_list("www-authenticate"))
        basic = {"authorization": "Basic " + base64.b64encode(f"me:{key}".encode()).decode()}
        assert client.get("/ask/playground/", headers=basic).status_code == 200
        body = {"text": "attention", "top": 1}
        assert client.post("/similar", json=body, headers=basic).status_code == 200
        # What a form of another site's page could send with the browser's password.
        form = client.post("/similar", content=json.dumps(body), headers={**basic, "content-type": "text/plain"})
        assert form.status_code == 415


def test_calls_are_counted_as_generations(client: httpx.Client, demo_home: Path) -> None:
    with closing(UsageLog(Home(demo_home).usage)) as log:
        before = len(log.calls())
        client.post("/generate", json={"prompt": "Name a colour.", "max_tokens": 3})
        client.post("/generate", json={"prompt": "Name a colour.", "max_tokens": 3, "stream": True})
        new = []
        until = time.monotonic() + 10
        while len(new) < 2 and time.monotonic() < until:
            new = log.calls()[before:]
    assert [(call.role, call.route, call.thread, call.output_tokens) for call in new] == [
        ("generate", "generate", None, 3)
    ] * 2
