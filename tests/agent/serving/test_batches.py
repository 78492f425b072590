"""Batches and generations are bounded, so that neither takes what others wait for; a real server on loopback."""

import re
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from evals.bench_serve import server

WHO = {"question": "Who works with Christopher Manning?"}


@pytest.fixture(scope="module")
def served(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.Client, psutil.Process]]:
    home = shutil.copytree(demo_home, tmp_path_factory.mktemp("batches") / "home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUODVIDE_SERVER__RUNNING", "2")
        patch.setenv("QUODVIDE_CHAT__CONTEXTS", "2")
        patch.setenv("QUODVIDE_CHAT__ANSWER_CALLS", "1")
        patch.setenv("QUODVIDE_CHAT__N_CTX", "100000")
        with server(home) as (url, process), httpx.Client(base_url=url, timeout=60) as client:
            while client.get("/ready").status_code != 200:
                time.sleep(0.05)
            yield client, process


@pytest.mark.parametrize("config", [{}, {"max_concurrency": 90}, [{"max_concurrency": 90}] * 90])
def test_a_batch_runs_a_few_inputs_at_once(served: tuple[httpx.Client, psutil.Process], config: object) -> None:
    client, process = served
    assert client.post("/ask/batch", json={"inputs": [WHO] * 2}).status_code == 200
    before, most, slowest = process.num_threads(), 0, 0.0
    answers: list[httpx.Response] = []

    def ask() -> None:
        answers.append(httpx.post(f"{client.base_url}/ask/batch", json={"inputs": [WHO] * 90, "config": config}))

    asking = threading.Thread(target=ask)
    asking.start()
    while asking.is_alive():
        most = max(most, process.num_threads())
        for path in ("/health", "/ready", "/metrics"):
            started = time.monotonic()
            assert client.get(path).status_code == 200
            slowest = max(slowest, time.monotonic() - started)
    (answer,) = answers
    assert answer.status_code == 200
    assert len(answer.json()["output"]) == 90
    assert most < before + 15
    assert slowest < 1


def test_a_batch_has_so_many_inputs_at_most(served: tuple[httpx.Client, psutil.Process]) -> None:
    client, _ = served
    for route in ("ask", "profile", "themes"):
        refused = client.post(f"/{route}/batch", json={"inputs": [{}] * 101})
        assert refused.status_code == 413
        assert "101 inputs" in refused.json()["detail"]


def test_what_fails_in_a_batch_stands_in_its_place(served: tuple[httpx.Client, psutil.Process]) -> None:
    client, _ = served
    authors = [{"author_id": name} for name in ("Christopher Manning", "nobody at all", "Christopher Manning")]
    first, second, third = client.post("/profile/batch", json={"inputs": authors}).json()["output"]
    assert first["facts"] == third["facts"]
    assert second["error"]["code"] == "bad_input"
    assert "nobody at all" in second["error"]["message"]
    texts = [{"text": "Bees.", "themes": themes} for themes in ([], [{"label": "Bees"}])]
    first, second = client.post("/themes/batch", json={"inputs": texts}).json()["output"]
    assert first["error"]["code"] == "bad_input"
    assert second["ranking"]


@pytest.mark.parametrize("part", [{"inputs": [{}]}, {"inputs": [3]}, {"inputs": [WHO], "config": [3]}, {"inputs": 3}])
def test_a_malformed_batch_is_refused(served: tuple[httpx.Client, psutil.Process], part: dict[str, object]) -> None:
    client, _ = served
    for route in ("ask", "profile", "themes"):
        refused = client.post(f"/{route}/batch", json=part)
        assert refused.status_code == 422, refused.text
        assert refused.json()["detail"]


def test_a_generation_leaves_a_context_to_the_answers(served: tuple[httpx.Client, psutil.Process]) -> None:
    client, _ = served
    given = {"prompt": "Write a long story about a library.", "max_tokens": 2000, "stream": True}

    def count(name: str) -> float:
        found = re.search(rf"^quodvide_{name} (\S+)$", client.get("/metrics").text, re.MULTILINE)
        assert found
        return float(found[1])

    def generate() -> None:
        with httpx.stream("POST", f"{client.base_url}/generate", json=given, timeout=60) as response:
            begun.append(response.status_code)
            go.wait()

    begun: list[int] = []
    go = threading.Event()
    both = [threading.Thread(target=generate) for _ in range(2)]
    for one in both:
        one.start()
    try:
        until = time.monotonic() + 20
        while not (begun and count("waiting")) and time.monotonic() < until:
            time.sleep(0.05)
        assert (begun, count("running"), count("waiting")) == ([200], 1, 1)
    finally:
        go.set()
        for one in both:
            one.join()


def test_the_context_that_there_is_is_told(served: tuple[httpx.Client, psutil.Process]) -> None:
    client, _ = served
    assert client.get("/models").json()["generate"]["context_tokens"] == 8192
    refused = client.post("/generate", json={"prompt": "word " * 9000}).json()["error"]["message"]
    assert "the context holds 8192" in refused
    assert "n_ctx" not in refused


def test_an_address_of_ipv6_is_in_brackets(demo_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUODVIDE_SERVER__HOST", "::1")
    with server(demo_home) as (url, _):
        assert url.startswith("http://[::1]:")
        assert httpx.get(f"{url}/chat", timeout=30).status_code == 200
