"""Fetching from a real little hub: whole, in pieces, wrong, refused, and with two at once."""

import hashlib
import json
import os
import socket
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import gguf
import numpy as np
import pytest
from filelock import FileLock

from agent.models.bundled import bundled_model
from agent.models.catalogue import download
from agent.models.catalogue import hub as hubs
from agent.models.catalogue.download import Fetch
from agent.models.catalogue.names import source
from stores.errors import ModelError, StoreBusy, StoreError

from .conftest import COMMIT, FILE, REPOSITORY, Hub

Quodvide = Callable[..., tuple[int, str, str]]
NAME = f"hf:{REPOSITORY}/{FILE}"


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "WAIT_S", 0.0)


def target(home: Path) -> Path:
    return home / "models" / REPOSITORY / FILE


def left(home: Path) -> list[str]:
    return sorted(path.name for path in target(home).parent.glob("*") if path.suffix != ".lock")


def test_pull_fetches_checks_and_records(hub: Hub, small: bytes, home: Path, quodvide: Quodvide) -> None:
    digest = hub.add(small)
    status, out, err = quodvide("models", "pull", NAME)
    assert (status, target(home).read_bytes() == small) == (0, True), err
    assert f"{NAME} is here: 0.00 GB, its checksum is right.\nIt needs 0.1 GiB of memory." in out
    manifest = json.loads((target(home).parent / f"{FILE}.json").read_text())
    assert (manifest["sha256"], manifest["bytes"], manifest["revision"]) == (digest, len(small), COMMIT)
    assert (manifest["repository"], manifest["file"], manifest["hub"]) == (REPOSITORY, FILE, hub.address)
    assert left(home) == [FILE, f"{FILE}.json"]
    assert hub.fetched() == [""]
    # What was said of the revision is fetched by its commit, so that no later one slips in between.
    assert f"/{REPOSITORY}/resolve/{COMMIT}/{FILE}" in {each.path for each in hub.asked}
    status, out, _ = quodvide("models", "pull", NAME)
    assert (status, "is here already" in out) == (0, True)
    assert hub.fetched() == [""]


def test_cut_connections_go_on_where_they_broke(hub: Hub, small: bytes, home: Path, quodvide: Quodvide) -> None:
    hub.add(small)
    hub.cuts = [1_000_000, 1, 700_000]
    status, _, err = quodvide("models", "pull", NAME)
    assert (status, target(home).read_bytes() == small) == (0, True), err
    begun = [int(start or 0) for start in hub.fetched()]
    assert begun == sorted(begun)
    assert (begun[0], begun[1], len(begun)) == (0, 1_000_000, 4)


def test_a_dead_hub_leaves_what_came_and_a_later_pull_goes_on(
    hub: Hub, small: bytes, home: Path, quodvide: Quodvide
) -> None:
    hub.add(small)
    hub.cuts = [1_500_000] + [0] * download.TRIES
    status, _, err = quodvide("models", "pull", NAME)
    assert status == 1
    assert len(err.strip().splitlines()) == 2, err  # what is fetched, and why it was not
    assert "cannot be reached" in err
    assert "the same command goes on there" in err
    (part,) = left(home)
    assert part.endswith(".part")
    assert (target(home).parent / part).stat().st_size == 1_500_000
    assert not hub.cuts
    hub.asked.clear()
    _, out, _ = quodvide("models", "list")
    assert "part here" in out
    assert quodvide("models", "pull", NAME)[0] == 0
    assert hub.fetched() == ["1500000"]
    assert target(home).read_bytes() == small


def test_a_hub_without_ranges_is_fetched_anew(hub: Hub, small: bytes, home: Path, quodvide: Quodvide) -> None:
    hub.add(small)
    hub.cuts, hub.ranges = [1_000_000], False
    assert quodvide("models", "pull", NAME)[0] == 0
    assert target(home).read_bytes() == small


def test_a_wrong_checksum_leaves_nothing_usable(hub: Hub, small: bytes, home: Path, quodvide: Quodvide) -> None:
    hub.add(small)
    hub.digests[f"{REPOSITORY}/{FILE}"] = hashlib.sha256(b"other").hexdigest()
    status, out, err = quodvide("models", "pull", NAME)
    assert (status, out) == (1, "")
    assert "another checksum than the hub says" in err
    assert left(home) == []
    assert quodvide("models", "use", NAME)[0] == 1
    hub.digests.clear()
    assert quodvide("models", "pull", NAME)[0] == 0


