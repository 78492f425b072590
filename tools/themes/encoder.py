"""The encoder of themes: the bundled MiniLM, tuned to hear in everyday words which field of research is spoken of.

`encoder.safetensors` holds what tuning changed, as low-rank differences (`quodvide train theme-encoder`). It is used for themes
whatever model embeds papers, because it was tuned for nothing else, and would find papers worse.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from tools.embedding.model_folder import BUNDLED
from tools.embedding.on_demand import OnDemandEmbedder
from tools.embedding.open import open_embedder
from tools.themes.known import FOLDER

if TYPE_CHECKING:
    from tools.embedding.base import Embedder

SHIPPED = FOLDER / "encoder.safetensors"


def theme_encoder(threads: int = 0, differences: Path = SHIPPED) -> "Embedder":
    """Return the encoder, opened when it is first asked.

    Args:
        threads: processor threads; 0 for one a core.
        differences: to the bundled model; training reads others.
    """
    return OnDemandEmbedder(lambda: open_embedder("onnx", BUNDLED, threads=threads, adapter=differences))
