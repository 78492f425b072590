"""Embedding backends side by side: load time, one by one, batched, with threads, memory, drift, and how well they retrieve.

Each backend runs in a process of its own, one after another, so that imports and memory are counted for each anew. Drift is
how far the similarities of the same pairs of texts are from those that sentence-transformers in single precision gives for
the same model. nDCG@10 is of exact dense search over a folder of judged queries in BEIR form, such as SciFact's.
"""

import argparse
import random
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from evals.measures import interval, ndcg, peak_megabytes
from evals.retrieval import read_qrels
from evals.rows import QueryRow, read_rows
from stores.errors import InputError, QuodvideError
from tools.embedding.model_folder import BUNDLED
from tools.embedding.open import Backend, open_embedder
from tools.ingest.chunking import document_text
from tools.ingest.formats import ReadPaper, read_papers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tools.embedding.base import Embedder

DEMO = Path(__file__).parent / "demo" / "papers.jsonl"
PAIRS = 20_000
FIRST = 10
THREADS = (2, 4)
_ASKED = 200  # queries that threads ask


class Row(NamedTuple):
    """A backend and a model to measure."""

    backend: Backend
    model: str
    precision: Literal["fp32", "int8"] = "fp32"

    @property
    def name(self) -> str:
        """Return it as the table has it."""
        return (
            f"{self.backend} {self.precision} {self.model}"
            if self.backend == "onnx"
            else f"{self.backend} {self.model}"
        )


# The other models that people choose among; measured where they were fetched.
KNOWN = (
    Row("onnx", "sentence-transformers/all-MiniLM-L12-v2"),
    Row("onnx", "sentence-transformers/paraphrase-MiniLM-L3-v2"),
    Row("sentence-transformers", "sentence-transformers/all-mpnet-base-v2"),
    Row("sentence-transformers", "sentence-transformers/multi-qa-mpnet-base-dot-v1"),
    Row("sentence-transformers", "BAAI/bge-small-en-v1.5"),
    Row("sentence-transformers", "allenai/specter2_base+allenai/specter2"),
    Row("fastembed", "BAAI/bge-small-en-v1.5"),
    Row("model2vec", "minishlab/potion-base-8M"),
)


@dataclass(frozen=True)
class Texts:
    """What is embedded.

    Attributes:
        about: where it is from, for people.
        ids: of the documents.
        documents: title and abstract of each.
        queries: texts, none of them twice.
        judged: for each query {document id: grade}; empty where nobody judged.
    """

    about: str
    ids: tuple[str, ...]
    documents: tuple[str, ...]
    queries: tuple[str, ...]
    judged: tuple[dict[str, int], ...]


@dataclass(frozen=True)
class Measured:
    """What one backend did.

    Attributes:
        name: as its vectors are known.
        load_s: from the first import to the first vector.
        query_ms: each query alone, in milliseconds.
        texts_s: documents embedded a second, all at once.
        threads_s: queries answered a second, by how many threads ask at once.
        peak_mb: most memory of the process, in megabytes.
        documents: their vectors, (documents, dimension).
        queries: theirs, (queries, dimension).
    """

    name: str
    load_s: float
    query_ms: list[float]
    texts_s: float
    threads_s: dict[int, float]
    peak_mb: float
    documents: "NDArray[np.float32]"
    queries: "NDArray[np.float32]"


def measure(row: Row, max_tokens: int, threads: int, texts: Texts) -> Measured | str:
    """Run one backend over the texts, in a fresh process; return why where it cannot be had."""
    began = time.perf_counter()
    try:
        embedder = open_embedder(
            row.backend, row.model, max_tokens=max_tokens, threads=threads, precision=row.precision
        )
    except QuodvideError as error:
        return f"{error.what}. {error.hint}".rstrip(". ")
    embedder.embed_query("first")
    load_s = time.perf_counter() - began
    query_ms, queries = [], []
    for query in texts.queries:
        began = time.perf_counter()
        queries.append(embedder.embed_query(query))
        query_ms.append((time.perf_counter() - began) * 1e3)
    threads_s = {number: _asked_by(number, embedder, texts.queries[:_ASKED]) for number in THREADS}
    began = time.perf_counter()
    documents = embedder.embed(texts.documents)
    seconds = time.perf_counter() - began
    return Measured(
        embedder.name, load_s, query_ms, len(texts.documents) / seconds, threads_s, peak_megabytes(), documents,
        np.stack(queries),
    )  # fmt: skip


