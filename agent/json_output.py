"""JSON as it is written: what no terminal may see raw is spelled by its number, which reads back as the same text."""

import re
from typing import Any

import orjson

from prompts.characters import HIDDEN

_RAW = re.compile(f"{HIDDEN.pattern}|[\x85\u2028\u2029]")


def to_json(record: Any, *, indent: bool = False) -> bytes:
    """Return a value as JSON, on one line or indented; a title with marks of direction cannot turn what follows it."""
    text = orjson.dumps(record, option=orjson.OPT_INDENT_2 if indent else None).decode()
    return _RAW.sub(_spelled, text).encode()


def _spelled(found: re.Match[str]) -> str:
    units = found.group().encode("utf-16-be")
    return "".join(f"\\u{units[n : n + 2].hex()}" for n in range(0, len(units), 2))
