"""The gate before the routes: sizes, rates, the queue; on a small application that waits."""

import asyncio
from typing import Any

import httpx
import pytest

from agent.serving.gate import Gate, rate_of
from agent.serving.keys import Keys, hashed, new_key, read_keys
from agent.serving.metrics import Metrics
from agent.settings import ServerSettings
from stores.errors import ConfigError, InputError


class Slow:
    """Answers with the size of what it was sent, when it is let."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.inside = self.most = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG002
        body = (await receive())["body"]
        self.inside += 1
        self.most = max(self.most, self.inside)
        await self.go.wait()
        self.inside -= 1
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": str(len(body)).encode()})


def gate(app: Slow, running: int = 1, keys: dict[str, str] | None = None, **bounds: Any) -> tuple[Any, Metrics]:
    settings, metrics = ServerSettings(**bounds), Metrics()
    built = Gate(app, settings, rate_of(settings.rate), Keys(keys or {}), metrics, running)
    return httpx.AsyncClient(transport=httpx.ASGITransport(built), base_url="http://test"), metrics


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
    with pytest.raises(InputError, match="cannot name"):
        new_key(tmp_path, "a/b")
    assert read_keys(tmp_path, (f"bert {hashed('b')}",)).holder("b") == "bert"
    (tmp_path / "keys.txt").write_text("anna secret\n", "utf-8")
    with pytest.raises(ConfigError, match="not a name and a SHA-256"):
        read_keys(tmp_path, ())


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