def _asked_by(number: int, embedder: "Embedder", queries: Sequence[str]) -> float:
    """Return the queries a second that threads are answered which ask one after the other each; nothing is remembered."""
    with ThreadPoolExecutor(number) as pool:
        began = time.perf_counter()
        list(pool.map(lambda query: embedder.embed([query]), queries))
        return len(queries) / (time.perf_counter() - began)


def differences(vectors: np.ndarray, reference: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return how far the similarity of each of `PAIRS` random pairs of texts is from the reference's."""
    one, other = np.random.default_rng(seed).integers(len(vectors), size=(2, PAIRS))
    similarity, wanted = ((rows[one] * rows[other]).sum(axis=1) for rows in (vectors, reference))
    found: np.ndarray = np.abs(similarity - wanted)
    return found


def ranked(found: Measured, texts: Texts) -> list[float]:
    """Return nDCG@10 of each query by exact search over all documents; ties by place."""
    scores = found.queries @ found.documents.T
    best = np.argsort(-scores, axis=1, kind="stable")[:, :FIRST]
    return [
        ndcg([texts.ids[n] for n in rows], judged, FIRST)
        for rows, judged in zip(best, texts.judged, strict=True)
        if judged
    ]


def read_texts(folder: Path | None, limit: int | None, qrels: str, seed: int = 0) -> Texts:
    """Return the texts of a folder in BEIR form, or those of the demo corpus, which nobody judged.

    Args:
        folder: holds corpus.jsonl(.gz), queries.jsonl and qrels/; None for the demo.
        limit: documents of a sample that is drawn; the queries are then those with a relevant document in it.
        qrels: name of the judgement file.
        seed: of the draw.

    Raises:
        InputError: a file is missing or holds something else.
    """
    path = DEMO if folder is None else next(iter(sorted(folder.glob("corpus.jsonl*"))), None)
    if path is None:
        raise InputError("holds no corpus.jsonl", where=str(folder))
    papers = [item.paper for item in read_papers(path) if isinstance(item, ReadPaper)]
    about = f"{len(papers):,} texts of {path.parent.name}"
    if limit is not None and limit < len(papers):
        about = f"a sample of {limit:,} of the {about}, over which nDCG is higher than over all"
        papers = random.Random(seed).sample(papers, limit)
    if len(papers) < 2:  # noqa: PLR2004 - a pair
        raise InputError("a comparison needs two papers or more", where=str(path))
    if folder is None:
        asked = {paper.title: dict[str, int]() for paper in papers}
    else:
        known, judgements = {paper.id for paper in papers}, read_qrels(folder / "qrels" / f"{qrels}.tsv")
        asked = {
            query["text"]: relevant
            for query in read_rows(folder / "queries.jsonl", QueryRow)
            if (relevant := {id_: n for id_, n in judgements.get(str(query["_id"]), {}).items() if id_ in known and n})
        }
    return Texts(
        about, tuple(paper.id for paper in papers), tuple(document_text(paper) for paper in papers),
        tuple(asked), tuple(asked.values()),
    )  # fmt: skip


def figures(row: Row, found: Measured, reference: Measured | None, texts: Texts) -> dict[str, Any]:
    """Return what is shown and written of one backend."""
    middle, high = np.percentile(found.query_ms, [50, 95])
    off = None if reference is None else differences(found.documents, reference.documents)
    gains = ranked(found, texts)
    return {
        "row": row.name, "model": found.name, "load_s": found.load_s, "query_p50_ms": middle, "query_p95_ms": high,
        "texts_s": found.texts_s, "threads_s": found.threads_s, "peak_mb": found.peak_mb,
        "drift_mean": None if off is None else float(off.mean()), "drift_max": None if off is None else float(off.max()),
        "ndcg_10": interval(gains) if gains else None, "queries": len(gains),
    }  # fmt: skip


def table(rows: Sequence[dict[str, Any]]) -> Table:
    """Return a column a backend, so that it fits a terminal."""
    shown = Table("", box=None, pad_edge=False, header_style="bold")
    for row in rows:
        backend, _, model = row["row"].rpartition(" ")
        shown.add_column(f"{backend}\n{model}", overflow="fold", justify="right")
    for label, cell in (
        ("load, s", lambda row: f"{row['load_s']:.2f}"),
        ("one query, p50 ms", lambda row: f"{row['query_p50_ms']:.2f}"),
        ("p95 ms", lambda row: f"{row['query_p95_ms']:.2f}"),
        *((f"queries/s, {n} threads", lambda row, n=n: f"{row['threads_s'][n]:.0f}") for n in THREADS),
        ("batched, texts/s", lambda row: f"{row['texts_s']:.1f}"),
        ("memory, MB at most", lambda row: f"{row['peak_mb']:,.0f}"),
        ("drift, mean", lambda row: "-" if row["drift_mean"] is None else f"{row['drift_mean']:.1e}"),
        ("drift, most", lambda row: "-" if row["drift_max"] is None else f"{row['drift_max']:.1e}"),
        ("nDCG@10", lambda row: "-" if row["ndcg_10"] is None else f"{row['ndcg_10'][0]:.3f}"),
        ("95 % interval", lambda row: "-" if row["ndcg_10"] is None else "{1:.3f}–{2:.3f}".format(*row["ndcg_10"])),
    ):
        shown.add_row(label, *map(cell, rows))
    return shown


def main() -> None:
    """Print the table."""
    options = _options()
    texts = read_texts(options.folder, options.limit, options.qrels)
    bundled = [Row("onnx", BUNDLED), Row("onnx", BUNDLED, "int8"), Row("sentence-transformers", BUNDLED)]
    wanted = list(dict.fromkeys([*bundled, *options.also, *KNOWN]))
    console = Console(stderr=True)
    found: dict[Row, Measured] = {}
    absent: dict[str, str] = {}
    for row in wanted:
        with console.status(f"{row.name}, {len(found) + len(absent) + 1} of {len(wanted)}"):
            result = _apart(row, options.max_tokens, options.threads, texts)
        if isinstance(result, str):
            absent[row.name] = result
        else:
            found[row] = result
    rows = [figures(row, each, _reference(row, found), texts) for row, each in found.items()]
    if options.json:
        import orjson

        about = {"texts": texts.about, "queries": len(texts.queries), "max_tokens": options.max_tokens}
        record = {**about, "rows": rows, "absent": absent}
        flags = orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS
        typer.echo(orjson.dumps(record, option=flags).decode())
        return
    length = np.mean([len(text) for text in texts.documents])
    out = Console()
    out.print(f"{texts.about}, {length:,.0f} characters on average; {len(texts.queries):,} queries", highlight=False)
    out.print(table(rows))
    for name, why in absent.items():
        out.print(f"not measured: {name}: {why}", highlight=False, markup=False)


def _reference(row: Row, found: dict[Row, Measured]) -> Measured | None:
    """Return what a row's similarities are compared with: another implementation of the same model."""
    return found.get(Row("sentence-transformers", row.model)) if row.backend != "sentence-transformers" else None


def _apart(row: Row, max_tokens: int, threads: int, texts: Texts) -> Measured | str:
    """Measure a row in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        try:
            return process.submit(measure, row, max_tokens, threads, texts).result()
        except BrokenProcessPool:
            return "its process was killed; the memory may not suffice"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "folder",
        type=Path,
        nargs="?",
        help="holds corpus.jsonl(.gz), queries.jsonl and qrels/; the demo's papers by default",
    )
    parser.add_argument("--qrels", default="train", help="name of the judgement file")
    parser.add_argument("--limit", type=int, default=None, help="documents of a sample; all by default")
    parser.add_argument("--max-tokens", type=int, default=256)
    parser.add_argument("--threads", type=int, default=0, help="processor threads; 0 for one a core")
    parser.add_argument(
        "--also", type=_row, action="append", default=[], metavar="BACKEND:MODEL",
        help="another row, such as model2vec:minishlab/potion-base-8M or fastembed:FOLDER; may be repeated",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print everything that was measured")
    return parser.parse_args()


def _row(text: str) -> Row:
    backend, _, model = text.partition(":")
    found = next((one for one in get_args(Backend) if one == backend), None)
    if found is None or not model:
        raise argparse.ArgumentTypeError(f"give BACKEND:MODEL, with one of {', '.join(get_args(Backend))}")
    return Row(found, model)


if __name__ == "__main__":
    main()
