"""Small pieces of English: counted nouns, listings, spans of years, quoted titles."""

from collections.abc import Sequence


def counted(n: int, noun: str, plural: str | None = None) -> str:
    """Return "1 paper", "2 papers", "1,290 citations"."""
    return f"{n:,} {noun if n == 1 else plural or noun + 's'}"


def listing(items: Sequence[str], last: str = "and") -> str:
    """Return "a", "a and b", "a, b and c"; semicolons where an item holds a comma outside brackets."""
    if len(items) < 2:  # noqa: PLR2004
        return "".join(items)
    separator = "; " if any("," in _outside_brackets(item) for item in items) else ", "
    return f"{separator.join(items[:-1])}{';' if separator == '; ' else ''} {last} {items[-1]}"


def quoted(text: str) -> str:
    """Return a title in quotation marks, on one line."""
    return f"“{one_line(text)}”"


def one_line(text: str) -> str:
    """Return a text with each run of white space as one blank."""
    return " ".join(text.split())


def years(first: int | None, last: int | None) -> str:
    """Return "in 2019", "from 2018 to 2023", "since 2018", "until 2023", or nothing for an open span."""
    if first is None:
        return f"until {last}" if last is not None else ""
    if last is None:
        return f"since {first}"
    return f"in {first}" if first == last else f"from {first} to {last}"


def span(first: int, last: int) -> str:
    """Return "2019" or "2018–2023"."""
    return str(first) if first == last else f"{first}–{last}"


def _outside_brackets(text: str) -> str:
    depth, kept = 0, []
    for ch in text:
        depth += (ch in "(“") - (ch in ")”")
        if depth <= 0:
            kept.append(ch)
    return "".join(kept)
