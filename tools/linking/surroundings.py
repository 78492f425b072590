"""What speaks for a candidate besides its name: its record, its family among the candidates, and its rivals."""

from collections.abc import Sequence

from stores.word_build import run_hash
from tools.linking.mention import MentionWords
from tools.linking.name_fit import Fit
from tools.linking.registry import TYPES, Registry, country_number

_CITY_WORDS = 3


def add_surroundings(
    registry: Registry,
    mention: MentionWords,
    fits: Sequence[Fit],
    countries: Sequence[str],
    spans: dict[int, tuple[int, int]],
) -> None:
    """Add what a candidate's record, its family among the others, and the others themselves say."""
    _add_record(registry, mention, fits, countries)
    _add_family(registry, fits)
    _add_rivals(registry, fits, [spans[fit.row] for fit in fits if fit.row in spans])


def _add_record(registry: Registry, mention: MentionWords, fits: Sequence[Fit], countries: Sequence[str]) -> None:
    said = {country_number(code) for code in mention.place.said}
    implied = {country_number(code) for code in mention.place.implied}
    context = {country_number(code) for code in countries}
    cities = _short_runs(mention.words)
    for fit in fits:
        country, city = int(registry.country[fit.record]), int(registry.city[fit.record])
        bits = int(registry.types[fit.record])
        fit.values |= {
            "country_said": float(country in said),
            "country_implied": float(country in implied),
            "country_other": float(bool(said) and country not in said),
            "country_known": float(bool(said) + 2 * bool(implied)),
            "country_context": float(country in context) - float(bool(context) and country not in context),
            "city": float(bool(city) and city in cities),
            "city_named": float(bool(city)),
            "status": float(registry.status[fit.record]),
            "prior": float(registry.prior[fit.record]),
            "works": float(registry.works[fit.record]),
            "names": float(registry.names[fit.record]),
            **{"other_type" if name == "other" else name: float(bits >> n & 1) for n, name in enumerate(TYPES)},
        }


def _add_family(registry: Registry, fits: Sequence[Fit]) -> None:
    exact, inside = {fit.record for fit in fits if fit.span}, {fit.record for fit in fits}
    children = {parent for fit in fits for parent in registry.parents(fit.record)}
    exact_children = {parent for fit in fits if fit.span for parent in registry.parents(fit.record)}
    for fit in fits:
        parents = set(registry.parents(fit.record))
        fit.values |= {
            "parent_exact": float(bool(parents & exact)),
            "child_exact": float(fit.record in exact_children),
            "parent_inside": float(bool(parents & inside)),
            "child_inside": float(fit.record in children),
            "exact_names": float(len(exact)),
        }


def _add_rivals(registry: Registry, fits: Sequence[Fit], longest: Sequence[tuple[int, int]]) -> None:
    def most(name: str) -> float:
        return max((fit.values[name] for fit in fits), default=0.0)

    mass, recall, widest, nearest = most("mass"), most("part_f1"), most("exact_words"), most("similarity")
    same: dict[bytes, int] = {}
    known: dict[bytes, float] = {}
    keys = [registry.index.name(fit.row).tobytes() for fit in fits]
    for fit, key in zip(fits, keys, strict=True):
        same[key] = same.get(key, 0) + 1
        known[key] = max(known.get(key, 0.0), _known(registry, fit.record))
    for fit, key in zip(fits, keys, strict=True):
        span = fit.span
        inside = span is not None and any(a <= span[0] and span[1] <= b and (a, b) != span for a, b in longest)
        fit.values |= {
            "inside_other": float(inside),
            "namesakes": float(same[key]),
            "best_mass": mass,
            "mass_behind": mass - fit.values["mass"],
            "recall_behind": recall - fit.values["part_f1"],
            "exact_behind": widest - fit.values["exact_words"],
            "known_behind": known[key] - _known(registry, fit.record),
            "similarity_behind": nearest - fit.values["similarity"],
        }


def _known(registry: Registry, record: int) -> float:
    return float(registry.prior[record] + registry.works[record])


def _short_runs(words: Sequence[str]) -> set[int]:
    """Return the hashes of all runs of up to three words."""
    return {
        run_hash(words[first:last])
        for first in range(len(words))
        for last in range(first + 1, min(first + _CITY_WORDS, len(words)) + 1)
    }
