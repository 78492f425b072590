"""Rewrite a model's weights in a format that this machine computes faster.

Of the bundled Q4_1 model, one thread, 300 tokens of prompt and 60 of answer: Q4_1 2.5 s, Q8_0 1.9 s, Q4_0 1.4 s of
processor time. Q8_0 holds the Q4_1 weights almost exactly and takes 1.5 times the space; Q4_0 is coarser.
"""

import ctypes
import os
from pathlib import Path
from typing import Literal

from agent.models.gguf import read_header
from agent.models.load import last_error, native
from stores.errors import ModelError

Format = Literal["Q4_0", "Q8_0"]


def requantize(source: Path, target: Path, format_: Format, threads: int = 1) -> Path:
    """Write `source` to `target` in another weight format; a half-written file is never left there.

    Raises:
        ModelError: the source is not a model, or the target cannot be written.
    """
    read_header(source)
    c = native()
    options = c.llama_model_quantize_default_params()
    options.ftype = {"Q4_0": c.LLAMA_FTYPE_MOSTLY_Q4_0, "Q8_0": c.LLAMA_FTYPE_MOSTLY_Q8_0}[format_]
    options.allow_requantize = True
    options.nthread = threads
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    last_error()
    try:
        code = c.llama_model_quantize(os.fsencode(source), os.fsencode(part), ctypes.byref(options))
        if code:
            raise ModelError(f"the model cannot be rewritten as {format_}: {last_error() or code}", where=str(target))
        part.replace(target)
    except OSError as error:
        raise ModelError(f"cannot write the model: {error.strerror}", where=str(target)) from error
    finally:
        part.unlink(missing_ok=True)
    return target
