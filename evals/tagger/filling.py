"""Fills the slots of forms."""

import random
from collections.abc import Callable, Sequence

from evals.tagger import invented
from evals.tagger.examples import Part
from evals.tagger.forms import Form, Literal, Slot
from evals.tagger.pools import Names, Pool
from evals.tagger.subjects import in_sentence
from evals.tagger.surfaces import person_surface

_NUMBERS = "two three four five six seven eight nine ten twelve fifteen twenty thirty fifty a-hundred".replace(
    "-", " "
).split()
_LISTED_SLOTS = frozenset(("author", "organization", "funder", "country", "topic", "venue"))
_JOINED = 0.03
_ARTICLE_BEFORE = ("the", "a", "an", "any", "each", "every", "which", "what")
_OF_LANGUAGE = ("{} for {}", "{} in {}", "{} of {}")
_MODIFIERS = (
    "deep learning for {}", "machine learning in {}", "unsupervised {}", "multilingual {}", "low-resource {}", "automatic {}",
    "{} detection", "{} prediction", "{} in children", "{} treatment", "ethics of {}", "history of {}", "{} policy", "{} evaluation",
    "{} in low-income countries", "bias in {}", "theory of {}", "{} modelling", "{} prevention", "computational {}", "{} data",
    "neural {}", "{} benchmarks", "{} education", "cognitive {}", "clinical {}", "applied {}", "{} in older adults", "urban {}",
)  # fmt: skip


class Filler:
    """Fills forms with names.

    Args:
        names: what to draw from.
    """

    def __init__(self, names: Names) -> None:
        self._names = names
        self._makers: dict[str, Callable[[random.Random], str]] = {
            "author": self._author,
            "organization": self._organization,
            "funder": self._funder,
            "country": names.countries.draw,
            "nation": names.nations.draw,
            "topic": self._topic,
            "venue": self._venue,
            "year": _year,
            "years": _years,
            "decade": _decade,
            "system": names.systems.draw,
            "title": names.titles.draw,
            "language": names.languages.draw,
            "id": names.ids.draw,
            "n": lambda rng: str(rng.choice((3, 5, 10, 20, rng.randrange(2, 60)))),
            "number": lambda rng: rng.choice(_NUMBERS),
        }

    def fill(self, rng: random.Random, form: Form) -> list[Part]:
        """Return the parts of a question; no name occurs twice, as far as there are enough of them."""
        parts: list[Part] = []
        used: set[str] = set()
        small = form.text == form.text.lower() and rng.random() < 0.4  # noqa: PLR2004
        for element in form.elements:
            if isinstance(element, Slot):
                parts += self._slot(rng, element, used, parts)
            else:
                parts.append(Part(self._literal(rng, element, used), element.type))
        if small:
            return [Part(part.text.lower(), part.type, part.kind) for part in parts]
        if parts[0].filled and parts[0].text[:1].islower() and rng.random() < 0.5:  # noqa: PLR2004
            parts[0] = Part(parts[0].text[:1].upper() + parts[0].text[1:], parts[0].type, parts[0].kind)
        return parts

    def _slot(self, rng: random.Random, slot: Slot, used: set[str], before: Sequence[Part]) -> list[Part]:
        several = slot.name in _LISTED_SLOTS and rng.random() < _JOINED
        number = rng.choice((2, 2, 3)) if several else 1
        last = rng.choice((" and ", " and ", " or ", ", ", " & ")) if number > 1 else ""
        parts: list[Part] = []
        for n in range(number):
            if n:
                parts.append(Part(last if n == number - 1 else ", "))
            parts += self._one(rng, slot, used, [*before, *parts])
        return parts

    def _one(self, rng: random.Random, slot: Slot, used: set[str], before: Sequence[Part]) -> list[Part]:
        text = self._new(rng, slot.name, used)
        if slot.type is None:
            return [Part(text, None, slot.name)]
        article = "the " if text[:4].lower() == "the " and slot.name != "topic" else ""
        text = text[len(article) :]
        if not article and slot.name in {"organization", "funder"} and " " in text:
            article = "the " if rng.random() < _article_chance(text) else ""
        words = before[-1].text.lower().split() if before else []
        if article and not (words and words[-1] in _ARTICLE_BEFORE):
            return [Part("the " if before else "The "), Part(text, slot.type)]
        return [Part(text, slot.type)]

    def _literal(self, rng: random.Random, literal: Literal, used: set[str]) -> str:
        texts = [item if isinstance(item, str) else self._new(rng, item.name, used) for item in literal.items]
        years = [n for n, item in enumerate(literal.items) if isinstance(item, Slot) and item.name == "year"]
        for place, text in zip(years, sorted(texts[n] for n in years), strict=True):
            texts[place] = text
        return "".join(texts)

    def _new(self, rng: random.Random, slot: str, used: set[str]) -> str:
        text = ""
        for _ in range(5):
            text = self._makers[slot](rng)
            if text not in used:
                break
        used.add(text)
        return text

    def _author(self, rng: random.Random) -> str:
        name = invented.person(rng, self._names) if rng.random() < 0.4 else self._names.people.draw(rng)  # noqa: PLR2004
        return person_surface(rng, name)

    def _organization(self, rng: random.Random) -> str:
        names = self._names
        return self._mixed(
            rng,
            (
                (0.26, names.organization_lists),
                (0.18, names.affiliations),
                (0.04, names.funders),
                (0.02, names.funder_lists),
            ),
            lambda: invented.organization(rng, names) if rng.random() < 0.3 else names.organizations.draw(rng),  # noqa: PLR2004
        )

    def _funder(self, rng: random.Random) -> str:
        names = self._names
        return self._mixed(
            rng,
            ((0.3, names.funder_lists), (0.04, names.organizations), (0.03, names.organization_lists)),
            lambda: invented.funder(rng, names) if rng.random() < 0.3 else names.funders.draw(rng),  # noqa: PLR2004
        )

    def _venue(self, rng: random.Random) -> str:
        names = self._names
        return self._mixed(
            rng,
            ((0.45, names.venue_lists),),
            lambda: invented.venue(rng, names) if rng.random() < 0.2 else names.venues.draw(rng),  # noqa: PLR2004
        )

    def _topic(self, rng: random.Random) -> str:
        names = self._names
        text = self._mixed(rng, ((0.4, names.topic_lists), (0.2, names.phrases)), lambda: names.topics.draw(rng))
        if rng.random() < 0.92:  # noqa: PLR2004
            text = _inside(rng, text)
        if rng.random() < 0.08 and len(text.split()) <= 3:  # noqa: PLR2004
            if rng.random() < 0.4:  # noqa: PLR2004
                return rng.choice(_OF_LANGUAGE).format(text, names.languages.draw(rng))
            return rng.choice(_MODIFIERS).format(text)
        return text

    @staticmethod
    def _mixed(rng: random.Random, shares: Sequence[tuple[float, Pool]], rest: Callable[[], str]) -> str:
        at = rng.random()
        for part, pool in shares:
            at -= part
            if at < 0 and pool:
                return pool.draw(rng)
        return rest()


