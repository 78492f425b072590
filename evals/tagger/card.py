"""Writes the model card."""

from pathlib import Path
from typing import Any

from stores.records import EntityType
from tools.ner.neural.labels import INTENTS, TYPES
from tools.ner.neural.model import Description

CARD = "MODEL_CARD.md"
_COLUMNS: tuple[EntityType, ...] = TYPES


def write_card(folder: Path, description: Description) -> None:
    """Write the model card for a trained tagger beside it."""
    training = description.training
    lines = [
        "# Quodvide tagger",
        "",
        f"Labels the words of a question about scholarly literature with seven types ({', '.join(TYPES)}) and the",
        f"question with one of nine intents ({', '.join(INTENTS)}), in one pass.",
        "",
        "## Model",
        f"- {training['base']} (6 layers, 384 wide, uncased; Apache-2.0), all of it fine-tuned but the vectors of word pieces, which",
        "  are read at run time from the bundled embedding model. A learned vector for how a word is written (small letters,",
        "  capitals, digits, accents, start of a sentence) is added to each piece. Labels are read at the first piece of each word.",
        "- ONNX, matrices in eight bits (seven used, so that processors without VNNI do not overflow), activations quantized",
        "  dynamically. A long text is read in windows of 128 pieces that overlap.",
        f"- Probabilities are divided by temperatures fitted on held-out questions: labels {description.label_temperature},",
        f"  intents {description.intent_temperature}. The confidence of a mention is that of its least sure word.",
        "",
        "## Training",
        f"- {training['examples']:,} examples, {training['epochs']} epoch(s), {training['steps']:,} steps, seed {description.seed},",
        f"  {training['minutes']} minutes on {training['device']}, data digest {description.data_digest}.",
        f"- {training['forms']:,} hand-written question forms, filled with names of organizations, funders, people, topics, venues and",
        "  countries of the user's files, of word lists, and with invented names; small letters, typing errors, lost punctuation.",
        "- In two of five examples most words around the names are hidden, and then no intent is asked for: there are far fewer forms",
        "  than questions people ask, and without this a longer training reads names less well (see the README).",
        "- Annotated text: acknowledgements (GROBID) and CrossNER; what these do not annotate is left out of the loss. Even rows of",
        "  the PubMedQA questions, for intent alone.",
        f"- Held out: {training['held_out_forms']:,} forms; records with crc32(id) % 5 in (0, 1), list entries with crc32 % 5 == 0 and",
        "  every text that equals one used in training. Countries, years and languages are closed sets and are not held out.",
        "",
        "## Figures",
        "F1 by exact offsets, topics by overlap; intent accuracy without follow-ups.",
        "",
        f"| set | questions | precision | entities | {' | '.join(_COLUMNS)} | intent |",
        f"|{'---|' * (5 + len(_COLUMNS))}",
        *(row for name, found in description.figures.items() for row in _rows(name, found)),
        "",
        *(
            f"- {name}: the most probable label of {found['labels_agree']:.2%} of words is the same in both precisions; expected "
            f"calibration error of mentions {found['calibration_error']:.3f}."
            for name, found in description.figures.items()
        ),
        "",
        "## Limits",
        "- English questions. Names in other scripts are read by their letters alone and often missed.",
        "- Whether a body is asked about as a place of work or as a source of money is read from the wording; a bare name can be",
        "  either.",
        "- A follow-up is read without what came before.",
        "- Titles of papers without quotation marks may be taken for topics.",
        "",
    ]
    (folder / CARD).write_text("\n".join(lines), "utf-8")


def _rows(name: str, found: dict[str, Any]) -> list[str]:
    rows = []
    for precision in ("int8", "fp32"):
        values = found[precision]
        cells = [f"{values[key]:.3f}" if key in values else "-" for key in ("entities", *_COLUMNS, "intent")]
        rows.append(f"| {name} | {found['questions']:,} | {precision} | {' | '.join(cells)} |")
    return rows