def test_a_damaged_part_is_found_out(hub: Hub, small: bytes, home: Path, quodvide: Quodvide) -> None:
    digest = hub.add(small)
    part = target(home).with_name(f"{FILE}.{digest[:12]}.part")
    part.parent.mkdir(parents=True)
    part.write_bytes(b"x" * 1_000_000)
    assert "another checksum" in quodvide("models", "pull", NAME)[2]
    assert quodvide("models", "pull", NAME)[0] == 0
    assert target(home).read_bytes() == small


def test_another_version_is_fetched_anew_and_takes_the_place(
    hub: Hub, small: bytes, home: Path, quodvide: Quodvide
) -> None:
    hub.add(small)
    assert quodvide("models", "pull", NAME)[0] == 0
    hub.add(small + b"more")
    hub.cuts = [2_000_000] + [0] * download.TRIES
    assert quodvide("models", "pull", NAME)[0] == 1
    assert target(home).read_bytes() == small  # the old one serves until the new one is whole
    hub.add(small + b"other")
    assert quodvide("models", "pull", NAME)[0] == 0
    assert target(home).read_bytes() == small + b"other"
    assert left(home) == [FILE, f"{FILE}.json"]


def test_what_is_no_model_is_refused(hub: Hub, home: Path, quodvide: Quodvide) -> None:
    hub.add(b"<html>not a model</html>" * 100)
    status, _, err = quodvide("models", "pull", NAME)
    assert (status, left(home)) == (1, [])
    assert "this is not a GGUF model file; it was removed" in err


def test_a_token_goes_to_the_hub_and_to_nobody_else(
    hub: Hub, small: bytes, quodvide: Quodvide, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.add(small)
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    _, out, err = quodvide("models", "pull", NAME)
    assert {each.token for each in hub.asked if each.path.startswith("/cdn/")} == {""}
    assert {each.token for each in hub.asked if not each.path.startswith("/cdn/")} == {"Bearer hf_secret"}
    assert "hf_secret" not in out + err


def test_a_repository_that_was_renamed(hub: Hub, small: bytes, home: Path, quodvide: Quodvide) -> None:
    hub.add(small, f"owner/New-Name/{FILE}")
    hub.moved[REPOSITORY] = "owner/New-Name"
    assert quodvide("models", "pull", NAME)[0] == 0
    assert target(home).read_bytes() == small


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "set HF_TOKEN"),
        (403, "Accept its licence"),
        (404, "no such file"),
        (500, "cannot answer now"),
        (418, "answered with 418"),
    ],
)
def test_refusals_are_one_line(hub: Hub, small: bytes, quodvide: Quodvide, status: int, said: str) -> None:
    hub.add(small)
    hub.status = status
    code, _, err = quodvide("models", "pull", NAME)
    assert (code, len(err.strip().splitlines())) == (1, 1)
    assert said in err
    assert f"{REPOSITORY}/{FILE}" in err


def test_a_file_without_a_checksum_is_not_trusted(hub: Hub, small: bytes, quodvide: Quodvide) -> None:
    hub.add(small)
    hub.digests[f"{REPOSITORY}/{FILE}"] = "a-git-tag"
    assert "gives no checksum" in quodvide("models", "pull", NAME)[2]


