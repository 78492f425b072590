"""`quodvide profile --refine`: the best drafts of some profiles worded by a cloud model, checked as any wording is."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from agent import refining
from agent.clock import today
from agent.refining import Better, Draft, Refinement, Wish
from agent.wiring import Parts
from stores.errors import QuodvideError
from tools.profiling.base import Profile
from tools.profiling.profile import profile
from tools.profiling.standing import standing, tellable
from tools.profiling.wording import request

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

_SECTIONS = 6
Found = Profile | QuodvideError


def refined(parts: Parts, found: Sequence[Found], wish: Wish) -> Iterator[tuple[Found, Refinement | None]]:
    """Yield every profile in order, the best of them in the words of the refiner where these pass every check.

    Args:
        parts: of the home folder.
        found: drafts, and what went wrong.
        wish: how many, by which model, at what price.

    Raises:
        ConfigError: there is no such model, or it would cost too much.
    """

    def better(draft: Found, chat: "BaseChatModel", _: str) -> tuple[Found, Better]:
        assert isinstance(draft, Profile), "only profiles are drafts"  # noqa: S101
        return _better(parts, draft, chat)

    return refining.run(parts.settings, wish, "author_profile", found, _draft, better)


def _draft(place: int, one: Found) -> Draft | None:
    if not isinstance(one, Profile):
        return None
    prompts = refining.prompts_of(request(section.title, section.text) for section in tellable(one))
    return Draft(place, f"{one.name} ({one.author_id})", standing(one).total, prompts)


def _better(parts: Parts, draft: Profile, chat: "BaseChatModel") -> tuple[Profile, Better]:
    ids = [paper.id for paper in parts.catalogue.papers.by_author(draft.author_id)]
    found = profile(
        parts.catalogue,
        draft.author_id,
        draft.window if draft.window_reason == "asked" else None,
        chat,
        parts.vectors(ids),
        max_calls=_SECTIONS,
        today=today(),
        counted=parts.settings.profiles.counted,
    )
    worded = tuple(section.title for section in found.sections if section.wording == "model")
    faults = sorted({f"{one.section}: {one.text}" for one in found.checks.rejected})
    return found, Better(worded, tuple(faults))
