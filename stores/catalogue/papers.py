"""Papers and passages in SQLite: written whole, read back exactly."""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import orjson

from stores.catalogue.changes import note
from stores.catalogue.database import Database
from stores.keys import name_key
from stores.records import Paper, Passage, Section

T = TypeVar("T")
_RESOLVER = re.compile(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)")
_TEXTS = {"title", "abstract", "full_text"}
_VARIABLES = 30_000  # SQLite's limit on parameters of one statement, with room to spare


class Papers:
    """The papers of a catalogue."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def digest(self, paper_id: str) -> str | None:
        """Return the digest that a paper was stored with, or None when it is not stored."""
        found = self._db.rows("SELECT digest FROM paper WHERE id = ?", (paper_id,))
        return str(found[0][0]) if found else None

    def put(self, connection: sqlite3.Connection, paper: Paper, passages: Sequence[Passage], digest: str) -> None:
        """Store a paper with its passages in place of what was there under its id; its vectors are due anew."""
        note(connection)
        self.remove(connection, paper.id)
        record = orjson.dumps(paper.model_dump(mode="json", exclude=_TEXTS, exclude_defaults=True)).decode()
        row = connection.execute(
            "INSERT INTO paper (id, title, abstract, full_text, year, doi, venue, venue_key, cited_by_count, record, digest)"
            " VALUES (?,?,?,?,?,?,?,?,?,?,?)",
            (paper.id, paper.title, paper.abstract, paper.full_text, paper.year, bare_doi(paper.doi), paper.venue, name_key(paper.venue or ""),
             paper.cited_by_count, record, digest),
        ).lastrowid  # fmt: skip
        connection.executemany(
            "INSERT INTO author VALUES (?,?,?,?,?)",
            [(row, n, author.id, author.name, name_key(author.name)) for n, author in enumerate(paper.authors)],
        )
        _put_affiliations(connection, paper, row)
        connection.executemany(
            "INSERT INTO funding VALUES (?,?,?,?)",
            [(row, n, funding.funder_id, name_key(funding.name)) for n, funding in enumerate(paper.funding)],
        )
        topics = [(topic.id, topic.name) for topic in paper.topics] + [(None, keyword) for keyword in paper.keywords]
        connection.executemany(
            "INSERT INTO topic VALUES (?,?,?,?)",
            [(row, n, id_, name_key(name)) for n, (id_, name) in enumerate(topics)],
        )
        names = _names_column(paper)
        for passage in passages:
            passage_row = connection.execute(
                'INSERT INTO passage (id, paper, ordinal, section, start, "end") VALUES (?,?,?,?,?,?)',
                (passage.id, row, passage.ordinal, passage.section, passage.start, passage.end),
            ).lastrowid
            connection.execute(
                "INSERT INTO passage_fts (rowid, title, text, names) VALUES (?,?,?,?)",
                (passage_row, paper.title, passage.text, names),
            )
            connection.execute("DELETE FROM obsolete WHERE passage_id = ?", (passage.id,))

    def remove(self, connection: sqlite3.Connection, paper_id: str) -> bool:
        """Remove a paper and all that hangs on it; its passages become obsolete in the derived indexes."""
        found = connection.execute("SELECT rowid FROM paper WHERE id = ?", (paper_id,)).fetchone()
        if not found:
            return False
        note(connection)
        (row,) = found
        paper = self.get([paper_id])[0]
        names = _names_column(paper)
        # A contentless FTS5 table forgets a row only when told exactly what the row held.
        for passage_row, passage_id, section, start, end in connection.execute(
            'SELECT rowid, id, section, start, "end" FROM passage WHERE paper = ?', (row,)
        ).fetchall():
            connection.execute(
                "INSERT INTO passage_fts (passage_fts, rowid, title, text, names) VALUES ('delete',?,?,?,?)",
                (passage_row, paper.title, paper.section(section)[start:end], names),
            )
            connection.execute("INSERT OR IGNORE INTO obsolete VALUES (?)", (passage_id,))
        for affiliation_row, key in connection.execute(
            "SELECT rowid, key FROM affiliation WHERE paper = ?", (row,)
        ).fetchall():
            connection.execute(
                "INSERT INTO affiliation_fts (affiliation_fts, rowid, key) VALUES ('delete',?,?)",
                (affiliation_row, key),
            )
        connection.execute("DELETE FROM paper WHERE rowid = ?", (row,))
        return True

    def get(self, ids: Sequence[str]) -> list[Paper]:
        """Return the papers with these ids, in this order, leaving out ids that are not stored."""
        found: dict[str, Paper] = {}
        for part in batches(list(ids), _VARIABLES):
            marks = ",".join("?" * len(part))
            sql = f"SELECT record, title, abstract, full_text FROM paper WHERE id IN ({marks})"
            for row in self._db.rows(sql, part):
                paper = _paper(row)
                found[paper.id] = paper
        return [found[id_] for id_ in ids if id_ in found]

    def by_author(self, author_id: str, year_from: int | None = None, year_to: int | None = None) -> list[Paper]:
        """Return an author's papers of these years (inclusive), oldest first."""
        rows = self._db.rows(
            "SELECT record, title, abstract, full_text FROM paper WHERE rowid IN (SELECT paper FROM author WHERE id = ?)"
            " AND (? IS NULL OR year >= ?) AND (? IS NULL OR year <= ?) ORDER BY year, id",
            (author_id, year_from, year_from, year_to, year_to),
        )
        return [_paper(row) for row in rows]

    def has_author(self, author_id: str) -> bool:
        """Return whether any paper names this author."""
        return bool(self._db.rows("SELECT 1 FROM author WHERE id = ? LIMIT 1", (author_id,)))

    def years(self) -> tuple[int | None, int | None]:
        """Return the first and the last year of any paper."""
        # Both in one query would read the whole index.
        sql = "SELECT (SELECT min(year) FROM paper), (SELECT max(year) FROM paper)"
        first, last = self._db.rows(sql)[0]
        return first, last

    def with_doi(self, doi: str) -> str | None:
        """Return the id of a paper with this DOI, or None."""
        found = self._db.rows("SELECT id FROM paper WHERE doi = ? ORDER BY rowid LIMIT 1", (bare_doi(doi),))
        return str(found[0][0]) if found else None

    def known(self, ids: Sequence[str]) -> set[str]:
        """Return which of these are ids of stored papers."""
        sql = "SELECT id FROM paper WHERE id IN (SELECT value FROM json_each(?))"
        return {id_ for (id_,) in self._db.rows(sql, (orjson.dumps(list(ids)).decode(),))}

    def passages(self, ids: Sequence[str]) -> list[Passage]:
        """Return the passages with these ids, in this order, leaving out ids that are not stored."""
        found: dict[str, Passage] = {}
        for part in batches(list(ids), _VARIABLES):
            marks = ",".join("?" * len(part))
            found.update((p.id, p) for p in self._passages(f"passage.id IN ({marks})", part))
        return [found[id_] for id_ in ids if id_ in found]

    def passages_of(self, paper_ids: Sequence[str]) -> list[Passage]:
        """Return all passages of these papers, by paper and then in order."""
        marks = ",".join("?" * len(paper_ids))
        return list(self._passages(f"paper.id IN ({marks})", list(paper_ids)))

    def all(self) -> Iterator[tuple[Paper, list[Passage]]]:
        """Yield every paper with its passages, in the order of storing; memory stays bounded."""
        last = 0
        while rows := self._db.rows(
            "SELECT rowid, record, title, abstract, full_text FROM paper WHERE rowid > ? ORDER BY rowid LIMIT 500",
            (last,),
        ):
            papers = [_paper(row[1:]) for row in rows]
            by_paper: dict[str, list[Passage]] = {paper.id: [] for paper in papers}
            for passage in self.passages_of(list(by_paper)):
                by_paper[passage.paper_id].append(passage)
            for paper in papers:
                yield paper, by_paper[paper.id]
            last = int(rows[-1][0])

    def count(self) -> int:
        """Return how many papers there are."""
        return int(self._db.rows("SELECT count(*) FROM paper")[0][0])

    def counts(self) -> dict[str, int]:
        """Return how many papers, passages, authors and papers without vectors there are."""
        sql = (
            "SELECT (SELECT count(*) FROM paper), (SELECT count(*) FROM passage),"
            " (SELECT count(DISTINCT id) FROM author), (SELECT count(*) FROM paper WHERE indexed IS NULL)"
        )
        return dict(zip(("papers", "passages", "authors", "pending"), self._db.rows(sql)[0], strict=True))

    def venues(self) -> dict[str, int]:
        """Return every venue with its number of papers."""
        rows = self._db.rows("SELECT venue, count(*) FROM paper WHERE venue IS NOT NULL GROUP BY venue")
        return {str(venue): int(count) for venue, count in rows}

    def _passages(self, where: str, parameters: list[Any]) -> Iterator[Passage]:
        sql = (
            'SELECT passage.id, paper.id, ordinal, section, start, "end", title, abstract, full_text FROM passage'
            f" JOIN paper ON paper.rowid = passage.paper WHERE {where} ORDER BY passage.paper, ordinal"
        )
        for id_, paper_id, ordinal, section, start, end, title, abstract, full_text in self._db.rows(sql, parameters):
            text = _section(section, title, abstract, full_text)[start:end]
            yield Passage.model_construct(
                id=id_, paper_id=paper_id, ordinal=ordinal, section=section, start=start, end=end, text=text
            )


