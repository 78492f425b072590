"""How fast papers are ingested, against the encoder alone on the same texts in the same batches, in the same run.

The two take turns: some papers are ingested, into the catalogue, the full text and the passage index, and then the texts
that the encoder got meanwhile are embedded once more with nothing beside; then the next papers. So a machine that is busy
with other things slows both alike. Opening the model and the stores counts for neither; what an ingest does at its end,
once for all papers, is counted with it.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from agent import settings as settings_
from agent.embedders import Embedders
from agent.loading import cutting, ingest_files
from evals.measures import peak_megabytes
from evals.printed import print_record
from stores.catalogue import Catalogue
from stores.errors import InputError
from stores.home import Home
from stores.passages import PassageIndex
from stores.records import Record
from tools.embedding.base import Embedder
from tools.ingest.formats import ReadItem, read_papers
from tools.ingest.pipeline import Ingestor

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SHARE = 0.9  # the target: rate of the ingest against that of the encoder


class Round(Record):
    """Some papers: how many texts they gave the encoder, and the seconds and processor seconds of both sides."""

    papers: int
    texts: int
    ingest_s: float
    ingest_cpu_s: float
    encoder_s: float
    encoder_cpu_s: float


class Recording:
    """An embedder that keeps the texts of each of its calls; the model of documents has one of its own."""

    def __init__(self, inner: Embedder) -> None:
        self.name, self.dimension, self.embed_query = inner.name, inner.dimension, inner.embed_query
        self.calls: list[list[str]] = []
        self._inner = inner

    def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Return what the embedder returns."""
        self.calls.append(list(texts))
        return self._inner.embed(texts)

    def again(self) -> None:
        """Embed the same texts once more, call by call."""
        for texts in self.calls:
            self._inner.embed(texts)


def main() -> None:
    """Print both rates and their ratio, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("papers", type=Path, help="a file of papers")
    parser.add_argument("--limit", type=int, default=12_108, help="how many papers")
    parser.add_argument("--rounds", type=int, default=6, help="how often the two take turns")
    parser.add_argument(
        "--home", type=Path, default=None, help="where to ingest, a new folder; by default one that is removed again"
    )
    parser.add_argument("--json", action="store_true", help="print every round")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Home(options.home or Path(temporary) / "home")
        rounds = list(measure(options.papers, options.limit, options.rounds, folder))
        closing = finish(folder, options.papers)
        size = sum(path.stat().st_size for path in folder.root.rglob("*") if path.is_file()) / 1e6
    if options.json:
        print_record(
            {"rounds": [one.model_dump() for one in rounds], "finish_s": closing, "share": share(rounds, closing)}
        )
        return
    console = Console()
    console.print(table(rounds, closing))
    found, each = share(rounds, closing), ", ".join(f"{one.encoder_s / one.ingest_s:.1%}" for one in rounds)
    verdict = "the target is met" if found >= SHARE else f"under the target of {SHARE:.0%}"
    console.print(
        f"ingest reaches {found:.1%} of the encoder's rate, {verdict}; round by round {each}", highlight=False
    )
    more = sum(one.ingest_cpu_s for one in rounds) / sum(one.encoder_cpu_s for one in rounds) - 1
    console.print(f"it takes {more:.1%} more processor seconds than the encoder alone", highlight=False)
    console.print(
        f"{size:,.0f} MB on disk, at most {peak_megabytes():,.0f} MB of memory; {os.cpu_count()} cores,"
        f" load average now {os.getloadavg()[0]:.1f}",
        highlight=False,
    )


def measure(path: Path, limit: int, rounds: int, folder: Home) -> Iterator[Round]:
    """Ingest papers into a new home folder and embed their texts alone, in turns.

    Raises:
        InputError: the folder holds papers already, or the file holds none.
    """
    settings = settings_.load(folder.root)
    embedders = Embedders(settings)
    models = [embedders.wanted("passages"), embedders.wanted("documents")]
    items = islice(read_papers(path), limit)
    number = -(-limit // rounds)
    with folder.writing():
        catalogue = Catalogue(folder.catalogue, create=True)
        index = PassageIndex(folder.passages, create=True)
        try:
            if catalogue.papers.counts()["papers"]:
                raise InputError("holds papers already", where=str(folder.root), hint="Name a new folder with --home")
            for model in models:
                model.embed(["first"])
            found = 0
            while part := list(islice(items, 1)):
                asked = {id(model): Recording(model) for model in models}
                passages, documents = (asked[id(model)] for model in models)
                ingestor = Ingestor(catalogue, index, passages, cutting(settings), documents=documents)
                yield _round(ingestor, chain(part, islice(items, number - 1)), list(asked.values()))
                found += 1
            if not found:
                raise InputError("holds no papers", where=str(path))
        finally:
            index.close()
            catalogue.close()


def _round(ingestor: Ingestor, items: Iterator[ReadItem], recordings: Sequence[Recording]) -> Round:
    started, used = time.perf_counter(), time.process_time()
    report = ingestor.run(items)
    ingest_s, ingest_cpu_s = time.perf_counter() - started, time.process_time() - used
    started, used = time.perf_counter(), time.process_time()
    for recording in recordings:
        recording.again()
    return Round(
        papers=report.added + report.changed,
        texts=sum(len(texts) for recording in recordings for texts in recording.calls),
        ingest_s=ingest_s,
        ingest_cpu_s=ingest_cpu_s,
        encoder_s=time.perf_counter() - started,
        encoder_cpu_s=time.process_time() - used,
    )


def finish(folder: Home, papers: Path) -> float:
    """Do what an ingest does at its end, by ingesting a paper that is there; return the seconds."""
    started = time.perf_counter()
    with redirect_stdout(sys.stderr):
        ingest_files(folder.root, [papers], None, 1)
    return time.perf_counter() - started


def share(rounds: Sequence[Round], closing: float) -> float:
    """Return the rate of the ingest, its end counted in, against that of the encoder."""
    return sum(one.encoder_s for one in rounds) / (sum(one.ingest_s for one in rounds) + closing)


def table(rounds: Sequence[Round], closing: float) -> Table:
    """Return a row for each side."""
    papers, texts = sum(one.papers for one in rounds), sum(one.texts for one in rounds)
    shown = Table(f"{papers:,} papers, {texts:,} texts", box=None, pad_edge=False, header_style="bold")
    for name in ("papers/s", "texts/s", "seconds", "processor seconds"):
        shown.add_column(name, justify="right", no_wrap=True)
    sides = {
        "the encoder alone": (sum(one.encoder_s for one in rounds), sum(one.encoder_cpu_s for one in rounds)),
        f"ingest, of it {closing:.1f} s at its end": (
            sum(one.ingest_s for one in rounds) + closing,
            sum(one.ingest_cpu_s for one in rounds),
        ),
    }
    for name, (seconds, cpu) in sides.items():
        shown.add_row(name, f"{papers / seconds:.1f}", f"{texts / seconds:.1f}", f"{seconds:.1f}", f"{cpu:.1f}")
    return shown


if __name__ == "__main__":
    main()
