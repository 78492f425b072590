"""One embedder of each backend for all tests here; loading them is what takes time."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from tools.embedding.base import Embedder
from tools.embedding.model_folder import bundled_folder
from tools.embedding.open import open_embedder

SMALL = {
    "model_type": "bert",
    "hidden_act": "gelu",
    "hidden_size": 32,
    "intermediate_size": 40,
    "num_attention_heads": 4,
    "num_hidden_layers": 2,
    "max_position_embeddings": 64,
    "vocab_size": 30522,
    "layer_norm_eps": 1e-6,
}


@pytest.fixture(scope="session")
def onnx() -> Embedder:
    return open_embedder(threads=2)


@pytest.fixture(scope="session")
def torch_embedder() -> Embedder:
    return open_embedder("sentence-transformers", device="cpu")


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Save a BERT of random weights as sentence-transformers does."""
    import torch
    from transformers import BertConfig, BertModel

    folder = tmp_path_factory.mktemp("model") / "small-bert"
    torch.manual_seed(0)
    BertModel(BertConfig(**SMALL), add_pooling_layer=False).save_pretrained(folder)
    source = bundled_folder()
    for name in ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt", "modules.json"):
        shutil.copy(source / name, folder / name)
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 64, "do_lower_case": false}')
    pooling = json.loads((source / "1_Pooling" / "config.json").read_text()) | {"word_embedding_dimension": 32}
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
    return folder


@pytest.fixture(scope="session")
def static(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Save a static model of three words as Model2Vec does."""
    from model2vec import StaticModel
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace

    words = {"[UNK]": 0, "[PAD]": 1, "cat": 2, "dog": 3, "house": 4}
    tokenizer = Tokenizer(WordLevel(words, unk_token="[UNK]"))  # noqa: S106 - a word
    tokenizer.pre_tokenizer = Whitespace()
    vectors = np.array([[0, 0, 0], [0, 0, 0], [3, 4, 0], [0, 5, 0], [0, 0, 1]], np.float32)
    folder = tmp_path_factory.mktemp("model") / "small-static"
    StaticModel(vectors, tokenizer).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Save an ONNX graph that looks up a random vector for each token, with the bundled model's tokenizer."""
    from onnx import TensorProto, helper, numpy_helper, save

    folder = tmp_path_factory.mktemp("model") / "small-onnx"
    (folder / "onnx").mkdir(parents=True)
    table = np.random.default_rng(0).normal(size=(30522, 8)).astype(np.float32)
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "tokens"])
        for name in ("input_ids", "attention_mask")
    ]
    output = helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["texts", "tokens", 8])
    node = helper.make_node("Gather", ["table", "input_ids"], ["last_hidden_state"])
    graph = helper.make_graph([node], "small", inputs, [output], [numpy_helper.from_array(table, "table")])
    save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8),
        folder / "onnx" / "model.onnx",
    )
    for name in ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"):
        shutil.copy(bundled_folder() / name, folder / name)
    (folder / "config.json").write_text(json.dumps({"hidden_size": 8, "pad_token_id": 0}))
    np.save(folder / "table.npy", table)
    return folder
