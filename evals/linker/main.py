"""`quodvide train linker`: train the rankers of organizations and funders and what tells namesakes apart; measure them."""

import argparse
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import cast

from rich.console import Console

from agent import settings as settings_
from agent.wiring import Parts
from evals.extra import need_lightgbm
from evals.linker.card import write_card
from evals.linker.gold import FILES, HELD_OUT, Example, folds_of, read_examples
from evals.linker.invented import invent, leave_out
from evals.linker.measures import Figures, figures
from evals.linker.namesakes import train_namesakes
from evals.linker.persons import FILE
from evals.linker.pools import pools_of
from evals.linker.training import PARAMETERS, ROUNDS, SILENT, Fitted, fit, outcomes, scored
from evals.linker.trees import to_onnx
from stores.manifest import replace
from stores.records import AuthorityType
from tools.linking.features import FEATURES, Pool
from tools.linking.linker import NEAR
from tools.linking.near import NearNames
from tools.linking.ranker import RankerDescription
from tools.linking.registry import Registry, build_registry

INVENTED = {"organization": 8000, "funder": 3000}
# Measured for funders alone.
LEFT_OUT = {"organization": 0, "funder": 7000}


def main() -> None:
    """Train the rankers on labelled mentions over a home folder with the authority records loaded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the shared data, with gold/ in it")
    parser.add_argument("--home", type=Path, default=None, help="home folder with all authorities; also QUODVIDE_HOME")
    parser.add_argument("--output", type=Path, required=True, help="folder to write the models and the card to")
    parser.add_argument("--types", nargs="+", default=[*FILES, "author"], choices=[*FILES, "author"])
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    need_lightgbm()
    parts = Parts(settings_.load(arguments.home))
    console = Console(stderr=True)
    results: dict[str, Figures] = {}
    for type_ in cast("list[AuthorityType]", arguments.types):
        say = partial(_say, console, type_)
        if type_ == "author":
            gold = arguments.data / "gold" / FILE
            arguments.output.mkdir(parents=True, exist_ok=True)
            model = train_namesakes(parts.catalogue, gold, arguments.output, arguments.seed, say)
            for group, values in model.figures.items():
                say(f"{group}: " + ", ".join(f"{name} {value:.5g}" for name, value in values.items()))
            continue
        registry = Registry(build_registry(parts.catalogue, type_))
        examples, pools = prepare(type_, arguments.data / "gold", parts, registry, arguments.seed, say)
        fitted = fit(
            examples, pools, registry, seed=arguments.seed, threads=arguments.threads, silent=SILENT[type_], say=say
        )
        measured = held_out(examples, pools, registry, fitted)
        results |= {f"{type_}, {name}": value for name, value in measured.items()}
        _write(arguments.output, type_, fitted, measured, len(examples), arguments.seed)
        for name, value in measured.items():
            say(f"{name}: linked {value.linked[0]:.3f}, overall {value.overall[0]:.3f}, error {value.error:.3f}")
    if results:
        write_card(arguments.output / "MODEL_CARD.md", results, arguments.seed)
    parts.close()


def _say(console: Console, type_: str, text: str) -> None:
    console.print(f"{type_}: {text}", markup=False)


def prepare(
    type_: AuthorityType, gold: Path, parts: Parts, registry: Registry, seed: int,
    say: Callable[[str], None] = lambda _: None,
) -> tuple[list[Example], list[Pool]]:  # fmt: skip
    """Return all mentions, labelled and invented, with their candidates."""
    examples = read_examples(type_, gold, parts.catalogue, registry)
    examples += made_up(type_, parts, registry, examples, seed)
    near = None
    if type_ in NEAR and parts.names is not None:
        near = NearNames(registry, parts.names, parts.name_embedder)
    return examples, pools_of(examples, registry, near, say)


def made_up(
    type_: AuthorityType, parts: Parts, registry: Registry, labelled: Sequence[Example], seed: int
) -> list[Example]:
    """Return what is trained on beside the labelled mentions."""
    folds = folds_of(labelled)
    invented = invent(type_, parts.catalogue, registry, folds, INVENTED[type_], seed)
    return invented + leave_out(type_, parts.catalogue, registry, folds, LEFT_OUT[type_], seed)


def held_out(examples: list[Example], pools: list[Pool], registry: Registry, fitted: Fitted) -> dict[str, Figures]:
    """Return the figures over the held-out fold: all, and those that are no known name."""
    chosen = [n for n, example in enumerate(examples) if example.fold == HELD_OUT]
    groups = {"all": chosen, "not a known name": [n for n in chosen if not examples[n].known]}
    result = {}
    for name, rows in groups.items():
        log_odds = {n: scored(fitted.booster, pools[n]) for n in rows}
        found = list(outcomes(log_odds, examples, pools, registry, fitted.confidence).values())
        result[name] = figures(
            [one.right for one in found],
            [one.confidence for one in found],
            [one.confidence < fitted.credible for one in found],
            [bool(examples[n].ids) for n in rows],
        )
    return result


def _write(
    folder: Path, type_: AuthorityType, fitted: Fitted, measured: dict[str, Figures], examples: int, seed: int
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    replace(folder / f"{type_}.onnx", to_onnx(fitted.booster))
    replace(folder / f"{type_}-confidence.onnx", to_onnx(fitted.confidence))
    description = RankerDescription(
        type=type_,
        features=FEATURES,
        credible=fitted.credible,
        seed=seed,
        training={"mentions": examples, "rounds": ROUNDS, **PARAMETERS},
        figures={
            name: {
                "mentions": value.mentions, "linked": value.linked, "overall": value.overall, "error": value.error,
                "nil_precision": value.nil_precision, "nil_recall": value.nil_recall,
            }
            for name, value in measured.items()
        },
    )  # fmt: skip
    replace(folder / f"{type_}.json", description.model_dump_json(indent=1).encode() + b"\n")
