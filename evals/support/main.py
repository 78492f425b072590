"""`quodvide eval support`: what true and false sentences the check of answers lets pass, against their quotations.

Pairs are those that training held out: claims of SciFact, variants of sentences of abstracts made by program, and half of
PubMedQA. Beside the check stand its parts and cheaters. `--wordings` has the chat model word answers and counts what passes.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console

from agent import settings as settings_
from agent.chat_models import chat_model
from agent.embedders import embedder as embedder_
from evals.support.checks import checks, cosines, report
from evals.support.data import read_data
from evals.support.pairs import HELD_OUT, Pair
from evals.support.pubmedqa import read_pubmedqa
from evals.support.training import judged
from evals.support.wordings import Wording, accepted, drafts
from stores.errors import ConfigError
from stores.manifest import replace
from tools.grounding.verifiers.open import open_verifier

if TYPE_CHECKING:
    from agent.settings import Settings
    from tools.embedding.base import Embedder
    from tools.grounding.verifiers.base import Verifier


def main() -> None:
    """Measure the check that the settings name on held-out pairs, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the shared data")
    parser.add_argument("--verifier", default="trained", help="trained, or cross-encoder: and the model")
    parser.add_argument("--wordings", type=int, default=0, help="questions that the chat model words an answer to")
    parser.add_argument("--output", type=Path, default=None, help="write each pair, or each wording, as JSON Lines")
    parser.add_argument(
        "--seed", type=int, default=13, help="of the choice of pairs; that of training keeps them apart"
    )
    arguments = parser.parse_args()
    settings = settings_.load()
    console = Console(stderr=True)
    embedder = embedder_(settings)
    verifier = open_verifier(arguments.verifier, embedder, settings.grounding.sure)
    if verifier is None:
        raise ConfigError("'words' is measured beside every verifier", hint="Name 'trained' or 'cross-encoder:MODEL'")
    if arguments.wordings:
        rows, _ = read_pubmedqa(arguments.data / "qa" / "pubmedqa_dev.jsonl.gz")
        print(_wordings(settings, rows[: arguments.wordings], embedder, verifier, arguments.output, console))
        return
    data = read_data(arguments.data, embedder, arguments.seed, lambda text: console.print(text, markup=False))
    pairs = [pair for pair in data.pairs if pair.fold == HELD_OUT]
    rules = judged(pairs)
    sure = np.zeros(len(pairs))
    asked = np.flatnonzero(rules.open)
    sure[asked] = verifier.probabilities([pairs[n].claim for n in asked])
    passed = checks(pairs, rules, sure, verifier.threshold, cosines(pairs, embedder))
    print(report(pairs, passed, sure, rules))
    if arguments.output is not None:
        _write(arguments.output, pairs, sure, passed["rules and verifier"].tolist())


def _wordings(
    settings: "Settings", rows: Sequence[dict[str, str]], embedder: "Embedder", verifier: "Verifier", output: Path | None,
    console: Console,
) -> str:  # fmt: skip
    chat = chat_model(settings)
    if chat is None:
        raise ConfigError("there is no chat model", hint="Set chat.model to 'bundled' or to a GGUF file")
    with console.status("") as status:
        every = list(drafts(rows, chat, embedder, status.update))
    usable = [one for one in every if one.draft]
    kept = {name: accepted(usable, embedder, one) for name, one in (("words", None), (verifier.name, verifier))}
    if output is not None:
        replace(output, b"".join(_line(one, kept) for one in every))
    counts = "\n".join(f"shown with {name}: {len(found)}" for name, found in kept.items())
    return f"questions: {len(every)}\nworded by the model: {len(usable)}\n{counts}"


def _line(one: Wording, kept: dict[str, list[Wording]]) -> bytes:
    import orjson

    shown = [name for name, found in kept.items() if one in found]
    return orjson.dumps({**one.model_dump(), "shown_with": shown}) + b"\n"


def _write(
    path: Path, pairs: Sequence[Pair], sure: "np.ndarray[tuple[int], np.dtype[np.float64]]", passed: Sequence[bool]
) -> None:
    import orjson

    lines = [
        orjson.dumps({
            **pair.claim._asdict(), "true": pair.true, "kind": pair.kind, "source": pair.source,
            "probability": round(float(value), 4), "passed": bool(one),
        })
        for pair, value, one in zip(pairs, sure, passed, strict=True)
    ]  # fmt: skip
    replace(path, b"\n".join(lines) + b"\n")
