"""How well papers are found: by words, by meaning, and by both in three ways, on the same judged queries.

Reads a folder in BEIR form.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from agent import settings as settings_
from agent.loading import ingest_files
from agent.wiring import Parts
from evals.measures import line, ndcg, recall
from evals.rows import QueryRow, read_rows
from stores.catalogue import Catalogue
from stores.errors import InputError
from stores.passages import PassageIndex
from stores.records import Record
from tools.retrieval.hybrid import HybridRetriever
from tools.retrieval.terms import query_terms

if TYPE_CHECKING:
    from tools.embedding.base import Embedder


WAYS = ("bm25", "dense", "rank fusion", "hybrid", "hybrid with feedback")
_RECALL = 100
_FUSION = 60  # the constant of reciprocal rank fusion (Cormack et al. 2009)


class QueryResult(Record):
    """One query: nDCG@10 and recall@100 of each way to rank, and the documents that the last one put first."""

    query_id: str
    ndcg: dict[str, float]
    recall: dict[str, float]
    first: tuple[str, ...]


def evaluate(
    catalogue: Catalogue, passages: PassageIndex, embedder: "Embedder", folder: Path, qrels: str = "train"
) -> Iterator[QueryResult]:
    """Yield a result for each judged query.

    Args:
        catalogue: holds the corpus.
        passages: the dense index of it.
        embedder: the model of that index.
        folder: holds queries.jsonl and qrels/.
        qrels: name of the judgement file.
    """
    retriever = HybridRetriever(catalogue, passages, embedder)
    judged = read_qrels(folder / "qrels" / f"{qrels}.tsv")
    for query in read_rows(folder / "queries.jsonl", QueryRow):
        relevance = judged.get(str(query["_id"]))
        if not relevance:
            continue
        text = query["text"]
        lexical = [id_ for id_, _ in catalogue.search.passages(query_terms(text), _RECALL)]
        dense = [id_ for id_, _ in passages.search(embedder.embed_query(text), _RECALL)]
        ranked = {
            "bm25": documents(catalogue, lexical),
            "dense": documents(catalogue, dense),
            "rank fusion": documents(catalogue, rank_fusion(lexical, dense)),
            "hybrid": [hit.paper_id for hit in retriever.retrieve(text, _RECALL, per_paper=1)],
            "hybrid with feedback": [
                hit.paper_id for hit in retriever.retrieve(text, _RECALL, per_paper=1, feedback=True)
            ],
        }
        yield QueryResult(
            query_id=str(query["_id"]),
            ndcg={way: ndcg(ranking, relevance) for way, ranking in ranked.items()},
            recall={way: recall(ranking, relevance, _RECALL) for way, ranking in ranked.items()},
            first=tuple(ranked[WAYS[-1]][:10]),
        )


def rank_fusion(*rankings: list[str]) -> list[str]:
    """Return one ranking by the sum of reciprocal ranks, ties by id."""
    scores: dict[str, float] = {}
    for ranking in rankings:
        for rank, id_ in enumerate(ranking, start=1):
            scores[id_] = scores.get(id_, 0.0) + 1 / (_FUSION + rank)
    return sorted(scores, key=lambda id_: (-scores[id_], id_))


def documents(catalogue: Catalogue, passage_ids: list[str]) -> list[str]:
    """Return the papers of passages, each at its best place."""
    return list(dict.fromkeys(passage.paper_id for passage in catalogue.papers.passages(passage_ids)))


def read_qrels(path: Path) -> dict[str, dict[str, int]]:
    """Return {query id: {document id: grade}} of a BEIR judgement file, with or without its line of names.

    Raises:
        InputError: a line is no judgement.
    """
    judged: dict[str, dict[str, int]] = {}
    for number, row in enumerate(path.read_text("utf-8", "replace").split("\n"), start=1):
        try:
            query_id, document_id, text = row.split("\t")
            grade = max(0, int(text))
        except ValueError as error:
            if number == 1 or not row.strip():
                continue
            raise InputError("is not query, document and grade, a tab between", where=f"{path}:{number}") from error
        judged.setdefault(query_id, {})[document_id] = grade
    return judged


def report(results: list[QueryResult]) -> str:
    """Return the figures of every way with their intervals."""
    return "\n".join(
        line(f"{name} {way}", [values[way] for values in column])
        for name, column in (("nDCG@10", [r.ndcg for r in results]), ("recall@100", [r.recall for r in results]))
        for way in WAYS
    )


def main() -> None:
    """Ingest a corpus in BEIR form into a folder of its own and print the figures of its judged queries."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="holds corpus.jsonl(.gz), queries.jsonl and qrels/")
    parser.add_argument("--qrels", default="train", help="name of the judgement file")
    parser.add_argument(
        "--home", type=Path, required=True, help="a folder for this corpus alone; ingested when it is new"
    )
    parser.add_argument("--output", type=Path, default=None, help="write each query's result there, as JSON Lines")
    options = parser.parse_args()
    corpus = next(iter(sorted(options.folder.glob("corpus.jsonl*"))), None)
    if corpus is None:
        raise InputError("holds no corpus.jsonl", where=str(options.folder))
    if ingest_files(options.home, [corpus], None, None):
        raise InputError("the corpus could not be read whole", where=str(corpus))
    parts = Parts(settings_.load(options.home))
    results = list(evaluate(parts.catalogue, parts.passages, parts.embedder, options.folder, options.qrels))
    if options.output is not None:
        options.output.write_bytes(b"".join(result.model_dump_json().encode() + b"\n" for result in results))
    parts.close()
    print(report(results))
