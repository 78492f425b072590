"""Papers ingested into a real catalogue and a real passage index, with the bundled embedding model."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from stores.catalogue import Catalogue
from stores.errors import StoreBusy
from stores.home import Home
from stores.passages import PassageIndex
from stores.records import Paper
from tools.embedding.base import Embedder
from tools.embedding.open import open_embedder
from tools.ingest.formats import BadRecord, ReadItem, ReadPaper, read_papers
from tools.ingest.pipeline import Ingestor, IngestSettings

ROOT = Path(__file__).resolve().parents[3]
DEMO = ROOT / "evals" / "demo" / "papers.jsonl"
SMALL = IngestSettings(words=60, overlap=10, batch=8)


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return open_embedder()


class Library:
    """A home folder that is open for writing."""

    def __init__(self, root: Path, embedder: Embedder, settings: IngestSettings = SMALL) -> None:
        self.catalogue = Catalogue(root / "catalogue.sqlite", create=True)
        self.index = PassageIndex(root / "passages", create=True)
        self.ingestor = Ingestor(self.catalogue, self.index, embedder, settings)

    def check(self) -> None:
        """Every paper is there once, with its vectors, and nothing else is."""
        assert self.catalogue.papers.counts()["pending"] == 0
        assert sorted(self.index.ids()) == sorted(self.catalogue.indexing.passage_ids())
        assert self.catalogue.indexing.obsolete() == []
        assert self.catalogue.indexing.problems() == []
        papers = self.catalogue.papers.counts()["papers"]
        assert len(list(self.catalogue.indexing.document_vectors())) == papers

    def close(self) -> None:
        self.index.close()
        self.catalogue.close()


@pytest.fixture
def library(tmp_path: Path, embedder: Embedder) -> Iterator[Library]:
    library = Library(tmp_path, embedder)
    yield library
    library.close()


def items(*papers: Paper) -> list[ReadItem]:
    return [ReadPaper(paper, n) for n, paper in enumerate(papers, start=1)]


def test_everything_is_stored_once_and_skipped_when_unchanged(library: Library):
    first = library.ingestor.run(read_papers(DEMO))
    assert (first.added, first.changed, first.unchanged, first.faults) == (99, 0, 0, [])
    assert first.passages > first.added
    library.check()
    again = library.ingestor.run(read_papers(DEMO))
    assert (again.added, again.changed, again.unchanged, again.passages) == (0, 0, 99, 0)
    library.check()


def test_a_changed_paper_is_served_new(library: Library, embedder: Embedder):
    long = Paper(id="p", title="On zebras", abstract="Stripes confuse flies. " * 60)
    short = long.model_copy(update={"abstract": "Glaciers melt in summer."})
    library.ingestor.run(items(long))
    assert library.index.count() > 1
    report = library.ingestor.run(items(short))
    assert (report.added, report.changed) == (0, 1)
    library.check()
    assert list(library.index.ids()) == ["p#0"]
    (vector,) = library.index.vectors(["p#0"]).values()
    assert float(vector @ embedder.embed(["On zebras. Glaciers melt in summer."])[0]) == pytest.approx(1, abs=1e-4)
    assert library.catalogue.search.passages(["flies"], 5) == []


def test_the_last_of_two_versions_in_one_file_wins(library: Library):
    papers = [Paper(id=f"p{n % 5}", title=f"Title {n}", abstract=f"Words {n}. " * (70 - n)) for n in range(50)]
    library.ingestor.run(items(*papers))
    library.check()
    assert [paper.title for paper in library.catalogue.papers.get([f"p{n}" for n in range(5)])] == [
        f"Title {n}" for n in range(45, 50)
    ]


def test_a_bad_record_is_reported_and_the_rest_go_on(library: Library):
    bad = BadRecord("file:2", "has no title")
    report = library.ingestor.run([*items(Paper(id="a", title="A")), bad, *items(Paper(id="b", title="B"))])
    assert (report.added, report.faults) == (2, [bad])
    library.check()


def test_another_way_of_cutting_indexes_anew(tmp_path: Path, embedder: Embedder):
    paper = Paper(id="p", title="T", abstract="One two three four. " * 50)
    for words, count in ((60, 4), (512, 1)):
        library = Library(tmp_path, embedder, IngestSettings(words=words, overlap=0))
        library.ingestor.run(items(paper))
        library.check()
        assert library.index.count() == count
        library.close()


class Interrupted(Exception):
    """Raised in place of Ctrl-C."""


def test_an_interruption_loses_nothing_and_doubles_nothing(library: Library):
    def broken() -> Iterator[ReadItem]:
        for n, item in enumerate(read_papers(DEMO)):
            if n == 37:
                raise Interrupted
            yield item

    with pytest.raises(Interrupted):
        library.ingestor.run(broken())
    stored = library.catalogue.papers.counts()["papers"]
    assert 0 < stored <= 37
    report = library.ingestor.run(read_papers(DEMO))
    assert report.added + report.unchanged == 99
    library.check()


@pytest.mark.parametrize("after", [0.05, 0.4, 0.9])
def test_a_killed_build_resumes(tmp_path: Path, embedder: Embedder, after: float):
    code = (
        "import sys; from pathlib import Path\n"
        "from stores.home import Home; from stores.catalogue import Catalogue; from stores.passages import PassageIndex\n"
        "from tools.embedding.open import open_embedder; from tools.ingest.formats import read_papers\n"
        "from tools.ingest.pipeline import Ingestor, IngestSettings\n"
        "home = Home(Path(sys.argv[1]))\n"
        "with home.writing():\n"
        "    c = Catalogue(home.catalogue, create=True); i = PassageIndex(home.passages, create=True); e = open_embedder()\n"
        "    print('ready', flush=True)\n"
        "    Ingestor(c, i, e, IngestSettings(words=60, overlap=10, batch=8)).run(read_papers(Path(sys.argv[2])))\n"
    )
    child = subprocess.Popen([sys.executable, "-c", code, tmp_path, DEMO], stdout=subprocess.PIPE, cwd=ROOT)
    assert child.stdout is not None
    with child.stdout:
        assert child.stdout.readline() == b"ready\n"
        with pytest.raises(StoreBusy), Home(tmp_path).writing():
            pass
        time.sleep(after)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
    home = Home(tmp_path)
    with home.writing():
        library = Library(tmp_path, embedder)
        library.ingestor.run(read_papers(DEMO))
        library.check()
        assert library.catalogue.papers.counts()["papers"] == 99
        library.close()


def test_readers_see_whole_papers_while_a_writer_works(library: Library):
    seen: list[int] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            for _, passages in library.catalogue.papers.all():
                assert passages
            seen.append(library.catalogue.papers.counts()["papers"])

    reader = threading.Thread(target=read)
    reader.start()
    library.ingestor.run(read_papers(DEMO))
    stop.set()
    reader.join()
    assert seen == sorted(seen)


def test_document_and_passage_of_a_short_paper_share_a_vector(library: Library):
    library.ingestor.run(items(Paper(id="p", title="T", abstract="Few words.")))
    (document,) = library.catalogue.indexing.vectors(["p"]).values()
    (passage,) = library.index.vectors(["p#0"]).values()
    assert np.allclose(document, passage, atol=1e-6)


def test_the_mean_of_document_vectors_is_of_papers_from_first_to_last(library: Library):
    assert library.catalogue.indexing.mean_vector(5) is None
    library.ingestor.run(items(*(Paper(id=f"p{n}", title=f"Title {n}") for n in range(9))))
    vectors = library.catalogue.indexing.vectors([f"p{n}" for n in range(9)])
    found = library.catalogue.indexing.mean_vector(100)
    assert found is not None
    assert np.allclose(found, np.mean(list(vectors.values()), axis=0), atol=1e-6)
    some = library.catalogue.indexing.mean_vector(3)
    assert some is not None
    assert not np.allclose(found, some)
