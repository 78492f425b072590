"""How well themes are ranked: nDCG@5, whether the first is relevant, and whether 50 parts what is relevant from what is not.

Reads JSON Lines with id, text, themes, relevant and, if any, negated. The floors are measured in the same run: cosine
similarity of plain vectors, and the order by chance.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from agent import settings as settings_
from agent.embedders import embedder as open_embedder
from agent.loaded import reranker as open_reranker
from evals.measures import line, ndcg
from evals.themes.data import GradedText, own_texts, read_graded
from stores.records import Record
from tools.themes.base import ThemeScore
from tools.themes.encoder import theme_encoder
from tools.themes.rank import ThemeRanker, encoded

if TYPE_CHECKING:
    from tools.embedding.base import Embedder

WAYS = ("chance", "cosine", "ranker")
_BORDER = 50.0
_K = 5


class TextResult(Record):
    """One text.

    Attributes:
        id: of the text.
        ndcg: at 5, of each way to rank.
        first: whether the first theme is relevant, of each way.
        above: whether each relevant theme scores 50 or more.
        below: whether each other theme scores less.
        negated_below: whether each theme that the text sets aside scores less than 50 and is marked.
        wrongly_negated: relevant themes that are marked as negated.
        milliseconds: that the ranking took.
        scores: of all themes, best first.
    """

    id: str
    ndcg: dict[str, float]
    first: dict[str, bool]
    above: tuple[bool, ...]
    below: tuple[bool, ...]
    negated_below: tuple[bool, ...]
    wrongly_negated: tuple[str, ...]
    milliseconds: float
    scores: tuple[ThemeScore, ...]


def evaluate(ranker: ThemeRanker, embedder: "Embedder", texts: list[GradedText], seed: int = 0) -> Iterator[TextResult]:
    """Yield a result for each text."""
    for number, graded in enumerate(texts):
        started = perf_counter()
        scores = ranker.rank(graded.text, graded.themes)
        spent = 1000 * (perf_counter() - started)
        orders = {
            "chance": by_chance(graded, [seed, number]),
            "cosine": by_cosine(graded, embedder),
            "ranker": [one.label for one in scores],
        }
        relevant = {label for label, grade in graded.relevant.items() if grade > 0}
        yield TextResult(
            id=graded.id,
            ndcg={way: ndcg(order, graded.relevant, _K) for way, order in orders.items()},
            first={way: order[0] in relevant for way, order in orders.items()},
            above=tuple(one.score >= _BORDER for one in scores if one.label in relevant),
            below=tuple(one.score < _BORDER for one in scores if one.label not in relevant),
            negated_below=tuple(one.negated and one.score < _BORDER for one in scores if one.label in graded.negated),
            wrongly_negated=tuple(one.label for one in scores if one.negated and one.label in relevant),
            milliseconds=spent,
            scores=tuple(scores),
        )


def by_chance(graded: GradedText, seed: list[int]) -> list[str]:
    """Return the labels of a text's themes in an order drawn by the seed."""
    order = np.random.default_rng(seed).permutation(len(graded.themes)).tolist()
    return [graded.themes[n].label for n in order]


def by_cosine(graded: GradedText, embedder: "Embedder") -> list[str]:
    """Return the labels of a text's themes by the cosine of plain vectors."""
    near = embedder.embed([encoded(theme) for theme in graded.themes]) @ embedder.embed_query(graded.text)
    return [graded.themes[n].label for n in np.argsort(-near, kind="stable").tolist()]


def report(results: list[TextResult]) -> str:
    """Return the figures with their intervals; those of the border are over themes, the others over texts."""
    rows = [line(f"nDCG@5 {way}", [one.ndcg[way] for one in results]) for way in WAYS]
    rows += [line(f"first relevant {way}", [float(one.first[way]) for one in results]) for way in WAYS]
    rows.append(line("relevant themes at 50 or more", [float(hit) for one in results for hit in one.above]))
    rows.append(line("other themes below 50", [float(hit) for one in results for hit in one.below]))
    if any(one.negated_below for one in results):
        negated = [float(hit) for one in results for hit in one.negated_below]
        rows.append(line("themes set aside: below 50 and marked", negated))
    rows.append(f"relevant themes marked as set aside: {sum(len(one.wrongly_negated) for one in results)}")
    rows.append(line("milliseconds a text", [one.milliseconds for one in results]))
    return "\n".join(rows)


def main() -> None:
    """Rank the themes of every text of a file and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "file", type=Path, nargs="?", help="graded texts; without it our own, which the weights have seen"
    )
    parser.add_argument("--reranker", default=None, help="a cross-encoder: a folder, or a name whose files are here")
    parser.add_argument(
        "--seed", type=int, default=0, help="of the order by chance, and of the themes drawn for our own"
    )
    parser.add_argument("--output", type=Path, default=None, help="write each text's result there, as JSON Lines")
    options = parser.parse_args()
    texts = list(own_texts(options.seed)) if options.file is None else read_graded(options.file)
    settings = settings_.load()
    if options.reranker is not None:
        retrieval = settings.retrieval.model_copy(update={"reranker": options.reranker})
        settings = settings.model_copy(update={"retrieval": retrieval})
    embedder = open_embedder(settings)
    ranker = ThemeRanker(theme_encoder(), reranker=open_reranker(settings) if options.reranker is not None else None)
    results = list(evaluate(ranker, embedder, texts, options.seed))
    if options.output is not None:
        options.output.write_bytes(b"".join(one.model_dump_json().encode() + b"\n" for one in results))
    print(report(results))
