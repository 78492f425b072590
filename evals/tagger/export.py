"""Writes a trained network as an ONNX graph, in single precision and with eight-bit matrices."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tools.embedding.bert_graph import FUSED, IR_VERSION, OPSET, BertConfig, GraphWriter
from tools.ner.neural.labels import INTENTS, LABELS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

POSITIONS = "embeddings.position_embeddings.weight"
_NORM = "embeddings.LayerNorm"


def write_graph(path: Path, config: BertConfig, weights: "Mapping[str, NDArray[np.float32]]") -> None:
    """Write the tagger in single precision.

    Inputs are `words`, the vectors of word pieces (texts, tokens, hidden), `shapes` and `mask`, int32 of shape (texts,
    tokens); outputs are the scores `labels` (texts, tokens, labels) and `intents` (texts, intents).

    Args:
        path: the file.
        config: the architecture.
        weights: what `Network.arrays` returned.
    """
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    writer = GraphWriter()
    _embed(writer, config)
    states = writer.layers(config, "embedded")
    rows = writer.add("Reshape", [states, "rows"], "states_rows")
    writer.add("Reshape", [writer.dense(rows, "labels"), "texts_tokens_labels"], "labels")
    _pool(writer, states)
    writer.add("Gemm", ["whole", "intents.weight", "intents.bias"], "intents", transB=1)
    whole = ["texts", "tokens"]
    inputs = [helper.make_tensor_value_info("words", TensorProto.FLOAT, [*whole, config.hidden_size])]
    inputs += [helper.make_tensor_value_info(name, TensorProto.INT32, whole) for name in ("shapes", "mask")]
    outputs = [
        helper.make_tensor_value_info("labels", TensorProto.FLOAT, [*whole, len(LABELS)]),
        helper.make_tensor_value_info("intents", TensorProto.FLOAT, ["texts", len(INTENTS)]),
    ]
    constants = [numpy_helper.from_array(array, name) for name, array in weights.items()]
    constants += [
        helper.make_tensor(name, TensorProto.INT64, [len(values)], values)
        for name, values in {
            "rows": [-1, config.hidden_size],
            "zero": [0],
            "one": [1],
            "labels_number": [len(LABELS)],
        }.items()
    ]
    graph = helper.make_graph(writer.nodes, "tagger", inputs, outputs, constants)
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(FUSED, 1)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION), str(path))


def _embed(writer: GraphWriter, config: BertConfig) -> None:
    """Add the sum of word vectors, shapes and positions, and its norm."""
    writer.add("Shape", ["mask"], "texts_tokens")
    writer.add("Gather", ["texts_tokens", "one"], "tokens_number", axis=0)
    writer.add("Slice", [POSITIONS, "zero", "tokens_number", "zero"], "positions_here")
    writer.add("Gather", ["shapes.weight", "shapes"], "shapes_here", axis=0)
    writer.add("Add", ["words", "shapes_here"], "words_shapes")
    writer.add("Add", ["words_shapes", "positions_here"], "embedded_sum")
    writer.add(
        "LayerNormalization",
        ["embedded_sum", f"{_NORM}.weight", f"{_NORM}.bias"],
        "embedded",
        axis=-1,
        epsilon=config.layer_norm_eps,
    )
    writer.add("Concat", ["texts_tokens", "labels_number"], "texts_tokens_labels", axis=0)


def _pool(writer: GraphWriter, states: str) -> None:
    """Add the first state beside the mean of all."""
    from onnx import TensorProto

    writer.add("Cast", ["mask"], "mask_float", to=TensorProto.FLOAT)
    writer.add("ReduceSum", ["mask_float", "one"], "mask_sum", keepdims=1)
    writer.add("Div", ["mask_float", "mask_sum"], "share")
    writer.add("Unsqueeze", ["share", "one"], "share_row")
    writer.add("MatMul", ["share_row", states], "mean_row")
    writer.add("Squeeze", ["mean_row", "one"], "mean")
    writer.add("Slice", [states, "zero", "one", "one"], "first_row")
    writer.add("Squeeze", ["first_row", "one"], "first")
    writer.add("Concat", ["first", "mean"], "whole", axis=-1)


def quantize(single: Path, small: Path) -> None:
    """Write the graph with eight-bit matrices, one scale a column; activations are quantized as they come."""
    import logging

    from onnxruntime.quantization import QuantType, quantize_dynamic

    quiet = logging.getLogger()
    level = quiet.level
    quiet.setLevel(logging.ERROR)  # the library recommends a preprocessing that fused graphs do not need
    try:
        quantize_dynamic(
            single,
            small,
            op_types_to_quantize=["MatMul"],
            per_channel=True,
            # Seven bits: processors without VNNI add products of eight in sixteen bits, which overflow.
            reduce_range=True,
            weight_type=QuantType.QInt8,
            extra_options={"DefaultTensorType": 1, "MatMulConstBOnly": True},
        )
    finally:
        quiet.setLevel(level)
