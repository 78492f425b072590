"""Low-rank differences to a model's weights: some megabytes make another encoder of the one that is installed.

The file is safetensors with, for a matrix `name`, `name.up` of shape (out, rank) and `name.down` of shape (rank, in), whose
product is added to it, and for a vector `name`, `name.delta`. It is LoRA's form (Hu et al., 2021, "LoRA: Low-Rank Adaptation
of Large Language Models"), merged once when the model is opened, so that a pass costs nothing more.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from stores.errors import ModelError
from tools.embedding.weights import read_weights

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def adapted(weights: "dict[str, NDArray[np.float32]]", path: Path) -> "dict[str, NDArray[np.float32]]":
    """Return the weights with the differences of the file added; those that it does not name are the same arrays.

    Raises:
        ModelError: the file is damaged, or made for another model.
    """
    changed = dict(weights)
    parts = read_weights(path)
    try:
        for part, array in parts.items():
            name, kind = part.rsplit(".", maxsplit=1)
            if kind == "delta":
                changed[name] = weights[name] + array
            elif kind == "up":
                changed[name] = weights[name] + array @ parts[f"{name}.down"]
    except (KeyError, ValueError) as error:
        raise ModelError("the differences fit another model", where=str(path), hint="Install quodvide again") from error
    return changed
