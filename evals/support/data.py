"""All pairs that the verifier is trained and tested on, of the shared data, and the rarity of words in it."""

from collections.abc import Callable
from itertools import islice
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from evals.support.made import made_pairs, near_words, rarity_of
from evals.support.pairs import FOLDS, HELD_OUT, Pair, records
from evals.support.pubmedqa import abstracts, conclusions, read_pubmedqa, strangers
from evals.support.scifact import read_scifact

if TYPE_CHECKING:
    from tools.embedding.base import Embedder

_EVERY = 5  # papers whose words are counted and of which some are chosen
_CHOSEN = {"papers": 600, "scifact corpus": 300}
_RARITY = 6000


class Data(NamedTuple):
    """Pairs, and stem to rarity."""

    pairs: list[Pair]
    rarity: dict[str, float]


def read_data(folder: Path, embedder: "Embedder", seed: int, say: Callable[[str], None] = lambda _: None) -> Data:
    """Return all pairs; those of the PubMedQA half that is tested on are held out, of the rest a fifth.

    Args:
        folder: of the shared data.
        embedder: finds words of like meaning.
        seed: of every choice.
        say: told what is done.
    """
    papers = [
        (row["id"], row["title"], row["abstract"])
        for row in islice(records(folder / "papers.jsonl.gz"), 0, None, _EVERY)
        if row.get("abstract")
    ]
    scifact = folder / "retrieval" / "scifact_train"
    documents = [(row["_id"], row["title"], row["text"]) for row in records(scifact / "corpus.jsonl.gz")]
    learned, tested = read_pubmedqa(folder / "qa" / "pubmedqa_dev.jsonl.gz")
    texts = [text for _, _, text in [*papers, *documents, *abstracts(learned)]]
    near = near_words(texts, embedder)
    pairs = read_scifact(scifact, seed)
    evidence = {pair.claim.title for pair in pairs}
    others = [row for row in documents if row[1] not in evidence]
    for source, rows in (("papers", papers), ("scifact corpus", others)):
        pairs += made_pairs(Random(seed).sample(rows, min(_CHOSEN[source], len(rows))), source, near, seed)
    for rows_, held_out in ((learned, False), (tested, True)):
        made = [*made_pairs(abstracts(rows_), "pubmedqa", near, seed), *strangers(rows_), *conclusions(rows_)]
        pairs += [pair._replace(fold=_fold(pair, held_out=held_out)) for pair in made]
    # What people concluded is measured, and never trained on: three sentences do not always show it.
    pairs = [pair for pair in pairs if pair.kind != "conclusion" or pair.fold == HELD_OUT]
    say(f"{len(pairs):,} pairs, {sum(pair.fold == HELD_OUT for pair in pairs):,} of them held out")
    return Data(pairs, rarity_of(texts, _RARITY))


def _fold(pair: Pair, *, held_out: bool) -> int:
    return HELD_OUT if held_out else 1 + pair.fold % (FOLDS - 1)