def test_no_hub_and_offline_are_one_line_each(home: Path, quodvide: Quodvide, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("QUODVIDE_MODELS__HUB", f"http://127.0.0.1:{free.getsockname()[1]}")
    status, _, err = quodvide("models", "pull", "qwen2.5-1.5b")
    assert (status, len(err.strip().splitlines())) == (1, 1)
    assert "cannot be reached" in err
    assert "Check the network" in err
    home.mkdir()
    (home / "settings.toml").write_text("offline = true\n")
    # Offline seals a process for good, so it is another one.
    code = "import sys; sys.argv = ['quodvide', 'models', 'pull', 'qwen2.5-1.5b']; from agent.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "offline: nothing is fetched" in done.stderr


def test_two_at_once_and_a_full_disk(hub: Hub, small: bytes, home: Path) -> None:
    hub.add(small)
    wanted = source(NAME)
    with hubs.opened() as client:
        about = hubs.look(client, hub.address, wanted)
        fetch = Fetch(client, hub.address, wanted, target(home), lambda *_: None)
        target(home).parent.mkdir(parents=True)
        with FileLock(target(home).with_name(f"{FILE}.lock")), pytest.raises(StoreBusy, match="another process"):
            fetch.run(about)
        with pytest.raises(StoreError, match="are to be fetched"):
            fetch.run(about._replace(size=10**15))
        with pytest.raises(ModelError, match="more than it said"):
            fetch.run(about._replace(size=1000))
        with pytest.raises(ModelError, match="has less of this file"):
            fetch.run(about._replace(size=len(small) + 5))
    assert left(home) == []


def test_the_bundled_model_through_the_hub_answers(hub: Hub, home: Path, quodvide: Quodvide) -> None:
    from langchain_core.messages import HumanMessage, SystemMessage

    from agent import settings as settings_
    from agent.chat_models import chat_model

    file = "qwen2.5-1.5b-instruct-q4_k_m.gguf"
    hub.add(bundled_model().read_bytes(), f"Qwen/Qwen2.5-1.5B-Instruct-GGUF/{file}")
    hub.cuts = [40_000_000]
    assert quodvide("models", "pull", "Qwen2.5-1.5B")[0] == 0
    status, out, _ = quodvide("models", "use", "qwen2.5-1.5b")
    assert (status, "In use: qwen2.5-1.5b:Q4_K_M, 0.3 GiB of memory" in out) == (0, True)
    settings = settings_.load(home)
    assert settings.chat.model == "qwen2.5-1.5b:Q4_K_M"
    chat = chat_model(settings)
    assert chat is not None
    words = chat.invoke([SystemMessage("Answer in one word."), HumanMessage("What is the capital of France?")])
    assert "Paris" in str(words.content)
    chat.close()  # type: ignore[attr-defined]
    (home / "models" / "Qwen" / "Qwen2.5-1.5B-Instruct-GGUF" / file).unlink()  # 98 MB


def test_an_adapter_is_fetched_and_put_on(hub: Hub, home: Path, quodvide: Quodvide, tmp_path: Path) -> None:
    path = tmp_path / "adapter.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", 8.0)
    writer.add_tensor("blk.0.attn_q.weight.lora_a", np.zeros((4, 576), np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    hub.add(path.read_bytes())
    status, out, _ = quodvide("models", "pull", NAME)
    assert (status, f"--adapter {target(home)}" in out) == (0, True)
    assert " adapter" in quodvide("models", "list")[1]
    assert quodvide("models", "use", "bundled", "--adapter", str(target(home)), "--adapter-scale", "0.5")[0] == 0
    chat = tomllib.loads((home / "settings.toml").read_text())["chat"]
    assert chat == {"model": "bundled", "adapter": str(target(home)), "adapter_scale": 0.5}
    assert quodvide("models", "use", "bundled")[0] == 0
    assert tomllib.loads((home / "settings.toml").read_text())["chat"] == {"model": "bundled"}


def test_the_real_client_of_hubs_understands_this_hub(hub: Hub, small: bytes, tmp_path: Path) -> None:
    """What is tried here against the hub of these tests is only worth as much as that hub is like the real one."""
    hub.add(small)
    code = (
        "from huggingface_hub import hf_hub_download as get, get_hf_file_metadata as about, hf_hub_url as url;"
        f"at = dict(repo_id={REPOSITORY!r}, filename={FILE!r}, endpoint={hub.address!r});"
        f"print(get(**at, local_dir={str(tmp_path)!r})); found = about(url(**at)); print(found.etag, found.size, found.commit_hash)"
    )
    environment = {
        **os.environ,
        "HF_HUB_OFFLINE": "0",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
    }
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    with hubs.opened() as client:
        ours = hubs.look(client, hub.address, source(NAME))
    assert done.stdout.split() == [str(tmp_path / FILE), ours.sha256, str(ours.size), ours.revision]
    assert (tmp_path / FILE).read_bytes() == small


@pytest.mark.parametrize("address", ["http://[::1", "http://127.0.0.1:99999", "http://no host"])
def test_an_address_that_is_none_is_one_line(quodvide: Quodvide, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("QUODVIDE_MODELS__HUB", address)
    status, _, err = quodvide("models", "pull", "qwen2.5-1.5b")
    assert (status > 0, len(err.strip().splitlines()), "internal error" in err) == (True, 1, False), err


def test_what_is_no_token_is_one_line(quodvide: Quodvide, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "né\nX-Evil: 1")
    assert (
        quodvide("models", "pull", "qwen2.5-1.5b")[2]
        == "quodvide: HF_TOKEN: holds no token. Set it anew, or take it out\n"
    )
