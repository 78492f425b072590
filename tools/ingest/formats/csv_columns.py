"""Which column of a table holds what, by the names that scholarly databases and spreadsheets give their columns.

Among them are the exports of Scopus, Web of Science, Zotero, OpenAlex, Dimensions, PubMed and Semantic Scholar. Where a
table has several columns for one thing, the name that stands first here wins.
"""

import re
from collections.abc import Sequence

_NAMES: dict[str, tuple[str, ...]] = {
    "title": ("title", "article title", "document title", "paper title", "display name", "name of paper"),
    "id": (
        "id", "paper id", "paperid", "ut unique wos id", "accession number", "eid", "publication id", "openalex id",
        "corpus id", "corpusid", "key", "doc id",
    ),
    "abstract": ("abstract", "abstract note", "abstracts", "summary", "abstract text"),
    "full_text": ("full text", "fulltext", "body", "text", "body text", "content"),
    "authors": (
        "author full names", "authors full names", "authors", "author", "author s", "author names",
        "authorships author display name", "creators", "creator", "authors list",
    ),
    "author_ids": ("authorships author id", "author ids", "author s id", "author id"),
    "affiliations": ("addresses", "authors with affiliations"),
    "year": ("year", "publication year", "pubyear", "pub year", "published year", "year published", "copyright year"),
    "date": (
        "publication date", "date", "published", "date published", "published date", "publication date online",
        "publication date print", "cover date",
    ),
    "venue": (
        "venue", "source title", "publication title", "journal", "journal book", "journal title", "conference",
        "primary location source display name", "host venue display name", "host venue", "source",
        "source title anthology title", "book title", "booktitle", "container title", "publication name", "conference title", "proceedings title",
    ),
    "doi": ("doi", "digital object identifier", "ids doi"),
    "url": ("url", "link", "article url", "primary location landing page url", "dimensions url", "source linkout", "links"),
    "keywords": (
        "keywords", "author keywords", "index keywords", "keywords plus", "keyword", "manual tags", "automatic tags", "tags",
        "keywords display name", "mesh terms", "subjects",
    ),
    "topics": ("topics", "topics display name", "primary topic display name", "concepts", "concepts display name", "fields of study"),
    "funders": ("funders", "funding orgs", "funding details", "funder", "funding agencies", "grants funder display name", "funding"),
    "funding_statement": ("funding statement", "funding text", "funding texts", "funding text 1", "acknowledgements", "acknowledgments"),
    "cited_by_count": (
        "cited by count", "cited by", "times cited wos core", "times cited", "times cited all databases", "citations",
        "citation count", "citationcount", "cites", "times cited all databases wos", "n citation",
    ),
}  # fmt: skip
# The field tags of Web of Science, which head its tab-delimited files.
_TAGS = {
    "title": ("TI",), "id": ("UT",), "abstract": ("AB",), "authors": ("AF", "AU", "CA"), "affiliations": ("C1",),
    "year": ("PY",), "date": ("EA", "PD"), "venue": ("SO", "BS"), "doi": ("DI",), "keywords": ("DE", "ID"),
    "funders": ("FU",), "funding_statement": ("FX",), "cited_by_count": ("TC", "Z9"),
}  # fmt: skip
_OF_TAGS = {"PT", "AU", "TI", "SO"}
SEVERAL = {"keywords", "topics"}  # what several columns may give together
DELIMITERS = (",", "\t", ";", "|")
_SEPARATORS = re.compile(r"[\W_]+")

Columns = dict[str, list[int]]


def columns_of(header: Sequence[str]) -> Columns:
    """Return the positions of the columns that hold each thing, the best first; what no column holds is not a key."""
    tags = [name.strip().upper() for name in header]
    names = tags if set(tags) >= _OF_TAGS else [_SEPARATORS.sub(" ", name.casefold()).strip() for name in header]
    known = _TAGS if names is tags else _NAMES
    places: dict[str, int] = {}
    for n, name in enumerate(names):
        places.setdefault(name, n)
    found = {field: [places[name] for name in wanted if name in places] for field, wanted in known.items()}
    return {field: at for field, at in found.items() if at}


def is_header(columns: Columns, least: int = 2) -> bool:
    """Tell whether a row names the columns of a table of papers: a title, and `least` known columns in all."""
    return "title" in columns and len(columns) >= least
