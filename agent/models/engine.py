"""One loaded model and its cache: read a prompt, take one token, feed it back.

Everything here belongs to one thread, the lane of `local.ChatLlama`; nothing is locked.

The same prompt gives the same bytes whatever was computed before. Some kernels treat one row and many differently, so
how a prompt is cut into batches depends on the prompt alone, and only batches that were cut just so are ever reused,
from the cache itself or from saved instructions.
"""

import ctypes
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from agent.models.adapters import Adapter
from agent.models.load import BATCH, instant, native, open_model
from agent.models.threads import ThreadGovernor
from stores.errors import ModelError

if TYPE_CHECKING:
    from agent.models.kept_instructions import KeptInstructions

# Prefixes kept aside for callers whose prompts take turns (each call site has its own instructions).
SAVED_PREFIXES = 6
SAVED_BYTES = 256 * 2**20
PIECE_BYTES = 512
_BYTES = ctypes.POINTER(ctypes.c_uint8)


def _cuts(start: int, end: int) -> list[int]:
    """Return where the batches from `start` to `end` end."""
    return [min(at + BATCH, end) for at in range(start, end, BATCH)]


def _common(a: Sequence[int], b: Sequence[int]) -> int:
    length = min(len(a), len(b))
    for i in range(length):
        if a[i] != b[i]:
            return i
    return length


