"""Theme ranking as a service of the application: reads what is given, ranks, sums up, and keeps the results."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import sha256
from importlib import resources
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import prompts
from agent import wiring
from agent.cached_files import key_of
from agent.cached_results import CachedResults
from agent.chat_models import ChatModels, answer_calls, chat_model_path
from agent.digests import Digests
from agent.loaded import Loaded
from agent.settings import Settings
from stores.catalogue import Catalogue
from stores.errors import InputError, StoreMissing
from stores.home import Home
from tools.embedding.base import encodable
from tools.themes.base import Theme
from tools.themes.corpus import themes_of_papers
from tools.themes.read import themes_of
from tools.themes.result import Ranking, Summary

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from tools.embedding.base import Embedder
    from tools.grounding.verifiers.base import Verifier
    from tools.themes.rank import ThemeRanker

LONGEST_TEXT = 2_000_000  # characters
_WORDING = {"n_ctx", "max_tokens", "seed", "adapter_scale"}  # settings of the chat model that its wording depends on
_HINT = "Give them in the record, with --themes FILE, or ingest papers that carry topics"


@dataclass(frozen=True)
class Ranked:
    """What was found for one text.

    Attributes:
        text: as it was read; offsets count in it.
        ranking: every theme's score.
        summary: None when none was wanted.
        themes: that it was ranked for.
        timings: seconds by step.
        cached: the steps whose results were kept from before.
    """

    text: str
    ranking: Ranking
    summary: Summary | None
    themes: tuple[Theme, ...]
    timings: dict[str, float]
    cached: tuple[str, ...]


class Tools(Protocol):
    """What ranking and summing up need, each opened when it is first wanted; `Parts` has them too."""

    @property
    def embedder(self) -> "Embedder":
        """Return the encoder of a text's sentences."""
        ...

    @property
    def themes(self) -> "ThemeRanker":
        """Return what scores themes."""
        ...

    @property
    def models(self) -> ChatModels:
        """Return the chat models."""
        ...

    @property
    def verifier(self) -> "Verifier | None":
        """Return what decides on a wording with words of its own."""
        ...


class _Own(Loaded):
    """The tools without a home folder."""

    @cached_property
    def embedder(self) -> "Embedder":
        return self.embedders.wanted("passages")

    @cached_property
    def verifier(self) -> "Verifier | None":
        return wiring.verifier(self._settings, self.embedder)


