"""Names that nothing bears: people recombined, institutions and funders built from patterns, acronyms."""

import random

from evals.tagger.pools import Names
from evals.tagger.surfaces import divided

_ORGANIZATIONS = (
    "University of {city}", "{city} University", "{city} State University", "{city} University of {field}", "{family} University",
    "{family} College", "{city} Institute of Technology", "{family} Institute", "{city} Institute for {field}",
    "{nation} Academy of {field}", "Institute of {field}", "{family} Lab", "{family} Laboratories", "{family} & {other} Research",
    "{field} Research Center", "Center for {field}", "{city} Medical Center", "{city} General Hospital", "{coined}", "{coined} AI",
    "{coined} Research", "{coined} Labs", "{city} Polytechnic", "Universidad de {city}", "Université de {city}", "Universität {city}",
    "National Institute of {field}", "{nation} Institute of {field}", "{city} Centre for {field}", "{family} School of {field}",
    "{coined} Technologies", "Research Institute for {field}", "{acronym}", "{city} Observatory", "Museum of {field}", "{color} {thing} University",
    "{color} {thing} Institute", "{city} {field} Institute", "Saint {family} College", "Royal {field} Institute", "{coined} Inc",
)  # fmt: skip
_FUNDERS = (
    "{family} Foundation", "{family} Family Foundation", "{family} Trust", "{family} Fund", "{family}-{other} Foundation",
    "{nation} Research Council", "{nation} Science Foundation", "{nation} {field} Fund", "{field} Research Council", "Fund for {field}",
    "{city} Science Trust", "{color} {thing} Foundation", "{color} {thing} Trust", "{color} {thing} Science Fund", "Ministry of {field}",
    "{nation} Ministry of {field}", "National {field} Foundation", "National Council for {field}", "{field} Research Fund of {country}",
    "{city} Cancer Society", "{field} Initiative", "{family} Endowment for {field}", "{coined} Philanthropies", "{acronym}", "{acronym}",
    "{country} {field} Agency", "{family} and {other} Charitable Trust", "Department of {field}", "{city} Innovation Fund",
    "{nation} Agency for {field}", "European {field} Council", "{coined} Foundation", "{family} Memorial Fund", "{field} Programme",
)  # fmt: skip
_VENUES = (
    "Journal of {field}", "{field} Letters", "Annals of {field}", "{nation} Journal of {field}", "International Journal of {field}",
    "{field} Today", "Transactions on {field}", "Conference on {field}", "Workshop on {field}", "Advances in {field}", "{field} Review",
    "{acronym}", "Proceedings of the {field} Society", "Frontiers in {field}", "Archives of {field}", "Symposium on {field}",
    "International Conference on {field}", "{field}", "{coined}NLP", "Current Opinion in {field}", "{nation} {field} Journal",
)  # fmt: skip


def _words(text: str) -> list[str]:
    return text.split()


_COLORS = _words(
    "Blue Green Red Northern Southern Golden Silver Open Bright New Deep Nordic Alpine Pacific Atlantic Eastern Grey White"
)
_THINGS = _words(
    "River Lake Mountain Horizon Valley Harbor Bridge Forest Lakes Oak Maple Stone Star Ocean Field Hill Dawn Meadow Coast"
)
_STARTS = _words(
    "Ver Neu Syn Quan Bio Cog Lum Alt Ner Zen Mira Data Deep Info Sol Tera Astra Vec Omni Kor Hel Pyra Nova Lex Gen Aqua"
)
_ENDS = _words(
    "ta ron tics ium ara ix mind sys gen lytics via nova dyne scape ora tek wave logic path well vera cortex"
)
_LETTERS = "ABCDEFGHIJKLMNOPRSTUVW"


def person(rng: random.Random, names: Names) -> str:
    """Return the given names of one person before the family name of another."""
    given, _ = divided(names.people.draw(rng))
    _, family = divided(names.people.draw(rng))
    return f"{given} {family}".strip()


def organization(rng: random.Random, names: Names) -> str:
    """Return a name for a place where people work."""
    return _filled(rng, rng.choice(_ORGANIZATIONS), names)


def funder(rng: random.Random, names: Names) -> str:
    """Return a name for a body that pays."""
    return _filled(rng, rng.choice(_FUNDERS), names)


def venue(rng: random.Random, names: Names) -> str:
    """Return a name for a journal or a conference."""
    return _filled(rng, rng.choice(_VENUES), names)


def acronym(rng: random.Random) -> str:
    """Return three to five capitals."""
    return "".join(rng.choice(_LETTERS) for _ in range(rng.choice((3, 3, 4, 4, 5))))


def _filled(rng: random.Random, pattern: str, names: Names) -> str:
    country = names.countries.draw(rng)
    return pattern.format(
        city=names.cities.draw(rng),
        field=_title(names.fields.draw(rng)),
        family=divided(names.people.draw(rng))[1],
        other=divided(names.people.draw(rng))[1],
        nation=names.nations.draw(rng),
        country=country.removeprefix("the "),
        color=rng.choice(_COLORS),
        thing=rng.choice(_THINGS),
        coined=rng.choice(_STARTS) + rng.choice(_ENDS),
        acronym=acronym(rng),
    )


def _title(text: str) -> str:
    return " ".join(word[:1].upper() + word[1:] for word in text.split())
