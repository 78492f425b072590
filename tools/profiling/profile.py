"""An author's profile: facts from the catalogue, and six sections that word them."""

import time
from collections import Counter
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from stores.catalogue import Catalogue
from stores.errors import InputError
from stores.records import Paper
from tools.profiling.base import Profile, Window
from tools.profiling.check import Allowed
from tools.profiling.counting import most_common
from tools.profiling.facts import facts
from tools.profiling.lines import Subject
from tools.profiling.sentences import drafts
from tools.profiling.windows import Counted, default_window
from tools.profiling.wording import word

if TYPE_CHECKING:
    from collections.abc import Mapping

    from langchain_core.language_models import BaseChatModel

    from tools.profiling.clusters import Vector


def profile(
    catalogue: Catalogue,
    author_id: str,
    window: Window | None = None,
    chat: "BaseChatModel | None" = None,
    vectors: "Mapping[str, Vector] | None" = None,
    *,
    max_calls: int = 2,
    today: date | None = None,
    counted: Counted = "data",
    per_section: int = 1,
) -> Profile:
    """Return the profile of an author.

    Args:
        catalogue: where the papers are.
        author_id: the author.
        window: the years; by default the last five or, when nothing falls into these, the five up to the latest paper.
        chat: rewords sections within the checks; None for the program's own sentences.
        vectors: a document vector (d,) for each paper id, for topics by clustering.
        max_calls: how many sections the model may try.
        today: the current date; now by default.
        per_section: how many drafts of each of these; the best by its figures is shown.
        counted: whether the default window ends with the latest year of the data or with today's.

    Raises:
        InputError: no paper and no record names this author, or the window ends before it begins.
    """
    started = time.perf_counter()
    known = catalogue.papers.by_author(author_id)
    name = author_name(catalogue, author_id, known)
    years = (paper.year for paper in known if paper.year is not None)
    used, reason = default_window(years, catalogue.papers.years()[1], counted, today)
    if window is not None:
        used, reason = _checked(window), "asked"
    found = facts(catalogue, author_id, used, vectors)
    facts_ready = time.perf_counter()
    subject = Subject(name=name, window=used)
    sections, checks, ranked, usage = word(
        drafts(subject, found), Allowed(subject, found), chat, max_calls, per_section
    )
    return Profile(
        author_id=author_id,
        name=name,
        window=used,
        window_reason=reason,
        facts=found,
        sections=sections,
        checks=checks,
        drafts=ranked,
        model=_model_name(chat) if usage.calls else None,
        usage=usage,
        timings={"facts": round(facts_ready - started, 4), "wording": round(time.perf_counter() - facts_ready, 4)},
    )


def author_name(catalogue: Catalogue, author_id: str, papers: list[Paper]) -> str:
    """Return an author's name by the authority record, else as most papers spell it.

    Raises:
        InputError: nothing names this author.
    """
    records = catalogue.authorities.get("author", [author_id])
    if records:
        return records[0].name
    names = Counter(author.name for paper in papers for author in paper.authors if author.id == author_id)
    if not names:
        raise InputError(f"no author with id {author_id!r}", hint="Find ids with `quodvide link --type author`")
    return most_common(names)


def _checked(window: Window) -> Window:
    if window.year_from is not None and window.year_to is not None and window.year_to < window.year_from:
        raise InputError(
            f"the window ends ({window.year_to}) before it begins ({window.year_from})",
            hint="Swap year_from and year_to",
        )
    return window


def _model_name(chat: "BaseChatModel | None") -> str | None:
    if chat is None:
        return None
    path = getattr(chat, "model_path", None)
    if path is not None:
        return Path(str(path)).stem
    for attribute in ("label", "model_name", "model", "name"):
        if isinstance(value := getattr(chat, attribute, None), str) and value:
            return value
    return type(chat).__name__
