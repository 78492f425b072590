"""What a suite spends on chat models, from the log in which every call is counted."""

import math

from agent.wiring import Parts
from stores.usage import Sums
from tools.grounding.base import TokenUsage


class Spending:
    """Tells what was spent since it was last asked.

    Args:
        parts: whose chat models are called.
    """

    def __init__(self, parts: Parts) -> None:
        self._log = parts.models.usage
        self._before = self._total()

    def since(self) -> tuple[TokenUsage, float]:
        """Return calls with their tokens, and US dollars; nan where the price of a call is not known."""
        before, self._before = self._before, self._total()
        now = self._before
        used = TokenUsage(
            calls=now.calls - before.calls,
            input_tokens=now.input_tokens - before.input_tokens,
            output_tokens=now.output_tokens - before.output_tokens,
        )
        return used, math.nan if now.unpriced > before.unpriced else now.cost - before.cost

    def cost_of(self, used: TokenUsage) -> float:
        """Return what calls that were just made cost; nan where it is not known, or calls are not counted."""
        if not used.calls:
            return 0.0
        return math.nan if self._log is None else self.since()[1]

    def _total(self) -> Sums:
        return self._log.total() if self._log is not None else Sums(group=())
