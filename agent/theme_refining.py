"""`quodvide themes --refine`: the summaries of the texts that fit their themes best, worded by a cloud model and checked."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from agent import refining
from agent.refining import Better, Draft, Refinement, Wish
from agent.settings import Settings
from agent.themes import Ranked, Themes
from stores.errors import ModelError, QuodvideError
from tools.themes.summary import requests

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

Found = Ranked | QuodvideError
_NAME = 60  # characters of a text that stand for it


def refined(
    settings: Settings, themes: Themes, found: Sequence[Found], wish: Wish
) -> Iterator[tuple[Found, Refinement | None]]:
    """Yield every text in order, the summaries of the best in the words of the refiner where these pass the check.

    Args:
        settings: in force.
        themes: which ranked them.
        found: texts with summaries, and what went wrong.
        wish: how many, by which model, at what price.

    Raises:
        ConfigError: there is no such model, or it would cost too much.
    """

    def better(draft: Found, chat: "BaseChatModel", name: str) -> tuple[Found, Better]:
        assert isinstance(draft, Ranked), "only texts are drafts"  # noqa: S101
        try:
            summary = themes.reworded(draft, chat, name)
        except ModelError as error:
            return draft, Better((), (str(error),))
        worded = dict.fromkeys(one.theme for one in summary.sentences if one.wording == "model")
        kept = sum(one.wording != "model" for one in summary.sentences)
        faults = (
            (f"the text does not support its words for {kept} of {len(summary.sentences)} sentences",) if kept else ()
        )
        return replace(draft, summary=summary), Better(tuple(worded), faults)

    return refining.run(settings, wish, "rank_themes", found, _draft, better)


def _draft(place: int, one: Found) -> Draft | None:
    """Return a text as a draft; its score is that of its best theme."""
    if not isinstance(one, Ranked) or one.summary is None:
        return None
    name = " ".join(one.text[: 2 * _NAME].split())[:_NAME]
    return Draft(place, name, one.ranking.scores[0].score, refining.prompts_of(requests(one.summary)))
