"""The candidates of every labelled mention."""

from collections.abc import Callable, Sequence

from evals.linker.gold import Example
from tools.linking.features import Pool, Query, all_candidates
from tools.linking.near import NearNames
from tools.linking.registry import Registry

_TOLD = 2000
_AT_ONCE = 512
_TOGETHER = 128


def pools_of(
    examples: Sequence[Example], registry: Registry, near: NearNames | None, say: Callable[[str], None] = lambda _: None
) -> list[Pool]:
    """Return the candidates of each mention; `near` adds names that are near in meaning, where given."""
    found: list[Pool] = []
    for start in range(0, len(examples), _AT_ONCE):
        part = examples[start : start + _AT_ONCE]
        rows: Sequence[Sequence[tuple[int, float]]] = (
            near.search([example.text for example in part]) if near is not None else [()] * len(part)
        )
        queries = [
            Query(
                example.text,
                near=[pair for pair in names if pair[0] not in example.without],
                without=example.without,
                hidden=example.hidden,
            )
            for example, names in zip(part, rows, strict=True)
        ]
        for first in range(0, len(queries), _TOGETHER):
            found += all_candidates(registry, queries[first : first + _TOGETHER])
        if start // _TOLD != (start + len(part)) // _TOLD:
            say(f"candidates of {start + len(part):,} of {len(examples):,} mentions")
    return found
