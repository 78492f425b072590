"""The commands over models as a user meets them; nothing here goes to a hub."""

import hashlib
import json
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from agent import settings as settings_
from agent.model_listing import recommended
from agent.models.bundled import bundled_model
from agent.models.catalogue.names import source
from agent.models.catalogue.rows import rows
from agent.models.catalogue.speed import Speed, reckoned
from agent.settings import ChatSettings

Quodvide = Callable[..., tuple[int, str, str]]


def put(home: Path, name: str, content: bytes) -> Path:
    path = source(name).path(home / "models")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_list_fits_a_terminal_and_says_what_is_here(
    home: Path, small: bytes, quodvide: Quodvide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    put(home, "qwen2.5-1.5b:Q8_0", small)
    put(home, "hf:own/er/my.gguf", small)
    status, out, err = quodvide("models", "list")
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert max(map(len, lines)) <= 80
    assert any(line.startswith("bundled ") and line.rstrip().endswith("in use") for line in lines)
    assert any(
        line.startswith("qwen2.5-1.5b ") and "Q8_0" in line and line.rstrip().endswith(" here") for line in lines
    )
    assert any(line.startswith("llama-3.2-1b ") and line.rstrip().endswith("not here") for line in lines)
    assert sum("llama-3.2-1b" in line for line in lines) == 1
    assert "hf:own/er" in out
    _, every, _ = quodvide("models", "list", "--all")
    assert every.count("llama-3.2-1b ") == 4
    _, one, _ = quodvide("models", "list", "gemma-2-2b")
    assert "refuses a system message" in one
    assert one.count("gemma-2-2b ") == 4


def test_list_as_json_is_complete(home: Path, small: bytes, quodvide: Quodvide) -> None:
    put(home, "phi-3-mini", small)
    found = {each["name"]: each for each in json.loads(quodvide("models", "list", "--json")[1])}
    assert found["phi-3-mini:Q4"]["state"] == "here"
    assert found["phi-3-mini:Q4"]["bytes"] == len(small)
    assert found["phi-3-mini:FP16"]["state"] == "not here"
    assert found["bundled"]["in_use"]
    assert found["qwen2.5-3b:Q4_K_M"]["commercial"] is False
    assert found["gemma-2-2b:Q4_K_M"]["licence"] == "Gemma"


def test_use_writes_the_settings_and_keeps_the_rest(
    home: Path, small: bytes, quodvide: Quodvide, tmp_path: Path
) -> None:
    home.mkdir()
    (home / "settings.toml").write_text("# mine\n[chat] # the model\nn_ctx = 1024 # short\n\n[server]\nport = 1\n")
    mine = tmp_path / "mine.gguf"
    mine.write_bytes(small)
    status, out, _ = quodvide("models", "use", str(mine))
    assert (status, f"In use: {mine}" in out) == (0, True)
    text = (home / "settings.toml").read_text()
    assert text == f'# mine\n[chat] # the model\nn_ctx = 1024 # short\nmodel = "{mine}"\n\n[server]\nport = 1\n'
    assert settings_.load(home).chat.model == str(mine)
    for word in ("none", "bundled"):
        assert quodvide("models", "use", word)[0] == 0
        assert tomllib.loads((home / "settings.toml").read_text())["chat"] == {"n_ctx": 1024, "model": word}
    put(home, "qwen2.5-1.5b:Q8_0", small)
    assert quodvide("models", "use", "qwen2.5-1.5b")[0] == 0
    assert settings_.load(home).chat.model == "qwen2.5-1.5b:Q8_0"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("use", "qwen2.5-1.5b"), "Run `quodvide models pull qwen2.5-1.5b`"),
        (("use", "qwen-1.5b"), "Did you mean qwen2.5-1.5b"),
        (("use", "/no/such.gguf"), "is not here"),
        (("use", "none", "--adapter", "x.gguf"), "an adapter needs a model"),
        (("pull", "bundled"), "comes with the installation"),
        (("pull", "/a/b.gguf"), "is a path"),
        (("pull", "qwen"), "Did you mean"),
        (("remove", "qwen2.5-1.5b"), "is not here"),
        (("remove", "bundled"), "stays"),
        (("remove", "/a/b.gguf"), "is a path"),
        (("verify", "qwen2.5-1.5b"), "is not here"),
        (("list", "qwn2.5-7b"), "Did you mean qwen2.5-7b"),
    ],
)
def test_mistakes_are_one_line(home: Path, quodvide: Quodvide, words: tuple[str, ...], said: str) -> None:
    status, out, err = quodvide("models", *words)
    assert (status > 0, out, len(err.strip().splitlines())) == (True, "", 1)
    assert said in err
    assert not (home / "settings.toml").exists()


