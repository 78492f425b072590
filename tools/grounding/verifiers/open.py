"""Opens the verifier that the settings name."""

from typing import TYPE_CHECKING

from stores.errors import ConfigError

if TYPE_CHECKING:
    from tools.embedding.base import Embedder
    from tools.grounding.verifiers.base import Verifier

NAMES = ("words", "trained", "cross-encoder:MODEL")


def open_verifier(name: str, embedder: "Embedder", sure: float) -> "Verifier | None":
    """Return the verifier, loaded and ready; None for the rule that each word is the evidence's own.

    Args:
        name: one of `NAMES`; MODEL is a folder or a cached hub name.
        embedder: gives the trained one its vectors.
        sure: the probability that a cross-encoder must reach.

    Raises:
        ConfigError: no such verifier, or its model is missing.
        ModelError: the trained model's files are damaged.
    """
    kind, _, model = name.partition(":")
    if name == "words":
        return None
    if name == "trained":
        from tools.grounding.verifiers.trained import TrainedVerifier

        return TrainedVerifier(_of_the_model(embedder))
    if kind == "cross-encoder" and model:
        from tools.grounding.verifiers.cross_encoder import CrossEncoderVerifier

        return CrossEncoderVerifier(model, sure)
    raise ConfigError(
        f"unknown verifier {name!r}", where="setting grounding.verifier", hint=f"Known: {', '.join(NAMES)}"
    )


def _of_the_model(embedder: "Embedder") -> "Embedder":
    """Return the embedder, or the bundled one where it is another: the trees were fitted to the bundled one's vectors."""
    from tools.embedding.model_folder import BUNDLED

    if embedder.name.startswith(f"{BUNDLED}@"):
        return embedder
    from tools.embedding.on_demand import OnDemandEmbedder
    from tools.embedding.open import open_embedder

    return OnDemandEmbedder(open_embedder)