class Themes:
    """Ranks themes for texts, with the parts that it needs opened when they are first needed.

    Args:
        settings: in force; the home folder need not exist.
        given: the themes for texts that come without any; None for those of the library.
        keep: whether results may be kept and taken from before.
        tools: opened by another, who closes them; None for its own.
    """

    def __init__(
        self,
        settings: Settings,
        given: Sequence[Theme] | None = None,
        *,
        keep: bool = True,
        tools: Tools | None = None,
    ) -> None:
        self._settings = settings
        self._given = given
        self._own: _Own | None = None
        if tools is None:
            tools = self._own = _Own(settings)
        self._tools = tools
        self._home = Home(settings.home)
        folder = self._home.cache / "themes" if keep and self._home.root.is_dir() else None
        self._results = CachedResults(folder, settings.themes.cached)

    def rank(self, text: str, themes: Any = None, *, summary: bool = False) -> Ranked:
        """Rank themes for a text.

        Args:
            text: any text.
            themes: a list as records hold it; None for those given before, or the library's.
            summary: whether to sum up what the text says of the best.

        Raises:
            InputError: the text is empty or too long, or the themes cannot be used.
        """
        text = _checked(text)
        with_themes = themes_of(themes) if themes is not None else self._usual
        timings: dict[str, float] = {}
        cached: list[str] = []
        labels = [[theme.label, theme.description] for theme in with_themes]
        key = key_of(text=text, themes=labels, by=self._made_by)
        started = time.perf_counter()
        ranking = self._results.get(key, Ranking)
        if ranking is not None:
            cached.append("rank")
        else:
            ranking = Ranking(scores=tuple(self._tools.themes.rank(text, with_themes)))
            self._results.put(key, ranking)
        timings["rank"] = time.perf_counter() - started
        found = None
        if summary:
            started = time.perf_counter()
            found = self._summary(key, text, with_themes, ranking, cached)
            timings["summary"] = time.perf_counter() - started
        timings = {name: round(seconds, 4) for name, seconds in timings.items()}
        return Ranked(text, ranking, found, tuple(with_themes), timings, tuple(cached))

    def reworded(self, ranked: Ranked, chat: "BaseChatModel", model: str) -> Summary:
        """Return a text's summary with every sentence worded by another model, where what it writes passes the check.

        Args:
            ranked: with a summary.
            chat: words the sentences.
            model: its name.

        Raises:
            ModelError: it failed.
        """
        from tools.themes.summary import summarize

        calls = len(ranked.summary.sentences) if ranked.summary else 0
        return summarize(
            ranked.text, ranked.themes, ranked.ranking, self._tools.embedder,
            chat, calls=calls, model=model, verifier=self._tools.verifier,
        )  # fmt: skip

    def close(self) -> None:
        """Close what was opened."""
        if self._own is not None:
            self._own.close()

    def _summary(self, ranked: str, text: str, themes: Sequence[Theme], ranking: Ranking, cached: list[str]) -> Summary:
        from tools.themes.summary import summarize

        key = key_of(ranked=ranked, worded_by=self._worded_by)
        found = self._results.get(key, Summary)
        if found is not None:
            cached.append("summary")
            return found
        calls = answer_calls(self._settings, "themes")
        chat = self._tools.models.of("themes") if calls else None
        found = summarize(
            text, themes, ranking, self._tools.embedder,
            chat, calls=calls, model=self._tools.models.name("themes") if chat else "", verifier=self._tools.verifier,
        )  # fmt: skip
        self._results.put(key, found)
        return found

    @cached_property
    def _usual(self) -> tuple[Theme, ...]:
        """The themes of a text that comes without any."""
        if self._given is not None:
            return tuple(self._given)
        try:
            catalogue = Catalogue(self._home.catalogue)
        except StoreMissing as error:
            raise InputError("no themes are given, and there is no library to take them from", hint=_HINT) from error
        try:
            found = themes_of_papers(catalogue, self._settings.themes.library)
        finally:
            catalogue.close()
        if not found:
            raise InputError("no themes are given, and the papers of the library carry no topics", hint=_HINT)
        return found

    @cached_property
    def _made_by(self) -> dict[str, str]:
        """What a ranking depends on beside text and themes."""
        reranker = self._settings.themes.reranker
        return {"reranker": reranker, "version": _version(), "files": _files()}

    @cached_property
    def _worded_by(self) -> dict[str, Any]:
        """What a summary depends on beside its ranking."""
        if not self._results.kept:
            return {}
        chosen = self._settings
        calls = answer_calls(chosen, "themes")
        path, adapter = chat_model_path(chosen) if calls else None, chosen.chat.adapter
        digests = Digests(self._home.cache / "digests.json")
        return {
            "embedding": self._tools.embedder.name,
            "calls": calls,
            "models": [*chosen.roles.of("themes")] if calls else [],
            "model": digests.file(path) if path else None,
            "adapter": digests.file(adapter.expanduser()) if path and adapter else None,
            "chat": chosen.chat.model_dump(mode="json", include=_WORDING) if path else {},
            "prompt": prompts.load("word").version,
            "grounding": chosen.grounding.model_dump(mode="json"),
        }


def _checked(text: str) -> str:
    if not text.strip():
        raise InputError("the text is empty")
    if len(text) > LONGEST_TEXT:
        raise InputError(f"the text has {len(text):,} characters, more than the {LONGEST_TEXT:,} that are read")
    if not any(ch.isalnum() for ch in text):
        raise InputError("the text has no word")
    return encodable(text)


def _version() -> str:
    try:
        return version("quodvide")
    except PackageNotFoundError:
        return ""


@cache
def _files() -> str:
    """Return the SHA-256 of the ranking's own files, so that no result outlives the weights that made it."""
    digest = sha256()
    waiting = [resources.files("tools.themes")]
    while waiting:
        place = waiting.pop()
        if place.is_dir():
            waiting += sorted(place.iterdir(), key=lambda each: each.name)
        elif Path(place.name).suffix not in {".pyc", ".md"}:
            digest.update(place.name.encode() + place.read_bytes())
    return digest.hexdigest()
