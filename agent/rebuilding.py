"""`quodvide rebuild`: derived indexes are made anew beside the old ones, which serve until the new ones are whole.

New vectors wait in a folder and a table that nobody reads. One transaction of the catalogue then names the folder that is
in force, the models, and the document vectors, so that a reader has all of the old or all of the new. Killed before it,
a rebuild has changed nothing, and the next one goes on where it stopped.
"""

import shutil
from collections.abc import Collection
from pathlib import Path
from typing import Literal

import orjson

from agent import settings as settings_
from agent.embedders import PARTS, Embedders, Part
from agent.loading import (
    cutting,
    finish_vectors,
    index_names,
    link_strings,
    opened,
    passages_in_force,
    progress,
    tidy,
)
from agent.settings import Settings
from agent.upkeep import verify_home
from stores.catalogue import Catalogue
from stores.errors import StoreError, StoreMissing
from stores.home import Home
from stores.passages import PassageIndex


def rebuild_home(home: Path | None, parts: Collection[Part] = ()) -> int:
    """Make derived indexes anew; papers, records and conversations stay as they are.

    Args:
        home: the home folder.
        parts: which indexes; none for all, those of words and the links of affiliation strings with them.

    Returns:
        What `verify` says of them: 1 when something does not fit, else 0.
    """
    settings = settings_.load(home)
    folder = Home(settings.home)
    if not folder.catalogue.is_file():
        raise StoreMissing(
            "nothing was ingested here yet", where=str(folder.root), hint="Run `quodvide ingest FILE` first"
        )
    wanted = parts or PARTS
    embedders = Embedders(settings)
    with folder.writing(), opened(folder) as catalogue:
        embedders.remember(catalogue, *wanted)
        if {"passages", "documents"} & set(wanted):
            _Vectors(settings, folder, catalogue, embedders, wanted).rebuild()
        if not parts:
            # Without them, readers make them in memory meanwhile.
            shutil.rmtree(folder.words, ignore_errors=True)
        if "names" in wanted:
            index_names(catalogue, folder, embedders.wanted("names"), anew=True)
        if not parts:
            with catalogue.database.transaction() as connection:
                catalogue.affiliations.begin(connection, None)
            link_strings(catalogue, folder)
    return verify_home(settings.home, parts)


class _Vectors:
    """The rebuild of the vectors of passages, of documents, or of both."""

    def __init__(
        self,
        settings: Settings,
        folder: Home,
        catalogue: Catalogue,
        embedders: Embedders,
        wanted: Collection[Part],
    ) -> None:
        self._settings = settings
        self._folder = folder
        self._catalogue = catalogue
        self._embedders = embedders
        self._only: Literal["passages", "documents"] | None = None
        if "documents" not in wanted:
            self._only = "passages"
        elif "passages" not in wanted:
            self._only = "documents"

    def rebuild(self) -> None:
        """Make them, put them in force, and embed the papers that were still due."""
        tidy(self._catalogue, self._folder)
        staging = self._catalogue.staging
        now = passages_in_force(self._catalogue, self._folder)
        new = self._folder.passages_after(now)
        if not staging.begin(self._plan()):
            shutil.rmtree(new, ignore_errors=True)
        # The passages stay where they are when only documents are wanted; their index is then not looked at.
        index = PassageIndex(now if self._only == "documents" else new, create=True)
        try:
            self._stage(index)
            with self._catalogue.database.transaction() as connection:
                staging.swap(
                    connection,
                    None if self._only == "documents" else (new.name, self._embedders.wanted("passages").name),
                    None if self._only == "passages" else self._embedders.wanted("documents").name,
                )
            self._pending(index)
            finish_vectors(self._catalogue, self._folder, index, self._embedders, self._settings)
        finally:
            index.close()

    def _plan(self) -> str:
        """Return what decides which vectors are made; a rebuild by another plan begins anew."""
        parts: list[Part] = [self._only] if self._only else ["passages", "documents"]
        models = [self._embedders.wanted(part).name for part in parts]
        return orjson.dumps([parts, models, self._settings.ingest.document_characters]).decode()

    def _stage(self, index: PassageIndex) -> None:
        from tools.ingest.pipeline import Ingestor

        staging = self._catalogue.staging
        passages = self._embedders.wanted(self._only or "passages")
        documents = self._embedders.wanted(self._only or "documents")
        with progress("papers", staging.due()) as tick:
            Ingestor(
                self._catalogue, index, passages, cutting(self._settings), tick,
                documents=documents, only=self._only, marks=staging,
            ).embed_pending()  # fmt: skip
        if self._only == "documents":
            return
        held, wanted = set(index.ids()), set(self._catalogue.indexing.passage_ids())
        # An ingest between a rebuild that was killed and this one may have replaced papers.
        index.delete(sorted(held - wanted))
        if missing := len(wanted - held):
            staging.begin("")
            raise StoreError(
                f"{missing:,} vectors were lost on the way",
                where=str(index.folder),
                hint="Run `quodvide rebuild` again, it begins anew",
            )

    def _pending(self, index: PassageIndex) -> None:
        """Embed the papers that an ingest has left without vectors, where no index is stale any more."""
        from tools.ingest.pipeline import Ingestor

        passages, documents = self._embedders.wanted("passages"), self._embedders.wanted("documents")
        indexing = self._catalogue.indexing
        if indexing.models() - {passages.name} or indexing.document_models() - {documents.name}:
            return
        Ingestor(self._catalogue, index, passages, cutting(self._settings), documents=documents).embed_pending()
