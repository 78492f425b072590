"""Runs the trained tagger on ONNX Runtime.

The shipped file holds the encoder and its heads. The vectors of word pieces were never trained, so they are read from the
bundled embedding model, row by row over a memory map, and handed to the graph.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stores.errors import ModelError
from tools.embedding.model_folder import bundled_folder
from tools.embedding.weights import digest, read_weights
from tools.ner.neural.labels import INTENTS, LABELS, OUTSIDE
from tools.ner.neural.pieces import Pieces, encode, framed, open_tokenizer, windows
from tools.ner.tokens import Token, tokenize

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SHIPPED = Path(__file__).resolve().parent.parent / "models"
MODEL, DESCRIPTION = "tagger.onnx", "tagger.json"
WORDS = "embeddings.word_embeddings.weight"
_AT_ONCE = 8
_REMEMBERED = 64
_REMEDY = "Install quodvide again, or train it: quodvide train tagger"


class Description(BaseModel):
    """What stands beside a trained model, in tagger.json.

    Attributes:
        labels: what the columns of its first output mean.
        intents: what the columns of its second output mean.
        base_digest: digest of the bundled model whose word vectors it reads.
        label_temperature: what the scores of labels are divided by, so that probabilities are honest.
        intent_temperature: the same for intents.
        seed: of its training.
        data_digest: tells the files apart that it was trained on.
        figures: what was measured after training.
    """

    model_config = ConfigDict(frozen=True)

    labels: tuple[str, ...]
    intents: tuple[str, ...]
    base_digest: str
    label_temperature: float = Field(default=1.0, gt=0)
    intent_temperature: float = Field(default=1.0, gt=0)
    seed: int = 0
    data_digest: str = ""
    training: dict[str, Any] = {}
    figures: dict[str, Any] = {}


@dataclass(frozen=True)
class Reading:
    """What the model reads in a question.

    Attributes:
        tokens: its words.
        labels: probability of each label (`LABELS`) for each word, float32 of shape (words, labels).
        intents: probability of each intent (`INTENTS`), float32.
    """

    tokens: tuple[Token, ...]
    labels: "NDArray[np.float32]"
    intents: "NDArray[np.float32]"


class NeuralReader:
    """Reads labels and intent of questions; safe to call from several threads.

    Args:
        folder: where tagger.onnx and tagger.json are.
        threads: threads of one pass.

    Raises:
        ModelError: files are missing or damaged, or belong to another bundled model.
    """

    def __init__(self, folder: Path = SHIPPED, *, threads: int = 1) -> None:
        base = bundled_folder()
        weights = read_weights(base / "model.safetensors")
        self.description = _read_description(folder / DESCRIPTION)
        if self.description.base_digest != digest(weights):
            raise ModelError("it was trained on another embedding model", where=str(folder), hint=_REMEDY)
        self._words = weights[WORDS]
        self._tokenizer = open_tokenizer(base / "tokenizer.json")
        self._cls, self._sep = (self._tokenizer.token_to_id(name) for name in ("[CLS]", "[SEP]"))
        self._session = _open_session(folder / MODEL, threads)
        # The tagger and the classifier of intents read the same question one after the other.
        self._remembered = lru_cache(maxsize=_REMEMBERED)(self._read)

    def read(self, question: str) -> Reading:
        """Return what the model reads in a question; of any length, and of none."""
        return self._remembered(question)

    def _read(self, question: str) -> Reading:
        import numpy as np

        tokens = tokenize(question)
        scores, intents = self.scores(encode(self._tokenizer, question, tokens))
        return Reading(
            tuple(tokens),
            _softmax(scores / np.float32(self.description.label_temperature)),
            _softmax(intents / np.float32(self.description.intent_temperature)),
        )

    def scores(self, pieces: Pieces) -> "tuple[NDArray[np.float32], NDArray[np.float32]]":
        """Return the scores of labels, (words, labels), and of intents, averaged over the windows of a long text."""
        import numpy as np

        of_pieces = np.zeros((len(pieces.ids), len(LABELS)), dtype=np.float32)
        parts = list(windows(len(pieces.ids)))
        intents = np.zeros(len(INTENTS), dtype=np.float32)
        for at in range(0, len(parts), _AT_ONCE):
            batch = parts[at : at + _AT_ONCE]
            labels, kinds = self._run([framed(pieces, start, end, self._cls, self._sep) for start, end, _, _ in batch])
            intents += kinds.sum(axis=0) / len(parts)
            for row, (start, _, since, until) in enumerate(batch):
                of_pieces[since:until] = labels[row, 1 + since - start : 1 + until - start]
        scores = np.zeros((len(pieces.firsts), len(LABELS)), dtype=np.float32)
        known = pieces.firsts >= 0
        scores[known] = of_pieces[pieces.firsts[known]]
        scores[~known, OUTSIDE] = 10
        return scores, intents

    def _run(
        self, rows: "Sequence[tuple[NDArray[np.int32], NDArray[np.int32]]]"
    ) -> "tuple[NDArray[np.float32], NDArray[np.float32]]":
        import numpy as np

        width = max(len(ids) for ids, _ in rows)
        ids, shapes, mask = (np.zeros((len(rows), width), dtype=np.int32) for _ in range(3))
        for row, (own_ids, own_shapes) in enumerate(rows):
            ids[row, : len(own_ids)] = own_ids
            shapes[row, : len(own_ids)] = own_shapes
            mask[row, : len(own_ids)] = 1
        labels, intents = self._session.run(None, {"words": self._words[ids], "shapes": shapes, "mask": mask})
        return labels, intents


def _softmax(scores: "NDArray[np.float32]") -> "NDArray[np.float32]":
    import numpy as np

    powers = np.exp(scores - scores.max(axis=-1, keepdims=True, initial=-np.inf))
    result: NDArray[np.float32] = (powers / powers.sum(axis=-1, keepdims=True)).astype(np.float32)
    return result


def _read_description(path: Path) -> Description:
    try:
        description = Description.model_validate(orjson.loads(path.read_bytes()))
    except OSError as error:
        raise ModelError(f"cannot be read ({error.strerror})", where=str(path), hint=_REMEDY) from error
    except (orjson.JSONDecodeError, ValidationError) as error:
        raise ModelError("is no description of a tagger", where=str(path), hint=_REMEDY) from error
    if description.labels != LABELS or description.intents != INTENTS:
        raise ModelError("the tagger gives other labels than this version knows", where=str(path), hint=_REMEDY)
    return description


def _open_session(path: Path, threads: int) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.enable_mem_pattern = False  # shapes vary, so remembered patterns only cost
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the library raises nothing narrower
        raise ModelError("the model is missing or damaged", where=str(path), hint=_REMEDY) from error
