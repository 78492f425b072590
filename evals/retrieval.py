"""How well passages are found: words alone, meaning alone, and both, on the same judged queries.

Reads a folder in BEIR form.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from agent import settings as settings_
from agent.loading import ingest_files
from agent.wiring import Parts
from evals.measures import line, ndcg
from stores.catalogue import Catalogue
from stores.errors import InputError
from stores.passages import PassageIndex
from stores.records import Record
from tools.retrieval.hybrid import HybridRetriever, best_per_document
from tools.retrieval.terms import query_terms

if TYPE_CHECKING:
    from tools.embedding.base import Embedder


class QueryResult(Record):
    """One query: nDCG@10 of each way to rank, and the documents that the hybrid put first."""

    query_id: str
    bm25: float
    dense: float
    hybrid: float
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
    for query_line in (folder / "queries.jsonl").read_bytes().splitlines():
        query = orjson.loads(query_line)
        relevance = judged.get(query["_id"])
        if not relevance:
            continue
        text = query["text"]
        hybrid = [hit.paper_id for hit in best_per_document(retriever.retrieve(text, k=100))]
        lexical = [id_ for id_, _ in catalogue.search.passages(query_terms(text), 100)]
        dense = [id_ for id_, _ in passages.search(embedder.embed_query(text), 100)]
        yield QueryResult(
            query_id=query["_id"],
            bm25=ndcg(_documents(catalogue, lexical), relevance),
            dense=ndcg(_documents(catalogue, dense), relevance),
            hybrid=ndcg(hybrid, relevance),
            first=tuple(hybrid[:10]),
        )


def _documents(catalogue: Catalogue, passage_ids: list[str]) -> list[str]:
    return list(dict.fromkeys(passage.paper_id for passage in catalogue.papers.passages(passage_ids)))


def read_qrels(path: Path) -> dict[str, dict[str, int]]:
    """Return {query id: {document id: grade}} of a BEIR judgement file."""
    judged: dict[str, dict[str, int]] = {}
    for row in path.read_text("utf-8").splitlines()[1:]:
        query_id, document_id, grade = row.split("\t")
        judged.setdefault(query_id, {})[document_id] = int(grade)
    return judged


def report(results: list[QueryResult]) -> str:
    """Return the three figures with their intervals."""
    names = ("bm25", "dense", "hybrid")
    return "\n".join(line(f"nDCG@10 {name}", [getattr(result, name) for result in results]) for name in names)


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
    corpus = next(path for path in sorted(options.folder.glob("corpus.jsonl*")))
    if ingest_files(options.home, [corpus], None, None):
        raise InputError("the corpus could not be read whole", where=str(corpus))
    parts = Parts(settings_.load(options.home))
    results = list(evaluate(parts.catalogue, parts.passages, parts.embedder, options.folder, options.qrels))
    if options.output is not None:
        options.output.write_bytes(b"".join(result.model_dump_json().encode() + b"\n" for result in results))
    parts.close()
    print(report(results))
