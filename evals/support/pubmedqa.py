"""Pairs from PubMedQA: conclusions that authors wrote, against sentences of their abstracts."""

from pathlib import Path
from typing import Any

from evals.support.pairs import Pair, fold_of, records, sentences
from tools.grounding.verifiers.base import Claim
from tools.grounding.words import content_stems

_LEAST_WORDS = 6


def read_pubmedqa(path: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the half that may be trained on and the half that is tested on, every other record each."""
    rows = sorted(records(path), key=lambda row: row["id"])
    return rows[::2], rows[1::2]


def abstracts(rows: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """Return id, question in the place of the title, and abstract, of each record."""
    return [(row["id"], row["question"], " ".join([*row["contexts"], row["long_answer"]])) for row in rows]


def strangers(rows: list[dict[str, Any]]) -> list[Pair]:
    """Return sentences of conclusions with the nearest sentence of another record: none of them is borne."""
    pool = [(row["id"], text) for row in rows for part in row["contexts"] for text in sentences(part)]
    stems = [(id_, text, content_stems(text)) for id_, text in pool]
    found = []
    for row in rows:
        for sentence in sentences(row["long_answer"])[:2]:
            if len(sentence.split()) < _LEAST_WORDS:
                continue
            own = content_stems(sentence)
            _, evidence, _ = max(
                (s for s in stems if s[0] != row["id"]), key=lambda s: len(own & s[2]) / (6 + len(s[2]))
            )
            found.append(Pair(Claim(sentence, evidence), False, "other abstract", "pubmedqa", fold_of(row["id"])))
    return found


def conclusions(rows: list[dict[str, Any]]) -> list[Pair]:
    """Return sentences of conclusions with the nearest three sentences of their own abstract.

    These mostly bear them, but not always: results are behind many a conclusion that no three sentences show.
    """
    found = []
    for row in rows:
        pool = [text for part in row["contexts"] for text in sentences(part)]
        for sentence in sentences(row["long_answer"])[:2]:
            if len(sentence.split()) < _LEAST_WORDS or not pool:
                continue
            own = content_stems(sentence)
            best = sorted(pool, key=lambda text, own=own: -len(own & content_stems(text)))[:3]  # type: ignore[misc]
            evidence = " ".join(text for text in pool if text in best)
            found.append(
                Pair(Claim(sentence, evidence, row["question"]), True, "conclusion", "pubmedqa", fold_of(row["id"]))
            )
    return found
