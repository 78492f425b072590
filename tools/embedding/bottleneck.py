"""AdapterHub's bottleneck adapters, of which SPECTER2 has one a task: small layers inside another model's.

The library that they were made with holds transformers below 5. One form is known here, that of SPECTER2's ("pfeiffer" or
"seq_bn"): after each layer's feed-forward part, down, ReLU, up. The file is read as tensors alone, nothing in it is run.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from stores.errors import ConfigError, ModelError

if TYPE_CHECKING:
    import torch

_FILE = "pytorch_adapter.bin"
# What decides the form, with the only values that are known.
_FORM = {
    "adapter_residual_before_ln": False, "cross_adapter": False, "inv_adapter": None, "is_parallel": False,
    "ln_after": False, "ln_before": False, "mh_adapter": False, "non_linearity": "relu", "original_ln_after": True,
    "original_ln_before": True, "output_adapter": True, "phm_layer": False, "residual_before_ln": True,
    "use_gating": False,
}  # fmt: skip


def add_bottlenecks(encoder: Any, folder: Path) -> None:
    """Put the adapter of a folder into a BERT encoder of transformers.

    Args:
        encoder: with `encoder.layer`, each with an `output` of dense, dropout and LayerNorm.
        folder: holds adapter_config.json and pytorch_adapter.bin.

    Raises:
        ConfigError: it holds no adapter, or one of another form.
        ModelError: the adapter is damaged or made for another model.
    """
    import torch

    try:
        config = orjson.loads((folder / "adapter_config.json").read_bytes())["config"]
        other = {name for name, value in _FORM.items() if config.get(name, value) != value} | set(
            config.get("leave_out") or ()
        )
        scaling = float(config.get("scaling", 1.0))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError("holds no adapter of AdapterHub", where=str(folder)) from error
    if other:
        raise ConfigError(f"an adapter of another form ({', '.join(sorted(map(str, other)))})", where=str(folder))
    try:
        tensors = torch.load(folder / _FILE, map_location="cpu", weights_only=True)
    except Exception as error:  # the unpickler raises nothing narrower
        raise ModelError(f"{_FILE} cannot be read", where=str(folder), hint="Fetch it again") from error
    try:
        for number, layer in enumerate(encoder.encoder.layer):
            own = {
                name.partition(f"encoder.layer.{number}.output.adapters.")[2].partition(".")[2]: value
                for name, value in tensors.items()
                if f"encoder.layer.{number}.output.adapters." in name
            }
            down = _linear(own["adapter_down.0.weight"], own["adapter_down.0.bias"])
            up = _linear(own["adapter_up.weight"], own["adapter_up.bias"])
            layer.output = _adapted(layer.output, down, up, scaling)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise ModelError("the adapter fits another model", where=str(folder)) from error


def _linear(weight: "torch.Tensor", bias: "torch.Tensor") -> "torch.nn.Linear":
    import torch

    layer = torch.nn.Linear(weight.shape[1], weight.shape[0])
    with torch.no_grad():
        layer.weight.copy_(weight)
        layer.bias.copy_(bias)
    return layer


def _adapted(output: Any, down: "torch.nn.Linear", up: "torch.nn.Linear", scaling: float) -> "torch.nn.Module":
    """Return a layer's output with a bottleneck, the norm before it and after it; ValueError where the widths differ."""
    import torch

    if not output.dense.out_features == down.in_features == up.out_features:
        raise ValueError(down)

    class Adapted(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.output, self.down, self.up = output, down, up

        def forward(self, hidden_states: torch.Tensor, input_tensor: torch.Tensor) -> torch.Tensor:
            dense = self.output.dropout(self.output.dense(hidden_states))
            normed = self.output.LayerNorm(dense + input_tensor)
            changed = scaling * self.up(torch.relu(self.down(normed))) + dense
            found: torch.Tensor = self.output.LayerNorm(changed + input_tensor)
            return found

    return Adapted()
