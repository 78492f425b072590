"""The catalogue: papers, passages, authority records and their full-text indexes in one SQLite file."""

from pathlib import Path

from stores.catalogue.affiliations import Affiliations
from stores.catalogue.authorities import Authorities
from stores.catalogue.changes import Changes
from stores.catalogue.database import Database
from stores.catalogue.filters import Filters
from stores.catalogue.indexing import Indexing
from stores.catalogue.mentions import Mentions
from stores.catalogue.papers import Papers
from stores.catalogue.search import Search
from stores.catalogue.staging import Staging
from stores.catalogue.topics import Topics
from stores.catalogue.wording import Wording

__all__ = ["Catalogue"]


class Catalogue:
    """What is known, by subject.

    Attributes:
        papers: papers and passages, written and read.
        filters: the papers that satisfy conditions.
        indexing: what the derived indexes still lack.
        staging: what an unfinished rebuild has made of them.
        search: full-text search over passages.
        authorities: canonical records and their names.
        mentions: what papers' own metadata adds to them.
        topics: the topics that papers carry, counted.
        wording: where in a text the words of a topic stand.
        affiliations: what the affiliation strings of papers were linked to.
        changes: whether all this is still the same.
    """

    def __init__(self, path: Path, *, create: bool = False) -> None:
        self.database = Database(path, create=create)
        self.papers = Papers(self.database)
        self.filters = Filters(self.database)
        self.indexing = Indexing(self.database)
        self.staging = Staging(self.database, self.indexing)
        self.search = Search(self.database)
        self.authorities = Authorities(self.database)
        self.mentions = Mentions(self.database, self.authorities)
        self.topics = Topics(self.database)
        self.wording = Wording(self.database)
        self.affiliations = Affiliations(self.database)
        self.changes = Changes(self.database)

    def close(self) -> None:
        """Close the file."""
        self.database.close()
