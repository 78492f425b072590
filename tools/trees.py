"""Boosted trees that were trained here, opened on ONNX Runtime."""

from pathlib import Path
from typing import Any

from stores.errors import ModelError


def open_trees(path: Path, columns: int, what: str, remedy: str) -> Any:
    """Return the session of a graph whose one input is `candidates`, of so many columns; it uses one thread.

    Args:
        path: the ONNX file.
        columns: how many features a row has.
        what: what the trees are, for the message when they cannot be used.
        remedy: what to do then.

    Raises:
        ModelError: the file is damaged, or its graph takes something else.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime has no common base class of its errors
        raise ModelError(f"the {what} cannot be opened", where=str(path), hint=remedy) from error
    shapes = {one.name: one.shape for one in session.get_inputs()}
    if list(shapes) != ["candidates"] or shapes["candidates"][-1] != columns:
        raise ModelError(f"the {what}'s graph does not fit its description", where=str(path), hint=remedy)
    return session
