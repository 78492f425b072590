"""Papers in, catalogue and indexes out: resumable at any moment, each paper there exactly once.

A batch of papers is first committed to the catalogue, marked as without vectors; then embedded; then written to the
passage index; and only then marked as indexed. Whatever is interrupted is found by that mark and done again, and doing it
again changes nothing, because every id is derived from the paper. Reading and storing run in one thread, embedding in
another and index writing in a third, so that the processor is always embedding.
"""

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from stores.catalogue import Catalogue
from stores.errors import InputError
from stores.passages import PassageIndex
from stores.records import Paper, Passage, Record
from tools.embedding.base import Embedder
from tools.ingest.chunking import chunk, document_text, passage_text
from tools.ingest.formats import BadRecord, ReadItem
from tools.ingest.prefetch import Prefetch


class IngestSettings(Record):
    """How papers are cut.

    Attributes:
        words: words in a chunk.
        overlap: words that neighbouring chunks share.
        max_chunks: chunks kept of one paper.
        document_characters: characters of a paper that its document vector is made from.
        batch: papers in one transaction and one embedding batch.
    """

    words: int = 512
    overlap: int = 50
    max_chunks: int = 100
    document_characters: int = 5000
    batch: int = 192


@dataclass
class IngestReport:
    """What one run did; `faults` holds the records that could not be read."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    resumed: int = 0
    passages: int = 0
    seconds: float = 0.0
    faults: list[BadRecord] = field(default_factory=list)


@dataclass(frozen=True)
class _Due:
    """A stored paper that needs vectors."""

    paper: Paper
    passages: Sequence[Passage]
    digest: str


class Ingestor:
    """Writes papers into one home folder; the caller holds the writer's lock.

    Args:
        catalogue: the source of truth.
        index: where passage vectors go.
        embedder: makes the vectors; its name is recorded with each paper.
        settings: how papers are cut.
        tick: called with the number of papers done since the last call.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        index: PassageIndex,
        embedder: Embedder,
        settings: IngestSettings,
        tick: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._catalogue = catalogue
        self._index = index
        self._embedder = embedder
        self._settings = settings
        self._tick = tick

    def run(self, items: Iterable[ReadItem], report: IngestReport | None = None) -> IngestReport:
        """Ingest the items, after finishing what an earlier run left without vectors.

        Args:
            items: what a reader yields; when it raises InputError, what it yielded before is kept.
            report: is filled while the work goes on, so that it is of use after a failure too.
        """
        report = report or IngestReport()
        started = time.perf_counter()
        try:
            report.resumed = self.embed_pending()
            self._embed(self._stored(items, report), report)
        finally:
            with self._catalogue.database.transaction() as connection:
                self._catalogue.mentions.refresh(connection)
            report.seconds = time.perf_counter() - started
        return report

    def embed_pending(self) -> int:
        """Embed every stored paper that has no vectors yet; return how many there were."""
        report = IngestReport()
        self._embed(self._pending(), report)
        return report.added

    def _pending(self) -> Iterator[list[_Due]]:
        after = 0
        while found := self._catalogue.indexing.pending(self._settings.batch, after):
            after, ids = found
            passages = self._catalogue.papers.passages_of(ids)
            yield [
                _Due(
                    paper,
                    [p for p in passages if p.paper_id == paper.id],
                    self._catalogue.papers.digest(paper.id) or "",
                )
                for paper in self._catalogue.papers.get(ids)
            ]

    def _stored(self, items: Iterable[ReadItem], report: IngestReport) -> Iterator[list[_Due]]:
        """Commit new and changed papers to the catalogue, a batch a transaction, and yield what needs vectors."""
        batch: dict[str, _Due] = {}
        broken: InputError | None = None
        source = iter(items)
        while True:
            try:
                item = next(source, None)
            except InputError as error:
                item, broken = None, error
            if item is None:
                break
            if isinstance(item, BadRecord):
                report.faults.append(item)
            elif due := self._due(item.paper, batch, report):
                batch[item.paper.id] = due
            if len(batch) >= self._settings.batch:
                yield self._commit(batch)
                batch = {}
        if batch:
            yield self._commit(batch)
        if broken:
            raise broken

    def _due(self, paper: Paper, batch: dict[str, _Due], report: IngestReport) -> _Due | None:
        """Return the paper with its passages, or None when exactly this version is stored already."""
        s = self._settings
        digest = _digest(paper, s)
        known = self._catalogue.papers.digest(paper.id)
        if known == digest and paper.id not in batch:
            report.unchanged += 1
            self._tick(1)
            return None
        report.added += known is None and paper.id not in batch
        report.changed += known is not None
        return _Due(paper, chunk(paper, s.words, s.overlap, s.max_chunks), digest)

    def _commit(self, batch: dict[str, _Due]) -> list[_Due]:
        with self._catalogue.database.transaction() as connection:
            for due in batch.values():
                self._catalogue.papers.put(connection, due.paper, due.passages, due.digest)
                self._catalogue.mentions.put(connection, due.paper)
        return list(batch.values())

    def _embed(self, batches: Iterator[list[_Due]], report: IngestReport) -> None:
        ahead = Prefetch(batches, ahead=2)
        writing: Future[None] | None = None
        with ThreadPoolExecutor(1, thread_name_prefix="index-writer") as writer:
            try:
                for batch in ahead:
                    texts, rows = self._texts(batch)
                    vectors = self._embedder.embed(texts)
                    if writing:
                        writing.result()
                    writing = writer.submit(self._write, batch, vectors, rows)
                    report.passages += sum(len(due.passages) for due in batch)
            finally:
                ahead.close()
                if writing:
                    writing.result()
        self._forget()

    def _texts(self, batch: list[_Due]) -> tuple[list[str], list[tuple[list[int], int]]]:
        """Return the distinct texts of a batch and, for each paper, the rows of its passages and of its document."""
        rows: dict[str, int] = {}
        places = []
        for due in batch:
            passages = [rows.setdefault(passage_text(due.paper, p), len(rows)) for p in due.passages]
            document = document_text(due.paper, self._settings.document_characters)
            places.append((passages, rows.setdefault(document, len(rows))))
        return list(rows), places

    def _write(self, batch: list[_Due], vectors: np.ndarray, rows: list[tuple[list[int], int]]) -> None:
        self._forget()
        # A paper that was replaced while its first version was being embedded is left to its second version.
        current = [
            (due, place)
            for due, place in zip(batch, rows, strict=True)
            if self._catalogue.papers.digest(due.paper.id) == due.digest
        ]
        ids = [p.id for due, _ in current for p in due.passages]
        if ids:
            wanted = [row for _, (passages, _) in current for row in passages]
            self._index.upsert(ids, vectors[wanted], [p.paper_id for due, _ in current for p in due.passages])
        marks = [(due.paper.id, due.digest, vectors[row].astype("<f4").tobytes()) for due, (_, row) in current]
        with self._catalogue.database.transaction() as connection:
            self._catalogue.indexing.mark(connection, marks, self._embedder.name)
        self._tick(len(batch))

    def _forget(self) -> None:
        if gone := self._catalogue.indexing.obsolete():
            self._index.delete(gone)
            with self._catalogue.database.transaction() as connection:
                self._catalogue.indexing.forget(connection, gone)


def _digest(paper: Paper, settings: IngestSettings) -> str:
    cut = f"{settings.words} {settings.overlap} {settings.max_chunks} {settings.document_characters}\n"
    # A paper without marks keeps the digest that it had before there were any.
    record = paper.model_dump_json(exclude=None if paper.marks else {"marks"})
    return hashlib.sha256(cut.encode() + record.encode()).hexdigest()
