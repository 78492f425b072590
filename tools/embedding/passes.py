"""Texts put through a model on a GPU: as many in a pass as its free memory holds, half of that where it was too many.

What a token takes is found by a trial with the longest texts there can be. It depends on the model, and shorter texts take
less, so the fit errs on the safe side; other programs may take memory meanwhile, hence the retry.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from stores.errors import ModelError
from tools.embedding.batching import pack

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Texts of the trial, and of a pass before there was one.
_TRIAL = 16
# Of the free memory, what one pass may take; more tokens than _MOST make no pass quicker.
_SHARE, _MOST = 0.7, 1 << 17
# Texts that come together are divided among so many passes, sorted by length, so that little is padding.
_PASSES = 4
# A word piece has about four letters, and a character of Chinese, three bytes, is one.
_BYTES_A_TOKEN = 3


class Passes:
    """Runs passes and remembers what the memory holds; for one thread at a time.

    Args:
        device: of the model, as torch names it; only on CUDA is there a trial.
        max_tokens: of a text; longer ones are cut.
        name: of the model, for errors.
    """

    def __init__(self, device: str, max_tokens: int, name: str) -> None:
        self.budget = _TRIAL * max_tokens
        self._device = device
        self._untried = device.startswith("cuda")
        self._max_tokens = max_tokens
        self._name = name

    def run(
        self, encode: "Callable[[list[str]], NDArray[np.floating]]", texts: Sequence[str], dimension: int
    ) -> "NDArray[np.float32]":
        """Return one row a text, in the order given: float32 of shape (len(texts), dimension).

        Args:
            encode: puts some texts through the model in one pass; (texts, dimension).
            texts: what to encode.
            dimension: of a vector.

        Raises:
            ModelError: the memory does not hold a single text.
        """
        import numpy as np
        import torch

        lengths = np.array([min(self._max_tokens, 2 + len(text.encode()) // _BYTES_A_TOKEN) for text in texts])
        if self._untried and lengths.sum() > self.budget:
            self._try(encode)
        out = np.empty((len(texts), dimension), dtype=np.float32)
        left = np.arange(len(texts))
        while len(left):
            order = [left[part] for part in pack(lengths[left].tolist(), self.budget, _PASSES)]
            left = left[:0]
            for n, rows in enumerate(order):
                try:
                    out[rows] = encode([texts[row] for row in rows])
                except torch.OutOfMemoryError as error:
                    self._halve(len(rows), int(lengths[rows].max()), error)
                    left = np.concatenate(order[n:])
                    break
        return out

    def _halve(self, texts: int, longest: int, error: Exception) -> None:
        """Make passes half as large as the one that failed."""
        import torch

        if texts == 1:
            hint = "Set embedding.max_tokens lower, or end what else uses the GPU"
            raise ModelError("the memory of the GPU holds not even one text", where=self._name, hint=hint) from error
        self.budget = min(self.budget, texts * longest // 2)
        torch.cuda.empty_cache()

    def _try(self, encode: Callable[[list[str]], Any]) -> None:
        import torch

        self._untried = False
        before = torch.cuda.memory_allocated(self._device)
        torch.cuda.reset_peak_memory_stats(self._device)
        try:
            encode(_TRIAL * ["a " * self._max_tokens])
        except torch.OutOfMemoryError:
            torch.cuda.empty_cache()
            self.budget = self._max_tokens
            return
        used = torch.cuda.max_memory_allocated(self._device) - before
        # What torch keeps for itself of memory that it has no use for now is free as well.
        kept = torch.cuda.memory_reserved(self._device) - torch.cuda.memory_allocated(self._device)
        free = torch.cuda.mem_get_info(self._device)[0] + kept
        self.budget = fitted(free, used, _TRIAL, self._max_tokens)


def fitted(free: int, used: int, texts: int, max_tokens: int) -> int:
    """Return the tokens of one pass, at least one text's.

    Args:
        free: bytes that are free.
        used: bytes that a pass with these texts took.
        texts: of that pass, each with `max_tokens`.
        max_tokens: of a text.
    """
    return max(max_tokens, min(_MOST, int(_SHARE * free / max(1, used) * texts * max_tokens)))
