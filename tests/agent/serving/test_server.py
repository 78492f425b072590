"""The server as its clients see it, a real one on loopback over a copy of the demo corpus."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent import settings as settings_
from agent import wire
from agent.wiring import open_session

QUODVIDE = Path(sys.executable).parent / "quodvide"
QUESTION = "How many BLEU points did the Transformer reach on English-to-German translation?"
THEMES = [{"label": "Machine translation"}, {"label": "Beekeeping", "description": "Honey bees and their hives"}]
JSON = {"content-type": "application/json"}
HIVES = "Each morning I lift the lids, blow smoke and weigh the honey."


class Running:
    """A server in a process of its own."""

    def __init__(self, home: Path, **settings: str) -> None:
        self.home = home
        named = {f"QUODVIDE_SERVER__{name.upper()}": value for name, value in settings.items()}
        self.process = subprocess.Popen(
            [QUODVIDE, "serve", "--home", str(home), "--port", "0"],
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **named},
        )
        assert self.process.stderr is not None
        line = self.process.stderr.readline()
        found = re.search(r"http://\S+", line)
        assert found, line + self.process.stderr.read()
        self.url = found[0]
        self.said: list[str] = []
        self._listener = threading.Thread(target=self._listen)
        self._listener.start()

    def client(self, key: str = "") -> httpx.Client:
        """Return a client, with a key if one is given."""
        return httpx.Client(base_url=self.url, timeout=60, headers={"x-api-key": key} if key else {})

    def stop(self) -> int:
        """Ask it to end, and return its exit status."""
        self.process.terminate()
        return self.ended()

    def ended(self) -> int:
        """Wait until it has ended, and return its exit status."""
        status = self.process.wait(40)
        self._listener.join()
        assert self.process.stderr is not None
        self.process.stderr.close()
        return status

    def _listen(self) -> None:
        assert self.process.stderr is not None
        self.said += self.process.stderr


def make_key(home: Path, name: str) -> str:
    """Return a new key, made by the command."""
    done = subprocess.run(
        [QUODVIDE, "serve", "--home", str(home), "--new-key", name], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture(scope="session")
def served_home(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(demo_home, tmp_path_factory.mktemp("served") / "home"))


@pytest.fixture(scope="session")
def server(served_home: Path) -> Iterator[Running]:
    running = Running(served_home)
    yield running
    running.stop()
    assert not [line for line in running.said if "Traceback" in line]


def test_it_is_healthy_and_says_what_it_has(server: Running):
    with server.client() as client:
        assert client.get("/health").json() == {"status": "ok"}
        while (ready := client.get("/ready")).status_code == 503:
            assert ready.json()["error"]["code"] == "loading"
            time.sleep(0.05)
        assert ready.json()["papers"] > 10
        assert client.get("/models").json()["embedding"].startswith("all-MiniLM")


def test_answers_are_those_of_the_command_line(server: Running):
    session, close = open_session(settings_.load(server.home))
    try:
        record = wire.reply(session.ask(QUESTION))
    finally:
        close()
    with server.client() as client:
        answer = client.post("/ask/invoke", json={"input": {"question": QUESTION}}).json()["output"]
    assert answer["digest"] == record["digest"]
    assert answer["sentences"] == record["sentences"]
    assert answer["sentences"][0]["citations"][0]["quote"]


def test_a_stream_brings_the_sentences_first_and_adds_up(server: Running):
    with server.client() as client:
        whole = client.post("/ask/invoke", json={"input": {"question": QUESTION}}).json()["output"]
        with client.stream("POST", "/ask/stream", json={"input": {"question": QUESTION}}) as response:
            lines = [line.removeprefix("data: ") for line in response.iter_lines() if line.startswith("data: {")]
    parts = [json.loads(line) for line in lines if "run_id" not in line]
    assert set(parts[0]) == {"sentences"}
    assert [one for part in parts for one in part["sentences"]] == whole["sentences"]
    assert parts[-1]["outcome"] == "answered"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_remote_runnable_works(server: Running):
    from langserve import RemoteRunnable

    ask = RemoteRunnable(f"{server.url}/ask")
    assert ask.invoke({"question": QUESTION})["outcome"] == "answered"
    first, second = ask.batch([{"question": QUESTION}, {"question": "Who is Nobody Atall?"}])
    assert first["outcome"] == "answered"
    assert second["outcome"] != "answered"
    joined = None
    for part in ask.stream({"question": QUESTION}):
        joined = part if joined is None else {**joined, **part}
    assert joined is not None
    assert joined["outcome"] == "answered"


def test_profiles_and_themes(server: Running):
    with server.client() as client:
        profile = client.post("/profile/invoke", json={"input": {"author_id": "Christopher Manning"}}).json()["output"]
        assert profile["facts"]["papers_per_year"]
        assert len(profile["sections"]) == 6
        given_themes = {"text": HIVES, "themes": THEMES}
        ranking = client.post("/themes/invoke", json={"input": given_themes}).json()["output"]["ranking"]
        assert ranking[0]["label"] == "Beekeeping"
        assert client.post("/rank-themes", json=given_themes).json()["ranking"] == ranking
        assert len(client.post("/similar", json={"text": HIVES, "top": 3}).json()["results"]) == 3


def test_langserve_offers_its_pages(server: Running):
    with server.client() as client:
        for path in ("ask", "profile", "themes"):
            assert client.get(f"/{path}/playground/").status_code == 200
            assert client.get(f"/{path}/input_schema").json()["properties"]
        events = client.post("/ask/stream_events", json={"input": {"question": QUESTION}}).text
        assert "on_chain_end" in events
        assert "streamed_output" in client.post("/ask/stream_log", json={"input": {"question": QUESTION}}).text
        assert "/rank-themes" in client.get("/openapi.json").json()["paths"]
        assert client.get("/docs").status_code == 404


def test_a_conversation_asks_back_and_remembers(server: Running):
    with server.client() as client:
        asked = client.post("/chat", json={"thread": "a b", "text": "Which papers did Feng Zhang write?"}).json()
        assert asked["outcome"] == "needs_clarification"
        assert len(asked["clarification"]["options"]) > 1
        assert client.post("/chat", json={"thread": "a b", "text": "1"}).json()["outcome"] == "answered"
        follow = client.post("/chat", json={"thread": "a b", "text": "Who does he work with most?"}).json()
        assert follow["intent"] == "collaborators"
        (listed,) = [one for one in client.get("/chat").json()["threads"] if one["name"] == "a b"]
        assert listed["turns"] == 2
        assert [one["outcome"] for one in client.get("/chat/a b").json()["turns"]] == ["answered", "answered"]
        assert client.delete("/chat/a b").status_code == 200
        assert client.get("/chat/a b").status_code == 404


def test_what_is_wrong_is_said_in_one_line(server: Running):
    with server.client() as client:
        failed = client.post("/profile/invoke", json={"input": {"author_id": "nobody at all"}})
        assert failed.status_code == 400
        assert "no author" in failed.json()["error"]["message"]
        assert client.post("/similar", json={}).json()["error"]["code"] == "bad_input"
        assert client.post("/ask/invoke", json={"input": {}}).status_code == 422
        assert client.post("/ask/invoke", content=b"{", headers=JSON).status_code == 422
        assert client.post("/ask/invoke", content=b"{}").status_code == 415
        unknown = client.post("/similar", json={"paper_id": "nowhere"}).json()["error"]["message"]
        assert unknown == "no paper has the id 'nowhere'. Find ids with /ask, or give text"
        assert client.get("/nothing").status_code == 404


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_FIELDS = st.dictionaries(
    st.sampled_from(
        ["input", "inputs", "question", "text", "themes", "thread", "paper_id", "author_id", "window", "top"]
    ),
    _JSON | st.fixed_dictionaries({"question": _JSON, "history": _JSON}),
    max_size=4,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from(
        [
            "/ask/invoke",
            "/ask/batch",
            "/ask/stream",
            "/profile/invoke",
            "/themes/invoke",
            "/rank-themes",
            "/similar",
            "/chat",
        ]
    ),
    body=_JSON | _FIELDS,
)
def test_no_body_breaks_it(server: Running, path: str, body: object):
    with server.client() as client:
        response = client.post(path, content=json.dumps(body).encode(), headers=JSON)
    assert response.status_code < 500, response.text


def test_keys_part_who_may_and_whose_is_what(demo_home: Path, tmp_path: Path):
    home = Path(shutil.copytree(demo_home, tmp_path / "home"))
    running = Running(home)
    try:
        with running.client() as client:
            assert client.get("/chat").status_code == 200
        # It goes on running: the first key closes it.
        first, second = make_key(home, "first"), make_key(home, "second")
        assert first not in (home / "keys.txt").read_text("utf-8")
        with running.client() as client, running.client(first) as mine, running.client(second) as theirs:
            assert client.get("/health").status_code == 200
            refused = client.post("/ask/invoke", json={"input": {"question": QUESTION}})
            assert refused.status_code == 401
            assert refused.json()["error"]["code"] == "key"
            assert client.get("/metrics").status_code == 401
            assert client.get("/models", headers={"authorization": f"Bearer {first}"}).status_code == 200
            assert client.get("/models", headers={"x-api-key": first[:-1]}).status_code == 401
            assert mine.post("/chat", json={"thread": "t", "text": QUESTION}).json()["outcome"] == "answered"
            assert mine.get("/chat/t").status_code == 200
            assert theirs.get("/chat/t").status_code == 404
            assert theirs.get("/chat/../first/t").status_code == 404
            assert theirs.delete("/chat/t").status_code == 404
            assert theirs.get("/chat").json()["threads"] == []
            assert 'route="/chat"' in mine.get("/metrics").text
            (home / "keys.txt").write_text("damaged", "utf-8")
            assert mine.get("/chat/t").status_code == 200
            (home / "keys.txt").write_text("", "utf-8")
            assert mine.get("/chat/t").status_code == 401
            assert client.get("/chat").status_code == 401
    finally:
        running.stop()
    assert [line for line in running.said if "keys.txt:1: not a name and a SHA-256" in line]
    for name in ("conversations.sqlite", "keys.txt"):
        assert (home / name).stat().st_mode & 0o077 == 0


def test_it_listens_to_others_only_with_a_key(served_home: Path):
    done = subprocess.run(
        [QUODVIDE, "serve", "--home", str(served_home), "--host", "0.0.0.0", "--port", "0"],  # noqa: S104
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "there is no key" in done.stderr
    assert "Traceback" not in done.stderr


def test_stopping_lets_what_runs_end(served_home: Path):
    running = Running(served_home)
    with running.client() as client:
        client.post("/ask/invoke", json={"input": {"question": QUESTION}})
        with client.stream("POST", "/ask/stream", json={"input": {"question": "What is attention?"}}) as response:
            running.process.send_signal(signal.SIGINT)
            text = "".join(response.iter_text())
        assert "event: end" in text
    started = time.monotonic()
    assert running.ended() == 0
    assert time.monotonic() - started < 30
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{running.url}/health")
