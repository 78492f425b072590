"""How the embedding backends compare: load time, one text at a time, many texts, peak memory, and how alike their vectors are.

Each backend runs in a process of its own, one after another, so that imports and memory are counted for each anew.
Vectors are compared by the similarities that they give to the same pairs of texts; the last backend is the reference.
"""

import argparse
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import get_args

import numpy as np
from rich.console import Console
from rich.table import Table

from stores.errors import InputError
from tools.embedding.model_folder import BUNDLED
from tools.embedding.open import Backend
from tools.ingest.chunking import document_text
from tools.ingest.formats import ReadPaper, read_papers

DEMO = Path(__file__).parent / "demo" / "papers.jsonl"
PAIRS = 20_000


@dataclass(frozen=True)
class Measured:
    """What one backend did.

    Attributes:
        name: as its vectors are known.
        load_s: from the first import to the first vector.
        query_ms: one text at a time, none of them twice, in milliseconds.
        texts_s: texts embedded a second, all at once.
        cpu_s: processor seconds that this took, of all threads.
        peak_mb: most memory of the process, in megabytes.
        vectors: (texts, dimension).
    """

    name: str
    load_s: float
    query_ms: list[float]
    texts_s: float
    cpu_s: float
    peak_mb: float
    vectors: np.ndarray


def measure(
    backend: Backend, model: str, max_tokens: int, threads: int, texts: list[str], queries: list[str]
) -> Measured:
    """Run one backend over the texts; for a fresh process."""
    began = time.perf_counter()
    from tools.embedding.open import open_embedder

    embedder = open_embedder(backend, model, max_tokens=max_tokens, threads=threads)
    embedder.embed_query("first")
    load_s = time.perf_counter() - began
    query_ms = []
    for query in dict.fromkeys(queries):
        began = time.perf_counter()
        embedder.embed_query(query)
        query_ms.append((time.perf_counter() - began) * 1e3)
    began, used = time.perf_counter(), time.process_time()
    vectors = embedder.embed(texts)
    seconds = time.perf_counter() - began
    return Measured(
        embedder.name, load_s, query_ms, len(texts) / seconds, time.process_time() - used, peak_memory(), vectors
    )


def peak_memory() -> float:
    """Return the most memory that this process held, in megabytes; 0 where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        import psutil

        return float(getattr(psutil.Process().memory_info(), "peak_wset", 0)) / 1e6
    import sys

    # Linux counts in kilobytes, macOS in bytes.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1000 if sys.platform == "linux" else 1_000_000)


def differences(vectors: np.ndarray, reference: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return how far the similarity of each of `PAIRS` random pairs of texts is from the reference's."""
    one, other = np.random.default_rng(seed).integers(len(vectors), size=(2, PAIRS))
    similarity, wanted = ((rows[one] * rows[other]).sum(axis=1) for rows in (vectors, reference))
    found: np.ndarray = np.abs(similarity - wanted)
    return found


def report(results: list[Measured]) -> Table:
    """Return a row a backend."""
    headings = ("load s", "query p50 ms", "p95", "texts/s", "CPU s", "peak MB", "similarity off, mean", "most")
    table = Table("backend", *headings)
    for result in results:
        middle, high = np.percentile(result.query_ms, [50, 95])
        off = differences(result.vectors, results[-1].vectors)
        table.add_row(
            result.name,
            f"{result.load_s:.2f}",
            f"{middle:.2f}",
            f"{high:.2f}",
            f"{result.texts_s:.1f}",
            f"{result.cpu_s:.1f}",
            f"{result.peak_mb:,.0f}",
            f"{off.mean():.1e}",
            f"{off.max():.1e}",
        )
    return table


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("papers", type=Path, nargs="?", default=DEMO, help="a file of papers; the demo's by default")
    parser.add_argument("--limit", type=int, default=200, help="how many papers, 2 at least")
    parser.add_argument("--model", default=BUNDLED, help="a model's name or folder")
    parser.add_argument("--max-tokens", type=int, default=256)
    parser.add_argument("--threads", type=int, default=0, help="0 for one a core")
    parser.add_argument("--backends", nargs="+", choices=get_args(Backend), default=get_args(Backend))
    options = parser.parse_args()
    papers = (item.paper for item in read_papers(options.papers) if isinstance(item, ReadPaper))
    found = list(islice(papers, options.limit))
    if len(found) < 2:  # noqa: PLR2004 - a pair
        raise InputError("a comparison needs two papers or more", where=str(options.papers))
    texts, queries = [document_text(paper) for paper in found], [paper.title for paper in found]
    results = []
    for backend in options.backends:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
            task = process.submit(measure, backend, options.model, options.max_tokens, options.threads, texts, queries)
            results.append(task.result())
    console = Console()
    console.print(
        f"{len(texts)} texts of {options.papers.name}, {np.mean([len(text) for text in texts]):.0f} characters on average"
    )
    console.print(report(results))


if __name__ == "__main__":
    main()
