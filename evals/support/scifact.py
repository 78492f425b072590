"""Pairs from SciFact: claims that people wrote, and the sentences of abstracts that support or contradict them."""

from collections import defaultdict
from pathlib import Path
from random import Random
from typing import Any

from evals.support.pairs import Pair, fold_of, joined, records, sentences
from tools.grounding.verifiers.base import Claim
from tools.grounding.words import content_stems

_OTHER_SENTENCES = 2
_OTHER_CLAIMS = 2
_NEAREST = 8


def read_scifact(folder: Path, seed: int) -> list[Pair]:
    """Return claims with their supporting and contradicting sentences, and with sentences that say nothing on them.

    Those are other sentences of the same abstract (the ones that share most words, some of which may yet support the
    claim: what nobody marked counts as no support) and rationales of other claims, the ones that share most words.

    Args:
        folder: retrieval/scifact_train of the shared data.
        seed: of the choice.
    """
    documents = {row["_id"]: row for row in records(folder / "corpus.jsonl.gz")}
    claims = {row["_id"]: row["text"].strip() for row in records(folder / "queries.jsonl")}
    evidence = [row for row in records(folder / "evidence.jsonl") if row["doc_id"] in documents]
    component = joined((f"c{row['claim_id']}", f"d{row['doc_id']}") for row in evidence)
    marked: dict[tuple[str, str], set[int]] = defaultdict(set)
    for row in evidence:
        marked[row["claim_id"], row["doc_id"]].update(row["sentences"])
    texts = {row["doc_id"]: sentences(documents[row["doc_id"]]["text"]) for row in evidence}
    usable = [row for row in evidence if max(row["sentences"]) < len(texts[row["doc_id"]])]
    quotes = [" ".join(texts[row["doc_id"]][n] for n in row["sentences"]) for row in usable]
    found = []
    for row, quote in zip(usable, quotes, strict=True):
        fold = fold_of(component[f"c{row['claim_id']}"])
        claim = Claim(claims[row["claim_id"]], quote, documents[row["doc_id"]]["title"])
        true = row["label"] == "SUPPORT"
        found.append(Pair(claim, true, "supported" if true else "contradicted", "scifact", fold))
    for (claim_id, doc_id), places in marked.items():
        fold, title = fold_of(component[f"c{claim_id}"]), documents[doc_id]["title"]
        rest = [text for n, text in enumerate(texts[doc_id]) if n not in places]
        found += [
            Pair(Claim(claims[claim_id], text, title), False, "same abstract", "scifact", fold)
            for text in _nearest(claims[claim_id], rest)[:_OTHER_SENTENCES]
        ]
    return found + _of_others(usable, quotes, claims, documents, component, Random(seed))


def _of_others(
    rows: list[dict[str, Any]], quotes: list[str], claims: dict[str, str], documents: dict[str, Any],
    component: dict[str, str], random: Random,
) -> list[Pair]:  # fmt: skip
    """Return claims with rationales of claims of other abstracts in the same fold."""
    folds = [fold_of(component[f"c{row['claim_id']}"]) for row in rows]
    found = []
    for claim_id in {row["claim_id"]: None for row in rows}:
        own, fold = component[f"c{claim_id}"], fold_of(component[f"c{claim_id}"])
        others = [n for n, row in enumerate(rows) if folds[n] == fold and component[f"c{row['claim_id']}"] != own]
        place = {quotes[n]: n for n in others}
        near = _nearest(claims[claim_id], list(place))[:_NEAREST]
        for quote in random.sample(near, min(_OTHER_CLAIMS, len(near))):
            title = documents[rows[place[quote]]["doc_id"]]["title"]
            found.append(Pair(Claim(claims[claim_id], quote, title), False, "other claim", "scifact", fold))
    return found


def _nearest(claim: str, texts: list[str]) -> list[str]:
    """Return texts by how many content words they share with a claim, most first."""
    words = content_stems(claim)
    return sorted(texts, key=lambda text: (-len(words & content_stems(text)), text))
