"""The models that a home folder's settings name, beside those of tools that belong to an index."""

from functools import cached_property
from typing import TYPE_CHECKING

from agent.chat_models import ChatModels
from agent.embedders import Embedders
from agent.settings import Settings

if TYPE_CHECKING:
    from tools.retrieval.rerank import Reranker
    from tools.themes.rank import ThemeRanker


def reranker(settings: Settings) -> "Reranker | None":
    """Return the cross-encoder that orders passages, or None when none is wanted."""
    return _cross_encoder(settings.retrieval.reranker, "retrieval")


def theme_ranker(settings: Settings) -> "ThemeRanker":
    """Return what scores themes, with its own encoder, and a cross-encoder where one is wanted."""
    from tools.themes.encoder import theme_encoder
    from tools.themes.rank import ThemeRanker

    return ThemeRanker(
        theme_encoder(settings.embedding.threads), reranker=_cross_encoder(settings.themes.reranker, "themes")
    )


def _cross_encoder(model: str, group: str) -> "Reranker | None":
    if model == "none":
        return None
    from tools.retrieval.rerank import CrossEncoderReranker

    return CrossEncoderReranker(model, setting=f"{group}.reranker")


class Loaded:
    """The models of one home folder, each loaded when it is first wanted; they outlive the indexes that are opened anew.

    Attributes:
        embedders: by what they embed.
        models: the chat models, by what they are asked for.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.embedders = Embedders(settings)
        self.models = ChatModels(settings)

    @cached_property
    def themes(self) -> "ThemeRanker":
        """Text and themes to scores."""
        return theme_ranker(self._settings)

    @cached_property
    def reranker(self) -> "Reranker | None":
        """The cross-encoder that orders passages, or None when none is wanted."""
        return reranker(self._settings)

    def close(self) -> None:
        """Close what was loaded."""
        self.models.close()
