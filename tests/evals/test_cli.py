"""The evaluations as commands."""

from pathlib import Path

import pytest

from evals.cli import bench, evaluate
from stores.errors import ConfigError


def test_a_name_that_is_none_lists_those_there_are() -> None:
    with pytest.raises(ConfigError, match="needs one of: ingest, chat"):
        bench([])
    with pytest.raises(ConfigError, match="needs one of: run, compare"):
        evaluate(["nothing"])


def test_a_file_that_is_absent_is_one_line(tmp_path: Path) -> None:
    absent = tmp_path / "absent.jsonl"
    with pytest.raises(ConfigError, match=r"cannot be read .*No such file") as found:
        evaluate(["questions", str(absent), "--home", str(tmp_path / "home")])
    assert str(absent) in str(found.value)
    assert "quodvide eval questions --help" in str(found.value)