def test_use_refuses_what_is_no_model_or_too_large(
    home: Path, small: bytes, quodvide: Quodvide, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.gguf"
    bad.write_bytes(b"PK not a model")
    assert "not a GGUF model file" in quodvide("models", "use", str(bad))[2]
    home.mkdir()
    (home / "settings.toml").write_text("[chat]\nn_ctx = 8192\ncontexts = 16\n")
    large = tmp_path / "large.gguf"
    large.write_bytes(small)
    with large.open("r+b") as file:
        file.truncate(2**43)  # a hole, which takes no space
    err = quodvide("models", "use", str(large))[2]
    assert "the model needs 819" in err
    assert "smaller quantization" in err


def test_remove_takes_all_of_a_model_but_never_the_one_in_use(home: Path, small: bytes, quodvide: Quodvide) -> None:
    path = put(home, "qwen2.5-1.5b", small)
    path.with_name(f"{path.name}.json").write_text("{}")
    path.with_name(f"{path.name}.0123456789ab.part").write_bytes(b"part")
    assert quodvide("models", "use", "qwen2.5-1.5b")[0] == 0
    assert "use bundled` first" in quodvide("models", "remove", "qwen2.5-1.5b")[2]
    assert quodvide("models", "use", "bundled")[0] == 0
    status, out, _ = quodvide("models", "remove", "qwen2.5-1.5b")
    assert (status, "are free again" in out) == (0, True)
    assert not (home / "models").exists()


def test_verify_finds_a_single_changed_bit(home: Path, small: bytes, quodvide: Quodvide) -> None:
    status, out, _ = quodvide("models", "verify")
    assert (status, out) == (0, "ok    bundled: 0.10 GB, as it came\n")
    path = put(home, "qwen2.5-1.5b", small)
    status, out, _ = quodvide("models", "verify", "qwen2.5-1.5b")
    assert (status, "no checksum was kept" in out) == (1, True)
    about = {"name": "q", "repository": "r", "file": "f", "hub": "h", "revision": "v", "bytes": len(small)}
    about |= {"sha256": hashlib.sha256(small).hexdigest(), "fetched": "2026-01-01T00:00:00Z"}
    path.with_name(f"{path.name}.json").write_text(json.dumps(about))
    assert quodvide("models", "verify")[0] == 0
    changed = bytearray(small)
    changed[2_000_000] ^= 1
    path.write_bytes(changed)
    status, out, _ = quodvide("models", "verify")
    assert status == 1
    assert "FAIL  qwen2.5-1.5b:Q4_K_M" in out
    assert "another checksum than when it was fetched" in out


def test_recommend_takes_the_largest_that_fits_and_is_quick_enough(home: Path, quodvide: Quodvide) -> None:
    def pick(gib: float, within: float) -> str | None:
        found = [
            (row, reckoned(row.entry, row.quantization, Speed(340, 130)))
            for row in rows(home, ChatSettings(), int(gib * 2**30))
            if row.entry and row.quantization == row.entry.default and row.entry.repository
        ]
        best = recommended(found, within)
        return best.name if best else None

    assert pick(100, 1000) == "llama-3.1-8b:Q4_K_M"
    assert pick(5, 1000) == "qwen2.5-7b:Q4_K_M"
    assert pick(1.1, 1000) == "llama-3.2-1b:Q4_K_M"
    assert pick(0.5, 1000) is None
    assert pick(4.2, 1000) == "phi-3.5-mini:Q4_K_M"
    assert pick(100, 9) == "qwen2.5-1.5b:Q4_K_M"
    assert pick(100, 18) == "llama-3.2-3b:Q4_K_M"
    assert pick(2.3, 1000) == "gemma-2-2b:Q4_K_M"  # qwen2.5-3b fits, but not every use of it is allowed
    status, out, _ = quodvide("models", "recommend", "--within", "100000")
    assert status == 0
    assert "tokens a second here, measured now" in out
    told = json.loads(quodvide("models", "recommend", "--json", "--within", "0.1")[1])
    assert told["recommended"] is None
    assert told["bundled"]["writes"] > 0
    assert {each["name"] for each in told["models"]} >= {"qwen2.5-1.5b:Q4_K_M", "mistral-7b:Q4_K_M"}


def test_the_environment_is_said_to_win(quodvide: Quodvide, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUODVIDE_CHAT__MODEL", str(bundled_model()))
    status, _, err = quodvide("models", "use", "none")
    assert (status, err) == (0, "QUODVIDE_CHAT__MODEL is set, and wins over it.\n")
