"""`quodvide profile`: one author as a person reads it, as JSON or as a page, or many of them; the best refined on request."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agent import batch, refining
from agent import settings as settings_
from agent.answers import serve
from agent.pages.serving import ProfileFormat, write_page, write_pages
from agent.profile_refining import Found, refined
from agent.profiles import TOGETHER, context_of, one, print_profile, profiles, to_record
from agent.refining import Refinement, Wish
from agent.wiring import Parts
from stores.errors import QuodvideError
from tools.profiling.base import Profile

Years = tuple[int | None, int | None]


def profile(
    home: Path | None,
    author: str | None,
    years: Years,
    source: str,
    target: str,
    *,
    resume: bool,
    form: ProfileFormat | None,
    wish: Wish | None = None,
) -> int:
    """Summarize the work of one author, or of those of records side by side; return the exit status."""
    parts = Parts(settings_.load(home))
    if wish:
        refining.check(parts.settings, wish)
    if author is None:
        return _many(parts, source, target, form, wish, resume=resume)
    found, about = _one(parts, author, years, wish)
    if form in {"markdown", "html"}:
        return write_page(found, form, target)
    if form is None and target == "-":
        print_profile(found)
        return 0
    return serve({}, source, target, lambda _: to_record(found, author, about), resume=resume)


def _one(parts: Parts, author: str, years: Years, wish: Wish | None) -> tuple[Profile, Refinement | None]:
    window = {"year_from": years[0], "year_to": years[1]} if any(years) else None
    found = one(context_of(parts), {"author_id": author, "window": window})
    if wish is None:
        return found, None
    ((better, about),) = refined(parts, [found], wish)
    return found if isinstance(better, QuodvideError) else better, about


def _many(
    parts: Parts, source: str, target: str, form: ProfileFormat | None, wish: Wish | None, *, resume: bool
) -> int:
    context = context_of(parts)
    # The best of all can be told only when all are there.
    at_once = sys.maxsize if wish else TOGETHER

    def drafts(records: list[dict[str, Any]]) -> Iterator[tuple[Found, Refinement | None]]:
        found = profiles(context, records, parts.settings.profiles.side_by_side)
        return refined(parts, list(found), wish) if wish else ((each, None) for each in found)

    def together(records: list[dict[str, Any]]) -> Iterator[Found]:
        return (found for found, _ in drafts(records))

    def as_records(records: list[dict[str, Any]]) -> Iterator[dict[str, Any] | QuodvideError]:
        for record, (found, about) in zip(records, drafts(records), strict=True):
            yield found if isinstance(found, QuodvideError) else to_record(found, record["author_id"], about)

    if form in {"markdown", "html"}:
        return write_pages(source, target, form, together, at_once, resume=resume)
    return batch.run_many(source, target, as_records, at_once, key="author_id", resume=resume, bar=wish is None)
