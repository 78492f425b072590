"""The block of `key: value` lines between two lines of dashes that a Markdown file may begin with."""

import re
from typing import NamedTuple

_OPENS = re.compile(r"---[ \t]*\r?\n")
_CLOSES = re.compile(r"^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.MULTILINE)
_KEY = re.compile(r"([A-Za-z][\w -]{0,60}?)[ \t]{0,8}:(?:[ \t]+(.*))?$")
_ITEM = re.compile(r"[ \t]*-[ \t]+(?:name[ \t]*:[ \t]*)?(.*)$")
_FOLDED = {"|", ">", "|-", ">-", "|+", ">+"}
_LONGEST = 100_000


class FrontMatter(NamedTuple):
    """What the block says, keys in lower case, and where the text behind it begins; no values where there is none."""

    values: dict[str, list[str]]
    end: int


def front_matter(text: str) -> FrontMatter:
    """Read the block that a text begins with: `key: value`, `key: [a, b]`, and lists of "- " lines below a key."""
    opens = _OPENS.match(text)
    closes = _CLOSES.search(text, opens.end(), opens.end() + _LONGEST) if opens else None
    if not opens or not closes:
        return FrontMatter({}, 0)
    values: dict[str, list[str]] = {}
    folded = ""
    key = ""
    for line in text[opens.end() : closes.start()].splitlines():
        found = None if line[:1].isspace() else _KEY.match(line)
        if found:
            key = found[1].lower()
            value = (found[2] or "").strip()
            folded = key if value in _FOLDED else ""
            values[key] = [] if folded else _values(value)
        elif key and (entry := _ITEM.match(line)) and not folded:
            values[key] += _values(entry[1].strip())
        elif folded and line.strip():
            values[folded] = [" ".join([*values[folded], line.strip()])]
    return FrontMatter({key: value for key, value in values.items() if value}, closes.end())


def _values(value: str) -> list[str]:
    if value.startswith("[") and value.endswith("]"):
        return [bare for part in value[1:-1].split(",") if (bare := _bare(part))]
    bare = _bare(value)
    return [bare] if bare else []


def _bare(value: str) -> str:
    """Return a value without its quotation marks."""
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value
