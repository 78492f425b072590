"""Stop strings over text that comes in arbitrary pieces of bytes."""

from hypothesis import given
from hypothesis import strategies as st

from agent.models.stops import StopText

LETTERS = st.text(alphabet="abé🙂", max_size=30)


@given(LETTERS, st.lists(st.text(alphabet="abé🙂", max_size=4), max_size=3), st.lists(st.integers(1, 5), min_size=1))
def test_cut_before_the_first_stop(text: str, stops: list[str], sizes: list[int]) -> None:
    data, at, parts, n = text.encode(), 0, [], 0
    stream = StopText(stops)
    while at < len(data) and not stream.stopped:
        size = sizes[n % len(sizes)]
        parts.append(stream.add(data[at : at + size]))
        at, n = at + size, n + 1
    parts.append(stream.end())
    found = [text.find(stop) for stop in stops if stop and stop in text]
    # A stop is seen as soon as it is complete, so of two overlapping ones the one that ends first wins.
    result = "".join(parts)
    assert text.startswith(result)
    assert not any(stop in result for stop in stops if stop)
    if not found:
        assert result == text
    assert stream.stopped == bool(found)


def test_broken_bytes_are_replaced() -> None:
    stream = StopText()
    assert stream.add(b"a\xff") + stream.add(b"\xf0\x9f") + stream.end() == "a\ufffd\ufffd"
