"""What speaks for a candidate besides its name: its record, its family among the candidates, and its rivals."""

from collections.abc import Sequence

import numpy as np

from stores.words import hashes_of_runs
from tools.linking.mention import MentionWords
from tools.linking.name_fit import Fits, Values, most_of
from tools.linking.registry import TYPES, Registry, country_number

_CITY_WORDS = 3


def surroundings(
    registry: Registry,
    mentions: Sequence[MentionWords],
    countries: Sequence[Sequence[str]],
    fits: Fits,
    names: Sequence[str],
) -> dict[str, Values]:
    """Return what each candidate's record, its family among the others, and the others themselves say.

    Args:
        registry: the records.
        mentions: what was read.
        countries: for each mention, the codes that its context names.
        fits: the best name of each candidate.
        names: the words of these names.

    Returns:
        Columns of FEATURES, each (candidates,).
    """
    return {
        **_record(registry, mentions, countries, fits),
        **_family(registry, fits),
        **_rivals(registry, len(mentions), fits, names),
        "inside_other": _inside(len(mentions), fits),
    }


def _record(
    registry: Registry, mentions: Sequence[MentionWords], countries: Sequence[Sequence[str]], fits: Fits
) -> dict[str, Values]:
    number, records = fits.mention, fits.records
    said = [{country_number(code) for code in one.place.said} for one in mentions]
    implied = [{country_number(code) for code in one.place.implied} for one in mentions]
    context = [{country_number(code) for code in codes} for codes in countries]
    runs = [set(hashes_of_runs(one.words, _CITY_WORDS)[2].tolist()) for one in mentions]
    any_said, any_implied, any_context = (np.array([bool(own) for own in all_]) for all_ in (said, implied, context))
    is_said, in_context = _in(fits, registry.country, said), _in(fits, registry.country, context)
    city = registry.city[records] != 0
    bits = registry.types[records][:, None] >> np.arange(len(TYPES)) & 1
    return {
        "country_said": is_said,
        "country_implied": _in(fits, registry.country, implied),
        "country_other": any_said[number] & ~is_said,
        "country_known": (any_said + 2 * any_implied)[number],
        "country_context": np.where(in_context, 1, -1) * any_context[number],
        "city": city & _in(fits, registry.city, runs),
        "city_named": city,
        "status": registry.status[records],
        "prior": registry.prior[records],
        "works": registry.works[records],
        **{"other_type" if name == "other" else name: bits[:, n] for n, name in enumerate(TYPES)},
    }


def _in(fits: Fits, facts: Values, wanted: Sequence[set[int]]) -> Values:
    """Return whether each candidate's fact is among those of its mention."""
    own = zip(fits.mention.tolist(), facts[fits.records].tolist(), strict=True)
    return np.array([fact in wanted[number] for number, fact in own], np.bool_)


def _family(registry: Registry, fits: Fits) -> dict[str, Values]:
    # Records of one mention are no relatives of another's: each is known by both numbers.
    own = list(zip(fits.mention.tolist(), fits.records.tolist(), strict=True))
    exact = [one for one, first in zip(own, fits.spans[:, 0].tolist(), strict=True) if first >= 0]
    parents = {(number, record): [(number, up) for up in registry.parents(record)] for number, record in own}
    everyone, exact_ones = set(own), set(exact)
    children = {up for ups in parents.values() for up in ups}
    exact_children = {up for one in exact for up in parents[one]}
    return {
        "parent_exact": np.array([not exact_ones.isdisjoint(parents[one]) for one in own], np.bool_),
        "child_exact": np.array([one in exact_children for one in own], np.bool_),
        "parent_inside": np.array([not everyone.isdisjoint(parents[one]) for one in own], np.bool_),
        "child_inside": np.array([one in children for one in own], np.bool_),
    }


def _rivals(registry: Registry, mentions: int, fits: Fits, names: Sequence[str]) -> dict[str, Values]:
    columns, number = fits.columns, fits.mention
    known = (registry.prior[fits.records] + registry.works[fits.records]).astype(np.float64)
    best_mass = most_of(columns["mass"], number, mentions)[number]
    numbers: dict[tuple[int, str], int] = {}
    keys = zip(number.tolist(), names, strict=True)
    same = np.array([numbers.setdefault(key, len(numbers)) for key in keys], np.int64)
    return {
        "exact_names": np.bincount(number, columns["exact"], mentions)[number],
        "namesakes": np.bincount(same)[same],
        "best_mass": best_mass,
        "mass_behind": best_mass - columns["mass"],
        "recall_behind": most_of(columns["part_f1"], number, mentions)[number] - columns["part_f1"],
        "exact_behind": most_of(columns["exact_words"], number, mentions)[number] - columns["exact_words"],
        "known_behind": most_of(known, same, len(numbers))[same] - known,
        "similarity_behind": most_of(columns["similarity"], number, mentions)[number] - columns["similarity"],
    }


def _inside(mentions: int, fits: Fits) -> Values:
    """Return whether each name is a run of its mention that stands within the run of another name."""
    found = np.zeros(len(fits.rows), np.bool_)
    runs: list[set[tuple[int, int]]] = [set() for _ in range(mentions)]
    exact = np.flatnonzero(fits.spans[:, 0] >= 0)
    own = list(zip(exact.tolist(), fits.mention[exact].tolist(), fits.spans[exact].tolist(), strict=True))
    for _, number, (first, last) in own:
        runs[number].add((first, last))
    for n, number, (first, last) in own:
        found[n] = any(a <= first and last <= b and b - a > last - first for a, b in runs[number])
    return found
