"""Any Hugging Face token classifier, on torch: dslim/bert-base-NER and its kind."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stores.errors import ConfigError
from tools.embedding.base import encodable
from tools.ner.backends.base import Found, Label, LabelMap, one_line

if TYPE_CHECKING:
    from stores.records import EntityType
    from tools.ner.base import MentionSource

LABELS: "Mapping[str, EntityType]" = {
    "PER": "author", "PERSON": "author", "AUTHOR": "author",
    "ORG": "organization", "ORGANIZATION": "organization", "ORGANISATION": "organization", "CORPORATION": "organization",
    "FUNDER": "funder", "LOC": "country", "LOCATION": "country", "GPE": "country", "COUNTRY": "country",
    "TOPIC": "topic", "FIELD": "topic", "TASK": "topic", "METHOD": "topic",
    "VENUE": "venue", "JOURNAL": "venue", "CONFERENCE": "venue",
    "DATE": "year", "YEAR": "year",
}  # fmt: skip
_TAGGED = re.compile(r"([BIOESLUM])[-_](.+)", re.DOTALL)
_BEGINS = frozenset("BSU")
_LONGEST = 512
_SHARED = 64  # tokens that neighbouring windows of a long text share
_BATCH = 8


@dataclass(frozen=True)
class _Word:
    """A word of the text and the label of its first piece, which is the one that such models are trained on."""

    start: int
    end: int
    begins: bool
    kind: str
    confidence: float


class TokenClassifier:
    """Implements `Finder` with a token classifier; nothing is fetched unless `offline` is false.

    Args:
        model: a folder, or a name on the hub whose files are cached on this machine.
        labels: what labels mean, beside the usual ones; a label that means nothing is dropped.
        offline: whether a model that is not on this machine is an error instead of being fetched.

    Raises:
        ConfigError: the model cannot be loaded, is no token classifier, or none of its labels means anything.
    """

    source: "MentionSource" = "model"

    def __init__(self, model: str, labels: Mapping[str, Label] | None = None, *, offline: bool = True) -> None:
        self._tokenizer, self._model = _load(model, offline)
        self._model.eval()
        config = self._model.config
        names = {int(n): str(label) for n, label in config.id2label.items()}
        self._tags = [_split(names[n]) for n in range(len(names))]
        self._map = LabelMap(LABELS, labels)
        kinds = {kind for _, kind in self._tags} - {""}
        self.types = self._map.types(kinds)
        if not self.types:
            raise ConfigError(
                f"none of its labels ({', '.join(sorted(kinds))[:200]}) means anything here", where=model,
                hint='Say what they mean in understanding.labels, for example {"PER": "author"}',
            )  # fmt: skip
        positions = getattr(config, "max_position_embeddings", None) or _LONGEST
        # RoBERTa's table of positions holds two rows more than it takes tokens.
        self._longest = min(int(positions) // 8 * 8, int(self._tokenizer.model_max_length), _LONGEST)

    def find(self, question: str) -> Sequence[Found]:
        """Return the runs of words with one label that means something."""
        words: dict[int, _Word] = {}
        for word in self._classified(encodable(question)):
            # Of the windows that hold a word, the surer one counts.
            if word.start not in words or words[word.start].confidence < word.confidence:
                words[word.start] = word
        return list(self._runs([words[start] for start in sorted(words)]))

    def _runs(self, words: Sequence[_Word]) -> Iterator[Found]:
        first = 0
        for n, word in enumerate(words):
            after = words[n + 1] if n + 1 < len(words) else None
            if after is not None and after.kind == word.kind and not after.begins:
                continue
            type_ = self._map.get(word.kind)
            if type_ is not None:
                run = words[first : n + 1]
                yield Found(run[0].start, word.end, type_, sum(w.confidence for w in run) / len(run))
            first = n + 1

    def _classified(self, text: str) -> Iterator[_Word]:
        """Label each word of a text of any length, window by window."""
        import torch

        encoded = self._tokenizer(
            text, truncation=True, max_length=self._longest, stride=min(_SHARED, self._longest // 4), padding=True,
            return_overflowing_tokens=True, return_offsets_mapping=True, return_tensors="pt",
        )  # fmt: skip
        offsets = encoded.pop("offset_mapping").tolist()
        encoded.pop("overflow_to_sample_mapping", None)
        inputs = {name: encoded[name] for name in self._tokenizer.model_input_names if name in encoded}
        for low in range(0, len(offsets), _BATCH):
            part = {name: values[low : low + _BATCH] for name, values in inputs.items()}
            with torch.inference_mode():
                best = self._model(**part).logits.float().softmax(-1).max(-1)
            for row, (scores, tags) in enumerate(zip(best.values.tolist(), best.indices.tolist(), strict=True), low):
                yield from self._words(encoded.word_ids(row), offsets[row], scores, tags)

    def _words(
        self, ids: Sequence[int | None], offsets: Sequence[Sequence[int]], scores: Sequence[float], tags: Sequence[int]
    ) -> Iterator[_Word]:
        last: int | None = None
        held: _Word | None = None
        for word, (start, end), score, tag in zip(ids, offsets, scores, tags, strict=True):
            if word is None or start == end:
                continue
            if held is not None and word == last:
                held = _Word(held.start, max(held.end, end), held.begins, held.kind, held.confidence)
                continue
            if held is not None:
                yield held
            begins, kind = self._tags[tag]
            last, held = word, _Word(start, end, begins, kind, score)
        if held is not None:
            yield held


def _split(label: str) -> tuple[bool, str]:
    """Return whether a label begins a name, and the kind of name; no kind for a label of what is outside."""
    if label in {"O", "OUT", "OUTSIDE"}:
        return False, ""
    tagged = _TAGGED.fullmatch(label)
    return (tagged[1] in _BEGINS, tagged[2]) if tagged else (False, label)


def _load(model: str, offline: bool) -> tuple[Any, Any]:
    """Return tokenizer and model; ConfigError, in one line, where there are none."""
    from transformers import AutoModelForTokenClassification, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        tokenizer: Any = AutoTokenizer.from_pretrained(model, local_files_only=offline)
        loaded, report = AutoModelForTokenClassification.from_pretrained(
            model, local_files_only=offline, output_loading_info=True
        )
    except Exception as error:  # each library and file format fails in its own way
        if isinstance(error, OSError) and not Path(model).is_dir():
            raise ConfigError(
                "this token classifier is not on this machine", where=model,
                hint="Give its folder, or a hub name whose files are cached here",
            ) from error  # fmt: skip
        raise ConfigError(f"cannot be loaded as a token classifier ({one_line(error)[:200]})", where=model) from error
    if not tokenizer.is_fast:
        raise ConfigError("its tokenizer cannot say where in the text a token stands", where=model)
    if report["missing_keys"]:
        raise ConfigError("is a model without a trained token classifier", where=model)
    return tokenizer, loaded
