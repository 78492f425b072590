"""Everything that can go wrong on purpose, as one tree.

QuodvideError            one clear line: what, where, what to do; exit status 1
├── InputError           the user's file, record, question or option is wrong
├── ConfigError          a setting is wrong or missing; exit status 2
├── StoreError           the home folder cannot be read, written or trusted
│   ├── StoreMissing     there is no home folder, or nothing was ingested yet
│   └── StoreBusy        another process holds the writer's lock
└── ModelError           a model cannot be loaded or run
    ├── ModelTooLarge    it does not fit in this machine's memory
    ├── OutputTruncated  the model stopped at its token limit before the output was complete
    └── StreamBroken     the model failed while its output was read; asked again, another may answer
"""

from typing import ClassVar


class QuodvideError(Exception):
    """Base of all expected failures.

    Args:
        what: what is wrong, in one sentence without a full stop.
        where: file, line, record or setting, when there is one.
        hint: what the user can do about it.
    """

    code: ClassVar[str] = "error"
    exit_status: ClassVar[int] = 1

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        """Return the whole error as one line."""
        line = f"{self.where}: {self.what}" if self.where else self.what
        line = f"{line}. {self.hint}" if self.hint else line
        return " ".join(line.split())


class InputError(QuodvideError):
    """Bad input from the user."""

    code = "bad_input"


class ConfigError(QuodvideError):
    """A wrong or missing setting or option."""

    code = "bad_config"
    exit_status = 2


class StoreError(QuodvideError):
    """The home folder cannot be read, written or trusted."""

    code = "store"


class StoreMissing(StoreError):
    """There is no home folder, or nothing was ingested yet."""

    code = "store_missing"


class StoreBusy(StoreError):
    """Another process holds the writer's lock."""

    code = "store_busy"


class ModelError(QuodvideError):
    """A model cannot be loaded or run."""

    code = "model"


class ModelTooLarge(ModelError):
    """A model does not fit in this machine's memory."""

    code = "model_too_large"


class OutputTruncated(ModelError):
    """The model stopped at its token limit before its output was complete."""

    code = "output_truncated"


class StreamBroken(ModelError):
    """The model failed while its output was read; asked again, another may answer."""

    code = "stream_broken"
