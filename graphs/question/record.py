"""What an answer was made from: enough to answer the same question in the same way again, and to say what changed."""

from datetime import date
from typing import Any

from stores.records import Record
from tools.ner.base import Message


class Corpus(Record):
    """The state of the papers and records that an answer was found in.

    Attributes:
        generation: grows with every change of this one home folder.
        digest: of what is stored, so that two home folders with the same contents have the same.
    """

    generation: str
    digest: str


class Environment(Record):
    """What answers depend on beside the question.

    Attributes:
        version: of Quodvide.
        model: file name of the chat model, or "none".
        model_sha256: of that file; None without one, or when it cannot be read.
        adapter_sha256: of the LoRA adapter upon it; None without one, or when it cannot be read.
        embedding: name of the embedding model, its weights' digest in it; None when it cannot be opened.
        prompts: name to version.
        settings: those that an answer can depend on, by their dotted names.
        settings_digest: SHA-256 of these settings.
        corpus: what was searched; None when it cannot be read.
        libraries: versions of the libraries that compute.
    """

    version: str
    model: str
    model_sha256: str | None
    adapter_sha256: str | None = None
    embedding: str | None
    prompts: dict[str, str]
    settings: dict[str, Any]
    settings_digest: str
    corpus: Corpus | None
    libraries: dict[str, str]


class Asking(Record):
    """A question with all that its asker brought.

    Attributes:
        question: as it was asked.
        history: what was said before, as far as the graph was given it.
        choices: what ambiguous names were decided to mean, by the names under which the graph remembers them.
        today: the day that spans of time count from.
    """

    question: str
    history: tuple[Message, ...] = ()
    choices: dict[str, str] = {}  # noqa: RUF012 - pydantic copies it
    today: date


class ReplayRecord(Asking):
    """A question with what it was answered from.

    Attributes:
        seed: of the chat model.
        environment: everything else.
    """

    seed: int
    environment: Environment
