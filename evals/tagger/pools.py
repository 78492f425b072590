"""Names to draw from, some more often than others."""

import random
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate


class Pool:
    """Texts with weights; empty pools are allowed and draw nothing.

    Args:
        weights: weight of each text.
        evenness: share of draws in which all texts are equally likely, so that rare ones come too.
    """

    def __init__(self, weights: Mapping[str, float], evenness: float = 0.3) -> None:
        self.texts: Sequence[str] = list(weights)
        self._evenness = evenness
        self._sums = list(accumulate(weights.values()))

    def __bool__(self) -> bool:
        """Return whether there is anything to draw."""
        return bool(self.texts)

    def draw(self, rng: random.Random) -> str:
        """Return one text."""
        if rng.random() < self._evenness:
            return self.texts[rng.randrange(len(self.texts))]
        return self.texts[min(bisect_left(self._sums, rng.random() * self._sums[-1]), len(self.texts) - 1)]

    def without(self, taken: Iterable[str]) -> "Pool":
        """Return the pool less the texts that occur, in whatever case, among `taken`."""
        known = {text.casefold() for text in taken}
        weights = dict(zip(self.texts, self._each(), strict=True))
        return Pool({text: weight for text, weight in weights.items() if text.casefold() not in known}, self._evenness)

    def _each(self) -> list[float]:
        return [after - before for before, after in zip([0.0, *self._sums], self._sums, strict=False)]


@dataclass(frozen=True)
class Names:
    """Everything that slots are filled with, for one half of the records.

    Attributes:
        people: full names, given name first.
        organizations: names of places where people work, in the forms in which they are written.
        organization_lists: the same from the word lists: everyday short forms.
        affiliations: institutions as authors write them.
        funders: names of bodies that pay.
        funder_lists: the same from the word lists.
        countries: nouns.
        nations: adjectives.
        topics: subjects from records.
        topic_lists: subjects as people say them, from the word lists.
        phrases: subjects found in titles of papers.
        venues: from papers.
        venue_lists: from the word lists.
        systems: names that are no entities here.
        titles: of papers.
        ids: of papers.
        languages: names of languages.
        cities: for invented names.
        fields: broad subjects, for invented names.
    """

    people: Pool
    organizations: Pool
    organization_lists: Pool
    affiliations: Pool
    funders: Pool
    funder_lists: Pool
    countries: Pool
    nations: Pool
    topics: Pool
    topic_lists: Pool
    phrases: Pool
    venues: Pool
    venue_lists: Pool
    systems: Pool
    titles: Pool
    ids: Pool
    languages: Pool
    cities: Pool
    fields: Pool
