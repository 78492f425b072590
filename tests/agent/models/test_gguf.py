"""The GGUF header reader: the real file, damaged copies, random bytes."""

import struct
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.models.bundled import bundled_model
from agent.models.gguf import Header, check_fits, memory_available, memory_needed, read_header
from stores.errors import ModelError, ModelTooLarge

with bundled_model().open("rb") as file:
    HEAD = file.read(3000)
QUIET = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def test_reads_the_bundled_model_quickly() -> None:
    path = bundled_model()
    read_header(path)
    began = time.perf_counter()
    header = read_header(path)
    assert time.perf_counter() - began < 0.03
    assert (header.architecture, header.n_layers, header.n_heads, header.n_head_kv[0]) == ("llama", 30, 9, 3)
    assert (header.key_dim, header.value_dim, header.context_length) == (64, 64, 8192)
    assert (header.embedding_length, header.vocab_size, header.file_size) == (576, 49152, path.stat().st_size)


def test_memory_follows_the_formula() -> None:
    header = read_header(bundled_model())
    small, large = memory_needed(header, 1024, batch=32), memory_needed(header, 4096, batch=32)
    cache = 3072 * 30 * 3 * 128 * 2
    assert large - small == cache + 32 * 4 * 9 * 3072
    assert header.file_size < small < 2 * 2**30


def test_too_large_says_what_is_needed() -> None:
    header = read_header(bundled_model())
    with pytest.raises(
        ModelTooLarge, match=r"^m\.gguf: the model needs .* GiB .* 0\.10 GiB is available\. Use a smaller"
    ):
        check_fits(header, 8192, where="m.gguf", available=int(0.1 * 2**30))
    check_fits(header, 8192, available=8 * 2**30)
    huge = header._replace(file_size=10**15)
    with pytest.raises(ModelTooLarge):
        check_fits(huge, 4096)
    assert memory_available() > 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04 not a model at all", "not a GGUF model file"),
        (b"GG", "not a GGUF model file"),
        (b"GGUF", "truncated"),
        (b"GGUF" + struct.pack("<I", 9), "version 9"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1, 2**60), "damaged"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1, 0), "names no architecture"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1, 1) + struct.pack("<Q", 2**63), "truncated"),
    ],
)
def test_bad_files_are_one_clear_line(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "bad.gguf"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=said) as caught:
        read_header(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_and_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "none.gguf", tmp_path):
        with pytest.raises(ModelError, match="cannot read the model file"):
            read_header(path)


def _read(tmp_path: Path, content: bytes) -> Header | None:
    path = tmp_path / "x.gguf"
    path.write_bytes(content)
    try:
        return read_header(path)
    except ModelError:
        return None


@QUIET
@given(body=st.binary(max_size=400), head=st.booleans())
def test_random_bytes_never_crash(tmp_path: Path, body: bytes, head: bool) -> None:
    _read(tmp_path, (b"GGUF" + struct.pack("<I", 3) if head else b"") + body)


@QUIET
@given(length=st.integers(0, len(HEAD)))
def test_truncated_real_header_never_crashes(tmp_path: Path, length: int) -> None:
    _read(tmp_path, HEAD[:length])


@QUIET
@given(at=st.integers(0, len(HEAD) - 8), value=st.binary(min_size=1, max_size=8))
def test_damaged_real_header_never_crashes(tmp_path: Path, at: int, value: bytes) -> None:
    _read(tmp_path, HEAD[:at] + value + HEAD[at + len(value) :])


def _pair(key: str, kind: int, value: bytes) -> bytes:
    return struct.pack("<Q", len(key)) + key.encode() + struct.pack("<I", kind) + value


def test_keys_in_any_order(tmp_path: Path) -> None:
    def text(value: str) -> bytes:
        return struct.pack("<Q", len(value)) + value.encode()

    numbers = {"block_count": 2, "context_length": 64, "embedding_length": 8, "attention.head_count": 2}
    pairs = [
        _pair("tokenizer.ggml.tokens", 9, struct.pack("<IQ", 8, 3) + text("a") + text("bc") + text("")),
        _pair("general.architecture", 8, text("tiny")),
        _pair("tiny.attention.head_count_kv", 9, struct.pack("<IQ2I", 4, 2, 1, 2)),
        *(_pair(f"tiny.{key}", 4, struct.pack("<I", value)) for key, value in numbers.items()),
    ]
    header = _read(tmp_path, b"GGUF" + struct.pack("<IQQ", 3, 0, len(pairs)) + b"".join(pairs))
    assert header is not None
    assert (header.architecture, header.vocab_size, header.n_head_kv, header.key_dim) == ("tiny", 3, (1, 2), 4)
