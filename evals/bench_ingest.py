"""How fast papers are ingested, against embedding the same texts alone with the same backend in the same run.

Each side runs in a process of its own, so that the peak memory of one is not that of the other.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

from rich.console import Console
from rich.table import Table

from agent import settings as settings_
from agent.loading import cutting
from agent.wiring import embedder
from evals.measures import peak_megabytes
from tools.ingest.chunking import chunk, document_text, passage_text
from tools.ingest.formats import ReadPaper, read_papers


def main() -> None:
    """Print papers a second of both sides, their ratio, peak memory and size on disk."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("papers", type=Path, help="a file of papers")
    parser.add_argument("--limit", type=int, default=12_108, help="how many papers")
    parser.add_argument(
        "--home", type=Path, default=None, help="where to ingest; by default a folder that is removed again"
    )
    options = parser.parse_args()
    papers, limit, home = options.papers, options.limit, options.home
    with tempfile.TemporaryDirectory() as temporary:
        folder = home or Path(temporary) / "home"
        alone = _child("embed", papers, limit, folder)
        whole = _child("ingest", papers, limit, folder)
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    table = Table("", "papers/s", "texts", "seconds", "peak MB", title=f"{alone['papers']:,} papers of {papers.name}")
    for name, side in (("embedding alone", alone), ("ingest", whole)):
        speed = f"{side['papers'] / side['seconds']:.1f}"
        table.add_row(name, speed, f"{side['texts']:,}", f"{side['seconds']:.1f}", f"{side['peak_mb']:,.0f}")
    console = Console()
    console.print(table)
    ratio = whole["papers"] / whole["seconds"] / (alone["papers"] / alone["seconds"])
    console.print(f"ingest reaches {ratio:.1%} of the rate of embedding alone; {size / 1e6:,.0f} MB on disk")


def _child(side: str, papers: Path, limit: int, home: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "evals.bench_ingest", side, str(papers), str(limit), str(home)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def _embed(papers: Path, limit: int) -> dict[str, float]:
    """Embed, batch by batch as ingest does, the texts that ingest embeds."""
    settings = settings_.load()
    cut = cutting(settings)
    model = embedder(settings)
    batches: list[list[str]] = []
    items = (item.paper for item in read_papers(papers) if isinstance(item, ReadPaper))
    found = list(islice(items, limit))
    for start in range(0, len(found), cut.batch):
        texts: dict[str, None] = {}
        for paper in found[start : start + cut.batch]:
            for passage in chunk(paper, cut.words, cut.overlap, cut.max_chunks):
                texts[passage_text(paper, passage)] = None
            texts[document_text(paper, cut.document_characters)] = None
        batches.append(list(texts))
    started = time.perf_counter()
    for batch in batches:
        model.embed(batch)
    return {"papers": len(found), "texts": sum(map(len, batches)), "seconds": time.perf_counter() - started}


def _ingest(papers: Path, limit: int, home: Path) -> dict[str, float]:
    from agent.loading import ingest_files
    from stores.catalogue import Catalogue

    started = time.perf_counter()
    ingest_files(home, [papers], None, limit)
    seconds = time.perf_counter() - started
    catalogue = Catalogue(home / "catalogue.sqlite")
    counts = catalogue.papers.counts()
    catalogue.close()
    return {"papers": counts["papers"], "texts": counts["passages"], "seconds": seconds}


def _side() -> None:
    side, papers, limit, home = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])
    result = _embed(papers, limit) if side == "embed" else _ingest(papers, limit, home)
    print(json.dumps({**result, "peak_mb": peak_megabytes()}))


if __name__ == "__main__":
    _side()
