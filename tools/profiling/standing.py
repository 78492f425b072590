"""How much a draft of a profile would gain by better words: the figure by which drafts are chosen for a cloud model."""

from collections.abc import Sequence

from stores.records import Record
from tools.profiling.base import Profile, Section
from tools.profiling.scoring import score

_SECTIONS, _PAPERS, _WORDING = 50, 30, 20
_ENOUGH = 20  # papers; more do not make a profile worth more
LEAST_STATEMENTS = 2  # a section of one statement has nothing to be worded better


class Standing(Record):
    """The parts are shares between 0 and 1; `total` is out of 100.

    Attributes:
        sections: of the sections, those with two statements or more.
        papers: of twenty papers, those that the profile rests on.
        wording: the mean figure of the sections' words, as for drafts that are ranked.
        total: 50 for sections, 30 for papers, 20 for wording.
    """

    sections: float
    papers: float
    wording: float
    total: float


def standing(found: Profile) -> Standing:
    """Return the figures of a draft."""
    told = tellable(found)
    sections = len(told) / len(found.sections) if found.sections else 0.0
    papers = min(1.0, len(found.facts.titles) / _ENOUGH)
    figures = [score(one.text, [statement.text for statement in one.statements]).total / 100 for one in told]
    wording = sum(figures) / len(figures) if figures else 0.0
    total = _SECTIONS * sections + _PAPERS * papers + _WORDING * wording
    return Standing(
        sections=round(sections, 3), papers=round(papers, 3), wording=round(wording, 3), total=round(total, 1)
    )


def tellable(found: Profile) -> Sequence[Section]:
    """Return the sections that a model can word better."""
    return [one for one in found.sections if len(one.statements) >= LEAST_STATEMENTS]
