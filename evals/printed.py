"""What a benchmark prints for other programs."""

from collections.abc import Sequence
from typing import Any

import typer
from pydantic import BaseModel

from agent.json_output import to_json


def print_measured(found: Sequence[BaseModel], missed: Sequence[str]) -> None:
    """Print what was measured as JSON, with the targets that were missed."""
    print_record({"measured": [each.model_dump() for each in found], "missed": list(missed)})


def print_record(record: dict[str, Any]) -> None:
    """Print one record as JSON."""
    typer.echo(to_json(record, indent=True).decode())
