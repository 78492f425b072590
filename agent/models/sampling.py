"""Choose the next token from its scores, under a grammar when one is given.

Greedy with a grammar asks the grammar about the best token only, then about the best few, and about the whole
vocabulary only when all of those are refused: the same choice as masking every token first, at a hundredth of the cost.
"""

import ctypes
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from agent.models.load import last_error, native
from stores.errors import ModelError

if TYPE_CHECKING:
    from agent.models.engine import Engine

# How many of the best tokens the grammar is asked about, before all of them.
FEW = (64, 2048)
TOP_P = 0.95
COMPILED = 32
MAX_GRAMMAR = 200_000
_CANDIDATE = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])


class Grammars:
    """Compiled GBNF grammars by their text, the most recently used kept."""

    def __init__(self, engine: "Engine") -> None:
        self._c, self._vocab = native(), engine.vocab
        self._compiled: OrderedDict[str, Any] = OrderedDict()

    def instance(self, text: str) -> Any:
        """Return a fresh native grammar in its first state; the caller frees it.

        Raises:
            ModelError: the text is not a usable grammar.
        """
        pattern = self._compiled.get(text)
        if pattern is None:
            if not text.strip() or len(text) > MAX_GRAMMAR or "\0" in text:
                raise ModelError(f"a grammar of {len(text)} characters is not usable", hint="Say what may be written")
            last_error()
            pattern = self._c.llama_sampler_init_grammar(self._vocab, text.encode("utf-8"), b"root")
            if not pattern:
                raise ModelError(f"llama.cpp does not accept the grammar: {last_error() or 'it cannot be parsed'}")
            self._compiled[text] = pattern
            if len(self._compiled) > COMPILED:
                self._c.llama_sampler_free(self._compiled.popitem(last=False)[1])
        self._compiled.move_to_end(text)
        return self._c.llama_sampler_clone(pattern)

    def close(self) -> None:
        """Free them all."""
        while self._compiled:
            self._c.llama_sampler_free(self._compiled.popitem()[1])


class Chooser:
    """Chooses the tokens of one answer.

    Args:
        grammar: a native grammar, freed by `close`, or None.
        temperature: 0 takes the best token; above, samples from the best few, top-p 0.95.
        seed: of the sampling; the same seed gives the same answer.
    """

    def __init__(self, *, grammar: Any = None, temperature: float = 0.0, seed: int = 0) -> None:
        self._c, self._grammar, self._temperature = native(), grammar, temperature
        self._random = np.random.default_rng(seed)

    def close(self) -> None:
        """Free the grammar."""
        if self._grammar is not None:
            self._c.llama_sampler_free(self._grammar)
            self._grammar = None

    def choose(self, logits: NDArray[np.float32]) -> int:
        """Return the next token.

        Raises:
            ModelError: the grammar allows no token at all.
        """
        if self._temperature > 0:
            token = self._sampled(logits)
        else:
            token = int(logits.argmax())
            if self._grammar is not None and not len(self._allowed(np.array([token]), logits)):
                token = int(self._best_allowed(logits)[0])
        return token

    def accept(self, token: int) -> None:
        """Tell the grammar that a token, not an end of turn, was taken."""
        if self._grammar is not None:
            self._c.llama_sampler_accept(self._grammar, token)

    def over(self, ends: NDArray[np.intp], letters: NDArray[np.intp], n_vocab: int) -> bool:
        """Say whether the grammar leaves nothing but an end: one step of the model less.

        Args:
            ends: the tokens that end a turn.
            letters: tokens of one letter, which show quickly that an answer may go on.
            n_vocab: the number of tokens.
        """
        if self._grammar is None or not len(ends):
            return False
        level = np.zeros(n_vocab, dtype=np.float32)
        if not len(self._allowed(ends, level)) or len(self._allowed(letters, level)):
            return False
        return len(np.setdiff1d(self._allowed(np.arange(n_vocab), level), ends)) == 0

    def _sampled(self, logits: NDArray[np.float32]) -> int:
        ids = self._best_allowed(logits)
        scaled = logits[ids].astype(np.float64) / self._temperature
        chances = np.exp(scaled - scaled.max())
        chances /= chances.sum()
        kept = max(1, int(np.searchsorted(np.cumsum(chances), TOP_P)) + 1)
        return int(self._random.choice(ids[:kept], p=chances[:kept] / chances[:kept].sum()))

    def _best_allowed(self, logits: NDArray[np.float32]) -> NDArray[np.intp]:
        """Return the best allowed tokens, best first, equal scores by token."""
        allowed = np.empty(0, dtype=np.intp)
        for few in (*(few for few in FEW if few < len(logits)), len(logits)):
            ids = np.argpartition(logits, -few)[-few:] if few < len(logits) else np.arange(len(logits))
            allowed = self._allowed(ids, logits)
            if len(allowed):
                break
        if not len(allowed):
            raise ModelError("the grammar allows nothing that the model can write", hint="Change the grammar")
        return allowed[np.lexsort((allowed, -logits[allowed]))][: FEW[0]]

    def _allowed(self, ids: NDArray[np.intp], logits: NDArray[np.float32]) -> NDArray[np.intp]:
        if self._grammar is None:
            return ids
        candidates = np.zeros(len(ids), dtype=_CANDIDATE)
        candidates["id"], candidates["logit"] = ids, logits[ids]
        data = candidates.ctypes.data_as(ctypes.POINTER(self._c.llama_token_data))
        array = self._c.llama_token_data_array(data=data, size=len(ids), selected=-1, sorted=False)
        self._c.llama_sampler_apply(self._grammar, ctypes.byref(array))
        kept: NDArray[np.intp] = ids[np.isfinite(candidates["logit"])]
        return kept
