"""GLiNER: finds whatever it is asked for in words, so our types are put to it as such."""

import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from stores.errors import ConfigError
from tools.embedding.base import encodable
from tools.ner.backends.base import Found, Label, LabelMap, one_line

if TYPE_CHECKING:
    from stores.records import EntityType
    from tools.ner.base import MentionSource

PROMPTS: "Mapping[str, EntityType]" = {
    "person": "author",
    "university or research institute": "organization",
    "research funder": "funder",
    "country": "country",
    "research topic": "topic",
    "scientific conference or journal": "venue",
}
_THRESHOLD = 0.5
_WORD = re.compile(r"\w+|[^\w\s]")
_LONGEST = 256  # words read at once; more are cut off by the model


class Gliner:
    """Implements `Finder` with a GLiNER model that is on this machine.

    Args:
        model: a folder, or a name on the hub whose files are cached.
        labels: what to ask for beside the usual, and what it means; "none" leaves one of the usual out.
        offline: whether a model that is not on this machine is an error instead of being fetched.

    Raises:
        ConfigError: the package or the model is missing or broken.
    """

    source: "MentionSource" = "model"

    def __init__(self, model: str, labels: Mapping[str, Label] | None = None, *, offline: bool = True) -> None:
        self._model = _load(model, offline)
        self._map = LabelMap(PROMPTS, labels)
        self.types = self._map.types()
        self._longest = min(_LONGEST, int(getattr(self._model.config, "max_len", None) or _LONGEST))

    def find(self, question: str) -> Sequence[Found]:
        """Return what the model finds of each type."""
        labels = list(self._map)
        return [
            Found(offset + int(each["start"]), offset + int(each["end"]), type_, float(each["score"]))
            for offset, text in _pieces(encodable(question), self._longest)
            for each in self._model.predict_entities(text, labels, threshold=_THRESHOLD, flat_ner=True)
            if (type_ := self._map.get(each["label"]))
        ]


def _pieces(text: str, words: int) -> Iterator[tuple[int, str]]:
    """Cut a text into pieces of so many words, each with the offset where it starts."""
    starts = [match.start() for match in _WORD.finditer(text)][::words]
    for n, start in enumerate(starts):
        yield start, text[start : starts[n + 1]] if n + 1 < len(starts) else text[start:]


def _load(model: str, offline: bool) -> Any:
    try:
        from gliner import GLiNER
    except ImportError as error:
        raise ConfigError(
            f"the tagger gliner:{model} needs the package gliner ({one_line(error)})",
            hint="pip install 'quodvide[gliner]'",
        ) from error
    try:
        with warnings.catch_warnings():
            # GLiNER passes the hub library options of older versions.
            warnings.filterwarnings("ignore", "The `(resume_download|proxies)` argument", UserWarning)
            return GLiNER.from_pretrained(model, local_files_only=offline).eval()
    except Exception as error:  # each library and file format fails in its own way
        raise ConfigError(
            f"GLiNER cannot load this model ({one_line(error)[:200]})", where=model,
            hint="Give its folder, or a hub name whose files are cached here",
        ) from error  # fmt: skip
