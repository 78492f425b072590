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
from itertools import chain
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from stores.catalogue import Catalogue
from stores.catalogue.indexing import Indexing
from stores.catalogue.staging import Staging
from stores.errors import InputError
from stores.passages import PassageIndex
from stores.records import Paper, Passage, Record
from tools.embedding.base import Embedder
from tools.ingest.chunking import chunk, document_text, passage_text
from tools.ingest.formats import BadRecord, ReadItem
from tools.ingest.prefetch import Prefetch

_Vector = NDArray[np.float32]


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
        embedder: makes the vectors of passages; its name is recorded with each paper.
        settings: how papers are cut.
        tick: called with the number of papers done since the last call.
        documents: makes the vectors of whole papers; None for the same embedder.
        only: the vectors that are wanted, in a rebuild; None for both.
        marks: where is kept which papers are due and done; a rebuild's own, or the catalogue's.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        index: PassageIndex,
        embedder: Embedder,
        settings: IngestSettings,
        tick: Callable[[int], None] = lambda _: None,
        *,
        documents: Embedder | None = None,
        only: Literal["passages", "documents"] | None = None,
        marks: Indexing | Staging | None = None,
    ) -> None:
        self._catalogue = catalogue
        self._marks = marks or catalogue.indexing
        self._index = index
        self._embedder = embedder
        self._documents = documents or embedder
        self._only = only
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
        while found := self._marks.pending(self._settings.batch, after):
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
                    vectors = self._vectors(batch)
                    if writing:
                        writing.result()
                    writing = writer.submit(self._write, batch, vectors)
                    report.passages += sum(len(due.passages) for due in batch)
            finally:
                ahead.close()
                if writing:
                    writing.result()
        self._forget()

    def _vectors(self, batch: list[_Due]) -> list[tuple[list[_Vector], _Vector | None]]:
        """Return the vectors of each paper's passages and of the whole, as far as they are wanted."""
        passages = [[passage_text(due.paper, p) for p in due.passages] for due in batch]
        documents = [document_text(due.paper, self._settings.document_characters) for due in batch]
        if self._only == "documents":
            passages = [[] for _ in batch]
        texts = list(chain(*passages))
        if self._only == "passages":
            of_passages = _distinct(self._embedder, texts)
            return [([of_passages[text] for text in own], None) for own in passages]
        if self._documents is self._embedder:
            of_passages = of_documents = _distinct(self._embedder, texts + documents)
        else:
            of_passages, of_documents = _distinct(self._embedder, texts), _distinct(self._documents, documents)
        return [
            ([of_passages[text] for text in own], of_documents[document])
            for own, document in zip(passages, documents, strict=True)
        ]

    def _write(self, batch: list[_Due], vectors: list[tuple[list[_Vector], _Vector | None]]) -> None:
        self._forget()
        # A paper that was replaced while its first version was being embedded is left to its second version.
        current = [
            (due, own, whole)
            for due, (own, whole) in zip(batch, vectors, strict=True)
            if self._catalogue.papers.digest(due.paper.id) == due.digest
        ]
        ids = [p.id for due, own, _ in current for p in due.passages if own]
        if ids:
            matrix = np.stack([row for _, own, _ in current for row in own])
            self._index.upsert(ids, matrix, [p.paper_id for due, own, _ in current for p in due.passages if own])
        marks = [
            (due.paper.id, due.digest, b"" if whole is None else whole.astype("<f4").tobytes())
            for due, _, whole in current
        ]
        with self._catalogue.database.transaction() as connection:
            self._marks.mark(connection, marks, self._embedder.name, self._documents.name)
        self._tick(len(batch))

    def _forget(self) -> None:
        if gone := self._marks.obsolete():
            self._index.delete(gone)
            with self._catalogue.database.transaction() as connection:
                self._marks.forget(connection, gone)


def _distinct(embedder: Embedder, texts: list[str]) -> dict[str, _Vector]:
    """Return the vector of each text, embedding none twice."""
    distinct = list(dict.fromkeys(texts))
    return dict(zip(distinct, embedder.embed(distinct), strict=True))


def _digest(paper: Paper, settings: IngestSettings) -> str:
    cut = f"{settings.words} {settings.overlap} {settings.max_chunks} {settings.document_characters}\n"
    # A paper without marks keeps the digest that it had before there were any.
    record = paper.model_dump_json(exclude=None if paper.marks else {"marks"})
    return hashlib.sha256(cut.encode() + record.encode()).hexdigest()
