"""Opens the tagger that the settings name."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING

from stores.catalogue import Catalogue
from stores.errors import ConfigError
from tools.ner.backends.base import Finder, Label
from tools.ner.backends.compose import Composed
from tools.ner.base import Tagger
from tools.ner.gazetteer import Gazetteer
from tools.ner.neural.model import NeuralReader
from tools.ner.tagger import RuleTagger

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    Chat = Callable[[], BaseChatModel | None]

NAMES = ("default", "rules", "chat", "hf:MODEL", "spacy:PIPELINE", "gliner:MODEL")


def open_tagger(
    name: str = "default",
    *,
    catalogue: Catalogue | None = None,
    labels: Mapping[str, Label] | None = None,
    chat: "Chat | None" = None,
    today: Callable[[], date] = date.today,
    reader: NeuralReader | None = None,
) -> Tagger:
    """Return a tagger, loaded and ready.

    Args:
        name: one of `NAMES`; MODEL is a folder or a cached hub name, PIPELINE a package or a folder.
        catalogue: the names that the rules know.
        labels: what a model's labels mean, beside the usual ones.
        chat: gives the chat model, or None when there is none.
        today: gives the current date.
        reader: the trained model of the default tagger, where it is open already.

    Raises:
        ConfigError: no such tagger, or its package, model or chat model is missing.
    """
    if name == "default":
        return RuleTagger(Gazetteer(catalogue), today, reader or NeuralReader())
    rules = RuleTagger(Gazetteer(catalogue), today)
    if name == "rules":
        return rules
    return Composed(_finder(name, labels, chat), rules, catalogue)


def _finder(name: str, labels: Mapping[str, Label] | None, chat: "Chat | None") -> Finder:
    kind, _, model = name.partition(":")
    if name == "chat":
        from tools.ner.backends.chat import ChatFinder

        model_of_chat = chat() if chat is not None else None
        if model_of_chat is None:
            raise ConfigError("the tagger 'chat' needs a chat model, and none is set", hint="Set chat.model")
        return ChatFinder(model_of_chat)
    if kind == "hf" and model:
        from tools.ner.backends.hf import TokenClassifier

        return TokenClassifier(model, labels)
    if kind == "spacy" and model:
        from tools.ner.backends.spacy import SpacyPipeline

        return SpacyPipeline(model, labels)
    if kind == "gliner" and model:
        from tools.ner.backends.gliner import Gliner

        return Gliner(model, labels)
    raise ConfigError(f"there is no tagger {name!r}", hint=f"Known: {', '.join(NAMES)}")
