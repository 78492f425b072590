"""How well ways to group an author's papers find known topics, how stable they are, and whether labels name the topics.

Made-up authors are unions of the papers of two to seven specialised venues, or of persons who share no paper; what each
paper was drawn from is the truth. Real authors show how far the groups of random four fifths of the papers agree. The
settings that profiles use were chosen on the half named dev; figures to cite are those of the half named test.
"""

import argparse
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table
from sklearn.metrics import adjusted_rand_score, v_measure_score

from agent import settings as settings_
from agent.wiring import Parts
from evals.topic_methods import Method, methods
from stores.errors import InputError
from tools.profiling.clusters import Labels, Vectors, groups, silhouette, unit
from tools.profiling.phrases import phrases
from tools.profiling.terms import Terms

# Venues with one subject each, of the shared papers; the two halves share none.
_DEV = """
WMT|SIGDIAL|BEA|SMM4H|GWC|SIGMORPHON|NLLP|IWPT|SignLang|GeBNLP|CMCL|LaTeCHCLfL|American Journal of Sports Medicine|
Psychoneuroendocrinology|Headache|Blood|Journal of Personality Disorders|BioDrugs|Neurology
"""
_TEST = """
IWSLT|BioNLP|ArgMining|VarDial|MWE|LChange|FinNLP|CRAC|Fig-Lang|CLPsych|WOAH|ArabicNLP|Cartilage|Maturitas|
Annals of the Rheumatic Diseases|Spinal Cord|Haemophilia|Journal of Child Neurology|The Journal of Clinical Psychiatry
"""
VENUES = {half: names.replace("\n", "").split("|") for half, names in {"dev": _DEV, "test": _TEST}.items()}
_MOST_TOPICS = 7
_SIZES = (8, 300)
_PERSONS = (8, 45)  # papers of a person who makes a topic
_REAL = 12  # papers that a real author has at least
_KEPT = 0.8
_PAIRS = 2
_CHARACTERISTIC = 25  # words of a topic that a label may name it by


class Made(NamedTuple):
    """A made-up author: papers as rows of the vectors, and the number of the topic that each was drawn from."""

    rows: Labels
    topics: Labels
    names: tuple[str, ...]


class Library(NamedTuple):
    """All papers with a vector: ids, unit vectors (n, d), and the rows of each venue and author."""

    ids: list[str]
    points: Vectors
    venues: dict[str, list[int]]
    authors: dict[str, list[int]]