class Engine:
    """A model, its context and what the cache holds.

    Args:
        path: the GGUF file.
        n_ctx: tokens of context.
        max_threads: the most threads a decode may use; 0 means every usable core.
        adapter: a LoRA adapter for it.
    """

    def __init__(self, path: Path, *, n_ctx: int, max_threads: int = 0, adapter: Adapter | None = None) -> None:
        self._c, self._is_ending = native(), instant("llama_vocab_is_eog")
        self.governor = ThreadGovernor(max_threads)
        self._threads = self.governor.most
        self.llama = open_model(path, n_ctx=n_ctx, n_threads=self._threads, adapter=adapter)
        self._ctx, self._memory = self.llama.ctx, self._c.llama_get_memory(self.llama.ctx)
        self.vocab = self._c.llama_model_get_vocab(self.llama.model)
        self.n_vocab, self.n_ctx = int(self.llama.n_vocab()), int(self.llama.n_ctx())
        self.endings = np.array([token for token in range(self.n_vocab) if self.ends(token)], dtype=np.intp)
        ascii_letters = {token for byte in range(32, 127) for token in self.tokenize(chr(byte), special=False)}
        self.letters = np.array(sorted(ascii_letters), dtype=np.intp)
        self._buffer = (self._c.llama_token * BATCH)()
        self._piece = ctypes.create_string_buffer(PIECE_BYTES)
        self._held: list[int] = []
        self._ends: list[int] = []
        self._saved: OrderedDict[tuple[int, ...], NDArray[np.uint8]] = OrderedDict()

    def close(self) -> None:
        """Free the model; nothing may be called after."""
        self._saved.clear()
        self.llama.close()

    def tokenize(self, text: str, *, special: bool) -> list[int]:
        """Return the tokens of a text; only with `special` may its words become control tokens."""
        if not text:
            return []
        data = text.encode("utf-8", "replace")
        room = len(data) + 8
        tokens = (self._c.llama_token * room)()
        count = self._c.llama_tokenize(self.vocab, data, len(data), tokens, room, False, special)
        if count < 0:
            raise ModelError(f"a text of {len(data)} bytes cannot be cut into tokens")
        return list(tokens[:count])

    def piece(self, token: int) -> bytes:
        """Return a token's bytes; control tokens have none."""
        count = self._c.llama_token_to_piece(self.vocab, token, self._piece, PIECE_BYTES, 0, False)
        return self._piece.raw[:count] if count > 0 else b""

    def ends(self, token: int) -> bool:
        """Say whether a token ends the model's turn."""
        return bool(self._is_ending(self.vocab, token))

    def read(self, prompt: Sequence[int], alive: Callable[[], None], stable: int = 0) -> int:
        """Bring the cache to hold exactly `prompt`.

        Args:
            prompt: at least one token, fewer than `n_ctx`.
            alive: called between batches; raises to give up.
            stable: the tokens at the beginning that other prompts are likely to share (the instructions).

        Returns:
            The number of tokens that did not have to be computed.
        """
        stable = min(stable, len(prompt) - 1)
        ends = _cuts(0, stable) + _cuts(stable, len(prompt))
        reused = self._rewind(prompt, ends, stable)
        self.governor.start()
        for end in ends:
            if end > reused:
                alive()
                self._decode(prompt[len(self._held) : end])
                self._ends.append(end)
                if end == stable:
                    self._save()
        return reused

    def read_ahead(self, prompt: Sequence[int], stable: int, kept: "KeptInstructions") -> None:
        """Hold the first `stable` tokens of `prompt` ready: from an earlier process where it left them, else by reading."""
        stable = min(stable, len(prompt) - 1)
        prefix = tuple(prompt[:stable])
        if not prefix or prefix in self._saved:
            return
        if (raw := kept.get(prefix)) is not None:
            state = np.frombuffer(raw, dtype=np.uint8)
            if self._restore(prefix, state):
                self._keep(prefix, state)
                return
        self.read(prompt, lambda: None, stable)
        if (read := self._saved.get(prefix)) is not None:
            kept.put(prefix, read.tobytes())

    def feed(self, token: int) -> None:
        """Append one generated token."""
        self._decode((token,))

    def logits(self) -> NDArray[np.float32]:
        """Return the scores of the next token, shape (n_vocab,): a view, valid until the next decode."""
        pointer = self._c.llama_get_logits_ith(self._ctx, -1)
        return np.ctypeslib.as_array(pointer, shape=(self.n_vocab,))

    def forget(self) -> None:
        """Empty the cache, for a fresh start after a failure."""
        self._c.llama_memory_clear(self._memory, True)
        self._held.clear()
        self._ends.clear()

    def _decode(self, tokens: Sequence[int]) -> None:
        count = len(tokens)
        self._buffer[:count] = tokens
        if (threads := self.governor.choose()) != self._threads:
            self._c.llama_set_n_threads(self._ctx, threads, threads)
            self._threads = threads
        code = self._c.llama_decode(self._ctx, self._c.llama_batch_get_one(self._buffer, count))
        if code:
            self.forget()
            raise ModelError(f"llama.cpp could not compute a step (code {code})", hint="Use a smaller n_ctx or prompt")
        self._held.extend(tokens)

    def _rewind(self, prompt: Sequence[int], ends: list[int], stable: int) -> int:
        """Keep the longest reusable beginning of `prompt` in the cache; return its length."""
        same = _common(self._held, prompt)
        alike = self._ends[: _common(self._ends, ends)]
        # One token at least must be computed, since its scores are what the first answer token is taken from.
        keep = max((end for end in alike if end <= same and end < len(prompt)), default=0)
        state = self._saved.get(tuple(prompt[:stable])) if keep < stable else None
        if state is not None and self._restore(prompt[:stable], state):
            self._saved.move_to_end(tuple(prompt[:stable]))
            return stable
        if not self._c.llama_memory_seq_rm(self._memory, 0, keep, -1):
            self.forget()
            return 0
        del self._held[keep:]
        self._ends = [end for end in self._ends if end <= keep]
        return keep

    def _save(self) -> None:
        """Keep the state of the cache aside, newest last."""
        prefix = tuple(self._held)
        if prefix in self._saved:
            self._saved.move_to_end(prefix)
            return
        size = self._c.llama_state_seq_get_size(self._ctx, 0)
        if not 0 < size <= SAVED_BYTES:
            return
        state = np.empty(size, dtype=np.uint8)
        if self._c.llama_state_seq_get_data(self._ctx, state.ctypes.data_as(_BYTES), size, 0) != size:
            return
        self._keep(prefix, state)

    def _keep(self, prefix: tuple[int, ...], state: NDArray[np.uint8]) -> None:
        self._saved[prefix] = state
        while len(self._saved) > SAVED_PREFIXES or sum(kept.nbytes for kept in self._saved.values()) > SAVED_BYTES:
            self._saved.popitem(last=False)

    def _restore(self, prefix: Sequence[int], state: NDArray[np.uint8]) -> bool:
        self.forget()
        if not self._c.llama_state_seq_set_data(self._ctx, state.ctypes.data_as(_BYTES), state.nbytes, 0):
            self.forget()
            return False
        self._held, self._ends = list(prefix), _cuts(0, len(prefix))
        return True
