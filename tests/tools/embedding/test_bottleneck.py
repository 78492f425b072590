"""SPECTER2's kind of adapter: the values of the library that it was made with, and adapters that do not fit."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from stores.errors import ConfigError, ModelError
from tools.embedding.bottleneck import add_bottlenecks
from tools.embedding.open import open_embedder

FORM = {
    "adapter_residual_before_ln": False, "cross_adapter": False, "inv_adapter": None, "is_parallel": False, "leave_out": [],
    "ln_after": False, "ln_before": False, "mh_adapter": False, "non_linearity": "relu", "original_ln_after": True,
    "original_ln_before": True, "output_adapter": True, "phm_layer": False, "residual_before_ln": True, "scaling": 1.0,
    "use_gating": False,
}  # fmt: skip


def filled(shapes: Mapping[str, tuple[int, ...]], seed: int) -> dict[str, object]:
    import torch

    drawn = np.random.default_rng(seed)
    return {
        name: torch.from_numpy((0.3 * drawn.standard_normal(shapes[name])).astype(np.float32))
        for name in sorted(shapes)
    }


def save_adapter(folder: Path, hidden: int = 32, layers: int = 2, **changes: object) -> Path:
    import torch

    folder.mkdir(exist_ok=True)
    (folder / "adapter_config.json").write_text(json.dumps({"config": FORM | changes}))
    shapes: dict[str, tuple[int, ...]] = {}
    for layer in range(layers):
        at = f"encoder.layer.{layer}.output.adapters.proximity."
        shapes |= {f"{at}adapter_down.0.bias": (2,), f"{at}adapter_down.0.weight": (2, hidden)}
        shapes |= {f"{at}adapter_up.bias": (hidden,), f"{at}adapter_up.weight": (hidden, 2)}
    torch.save(filled(shapes, 2), folder / "pytorch_adapter.bin")
    return folder


def test_as_the_adapters_library(tmp_path: Path) -> None:
    import torch
    from transformers import BertConfig, BertModel

    config = BertConfig(
        hidden_size=32, intermediate_size=40, num_attention_heads=4, num_hidden_layers=2, max_position_embeddings=64,
        vocab_size=300, layer_norm_eps=1e-6,
    )  # fmt: skip
    model = BertModel(config, add_pooling_layer=False).eval()
    shapes = {name: tuple(value.shape) for name, value in model.state_dict().items() if value.is_floating_point()}
    model.load_state_dict(filled(shapes, 1), strict=False)
    add_bottlenecks(model, save_adapter(tmp_path / "adapter"))
    with torch.no_grad():
        ids = torch.tensor([[5, 42, 260, 7]])
        found = model(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state[0, 0, :6]
    # What adapters 1.3.0 over transformers 4.57.6 gives for the same weights.
    assert found.tolist() == pytest.approx([0.2131, -0.0199, 0.5044, -0.5812, 0.0873, 0.2479], abs=1e-4)


def test_a_model_and_an_adapter_are_named_together(small: Path, tmp_path: Path) -> None:
    base = Path(shutil.copytree(small, tmp_path / "specter2_base"))
    shutil.rmtree(base / "1_Pooling")
    (base / "modules.json").unlink()
    adapter = save_adapter(tmp_path / "proximity")
    plain = open_embedder("sentence-transformers", str(base), max_tokens=64, device="cpu")
    both = open_embedder("sentence-transformers", f"{base}+{adapter}", max_tokens=64, device="cpu")
    assert both.name.startswith("specter2_base+proximity@")
    assert both.name.partition("@")[2] != plain.name.partition("@")[2]
    assert np.abs(both.embed(["a few words"]) - plain.embed(["a few words"])).max() > 0.01
    with pytest.raises(
        ConfigError, match=r"nobody/adapter: the embedding model is not on this machine.*hf download nobody/adapter"
    ):
        open_embedder("sentence-transformers", f"{base}+nobody/adapter")


def test_what_does_not_fit_is_said(tmp_path: Path) -> None:
    from transformers import BertConfig, BertModel

    config = BertConfig(
        hidden_size=32, intermediate_size=40, num_attention_heads=4, num_hidden_layers=2, max_position_embeddings=64,
        vocab_size=300,
    )  # fmt: skip
    model = BertModel(config, add_pooling_layer=False)
    with pytest.raises(ConfigError, match="no adapter of AdapterHub"):
        add_bottlenecks(model, tmp_path)
    with pytest.raises(ConfigError, match=r"another form .*mh_adapter"):
        add_bottlenecks(model, save_adapter(tmp_path / "other", mh_adapter=True))
    with pytest.raises(ModelError, match="fits another model"):
        add_bottlenecks(model, save_adapter(tmp_path / "wide", hidden=48))
    with pytest.raises(ModelError, match="fits another model"):
        add_bottlenecks(model, save_adapter(tmp_path / "short", layers=1))
    broken = save_adapter(tmp_path / "broken")
    (broken / "pytorch_adapter.bin").write_bytes(b"cos\nsystem\n(S'touch /tmp/ran'\ntR.")
    with pytest.raises(ModelError, match="cannot be read"):
        add_bottlenecks(model, broken)
