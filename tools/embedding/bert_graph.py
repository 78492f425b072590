"""Writes a BERT encoder with mean pooling as an ONNX graph of fused operators, straight from its configuration.

Weights are named, not stored: whoever opens a session hands them over (`SessionOptions.add_external_initializers`), so
the graph is some 16 KB and the model's own file is the only copy on disk. Dense layers are `Gemm` with `transB`, because
checkpoints keep (out, in) matrices.
"""

from typing import TYPE_CHECKING, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

FUSED = "com.microsoft"
OPSET = 17
IR_VERSION = 8
_WORDS = "embeddings.word_embeddings.weight"
_POSITIONS = "embeddings.position_embeddings.weight"
_TYPES = "embeddings.token_type_embeddings.weight"


class BertConfig(BaseModel):
    """What of a model's config.json decides the graph."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    hidden_size: int = Field(gt=0)
    num_hidden_layers: int = Field(gt=0, le=200)
    num_attention_heads: int = Field(gt=0)
    intermediate_size: int = Field(gt=0)
    max_position_embeddings: int = Field(gt=2)
    vocab_size: int = Field(gt=0)
    layer_norm_eps: float = Field(default=1e-12, gt=0)

    @model_validator(mode="after")
    def _heads_share_evenly(self) -> Self:
        if self.hidden_size % self.num_attention_heads:
            raise ValueError("hidden_size is no multiple of num_attention_heads")
        return self


def graph_weights(config: BertConfig, weights: "Mapping[str, NDArray[np.float32]]") -> "dict[str, NDArray[np.float32]]":
    """Return the weights that the graph names, checked for presence and shape.

    A prefix such as `bert.` is dropped, and the embedding of token type 0, the only one used, is added to the positions.

    Raises:
        KeyError: a tensor is missing.
        ValueError: a tensor has another shape than the configuration says.
    """
    prefix = next((name.removesuffix(_WORDS) for name in weights if name.endswith(_WORDS)), "")
    found = {}
    for name, shape in _shapes(config).items():
        found[name] = weights[prefix + name]
        if found[name].shape != shape:
            raise ValueError(f"{name} has shape {found[name].shape} instead of {shape}")
    found[_POSITIONS] = found[_POSITIONS] + weights[prefix + _TYPES][0]
    return found


def _shapes(config: BertConfig) -> dict[str, tuple[int, ...]]:
    """Return the name and shape of every weight of the graph."""
    hidden, wide = config.hidden_size, config.intermediate_size
    shapes: dict[str, tuple[int, ...]] = {
        _WORDS: (config.vocab_size, hidden),
        _POSITIONS: (config.max_position_embeddings, hidden),
    }
    norms = ["embeddings.LayerNorm"]
    for layer in range(config.num_hidden_layers):
        at = f"encoder.layer.{layer}."
        square = [f"attention.self.{part}" for part in ("query", "key", "value")] + ["attention.output.dense"]
        shapes |= {f"{at}{part}.weight": (hidden, hidden) for part in square}
        shapes |= {f"{at}{part}.bias": (hidden,) for part in [*square, "output.dense"]}
        shapes |= {f"{at}intermediate.dense.weight": (wide, hidden), f"{at}intermediate.dense.bias": (wide,)}
        shapes[f"{at}output.dense.weight"] = (hidden, wide)
        norms += [f"{at}attention.output.LayerNorm", f"{at}output.LayerNorm"]
    return shapes | {f"{norm}.{part}": (hidden,) for norm in norms for part in ("weight", "bias")}


def build_graph(
    config: BertConfig, weights: "Mapping[str, NDArray[Any]]", writer: "GraphWriter | None" = None
) -> bytes:
    """Return the serialized model.

    Inputs are `ids` and `mask`, int32 of shape (texts, tokens), mask 1 for a token and 0 for padding; the output
    `vectors` is float32 of shape (texts, hidden), L2-normalised.

    Args:
        config: the architecture.
        weights: what `graph_weights` returned.
        writer: writes the layers; by default those over float32 weights.
    """
    from onnx import TensorProto, helper

    writer = writer or GraphWriter()
    states = writer.encoder(config)
    # The mean's divisor cancels in the normalisation, so the sum over tokens is enough.
    writer.add("Cast", ["mask"], "mask_float", to=TensorProto.FLOAT)
    writer.add("Unsqueeze", ["mask_float", "one"], "mask_row")
    writer.add("MatMul", ["mask_row", states], "sum_row")
    writer.add("Squeeze", ["sum_row", "one"], "sum")
    writer.add("LpNormalization", ["sum"], "vectors", axis=-1, p=2)
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT32, ["texts", "tokens"]) for name in ("ids", "mask")]
    output = helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["texts", config.hidden_size])
    constants = [
        helper.make_tensor("rows", TensorProto.INT64, [2], [-1, config.hidden_size]),
        helper.make_tensor("one", TensorProto.INT64, [1], [1]),
    ]
    for name, array in weights.items():
        kind = helper.np_dtype_to_tensor_dtype(array.dtype)
        tensor = TensorProto(name=name, data_type=kind, dims=array.shape, data_location=TensorProto.EXTERNAL)
        tensor.external_data.add(key="location", value="handed-over")
        constants.append(tensor)
    graph = helper.make_graph(writer.nodes, "bert", inputs, [output], constants)
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(FUSED, 1)]
    blob: bytes = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION).SerializeToString()
    return blob


class GraphWriter:
    """Collects the nodes of one graph; `rows` and `mask` are a constant and an input that the graph must have."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []

    def add(self, op: str, inputs: list[str], output: str, domain: str = "", **attributes: float) -> str:
        """Add one node and return the name of its output."""
        from onnx import helper

        node = helper.make_node(op, inputs, [output], domain=domain)
        node.attribute.extend(helper.make_attribute(key, value) for key, value in attributes.items())
        self.nodes.append(node)
        return output

    def dense(self, rows: str, name: str) -> str:
        """Add a dense layer over (tokens, features)."""
        return self.add("Gemm", [rows, f"{name}.weight", f"{name}.bias"], f"{name}.out", transB=1)

    def encoder(self, config: BertConfig) -> str:
        """Add embeddings and layers; return the name of the last hidden states, (texts, tokens, hidden)."""
        norm = "embeddings.LayerNorm"
        self.add(
            "EmbedLayerNormalization",
            ["ids", "", _WORDS, _POSITIONS, "", f"{norm}.weight", f"{norm}.bias"],
            "embedded",
            FUSED,
            epsilon=config.layer_norm_eps,
        )
        self.nodes[-1].output.append("")  # the operator has a second output, a mask index, which is not wanted
        return self.layers(config, "embedded")

    def layers(self, config: BertConfig, embedded: str) -> str:
        """Add the layers over embedded tokens; return the name of the last hidden states, (texts, tokens, hidden)."""
        self.add("Shape", [embedded], "texts_tokens_hidden")
        rows = self.add("Reshape", [embedded, "rows"], "embedded_rows")
        for layer in range(config.num_hidden_layers):
            rows = self._layer(rows, f"encoder.layer.{layer}", config)
        return self.add("Reshape", [rows, "texts_tokens_hidden"], "states")

    def _layer(self, rows: str, at: str, config: BertConfig) -> str:
        """Add self-attention and the feed-forward part, each with its residual and norm."""
        parts = []
        for part in ("query", "key", "value"):
            flat = self.dense(rows, f"{at}.attention.self.{part}")
            parts.append(self.add("Reshape", [flat, "texts_tokens_hidden"], f"{flat}.3d"))
        attended = self.add(
            "MultiHeadAttention",
            [*parts, "", "mask"],
            f"{at}.attended",
            FUSED,
            num_heads=config.num_attention_heads,
        )
        attended = self.add("Reshape", [attended, "rows"], f"{at}.attended.rows")
        middle = self._residual(
            self.dense(attended, f"{at}.attention.output.dense"), rows, f"{at}.attention.output", config
        )
        wide = self.add("Gelu", [self.dense(middle, f"{at}.intermediate.dense")], f"{at}.gelu", FUSED)
        return self._residual(self.dense(wide, f"{at}.output.dense"), middle, f"{at}.output", config)

    def _residual(self, new: str, old: str, name: str, config: BertConfig) -> str:
        """Add the sum of two tensors and its layer norm."""
        norm = f"{name}.LayerNorm"
        inputs = [new, old, f"{norm}.weight", f"{norm}.bias"]
        return self.add("SkipLayerNormalization", inputs, f"{norm}.out", FUSED, epsilon=config.layer_norm_eps)
