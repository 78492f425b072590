"""Measures that several evaluations share: rankings by trec_eval, and bootstrap intervals."""

import math
import re
import resource
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from evals.suites.figures import figure


def ndcg(ranking: Sequence[str], relevance: Mapping[str, int], k: int = 10) -> float:
    """Return nDCG@k with exponential gain; 0 when nothing is relevant."""
    # trec_eval takes the grade for the gain.
    return _by_trec_eval(ranking, {id_: 2**grade - 1 for id_, grade in relevance.items()}, "ndcg_cut", k)


def recall(ranking: Sequence[str], relevance: Mapping[str, int], k: int = 100) -> float:
    """Return the share of the relevant documents among the first k; 0 when nothing is relevant."""
    return _by_trec_eval(ranking, relevance, "recall", k)


def _by_trec_eval(ranking: Sequence[str], relevance: Mapping[str, int], measure: str, k: int) -> float:
    import pytrec_eval

    if not any(grade > 0 for grade in relevance.values()):
        return 0.0
    # It orders by score, and equal scores by id backwards, so each place gets a score of its own.
    scores = {id_: float(len(ranking) - n) for n, id_ in enumerate(ranking)}
    found = pytrec_eval.RelevanceEvaluator({"q": dict(relevance)}, {f"{measure}.{k}"}).evaluate({"q": scores})
    return float(found["q"][f"{measure}_{k}"]) if found else 0.0


def interval(values: Sequence[float], seed: int = 0) -> tuple[float, float, float]:
    """Return the mean with its 95 % bootstrap interval, over items."""
    found = figure([(value, 1.0) for value in values], seed=seed)
    return found.value, found.low, found.high


def line(name: str, values: Sequence[float]) -> str:
    """Return one figure with its interval and number of items, as a line of a report."""
    mean, low, high = interval(values)
    return f"{name:<44} {mean:6.3f}  [{low:.3f}, {high:.3f}]  n={len(values)}"


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value below which this share of the others lies; nan without any."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else math.nan


def peak_megabytes() -> float:
    """Return the most memory that this process has held so far."""
    with suppress(OSError):
        # Linux's getrusage counts what the process that started this one held, up to the start.
        status = Path("/proc/self/status").read_text("ascii", "replace")
        if found := re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE):
            return int(found[1]) * 1024 / 1e6
    # In kilobytes, on macOS in bytes.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1000 if sys.platform == "linux" else 1_000_000)
