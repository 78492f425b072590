"""LoRA adapters upon the bundled model: real ones, made here, and files that are none."""

from pathlib import Path

import gguf
import numpy as np
import pytest
from langchain_core.messages import HumanMessage

from agent import settings as settings_
from agent.chat_models import chat_model
from agent.digests import Digests
from agent.models.adapters import Adapter
from agent.models.bundled import bundled_model
from agent.models.local import ChatLlama
from agent.models.probe import probe_model
from agent.recording import Recorder
from stores.catalogue import Catalogue
from stores.errors import ModelError

LIST = [HumanMessage("Write a long list of animals, one a line.")]
WIDTH, BLOCKS = 576, 30


def lora(path: Path, *, kind: str = "llama", width: int = WIDTH, blocks: int = BLOCKS) -> Path:
    """Write an adapter of rank 4 whose weights are noise."""
    writer = gguf.GGUFWriter(path, kind)
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", 8.0)
    rng = np.random.default_rng(1)
    for block in range(blocks):
        for part, shape in (("a", (4, width)), ("b", (width, 4))):
            writer.add_tensor(f"blk.{block}.attn_q.weight.lora_{part}", rng.normal(0, 0.05, shape).astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.fixture(scope="module")
def adapter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lora(tmp_path_factory.mktemp("lora") / "noise.gguf")


def says(adapter: Adapter | None, contexts: int = 1) -> str:
    chat = ChatLlama(n_ctx=512, max_tokens=24, adapter=adapter, n_contexts=contexts)
    try:
        return str(chat.invoke(LIST).content)
    finally:
        chat.close()


def test_an_adapter_changes_what_is_said_and_at_scale_0_nothing(adapter: Path) -> None:
    plain = says(None)
    strong = says(Adapter(adapter, 5.0))
    assert strong != plain
    assert says(Adapter(adapter, 0.0)) == plain
    assert says(Adapter(adapter, 5.0), contexts=2) == strong
    assert says(None) == plain


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ({"kind": "gpt2"}, "the adapter is for a gpt2 model, this one is a llama"),
        ({"width": 512}, "llama.cpp cannot use this adapter: .*incorrect shape"),
        ({"blocks": 31}, "llama.cpp cannot use this adapter: .*does not exist in base model"),
    ],
)
def test_an_adapter_of_another_model_is_one_clear_error(tmp_path: Path, what: dict[str, int], said: str) -> None:
    path = lora(tmp_path / "other.gguf", **what)  # type: ignore[arg-type]
    with pytest.raises(ModelError, match=said) as caught:
        says(Adapter(path))
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_that_are_no_adapter(tmp_path: Path, adapter: Path) -> None:
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(adapter.read_bytes()[:100_000])
    for path, said in (
        (cut, "llama.cpp cannot use this adapter"),
        (bundled_model(), "is no LoRA adapter"),
        (tmp_path / "missing.gguf", "the adapter cannot be used: cannot read the model file: No such file"),
    ):
        with pytest.raises(ModelError, match=said):
            says(Adapter(path))


def test_the_settings_put_it_on_and_the_record_names_it(
    tmp_path: Path, adapter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUODVIDE_CHAT__ADAPTER", str(adapter))
    monkeypatch.setenv("QUODVIDE_CHAT__ADAPTER_SCALE", "5")
    settings = settings_.load(tmp_path, chat={"n_ctx": 512, "max_tokens": 24})
    chat = chat_model(settings)
    assert isinstance(chat, ChatLlama)
    assert str(chat.invoke(LIST).content) == says(Adapter(adapter, 5.0))
    chat.close()
    catalogue = Catalogue(tmp_path / "catalogue.sqlite", create=True)
    recorder = Recorder(settings, catalogue, bundled_model(), lambda: "none", Digests(tmp_path / "digests.json"))
    made = recorder.environment()
    catalogue.close()
    assert made.adapter_sha256 == Digests(tmp_path / "again.json").file(adapter)
    assert made.settings["chat.adapter_scale"] == 5
    assert "chat.adapter" not in made.settings


def test_the_probe_tries_it_too(adapter: Path) -> None:
    result = probe_model(bundled_model(), n_ctx=256, adapter=adapter)
    assert result.ok, result.line
    assert "with noise.gguf" in result.line
