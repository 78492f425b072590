"""What becomes of a ranking: the best themes, and what the text says of them."""

from typing import Literal

from pydantic import Field

from stores.records import Record
from tools.grounding.base import Shown, TokenUsage
from tools.themes.base import ThemeScore

BORDER = 50.0  # a theme that scores less does not fit
_NEAR = 30.0  # ... but from here on the text has something on it
_ALWAYS = 3
_MOST = 5


class Ranking(Record):
    """Every theme with its score, best first; offsets are code points of the text, end exclusive."""

    scores: tuple[ThemeScore, ...]

    @property
    def top(self) -> tuple[ThemeScore, ...]:
        """Return the best three, and up to five as long as they fit."""
        kept = (s for n, s in enumerate(self.scores[:_MOST]) if n < _ALWAYS or s.score >= BORDER)
        return tuple(kept)

    @property
    def touched(self) -> tuple[ThemeScore, ...]:
        """Return those of the best that the text has something on."""
        return tuple(score for score in self.top if touches(score))


class SummarySentence(Record):
    """What the text says of one theme.

    Attributes:
        text: the sentence as it is shown, a quotation on one line or the chat model's wording.
        theme: the label of the theme that it bears on.
        start: where the quotation begins in the text.
        end: where it ends, exclusive.
        quote: `text[start:end]` of the text that was ranked for.
        wording: whether the chat model or a quotation worded it.
    """

    text: Shown
    theme: str
    start: int = Field(ge=0)
    end: int
    quote: str
    wording: Literal["model", "quotation"] = "quotation"


class Summary(Record):
    """A text seen by its best themes.

    Attributes:
        text: a line for each theme, or for themes that one sentence bears on.
        sentences: what it is made of, by theme, the best first; empty when the text has nothing on any theme.
        model: name of the chat model that could word them; empty when none was asked.
        usage: what that cost.
    """

    text: Shown
    sentences: tuple[SummarySentence, ...] = ()
    model: str = ""
    usage: TokenUsage = TokenUsage()


def fits(score: ThemeScore) -> bool:
    """Return whether a text is about a theme."""
    return score.score >= BORDER and not score.negated


def touches(score: ThemeScore) -> bool:
    """Return whether a text has something on a theme, be it not much."""
    return score.score >= _NEAR and not score.negated
