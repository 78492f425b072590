"""`quodvide train tagger`: makes the examples, trains, exports, measures and writes the files that are shipped."""

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import orjson
import torch

from evals.questions import read_questions
from evals.tagger.annotated import QUESTIONS, TAGGED
from evals.tagger.batches import rows
from evals.tagger.card import write_card
from evals.tagger.export import quantize, write_graph
from evals.tagger.generator import Generator
from evals.tagger.measuring import (
    Gold,
    agreement,
    calibration_error,
    figures,
    gold_of,
    gold_rows,
    read_all,
    temperatures,
)
from evals.tagger.network import Network
from evals.tagger.sources import FILES, data_digest
from evals.tagger.training import best_device, train
from tools.embedding.model_folder import BUNDLED, bundled_folder, read_folder
from tools.embedding.weights import digest, read_weights
from tools.ner.neural.labels import INTENTS, LABELS
from tools.ner.neural.model import DESCRIPTION, MODEL, Description, NeuralReader
from tools.ner.neural.pieces import open_tokenizer

EXAMPLES, EPOCHS, SEED, VALIDATION = 110_000, 1, 13, 3000


def main(arguments: Sequence[str] | None = None) -> None:
    """Train a tagger and write tagger.onnx, tagger.json and MODEL_CARD.md."""
    options = _parser().parse_args(arguments)
    if options.threads:
        torch.set_num_threads(options.threads)
    begin = perf_counter()
    folder = read_folder(bundled_folder(), BUNDLED)
    weights = read_weights(folder.weights)
    generator = Generator(options.data, options.seed)
    data = rows(open_tokenizer(folder.tokenizer), generator.training(options.examples))
    print(f"{len(data):,} examples of {generator.forms[0]:,} forms after {perf_counter() - begin:.0f} s", flush=True)
    torch.manual_seed(options.seed)
    network = Network(folder.config, weights)
    losses = train(network, data, epochs=options.epochs, seed=options.seed, report=_say)
    description = Description(
        labels=LABELS,
        intents=INTENTS,
        base_digest=digest(weights),
        seed=options.seed,
        data_digest=data_digest(options.data, (*FILES, *TAGGED, QUESTIONS)),
        training={
            "base": BUNDLED,
            "examples": options.examples,
            "epochs": options.epochs,
            "steps": len(losses),
            "forms": generator.forms[0],
            "held_out_forms": generator.forms[1],
            "device": best_device().type,
            "minutes": round((perf_counter() - begin) / 60, 1),
        },
    )
    options.output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        single = Path(scratch)
        write_graph(single / MODEL, folder.config, network.arrays())
        quantize(single / MODEL, options.output / MODEL)
        sets = _sets(generator, options.validation, options.questions)
        description = measured(single, options.output, description, sets)
    write_card(options.output, description)
    print(orjson.dumps(description.figures, option=orjson.OPT_INDENT_2).decode())


def measured(single: Path, small: Path, description: Description, sets: dict[str, list[Gold]]) -> Description:
    """Fit the temperatures on the first set, measure both precisions on all, and write the description beside the model."""
    for folder in (single, small):
        write_description(folder, description)
    first = next(iter(sets.values()))
    words, intents = temperatures(read_all(NeuralReader(small), first), first)
    description = description.model_copy(update={"label_temperature": words, "intent_temperature": intents})
    for folder in (single, small):
        write_description(folder, description)
    readers = {"int8": NeuralReader(small), "fp32": NeuralReader(single)}
    results: dict[str, Any] = {}
    for name, gold in sets.items():
        readings = {precision: read_all(reader, gold) for precision, reader in readers.items()}
        results[name] = {
            "questions": len(gold),
            **{precision: figures(found, gold) for precision, found in readings.items()},
            "labels_agree": agreement(readings["int8"], readings["fp32"]),
            "calibration_error": calibration_error(readings["int8"], gold),
        }
    description = description.model_copy(update={"figures": results})
    write_description(small, description)
    return description


def write_description(folder: Path, description: Description) -> None:
    """Write tagger.json."""
    text = orjson.dumps(description.model_dump(mode="json"), option=orjson.OPT_INDENT_2)
    (folder / DESCRIPTION).write_bytes(text + b"\n")


def _sets(generator: Generator, number: int, questions: Path | None) -> dict[str, list[Gold]]:
    sets = {"held-out forms and names": [gold_of(example) for example in generator.validation(number)]}
    if questions is not None:
        sets[questions.name] = gold_rows(read_questions(questions))
    return sets


def _say(line: str) -> None:
    print(line, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", type=Path, required=True, help="folder of the user's files, in the documented formats"
    )
    parser.add_argument("--output", type=Path, required=True, help="where the model, its description and card go")
    parser.add_argument("--examples", type=int, default=EXAMPLES, help="number of examples made (%(default)s)")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="how often each is seen (%(default)s)")
    parser.add_argument("--seed", type=int, default=SEED, help="of forms held out, names, order (%(default)s)")
    parser.add_argument("--validation", type=int, default=VALIDATION, help="number of held-out questions (%(default)s)")
    parser.add_argument("--questions", type=Path, default=None, help="labelled questions to measure on as well")
    parser.add_argument("--threads", type=int, default=0, help="processor threads (as many as cores)")
    return parser
