"""Names of models, the catalogue's facts, and the memory that is reckoned from them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.models.bundled import bundled_model
from agent.models.catalogue.entries import BUNDLED, GB, entries
from agent.models.catalogue.kept import model_file
from agent.models.catalogue.names import here, is_path, of_entry, source
from agent.models.catalogue.needs import check, memory_of
from agent.models.catalogue.speed import Speed, reckoned
from agent.models.gguf import read_header
from agent.settings import ChatSettings
from stores.errors import ConfigError, ModelTooLarge


def test_the_catalogue_has_what_the_mission_names() -> None:
    wanted = {BUNDLED, "qwen2.5-1.5b", "qwen2.5-3b", "qwen2.5-7b", "llama-3.2-1b", "llama-3.2-3b", "llama-3.1-8b"}
    assert wanted | {"gemma-2-2b", "phi-3-mini", "phi-3.5-mini", "mistral-7b"} == set(entries())
    sizes = [entry.parameters for entry in entries().values()]
    assert sizes == sorted(sizes)
    paths = [of_entry(e, q).path(Path("m")) for e in entries().values() for q in e.files]
    assert len(set(paths)) == len(paths)


def test_sizes_are_what_the_bits_of_a_weight_make() -> None:
    """Published bits a weight, with room for what a mix keeps at more of them, such as a large vocabulary."""
    bits = {"Q4_1": (4.5, 6), "Q4": (4.4, 5.8), "Q4_K_M": (4.4, 5.9), "Q5_K_M": (5.3, 6.8), "Q6_K": (6.4, 7.7), "Q8_0": (8.3, 9.9), "FP16": (15.9, 16.2)}  # fmt: skip
    for entry in entries().values():
        gbs = [file.gb for file in entry.files.values()]
        assert gbs == sorted(gbs), entry.name
        for quantization, file in entry.files.items():
            low, high = bits[quantization]
            assert low < file.gb * 8 / entry.parameters < high, (entry.name, quantization)


def test_the_shape_of_each_model_makes_its_parameters() -> None:
    """Embedding, attention and a feed-forward part of 2.5 to 6 times its width come near the number that is given."""
    for entry in entries().values():
        e, kv = entry.embedding, entry.kv_heads * entry.head_dim
        attention = 2 * e * entry.heads * entry.head_dim + 2 * e * kv
        rest = entry.parameters * 1e9 - entry.vocabulary * e - entry.layers * attention
        width = rest / entry.layers / (3 * e) / e
        assert 2.4 < width < 6.3, (entry.name, width)


def test_the_bundled_entry_is_its_file() -> None:
    entry, header = entries()[BUNDLED], read_header(bundled_model())
    told = entry.header(entry.default)
    same = (
        "n_layers",
        "n_heads",
        "n_head_kv",
        "key_dim",
        "value_dim",
        "context_length",
        "embedding_length",
        "vocab_size",
    )
    assert [getattr(told, name) for name in same] == [getattr(header, name) for name in same]
    assert abs(told.file_size - header.file_size) < GB / 1000
    assert entry.files[entry.default].file == bundled_model().name


def test_names_mean_files() -> None:
    plain, other = source("Qwen2.5-1.5B"), source("qwen2.5-1.5b:q8_0")
    assert (plain.name, plain.file) == ("qwen2.5-1.5b:Q4_K_M", "qwen2.5-1.5b-instruct-q4_k_m.gguf")
    assert (other.name, other.file) == ("qwen2.5-1.5b:Q8_0", "qwen2.5-1.5b-instruct-q8_0.gguf")
    hub = source("hf:o/r/sub/x.Q4.gguf")
    assert (hub.repository, hub.file, hub.entry, hub.path(Path("m"))) == (
        "o/r",
        "sub/x.Q4.gguf",
        None,
        Path("m/o/r/sub/x.Q4.gguf"),
    )
    assert [is_path(name) for name in ("./x", "x.gguf", "/m/x", "qwen2.5-1.5b:Q8_0", "hf:o/r/x.gguf")] == [
        True,
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("qwen2.5-1.5", r"Did you mean qwen2\.5-1\.5b\?"),
        ("lama-3.2-1b", "Did you mean llama-3.2-1b"),
        ("qwen2.5-1.5b:Q3", "It has Q4_K_M, Q5_K_M"),
        ("hf:only/this.gguf", "OWNER/REPOSITORY/FILE"),
        ("hf:o/r/x.bin", "OWNER/REPOSITORY/FILE"),
        ("hf:o/../../etc/x.gguf", "OWNER/REPOSITORY/FILE"),
        ("", "no model is named"),
    ],
)
def test_wrong_names_say_what_is_meant(name: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        source(name)


@given(st.text(max_size=40))
def test_no_name_leaves_the_folder(text: str) -> None:
    for name in (text, f"hf:{text}", f"hf:o/r/{text}.gguf", f"hf:{text}/r/x.gguf"):
        try:
            path = source(name).path(Path("/models"))
        except ConfigError:
            continue
        assert Path("/models") in path.resolve().parents


def test_a_plain_name_is_the_file_that_is_here(tmp_path: Path) -> None:
    default, other = source("llama-3.2-1b"), source("llama-3.2-1b:Q6_K")
    assert here("llama-3.2-1b", tmp_path) == default
    other.path(tmp_path).parent.mkdir(parents=True)
    other.path(tmp_path).touch()
    assert here("llama-3.2-1b", tmp_path) == other
    assert here("llama-3.2-1b:Q4_K_M", tmp_path) == default
    default.path(tmp_path).touch()
    assert model_file("llama-3.2-1b", tmp_path) == default.path(tmp_path)
    assert model_file("~/x.gguf", tmp_path) == Path("~/x.gguf").expanduser()
    assert model_file("bundled", tmp_path) == bundled_model()


def test_memory_grows_with_context_and_contexts_and_is_bounded_by_the_model() -> None:
    phi, llama = entries()["phi-3-mini"].header("Q4"), entries()["llama-3.2-1b"].header("Q4_K_M")
    small, large = (memory_of(llama, ChatSettings(n_ctx=n)) for n in (1024, 4096))
    assert large - small > 3072 * 16 * 8 * 128 * 2
    assert memory_of(llama, ChatSettings(contexts=2)) > large
    assert memory_of(llama, ChatSettings(contexts=2)) < 2 * large - llama.file_size / 2
    assert memory_of(phi, ChatSettings(n_ctx=100_000)) == memory_of(phi, ChatSettings(n_ctx=4096))
    with pytest.raises(ModelTooLarge, match=r"^here: the model needs .* and 16 contexts, .* is available"):
        check(llama._replace(file_size=10**15), ChatSettings(contexts=16), "here")


def test_speed_goes_with_size() -> None:
    bundled = Speed(reads=340, writes=130)
    one = entries()["qwen2.5-1.5b"]
    speed, slower = reckoned(one, "Q4_K_M", bundled), reckoned(one, "Q8_0", bundled)
    assert 28 < speed.reads < 31
    assert 11 < speed.writes < 12
    assert (slower.reads, slower.writes < speed.writes) == (speed.reads, True)
    assert speed.sentence_s == pytest.approx(150 / speed.reads + 40 / speed.writes)
