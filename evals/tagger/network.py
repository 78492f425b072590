"""The tagger as a torch module, with the names of weights that BERT checkpoints use."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional

from tools.embedding.bert_graph import BertConfig
from tools.ner.neural.labels import INTENTS, LABELS
from tools.ner.neural.pieces import WINDOW
from tools.ner.neural.word_shapes import SHAPES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WORDS = "embeddings.word_embeddings.weight"
POSITIONS = "embeddings.position_embeddings.weight"
TYPES = "embeddings.token_type_embeddings.weight"


class Layer(nn.Module):
    """One layer of BERT; query, key and value are one matrix."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        hidden, wide = config.hidden_size, config.intermediate_size
        self.heads = config.num_attention_heads
        self.mixing = nn.Linear(hidden, 3 * hidden)
        self.attention = nn.Linear(hidden, hidden)
        self.attention_norm = nn.LayerNorm(hidden, eps=config.layer_norm_eps)
        self.widen, self.narrow = nn.Linear(hidden, wide), nn.Linear(wide, hidden)
        self.norm = nn.LayerNorm(hidden, eps=config.layer_norm_eps)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """Return the next states of (texts, tokens, hidden); `mask` is true where a token is."""
        texts, tokens, hidden = states.shape
        parts = self.mixing(states).view(texts, tokens, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        if states.device.type == "cpu":
            # A small part of the work, and on processors ten times slower in half precision.
            parts = parts.float()
        with torch.autocast(states.device.type, enabled=False):
            query, key, value = parts
            mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask[:, None, None, :])
        mixed = mixed.transpose(1, 2).reshape(texts, tokens, hidden)
        states = self.attention_norm(states + self.attention(mixed))
        result: Tensor = self.norm(states + self.narrow(functional.gelu(self.widen(states))))
        return result

    def tensors(self) -> dict[str, Tensor]:
        """Return its weights by their names in a checkpoint."""
        found: dict[str, Tensor] = {}
        for kind in ("weight", "bias"):
            thirds = getattr(self.mixing, kind).chunk(3)
            for part, third in zip(("query", "key", "value"), thirds, strict=True):
                found[f"attention.self.{part}.{kind}"] = third
            for name, module in {
                "attention.output.dense": self.attention, "attention.output.LayerNorm": self.attention_norm,
                "intermediate.dense": self.widen, "output.dense": self.narrow, "output.LayerNorm": self.norm,
            }.items():  # fmt: skip
                found[f"{name}.{kind}"] = getattr(module, kind)
        return found


class Network(nn.Module):
    """The encoder with a head for labels of word pieces and a head for intents.

    Args:
        config: architecture of the encoder.
        weights: where it starts from, by their names in a checkpoint.
        dropout: share of values dropped before the layers and the heads; generated examples hardly repeat, so layers need none.
    """

    words: Tensor

    def __init__(self, config: BertConfig, weights: "Mapping[str, NDArray[np.float32]]", dropout: float = 0.1) -> None:
        super().__init__()
        hidden = config.hidden_size
        self.register_buffer("words", torch.tensor(weights[WORDS]), persistent=False)
        self.positions = nn.Parameter(torch.tensor(weights[POSITIONS][:WINDOW] + weights[TYPES][0]))
        self.shapes = nn.Embedding(SHAPES, hidden)
        self.norm = nn.LayerNorm(hidden, eps=config.layer_norm_eps)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.num_hidden_layers))
        self.dropout = nn.Dropout(dropout)
        self.labels = nn.Linear(hidden, len(LABELS))
        self.intents = nn.Linear(2 * hidden, len(INTENTS))
        nn.init.normal_(self.shapes.weight, std=0.01)
        for head in (self.labels, self.intents):
            nn.init.normal_(head.weight, std=0.02)
            nn.init.zeros_(head.bias)
        with torch.no_grad():
            for name, tensor in self.tensors().items():
                tensor.copy_(torch.tensor(weights[name]))

    def forward(self, ids: Tensor, shapes: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return scores of labels, (texts, tokens, labels), and of intents, (texts, intents)."""
        embedded = functional.embedding(ids, self.words) + self.positions[: ids.shape[1]] + self.shapes(shapes)
        states = self.dropout(self.norm(embedded))
        here = mask.bool()
        for layer in self.layers:
            states = layer(states, here)
        share = (mask / mask.sum(dim=1, keepdim=True)).to(states.dtype)
        whole = torch.cat((states[:, 0], torch.einsum("nt,nth->nh", share, states)), dim=1)
        return self.labels(self.dropout(states)), self.intents(self.dropout(whole))

    def tensors(self) -> dict[str, Tensor]:
        """Return the encoder's weights by their names in a checkpoint, without embeddings."""
        found: dict[str, Tensor] = {
            "embeddings.LayerNorm.weight": self.norm.weight,
            "embeddings.LayerNorm.bias": self.norm.bias,
        }
        for number, layer in enumerate(self.layers):
            assert isinstance(layer, Layer)  # noqa: S101
            found |= {f"encoder.layer.{number}.{name}": tensor for name, tensor in layer.tensors().items()}
        return found

    def arrays(self) -> "dict[str, NDArray[np.float32]]":
        """Return every weight but the word pieces' vectors, by the name that the exported graph uses."""
        found: dict[str, Tensor] = {POSITIONS: self.positions, "shapes.weight": self.shapes.weight, **self.tensors()}
        for name, head in {"labels": self.labels, "intents": self.intents}.items():
            found |= {f"{name}.weight": head.weight, f"{name}.bias": head.bias}
        return {name: value.detach().float().cpu().numpy() for name, value in found.items()}
