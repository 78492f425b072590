"""Grammar rules for numbers within bounds, so that a bound cannot be missed."""

from collections.abc import Iterator

# JSON integers beyond this are not exact in every reader; and an answer needs none.
LARGEST = 10**12 - 1
DECIMALS = 6


def integers(low: int | None, high: int | None) -> str:
    """Return a GBNF expression of exactly the integers from `low` to `high`.

    Args:
        low: None means as low as is ever written.
        high: None means as high.
    """
    low = -LARGEST if low is None else low
    high = LARGEST if high is None else high
    parts: list[str] = []
    if low < 0:
        parts.extend(f'"-" ({rule})' for rule in _ranges(max(1, -high), -low))
    if high >= 0:
        parts.extend(_ranges(max(0, low), high))
    return " | ".join(parts)


def decimals(low: int | None, high: int | None) -> str:
    """Return a GBNF expression of decimal numbers from `low` to `high`, at most six places."""
    low = -LARGEST if low is None else low
    high = LARGEST if high is None else high
    places = f'("." [0-9]{{1,{DECIMALS}}})?'
    parts: list[str] = []
    if low < 0:
        parts.extend(f'"-" ({rule})' for rule in _magnitudes(max(0, -high), -low, places))
    if high >= 0:
        parts.extend(_magnitudes(max(0, low), high, places))
    return " | ".join(parts)


def _magnitudes(low: int, high: int, places: str) -> Iterator[str]:
    if low < high:
        yield f"({' | '.join(_ranges(low, high - 1))}) {places}"
    yield f'"{high}" ".0"?'


def _ranges(low: int, high: int) -> Iterator[str]:
    """Yield expressions whose union is the integers from `low` to `high`, both 0 or more."""
    while low <= high:
        top = min(high, 10 ** len(str(low)) - 1)
        yield _digits(str(low), str(top))
        low = top + 1


def _digits(low: str, high: str) -> str:
    """Return the digit strings between two of the same length."""
    rest = len(low) - 1
    if low == high:
        return f'"{low}"'
    if not rest:
        return f"[{low}-{high}]"
    if low[0] == high[0]:
        return f'"{low[0]}" ({_digits(low[1:], high[1:])})'
    first, last, parts = int(low[0]), int(high[0]), []
    if low[1:].strip("0"):
        parts.append(f'"{first}" ({_digits(low[1:], "9" * rest)})')
        first += 1
    above = high[1:].strip("9")
    if above:
        last -= 1
    if first <= last:
        parts.append(f"[{first}-{last}] [0-9]{{{rest}}}")
    if above:
        parts.append(f'"{last + 1}" ({_digits("0" * rest, high[1:])})')
    return " | ".join(parts)
