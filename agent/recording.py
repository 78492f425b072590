"""Records what every answer was made from: model, prompts, settings, corpus, versions."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import orjson

import prompts
from agent.digests import Digests
from agent.settings import Settings
from graphs.question.record import Asking, Corpus, Environment, ReplayRecord
from stores.errors import QuodvideError

if TYPE_CHECKING:
    from stores.catalogue import Catalogue

T = TypeVar("T")
# What an answer cannot depend on: how papers are cut shows in the corpus, a processor's threads nowhere.
_ELSEWHERE: dict[str, Any] = {
    "home": True,
    "ingest": True,
    "conversations": True,
    "usage": True,
    "tracing": True,
    "server": True,
    "themes": {"cached"},
    "embedding": {"threads"},
    "models": True,
    "chat": {"threads", "model", "contexts", "adapter"},
}
_LIBRARIES = ("chromadb", "faiss-cpu", "llama-cpp-python", "numpy", "onnxruntime", "tokenizers")


class Recorder:
    """Makes the replay records of one home folder.

    Args:
        settings: in force.
        catalogue: what is searched.
        model: the local chat model's file, or None without one.
        named: name of the model that words answers; None where that is the file's.
        embedding: gives the name of the embedding model.
        digests: where digests are kept.
    """

    def __init__(
        self,
        settings: Settings,
        catalogue: "Catalogue",
        model: Path | None,
        embedding: Callable[[], str],
        digests: Digests,
        named: str | None = None,
    ) -> None:
        self._settings = settings
        self._catalogue = catalogue
        self._model = model
        self._named = named or (model.name if model else "none")
        self._embedding = embedding
        self._digests = digests
        self._in_force = dict(flat(settings.model_dump(mode="json", exclude=_ELSEWHERE)))

    def record(self, asking: Asking) -> ReplayRecord:
        """Return the record of a question that was answered just now; what cannot be read for it is left out.

        The first record of a model reads its whole file, so it is made after the answer was said.
        """
        about = {name: getattr(asking, name) for name in Asking.model_fields}
        return ReplayRecord(**about, seed=self._settings.chat.seed, environment=self.environment())

    def environment(self) -> Environment:
        """Return what answers given now depend on."""
        adapter = self._settings.chat.adapter if self._model else None
        return Environment(
            version=_version("quodvide"),
            model=self._named,
            model_sha256=self._digests.file(self._model) if self._model else None,
            adapter_sha256=self._digests.file(adapter.expanduser()) if adapter else None,
            embedding=_readable(self._embedding),
            prompts={name: prompts.load(name).version for name in prompts.names()},
            settings=self._in_force,
            settings_digest=hashlib.sha256(orjson.dumps(self._in_force, option=orjson.OPT_SORT_KEYS)).hexdigest(),
            corpus=_readable(self._corpus),
            libraries={name: _version(name) for name in _LIBRARIES},
        )

    def _corpus(self) -> Corpus:
        generation = f"{self._catalogue.indexing.revision()}-{self._catalogue.changes.mark() or 'unmarked'}"
        return Corpus(generation=generation, digest=self._digests.catalogue(self._catalogue))


def flat(values: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the leaves of nested objects under their dotted names."""
    for name, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from flat(value, f"{before}{name}.")
        else:
            yield before + name, value


def _readable(read: Callable[[], T]) -> T | None:
    try:
        return read()
    except QuodvideError:
        return None


@cache
def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