def _inside(rng: random.Random, text: str) -> str:
    """Return a subject without the capitals of a heading; lists are written as in sentences and seldom change."""
    return in_sentence(text) if sum(word[0].isupper() for word in text.split()) != 1 or rng.random() < 0.7 else text  # noqa: PLR2004


def _article_chance(text: str) -> float:
    """Return how often an article stands before a name of several words."""
    heads = (
        "Foundation",
        "Council",
        "Institute",
        "Trust",
        "Fund",
        "Ministry",
        "Academy",
        "Society",
        "Agency",
        "Center",
        "Centre",
    )
    if text.startswith(("University of", "National ")) or any(head in text for head in heads):
        return 0.35
    return 0.04


def _year(rng: random.Random) -> str:
    return str(2026 - min(int(rng.expovariate(0.11)), 90))


def _years(rng: random.Random) -> str:
    first = int(_year(rng)) - 1
    last = min(first + rng.choice((1, 2, 3, 4, 5, 9, 10)), 2026)
    style = rng.random()
    if style < 0.06:  # noqa: PLR2004
        return f"{first}/{last % 100:02d}"
    if style < 0.12:  # noqa: PLR2004
        return f"{first}-{last % 100:02d}"
    return f"{first}{rng.choice(('-', '-', '–', ' to ', ' to ', ' - ', ' through ', ' until ', '—', '..'))}{last}"


def _decade(rng: random.Random) -> str:
    start = rng.choice((1950, 1960, 1970, 1980, 1990, 1990, 2000, 2000, 2010, 2010, 2020))
    return f"{start % 100}s" if rng.random() < 0.12 and start < 2000 else f"{start}s"  # noqa: PLR2004