def main() -> None:
    """Print a table of the methods and the share of groups whose label names the topic."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--home", type=Path, default=None, help="home folder with the shared papers; also QUODVIDE_HOME"
    )
    parser.add_argument("--half", choices=list(VENUES), default="test", help="which half of the venues and persons")
    parser.add_argument("--authors", type=int, default=80, help="made-up authors of each kind")
    parser.add_argument("--real", type=int, default=60, help="real authors")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    parts = Parts(settings_.load(options.home))
    library = read(parts)
    random = np.random.default_rng(options.seed)
    made = {
        "venues": list(of_venues(library, VENUES[options.half], options.authors, random)),
        "persons": list(of_persons(library, options.half == "test", options.authors, random)),
    }
    real = real_authors(library, options.real, random)
    console = Console(width=150)
    table = Table("method", "ARI", "V", "groups off by", "ARI persons", "V persons", "stability", "silhouette", "ms")
    chosen = methods(library.points.mean(axis=0))
    for name, method in chosen.items():
        figures = [*agreement(library, made["venues"], method), *agreement(library, made["persons"], method)[:2]]
        ari, v, off, ari_persons, v_persons = figures
        steady, apart, milliseconds = steadiness(library, real, method, np.random.default_rng(options.seed))
        row = (ari, v, off, ari_persons, v_persons, steady, apart)
        table.add_row(name, *(f"{value:.3f}" for value in row), f"{milliseconds:.0f}")
    console.print(table)
    right, all_ = labelled(parts, library, made["venues"], VENUES[options.half])
    sizes = Counter(len(np.unique(chosen["profiles"](library.points[rows]))) for rows in real)
    console.print(f"labels that hold a characteristic word of the venue: {right} of {all_}")
    console.print(f"groups of {len(real)} real authors: {dict(sorted(sizes.items()))}; half {options.half}")
    parts.close()


def read(parts: Parts) -> Library:
    """Return what the home folder holds.

    Raises:
        InputError: no paper has a vector.
    """
    rows = parts.catalogue.database.rows("SELECT id, venue FROM paper ORDER BY id")
    found = parts.vectors([str(id_) for id_, _ in rows])
    if not found:
        raise InputError(
            "holds no paper with a document vector", where=str(parts.home.root), hint="Run `quodvide ingest`"
        )
    ids = [str(id_) for id_, _ in rows if id_ in found]
    row_of = {id_: row for row, id_ in enumerate(ids)}
    venues, authors = defaultdict(list), defaultdict(list)
    for id_, venue in rows:
        if id_ in row_of:
            venues[str(venue)].append(row_of[str(id_)])
    sql = "SELECT DISTINCT author.id, paper.id FROM author JOIN paper ON paper.rowid = author.paper ORDER BY 1, 2"
    for author, id_ in parts.catalogue.database.rows(sql):
        if id_ in row_of:
            authors[str(author)].append(row_of[str(id_)])
    return Library(ids, unit(np.stack([found[id_] for id_ in ids])), dict(venues), dict(authors))


def of_venues(library: Library, names: Sequence[str], n: int, random: np.random.Generator) -> Iterator[Made]:
    """Yield made-up authors of 8 to 300 papers, of venues that the library holds, in unequal shares."""
    held = [name for name in names if len(library.venues.get(name, ())) >= _SIZES[0]]
    if len(held) < 2:  # noqa: PLR2004
        raise InputError(
            "holds too few of the venues that made-up authors are made of", hint="Ingest the shared papers"
        )
    for _ in range(n):
        papers = int(np.exp(random.uniform(*np.log(_SIZES))))
        k = min(len(held), int(random.integers(2, max(2, min(_MOST_TOPICS, papers // 4)) + 1)))
        chosen = [str(name) for name in random.choice(held, size=k, replace=False)]
        shares = random.dirichlet(np.full(k, 2.0))
        yield _made({name: library.venues[name] for name in chosen}, [papers * share for share in shares], random)


def of_persons(library: Library, odd: bool, n: int, random: np.random.Generator) -> Iterator[Made]:
    """Yield made-up authors whose topics are persons without a paper in common; every second person, from the first on."""
    low, high = _PERSONS
    known = [name for name, rows in library.authors.items() if low <= len(rows) <= high][int(odd) :: 2]
    while n and len(known) >= _MOST_TOPICS:
        size = int(random.integers(2, _MOST_TOPICS + 1))
        chosen = [str(name) for name in random.choice(known, size=size, replace=False)]
        pools = {name: library.authors[name] for name in chosen}
        if all(set(a).isdisjoint(b) for a, b in combinations(pools.values(), 2)):
            n -= 1
            yield _made(pools, [random.uniform(0.3, 1.0) * len(pool) for pool in pools.values()], random)


def _made(pools: Mapping[str, Sequence[int]], sizes: Iterable[float], random: np.random.Generator) -> Made:
    rows: list[int] = []
    topics: list[int] = []
    for number, (pool, size) in enumerate(zip(pools.values(), sizes, strict=True)):
        drawn = random.choice(pool, size=min(max(2, round(size)), len(pool)), replace=False)
        rows += [int(row) for row in drawn]
        topics += [number] * len(drawn)
    order = random.permutation(len(rows))
    return Made(np.array(rows)[order], np.array(topics)[order], tuple(pools))


def real_authors(library: Library, n: int, random: np.random.Generator) -> list[Labels]:
    """Return the rows of real authors, as many with few papers as with many."""
    by_size: dict[int, list[str]] = defaultdict(list)
    for name, rows in library.authors.items():
        if len(rows) >= _REAL:
            by_size[min(int(np.log2(len(rows))), 7)].append(name)
    each = max(1, n // max(len(by_size), 1))
    chosen = [
        str(name) for names in by_size.values() for name in random.choice(names, min(each, len(names)), replace=False)
    ]
    return [np.array(library.authors[name]) for name in chosen]


def agreement(library: Library, made: Sequence[Made], method: Method) -> tuple[float, float, float]:
    """Return the mean adjusted Rand index, V-measure and distance of the number of groups from that of the topics."""
    found = [(one.topics, method(library.points[one.rows])) for one in made]
    ari = [adjusted_rand_score(truth, labels) for truth, labels in found]
    v = [v_measure_score(truth, labels) for truth, labels in found]
    off = [abs(len(np.unique(truth)) - len(np.unique(labels[labels >= 0]))) for truth, labels in found]
    return float(np.mean(ari)), float(np.mean(v)), float(np.mean(off))


def steadiness(
    library: Library, real: Sequence[Labels], method: Method, random: np.random.Generator
) -> tuple[float, float, float]:
    """Return the agreement between groups of random four fifths, the silhouette, and the milliseconds of a grouping."""
    steady, apart, times = [], [], []
    for rows in real:
        points = library.points[rows]
        started = time.perf_counter()
        labels = method(points)
        times.append(1000 * (time.perf_counter() - started))
        apart.append(silhouette(1.0 - points @ points.T, labels))
        for _ in range(_PAIRS):
            kept = [np.sort(random.choice(len(rows), int(_KEPT * len(rows)), replace=False)) for _ in range(2)]
            a, b = (dict(zip(part.tolist(), method(points[part]), strict=True)) for part in kept)
            both = sorted(a.keys() & b.keys())
            steady.append(adjusted_rand_score([a[row] for row in both], [b[row] for row in both]))
    return float(np.mean(steady)), float(np.mean(apart)), float(np.mean(times))


def labelled(parts: Parts, library: Library, made: Sequence[Made], names: Sequence[str]) -> tuple[int, int]:
    """Return how many labels of groups hold a characteristic word of the venue most papers are of, and how many labels."""
    words, mean = characteristic(parts, library, names), library.points.mean(axis=0)
    right = all_ = 0
    for one in made:
        ids = [library.ids[row] for row in one.rows]
        truth = dict(zip(ids, one.topics.tolist(), strict=True))
        found = groups(ids, dict(zip(ids, library.points[one.rows], strict=True)), mean)
        if len(found) < 2:  # noqa: PLR2004
            continue
        terms = Terms(parts.catalogue.papers.get(ids), parts.catalogue.search.rarity)
        for members, label in zip(found, terms.labels(found), strict=True):
            most = Counter(truth[id_] for id_ in members).most_common(1)[0][0]
            right += bool({key for term in label for key, _ in phrases(term)} & words[one.names[most]])
            all_ += 1
    return right, all_


def characteristic(parts: Parts, library: Library, names: Sequence[str]) -> dict[str, set[str]]:
    """Return the terms of titles by which each venue differs most from the others of its half."""
    counts: dict[str, Counter[str]] = {}
    for name in names:
        papers: list[Any] = parts.catalogue.papers.get([library.ids[row] for row in library.venues.get(name, ())])
        counts[name] = Counter(key for paper in papers for key in {key for key, _ in phrases(paper.title)})
    everywhere: Counter[str] = sum(counts.values(), Counter())
    return {
        name: set(sorted(own, key=lambda key: (-(own[key] ** 2) / everywhere[key], key))[:_CHARACTERISTIC])
        for name, own in counts.items()
    }


if __name__ == "__main__":
    main()
