"""The gate before the routes: sizes, rates, the queue; on a small application that waits."""

import asyncio
import os
from pathlib import Path
from typing import Any

import httpx
import pytest

from agent.serving.gate import Gate, rate_of
from agent.serving.keys import KeysInForce, hashed, new_key, read_keys
from agent.serving.metrics import Metrics
from agent.settings import ServerSettings
from stores.errors import ConfigError, InputError


class Slow:
    """Answers with the size of what it was sent, when it is let."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.inside = self.most = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = (await receive())["body"] if scope["method"] == "POST" else b""
        self.inside += 1
        self.most = max(self.most, self.inside)
        await self.go.wait()
        self.inside -= 1
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": str(len(body)).encode()})


def gate(app: Slow, running: int = 1, keys: dict[str, str] | None = None, **bounds: Any) -> tuple[Any, Metrics]:
    settings, metrics = ServerSettings(**bounds), Metrics()
    given = KeysInForce(Path("/no folder"), [f"{name} {key}" for key, name in (keys or {}).items()])
    built = Gate(app, settings, rate_of(settings.rate), given, metrics, running)
    transport, form = httpx.ASGITransport(built), {"content-type": "application/json"}
    return httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=form), metrics


async def test_over_the_bound_of_the_queue_it_is_429_and_the_rest_get_their_answer():
    app = Slow()
    client, metrics = gate(app, running=2, waiting=3, together=100)
    asked = [asyncio.create_task(client.post("/", content=b"x" * n)) for n in range(8)]
    await asyncio.sleep(0.2)
    assert b"quodvide_waiting 3.0" in metrics.text()
    app.go.set()
    answers = await asyncio.gather(*asked)
    refused = [one for one in answers if one.status_code == 429]
    assert len(refused) == 3
    assert all(int(one.headers["retry-after"]) > 0 for one in refused)
    assert all(one.text == str(n) for n, one in enumerate(answers) if one.status_code == 200)
    assert app.most == 2
    assert (await client.post("/", content=b"abc")).text == "3"
    assert b"quodvide_running 0.0" in metrics.text()


async def test_a_client_that_goes_frees_its_place():
    app = Slow()
    client, metrics = gate(app, waiting=1)
    first, second = (asyncio.create_task(client.post("/", content=b"a")) for _ in range(2))
    await asyncio.sleep(0.1)
    for one in (second, first):
        one.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    app.go.set()
    assert (await client.post("/", content=b"ab")).text == "2"
    assert b"quodvide_waiting 0.0" in metrics.text()


async def test_a_key_has_its_rate_and_its_share():
    app = Slow()
    app.go.set()
    keys = {hashed("a"): "anna", hashed("b"): "bert"}
    client, _ = gate(app, keys=keys, rate="2/hour")
    statuses = [(await client.post("/", headers={"x-api-key": "a"})).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert (await client.post("/", headers={"authorization": "Bearer b"})).status_code == 200
    assert (await client.post("/", headers={"x-api-key": "c"})).status_code == 401

    waiting = Slow()
    client, _ = gate(waiting, keys=keys, together=1)
    one = asyncio.create_task(client.post("/", headers={"x-api-key": "a"}))
    await asyncio.sleep(0.05)
    assert (await client.post("/", headers={"x-api-key": "a"})).json()["error"]["code"] == "concurrency"
    other = asyncio.create_task(client.post("/", headers={"x-api-key": "b"}))
    await asyncio.sleep(0.05)
    waiting.go.set()
    assert [(await each).status_code for each in (one, other)] == [200, 200]


async def test_what_is_only_looked_at_counts_too_but_for_figures_and_files_of_pages():
    app = Slow()
    app.go.set()
    client, _ = gate(app, rate="2/hour")
    assert [(await client.get("/chat")).status_code for _ in range(3)] == [200, 200, 429]
    assert (await client.delete("/chat/a")).status_code == 429
    # A name of a conversation may look like a page's file.
    assert (await client.get("/chat/ask/playground/a")).status_code == 429
    for path in ("/metrics", "/health", "/ask/playground/assets/index.js", "/themes/playground/favicon.ico"):
        assert (await client.get(path)).status_code == 200

    waiting = Slow()
    client, _ = gate(waiting, together=1)
    one = asyncio.create_task(client.get("/chat"))
    await asyncio.sleep(0.05)
    refused = (await client.get("/chat")).json()["error"]
    assert refused == {"code": "concurrency", "message": "1 requests are going on already"}
    waiting.go.set()
    assert (await one).status_code == 200


async def test_a_batch_says_nothing_of_how_long_a_request_takes():
    app = Slow()
    client, _ = gate(app, running=1, waiting=100, together=100, patience=0.1)
    for _ in range(2):
        app.go.clear()
        batch = asyncio.create_task(client.post("/ask/batch", content=b"a"))
        await asyncio.sleep(1.6)
        app.go.set()
        assert (await batch).status_code == 200
    app.go.clear()
    asked = [asyncio.create_task(client.post("/", content=b"a")) for _ in range(6)]
    await asyncio.sleep(0.1)
    app.go.set()
    assert [one.status_code for one in await asyncio.gather(*asked)] == [200] * 6


async def test_without_keys_only_names_of_this_machine_are_answered_to():
    app = Slow()
    app.go.set()
    client, _ = gate(app, origins=("https://papers.example:8443",))
    for host in ("localhost:8000", "LOCALHOST", "127.0.0.1:1", "127.3.2.1", "[::1]:8000", "papers.example"):
        assert (await client.get("/chat", headers={"host": host})).status_code == 200, host
    for host in ("evil.example", "localhost.evil.example", "10.0.0.1", "[::1", "", "papers.example.evil.example"):
        refused = await client.get("/chat", headers={"host": host})
        assert refused.status_code == 400, host
        assert refused.json()["error"]["code"] == "host"
    client, _ = gate(app, keys={hashed("a"): "anna"})
    assert (await client.get("/chat", headers={"host": "any.example", "x-api-key": "a"})).status_code == 200


async def test_what_another_page_can_post_unasked_is_refused():
    app = Slow()
    app.go.set()
    client, _ = gate(app)
    for form in ("text/plain", "application/x-www-form-urlencoded", "text/plain; application/json", ""):
        refused = await client.post("/ask/invoke", content=b"{}", headers={"content-type": form})
        assert refused.status_code == 415
        assert refused.json()["error"]["code"] == "form"
    json = {"content-type": "application/json; charset=utf-8"}
    assert (await client.post("/ask/invoke", content=b"{}", headers=json)).status_code == 200


async def test_large_bodies_are_refused_declared_or_not():
    app = Slow()
    app.go.set()
    client, _ = gate(app, largest_body=1000)

    async def pieces():
        for _ in range(3):
            yield b"x" * 400

    assert (await client.post("/", content=b"x" * 1000)).text == "1000"
    assert (await client.post("/", content=b"x" * 1001)).status_code == 413
    assert (await client.post("/", content=pieces())).status_code == 413


def test_keys_are_made_once_and_only_their_hash_is_kept(tmp_path):
    key = new_key(tmp_path, "anna")
    assert read_keys(tmp_path, ()).holder(key) == "anna"
    assert read_keys(tmp_path, ()).holder("anna") is None
    assert key not in (tmp_path / "keys.txt").read_text("utf-8")
    assert (tmp_path / "keys.txt").stat().st_mode & 0o077 == 0
    with pytest.raises(InputError, match="already"):
        new_key(tmp_path, "anna")
    for name in ("a/b", "\u212b", "\u00c5", ""):  # the second and third are one in the name of a conversation
        with pytest.raises(InputError, match="cannot name"):
            new_key(tmp_path, name)
    file = tmp_path / "keys.txt"
    file.write_text(file.read_text("utf-8").strip(), "utf-8")
    other = new_key(tmp_path, "carl")
    assert [read_keys(tmp_path, ()).holder(one) for one in (key, other)] == ["anna", "carl"]
    assert read_keys(tmp_path, (f"bert {hashed('b')}",)).holder("b") == "bert"
    with pytest.raises(ConfigError, match="not a name"):
        read_keys(tmp_path, (f"\u212b {hashed('b')}",))
    (tmp_path / "keys.txt").write_text("anna secret\n", "utf-8")
    with pytest.raises(ConfigError, match="not a name and a SHA-256"):
        read_keys(tmp_path, ())


def test_keys_come_and_go_while_it_runs(tmp_path, caplog):
    keys, file = KeysInForce(tmp_path, ()), tmp_path / "keys.txt"
    assert not keys.closed
    anna = new_key(tmp_path, "anna")
    assert keys.now().holder(anna) == "anna"
    assert keys.closed
    bert = new_key(tmp_path, "bert")
    assert keys.now().holder(bert) == "bert"
    kept = file.read_text("utf-8").splitlines(keepends=True)
    file.write_text("no key\n", "utf-8")
    assert [keys.now().holder(bert) for _ in range(3)] == ["bert"] * 3
    (said,) = caplog.messages
    assert "keys.txt:1: not a name" in said
    assert "\n" not in said
    file.write_text(kept[0], "utf-8")
    assert (keys.now().holder(anna), keys.now().holder(bert)) == ("anna", None)
    # The same length, changed in place.
    file.write_text(kept[0].replace("anna", "annA"), "utf-8")
    os.utime(file, ns=(1, 1))
    assert keys.now().holder(anna) == "annA"
    file.unlink()
    assert keys.now().holder(anna) is None
    assert keys.closed


def test_a_rate_that_cannot_be_read_is_said():
    assert rate_of("none") is None
    with pytest.raises(ConfigError, match="no rate"):
        rate_of("often")


async def test_a_line_that_would_take_too_long_is_not_joined():
    app = Slow()
    client, _ = gate(app, running=1, waiting=100, together=100, patience=0.1)
    slow = asyncio.create_task(client.post("/", content=b"a"))
    await asyncio.sleep(1)
    app.go.set()
    assert (await slow).status_code == 200
    for _ in range(80):  # requests that take no time shorten the line again
        assert (await client.post("/", content=b"a")).status_code == 200
    app.go.clear()
    asked = [asyncio.create_task(client.post("/", content=b"a")) for _ in range(6)]
    await asyncio.sleep(0.1)
    app.go.set()
    assert [one.status_code for one in await asyncio.gather(*asked)].count(200) == 6
    app.go.clear()
    slow = asyncio.create_task(client.post("/", content=b"a"))
    await asyncio.sleep(3)
    app.go.set()
    await slow
    app.go.clear()
    asked = [asyncio.create_task(client.post("/", content=b"a")) for _ in range(6)]
    await asyncio.sleep(0.1)
    app.go.set()
    refused = [one for one in await asyncio.gather(*asked) if one.status_code == 429]
    assert len(refused) == 4  # one is worked on, and one may wait
    assert all(int(one.headers["retry-after"]) >= 1 for one in refused)
