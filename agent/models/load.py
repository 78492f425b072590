"""Load llama.cpp and a model quietly, with every failure as one clear error."""

import ctypes
import logging
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.models import adapters
from agent.models.adapters import Adapter
from agent.models.gguf import check_fits, read_header
from stores.errors import ModelError

if TYPE_CHECKING:
    from llama_cpp import Llama

logger = logging.getLogger(__name__)

# Tokens computed at once. It bounds how long a cancelled call holds the lane and how soon the thread count follows the
# load; with two threads 32 reads a prompt about 12 % slower than 512, 64 about 5 %.
BATCH = 64

ERROR_LEVEL = 4
_last_errors: deque[str] = deque(maxlen=3)
_kept: list[Any] = []


def native() -> Any:
    """Return the `llama_cpp` module, its messages routed to our log instead of standard error."""
    import llama_cpp

    if not _kept:
        # Its own way to be quiet turns away all that the process writes, other threads' words too, and two models that are
        # loaded at once leave it so for good.
        quiet = llama_cpp._utils.suppress_stdout_stderr  # noqa: SLF001
        quiet.__enter__, quiet.__exit__ = _itself, _nothing  # type: ignore[method-assign,unused-ignore]

        @llama_cpp.llama_log_callback  # type: ignore[untyped-decorator,unused-ignore]
        def keep(level: int, text: bytes, _data: Any) -> None:
            line = text.decode("utf-8", "replace").strip()
            if level == ERROR_LEVEL and line:
                _last_errors.append(line)
                logger.debug("llama.cpp: %s", line)

        # llama.cpp holds a bare pointer to it for the life of the process.
        _kept.append(keep)
        llama_cpp.llama_log_set(keep, ctypes.c_void_p(0))
    return llama_cpp


def _itself(value: Any) -> Any:
    return value


def _nothing(*_: object) -> None:
    return None


def instant(name: str) -> Any:
    """Return a function of llama.cpp that takes no time, such as what kind a token is, as one that keeps the interpreter.

    Others let it go meanwhile, and to get it back may wait for what other threads do: over all tokens of a vocabulary, while
    the rest of the program starts, for half a second.
    """
    usual, library = getattr(native(), name), native().llama_cpp._lib  # noqa: SLF001 - no other way to the handle
    function = ctypes.PyDLL(library._name, handle=library._handle)[name]  # noqa: SLF001
    function.argtypes, function.restype = usual.argtypes, usual.restype
    return function


def last_error() -> str:
    """Return what llama.cpp last complained about, or nothing; the complaint is then forgotten."""
    text = " / ".join(_last_errors)
    _last_errors.clear()
    return text


def open_model(path: Path, *, n_ctx: int, n_threads: int, adapter: Adapter | None = None) -> "Llama":
    """Open a GGUF model with a context of `n_ctx` tokens, and a LoRA adapter upon it where one is given.

    Raises:
        ModelTooLarge: it does not fit in the memory available now.
        ModelError: a file is missing or not what it should be, or llama.cpp refuses it.
    """
    header = read_header(path)
    more = adapters.check(adapter, header) if adapter else 0
    check_fits(header._replace(file_size=header.file_size + more), n_ctx, batch=BATCH, where=str(path))
    llama_cpp = native()
    last_error()
    try:
        llama = llama_cpp.Llama(
            str(path),
            n_ctx=n_ctx,
            n_batch=BATCH,
            n_ubatch=BATCH,
            n_threads=n_threads,
            n_threads_batch=n_threads,
            # With flash attention the logits depend on how a prompt was cut; without it they are the same bits.
            flash_attn=False,
            verbose=False,
        )
    except (ValueError, RuntimeError, AssertionError, UnicodeDecodeError) as error:
        reason = last_error() or str(error)
        raise ModelError(
            f"llama.cpp cannot load this model: {reason}", where=str(path), hint="Run `quodvide doctor`"
        ) from error
    if adapter:
        try:
            adapters.put_on(llama, adapter, llama_cpp)
        except ModelError as error:
            llama.close()
            raise ModelError(
                f"{error.what}: {last_error() or 'no reason given'}", where=error.where, hint=error.hint
            ) from None
    return llama  # type: ignore[no-any-return,unused-ignore]