def bare_doi(doi: str | None) -> str | None:
    """Return a DOI in lower case, without the address of a resolver."""
    return _RESOLVER.sub("", doi.strip().casefold()) or None if doi else None


def batches(items: list[T], size: int) -> Iterator[list[T]]:
    """Cut a list into parts of at most `size`."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _put_affiliations(connection: sqlite3.Connection, paper: Paper, row: int | None) -> None:
    for n, author in enumerate(paper.authors):
        for affiliation in author.affiliations:
            key = name_key(affiliation.text)
            affiliation_row = connection.execute(
                "INSERT INTO affiliation (paper, position, text, key, organization_id, country_code) VALUES (?,?,?,?,?,?)",
                (row, n, affiliation.text, key, affiliation.organization_id, affiliation.country_code),
            ).lastrowid
            connection.execute("INSERT INTO affiliation_fts (rowid, key) VALUES (?,?)", (affiliation_row, key))


def _names_column(paper: Paper) -> str:
    parts = [author.name for author in paper.authors[:50]]
    parts += [paper.venue or "", str(paper.year or ""), *paper.keywords, *(topic.name for topic in paper.topics)]
    return " ; ".join(part for part in parts if part)


def _paper(row: Sequence[Any]) -> Paper:
    record, title, abstract, full_text = row
    return Paper.model_validate(
        {**orjson.loads(str(record)), "title": title, "abstract": abstract, "full_text": full_text}
    )


def _section(section: Section, title: str, abstract: str, full_text: str) -> str:
    return Paper(id="-", title=title, abstract=abstract, full_text=full_text).section(section)
