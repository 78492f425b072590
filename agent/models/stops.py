"""Turn a model's bytes into text as they come, ending before any stop string."""

import codecs
from collections.abc import Sequence


class StopText:
    """Decodes pieces and holds back what may turn out to be the beginning of a stop string.

    Args:
        stops: strings of which none may appear in the text; empty ones are ignored.
    """

    def __init__(self, stops: Sequence[str] = ()) -> None:
        self._stops = [stop for stop in stops if stop]
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._pending = ""
        self.stopped = False

    def add(self, piece: bytes) -> str:
        """Return the text that is certain after one more piece."""
        return self._release(self._decoder.decode(piece))

    def end(self) -> str:
        """Return what is left when the model has ended."""
        text = self._release(self._decoder.decode(b"", final=True))
        rest, self._pending = ("" if self.stopped else self._pending), ""
        return text + rest

    def _release(self, text: str) -> str:
        if self.stopped:
            return ""
        self._pending += text
        found = [at for stop in self._stops if (at := self._pending.find(stop)) >= 0]
        if found:
            self.stopped = True
            text, self._pending = self._pending[: min(found)], ""
            return text
        keep = max((self._overlap(stop) for stop in self._stops), default=0)
        cut = len(self._pending) - keep
        text, self._pending = self._pending[:cut], self._pending[cut:]
        return text

    def _overlap(self, stop: str) -> int:
        """Return how many characters at the end of the pending text begin `stop`."""
        longest = min(len(stop) - 1, len(self._pending))
        return next((n for n in range(longest, 0, -1) if self._pending.endswith(stop[:n])), 0)
