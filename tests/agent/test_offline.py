"""--offline: no setting may name a model elsewhere, no connection leaves, and everything works without a network."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from agent import offline
from agent import settings as settings_
from stores.errors import ConfigError

QUOTED = "How many BLEU points did the Transformer reach on English-to-German translation?"
ROLES = ("default", "understand", "word", "profile", "themes", "generate", "refine")
SEALED = """
import socket, sys, urllib.request
from agent import offline

offline.seal()
offline.seal()


def refused(what):
    try:
        what()
    except OSError as error:
        assert "offline: nothing may connect to" in str(error), error
    else:
        sys.exit("it was not refused")


refused(lambda: socket.create_connection(("192.0.2.1", 80), timeout=1))
refused(lambda: socket.getaddrinfo("example.org", 443))
refused(lambda: socket.gethostbyname("example.org"))
refused(lambda: socket.gethostbyaddr("192.0.2.1"))
refused(lambda: socket.socket().connect(("192.0.2.1", 80)))
refused(lambda: socket.socket(socket.AF_INET6).connect(("2001:db8::1", 80)))
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
refused(lambda: udp.sendto(b"x", ("192.0.2.1", 53)))
refused(lambda: udp.sendmsg([b"x"], [], 0, ("192.0.2.1", 53)))
refused(lambda: urllib.request.urlopen("http://example.org/"))
served = socket.create_server(("127.0.0.1", 0))
for host in ("127.0.0.1", "localhost"):
    socket.create_connection((host, served.getsockname()[1])).close()
a, b = socket.socketpair()
a.sendall(b"x")
assert b.recv(1) == b"x"
print("sealed")
"""


def quodvide(*arguments: str, before: tuple[str, ...] = (), **given: str) -> "subprocess.CompletedProcess[str]":
    command = [*before, sys.executable, "-c", "from agent.cli import main; main()", *arguments]
    environment = {**os.environ, **given, "COLUMNS": "200"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)


def settings(**groups: Any) -> settings_.Settings:
    return settings_.Settings(home=Path("/nowhere"), **groups)


@pytest.mark.parametrize("role", ROLES)
def test_a_model_elsewhere_is_refused_in_every_role(role: str):
    far = {"model": "m", "base_url": "https://example.org/v1"}
    for name in ("far", "openai:gpt-4o-mini"):
        chosen = settings(remotes={"far": far}, roles={role: ("local", name)})
        with pytest.raises(ConfigError, match=rf"offline: setting roles\.\w+: {name} is a model elsewhere"):
            offline.check(chosen)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080/v1", "http://localhost/v1", "http://[::1]:8080/v1", "http://127.9.9.9/"]
)
def test_a_server_of_this_machine_is_allowed(url: str):
    near = {"model": "m", "base_url": url}
    offline.check(settings(remotes={"near": near}, roles=dict.fromkeys(ROLES, ("near", "local"))))
    offline.check(settings(tracing={"otlp": url}))


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1@example.org/", "http://localhost.example.org/v1", "http://10.0.0.1/", "http://[2001:db8::1]/",
     "http://0.0.0.0/", "http://127.0.0.1.example.org/"],
)  # fmt: skip
def test_what_only_looks_like_this_machine_is_not(url: str):
    assert not offline.is_here(url)
    with pytest.raises(ConfigError, match=r"tracing\.otlp"):
        offline.check(settings(tracing={"otlp": url}))


def test_traces_are_refused():
    with pytest.raises(ConfigError, match=r"offline: setting tracing\.langsmith: traces go to LangSmith"):
        offline.check(settings(tracing={"langsmith": True}))


def test_what_is_described_but_has_no_part_is_allowed():
    offline.check(settings(remotes={"far": {"model": "openai:m"}}))


def test_nothing_leaves_a_process_that_is_sealed():
    done = subprocess.run([sys.executable, "-c", SEALED], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout.strip()) == (0, "sealed"), done.stderr


def test_the_option_refuses_at_the_start(tmp_path: Path):
    given = {"QUODVIDE_ROLES__WORD": "openai:gpt-4o-mini,local", "OPENAI_API_KEY": "x"}
    done = quodvide("--offline", "ask", "Who?", "--home", str(tmp_path), **given)
    assert done.returncode == 2
    (line,) = done.stderr.strip().splitlines()
    assert "offline: setting roles.word: openai:gpt-4o-mini is a model elsewhere. Change it" in line
    assert done.stdout == ""


def test_a_refiner_elsewhere_is_refused_too(tmp_path: Path):
    wish = ("--summary", "--refine", "1", "--refiner", "openai:gpt-4o-mini", "--yes")
    done = quodvide("themes", "Stars.", "--home", str(tmp_path), *wish, QUODVIDE_OFFLINE="1", OPENAI_API_KEY="x")
    assert done.returncode == 2
    assert "offline: setting roles.refine: openai:gpt-4o-mini is a model elsewhere" in done.stderr


def test_a_question_is_answered_where_there_is_no_network(demo_home: Path, tmp_path: Path):
    unshare = shutil.which("unshare")
    alone = (unshare or "", "-rn")
    if unshare is None or subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine does not let a process have a network of its own (unshare -rn)")
    home = shutil.copytree(demo_home, tmp_path / "home")
    done = quodvide(
        "--offline", "ask", QUOTED, "--home", str(home), "--json", before=alone, QUODVIDE_CHAT__ANSWER_CALLS="1"
    )
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    assert record["outcome"] == "answered"
    assert "28.4" in record["answer"]
    assert record["calls"][0]["model"].startswith("SmolLM2")


@pytest.mark.parametrize("command", [("ask", QUOTED), ("themes", "Bees dance to tell of flowers."), ("doctor",)])
def test_no_library_prepares_a_report_to_its_maker(demo_home: Path, tmp_path: Path, command: tuple[str, ...]):
    home = shutil.copytree(demo_home, tmp_path / "home")
    (user := tmp_path / "user").mkdir()
    # A library that sees a machine that only builds and tests would keep quiet.
    plain = {name: value for name, value in os.environ.items() if name in {"PATH", "LANG", "VIRTUAL_ENV"}}
    environment = {**plain, "HOME": str(user), "QUODVIDE_HOME": str(home)}
    program = [sys.executable, "-c", "from agent.cli import main; main()", *command]
    found = subprocess.run(program, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert found.returncode == 0, found.stderr
    assert [path for path in user.rglob("*") if path.is_file()] == []
