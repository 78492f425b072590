"""What theme ranking takes and gives."""

from pydantic import Field

from stores.records import Record


class Theme(Record):
    """A theme: a short label, and what it covers."""

    label: str = Field(min_length=1, max_length=300)
    description: str = Field(default="", max_length=5_000)


class ThemeScore(Record):
    """How well a theme fits a text.

    Attributes:
        label: of the theme.
        score: 0 to 100; 50 is the border of relevance.
        start: where the sentence of the text begins that fits best.
        end: where it ends, exclusive.
        negated: whether the text says that it is not about this theme.
    """

    label: str
    score: float = Field(ge=0, le=100)
    start: int = 0
    end: int = 0
    negated: bool = False
