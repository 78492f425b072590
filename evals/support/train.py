"""`quodvide train support`: train the verifier of answer sentences, measure it, and write it with its card."""

import argparse
from pathlib import Path

import numpy as np
from rich.console import Console

from agent import settings as settings_
from agent.embedders import embedder as embedder_
from evals.extra import need_lightgbm
from evals.linker.trees import to_onnx
from evals.support.card import write_card
from evals.support.checks import checks, cosines, report
from evals.support.data import read_data
from evals.support.pairs import HELD_OUT
from evals.support.training import FALSE_ACCEPTED, PARAMETERS, ROUNDS, fit, judged
from stores.manifest import replace
from tools.grounding.verifiers.features import FEATURES
from tools.grounding.verifiers.trained import PairReader, SupportDescription, calibrated, scaled, unscaled


def main() -> None:
    """Train on the shared data and write support.onnx, support.json and MODEL_CARD.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the shared data")
    parser.add_argument("--output", type=Path, required=True, help="folder to write the model and the card to")
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    need_lightgbm()
    console = Console(stderr=True)
    embedder = embedder_(settings_.load())
    data = read_data(arguments.data, embedder, arguments.seed, lambda text: console.print(text, markup=False))
    rules = judged(data.pairs)
    rarity = scaled(data.rarity)
    places = np.flatnonzero(rules.open)
    console.print(f"the verifier decides on {len(places):,} of them", markup=False)
    matrix = PairReader(embedder, unscaled(rarity)).matrix([data.pairs[n].claim for n in places])
    fitted = fit(data.pairs, rules, matrix, seed=arguments.seed, threads=arguments.threads)
    sure = np.zeros(len(data.pairs))
    sure[places] = calibrated(fitted.unseen, fitted.slope, fitted.offset)
    rows = np.array([n for n, pair in enumerate(data.pairs) if pair.fold == HELD_OUT])
    held_out = [data.pairs[n] for n in rows]
    passed = checks(held_out, rules.of(rows), sure[rows], fitted.threshold, cosines(held_out, embedder))
    table = report(held_out, passed, sure[rows], rules.of(rows))
    description = SupportDescription(
        features=FEATURES, embedding=embedder.name.partition(" ")[0], threshold=fitted.threshold, slope=fitted.slope,
        offset=fitted.offset, seed=arguments.seed, training={"pairs": len(places), "rounds": ROUNDS, **PARAMETERS}, rarity=rarity,
    )  # fmt: skip
    arguments.output.mkdir(parents=True, exist_ok=True)
    replace(arguments.output / "support.onnx", to_onnx(fitted.booster))
    replace(arguments.output / "support.json", description.model_dump_json().encode() + b"\n")
    write_card(
        arguments.output / "MODEL_CARD.md", table, seed=arguments.seed, threshold=fitted.threshold, share=FALSE_ACCEPTED,
        words=len(rarity),
    )  # fmt: skip
    print(table)
