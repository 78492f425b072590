"""How well and how fast mentions of organizations, funders and authors are linked, beside simple methods, in one run.

The mentions are the held-out fifth of the labelled ones, by string and by record, which nothing was trained on. Thresholds
of the simple methods are chosen on mentions of the other four fifths. Authors are all the labelled ones: their spellings are
left out of the index, and of namesakes the paper that the mention comes from; the weights for namesakes were trained on
persons of all names, so the figure to cite for them is the one that training prints, of weights that never saw the name.
"""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from statistics import median
from typing import cast

from rich.console import Console

from agent import settings as settings_
from agent.wiring import Parts
from evals.linker.authors import persons
from evals.linker.gold import FILES, HELD_OUT, Example, read_examples
from evals.linker.methods import (
    Answer,
    OfficialNames,
    best_threshold,
    by_exact_name,
    by_ranker,
    by_words,
    with_threshold,
)
from evals.linker.pools import pools_of
from evals.linker.reliability import write_plot
from evals.linker.report import Measured, quality, speeds, write_items
from evals.linker.speed import Speed, measure
from stores.errors import ConfigError, InputError
from stores.records import AuthorityType
from tools.linking.features import FEATURES
from tools.linking.institutions import InstitutionLinker
from tools.linking.linker import NEAR
from tools.linking.near import NearNames
from tools.linking.ranker import Ranker
from tools.linking.registry import Registry, open_registry

_SEED = 13
# So many mentions of the other folds choose the thresholds of the simple methods.
_TUNED_ON = 2000


def main() -> None:
    """Link the held-out mentions over a home folder with the authority records loaded and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the shared data, with gold/ in it")
    parser.add_argument("--home", type=Path, default=None, help="home folder with all authorities; also QUODVIDE_HOME")
    parser.add_argument("--types", nargs="+", default=[*FILES, "author"], choices=[*FILES, "author"])
    parser.add_argument("--items", type=Path, default=None, help="write what came out for each mention, as JSON Lines")
    parser.add_argument("--plot", type=Path, default=None, help="write a reliability plot, .svg or .html")
    parser.add_argument("--ablations", action="store_true", help="also train again without each part; needs lightgbm")
    parser.add_argument("--seed", type=int, default=_SEED, help="of the trainings of --ablations")
    parser.add_argument("--threads", type=int, default=2, help="of the trainings of --ablations")
    arguments = parser.parse_args()
    if arguments.ablations:
        _check_lightgbm()
    gold = arguments.data / "gold"
    progress, console = Console(stderr=True), Console()
    parts = Parts(settings_.load(arguments.home))
    every: list[Measured] = []
    timed: dict[str, Speed] = {}
    registries: dict[AuthorityType, Registry] = {}
    for type_ in cast("list[AuthorityType]", list(dict.fromkeys(arguments.types))):
        say = _saying(progress, type_)
        if type_ == "author":
            found, seconds = persons(parts.home.catalogue, gold)
            say(f"one mention, p50 {1000 * median(seconds):.1f} ms")
            every.append(found)
            console.print(quality(found))
            continue
        registries[type_] = registry = open_registry(parts.catalogue, type_, parts.home.words / type_)
        measured, timed[type_] = institutions(type_, gold, parts, registry, say)
        every.append(measured)
        console.print(quality(measured))
    if timed:
        console.print(speeds(timed))
    if arguments.items:
        write_items(arguments.items, every)
    if arguments.plot:
        write_plot(arguments.plot, {measured.type: measured.ours() for measured in every})
    if arguments.ablations:
        from evals.linker import ablations

        for type_, registry in registries.items():
            say = _saying(progress, type_)
            without = ablations.ablate(type_, gold, parts, registry, arguments.seed, arguments.threads, say)
            console.print(ablations.table(type_, without))
    parts.close()


def institutions(
    type_: AuthorityType, gold: Path, parts: Parts, registry: Registry, say: Callable[[str], None] = lambda _: None
) -> tuple[Measured, Speed]:
    """Return what the shipped ranker and the simple methods answer for organizations or funders, and how fast it is.

    Raises:
        InputError: no mention is held out.
    """
    examples = read_examples(type_, gold, parts.catalogue, registry)
    held_out = [example for example in examples if example.fold == HELD_OUT]
    if not held_out:
        raise InputError("holds no held-out mention", where=str(gold / FILES[type_]))
    rest = [example for example in examples if example.fold != HELD_OUT]
    learned = Random(_SEED).sample(rest, min(_TUNED_ON, len(rest)))
    names = parts.names
    near = NearNames(registry, names, parts.name_embedder) if type_ in NEAR and names is not None else None
    ranker = Ranker(type_, FEATURES)
    say(f"{len(held_out):,} held-out mentions; thresholds on {len(learned):,} others")
    pools = pools_of(held_out, registry, near, say)
    answers: dict[str, Sequence[Answer]] = {
        "ranker": by_ranker(held_out, pools, registry, ranker),
        "exact name": by_exact_name(held_out, type_, parts.catalogue, registry),
    }
    if names is not None:
        say("embedding the mentions whole")
        official = OfficialNames(type_, parts.catalogue, names, parts.name_embedder)
        lowest = best_threshold(learned, official.nearest(learned, registry))
        answers["embedding"] = with_threshold(official.nearest(held_out, registry), lowest)
    say("word overlap")
    plain = pools if near is None else pools_of(held_out, registry, None)
    lowest = best_threshold(learned, by_words(pools_of(learned, registry, None), registry))
    answers["word overlap"] = with_threshold(by_words(plain, registry), lowest)
    say("times")
    texts = _distinct(held_out)
    speed = measure(InstitutionLinker(type_, parts.catalogue, registry, ranker, near), registry, texts)
    sources = len({example.source for example in held_out}) > 1
    return Measured(type_, held_out, answers, sources), speed


def _distinct(examples: Sequence[Example]) -> list[str]:
    """Return the texts of mentions, each once, in an order that is not that of the file."""
    texts = list(dict.fromkeys(example.text for example in examples))
    Random(_SEED).shuffle(texts)
    return texts


def _saying(console: Console, type_: str) -> Callable[[str], None]:
    def say(text: str) -> None:
        console.print(f"{type_}: {text}", markup=False)

    return say


def _check_lightgbm() -> None:
    try:
        import lightgbm  # noqa: F401
    except ImportError as error:
        raise ConfigError("--ablations trains, which needs lightgbm", hint="pip install 'quodvide[train]'") from error
