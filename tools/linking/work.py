"""What is known of a person's papers: from the catalogue, else from the facts of the registry."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from stores.catalogue import Catalogue
from stores.keys import name_key
from stores.records import Authority
from tools.ner.lexicon import word_set

# Registries keep papers that nobody has assigned under one record of the name, and say so.
_SEVERAL = "several people"
# Words that most titles of a field share say nothing about who wrote them.
_PLAIN = word_set(
    "a an the of for and in on to with from by via using is are at as its into towards toward based how what do we can not or"
    " model models learning language data task tasks approach method methods study analysis new neural system systems shared"
    " natural processing evaluation"
)


@dataclass
class Work:
    """What is known of a person's papers.

    Attributes:
        coauthors: papers with each coauthor, by name key.
        titles: the words of each title.
        years: year of each paper.
        venues: papers in each venue, by key.
        places: affiliations.
        papers: number of papers.
        comment: what the registry says to tell the person from namesakes.
        several: whether the record collects papers of several persons of the name.
    """

    coauthors: Counter[str] = field(default_factory=Counter)
    titles: list[frozenset[str]] = field(default_factory=list)
    years: list[int] = field(default_factory=list)
    venues: Counter[str] = field(default_factory=Counter)
    places: tuple[str, ...] = ()
    papers: int = 0
    comment: str = ""
    several: bool = False


def read_work(catalogue: Catalogue, person: Authority, without: str | None = None) -> Work:
    """Return what is known of a person's papers: those of the catalogue, else the facts of the registry.

    Args:
        catalogue: where the papers are.
        person: whose they are.
        without: id of a paper that does not count.
    """
    comment = str(person.facts.get("comment") or "")
    several = _SEVERAL in comment.lower()
    sql = (
        "SELECT paper.rowid, paper.id, title, year, venue_key FROM author JOIN paper ON paper.rowid = author.paper"
        " WHERE author.id = ?"
    )
    every = catalogue.database.rows(sql, (person.id,))
    rows = [row for row in every if row[1] != without]
    work = _from_papers(catalogue, person.id, rows) if every else _from_facts(person)
    work.comment, work.several = "" if several else comment, several
    return work


def read_circle(catalogue: Catalogue, coauthors: Sequence[str], without: str | None) -> dict[str, frozenset[str]]:
    """Return the coauthors of each coauthor, all of them name keys."""
    found: dict[str, frozenset[str]] = {}
    for key in coauthors:
        sql = (
            "SELECT DISTINCT b.key FROM author a JOIN author b ON a.paper = b.paper JOIN paper ON paper.rowid = a.paper"
            " WHERE a.key = ? AND paper.id IS NOT ?"
        )
        found[key] = frozenset(str(row[0]) for row in catalogue.database.rows(sql, (key, without)))
    return found


def title_words(title: str) -> frozenset[str]:
    """Return the words of a title that may tell who wrote it."""
    return frozenset(word for word in name_key(title).split() if word not in _PLAIN and len(word) > 2)  # noqa: PLR2004


def _from_papers(catalogue: Catalogue, id_: str, rows: Sequence[Sequence[object]]) -> Work:
    if not rows:
        return Work()
    marks = ",".join("?" * len(rows))
    numbers = [row[0] for row in rows]
    names = catalogue.database.rows(
        f"SELECT key, count(*) FROM author WHERE paper IN ({marks}) AND id != ? GROUP BY key", [*numbers, id_]
    )
    places = catalogue.database.rows(
        "SELECT DISTINCT affiliation.text FROM affiliation JOIN author ON author.paper = affiliation.paper"
        f" AND author.position = affiliation.position WHERE affiliation.paper IN ({marks}) AND author.id = ?",
        [*numbers, id_],
    )
    return Work(
        coauthors=Counter({str(key): int(count) for key, count in names}),
        titles=[title_words(str(row[2])) for row in rows],
        years=[int(str(row[3])) for row in rows if row[3] is not None],
        venues=Counter(str(row[4]) for row in rows if row[4]),
        places=tuple(str(row[0]) for row in places),
        papers=len(rows),
    )


def _from_facts(person: Authority) -> Work:
    facts = person.facts
    top, venues, places = facts.get("top_coauthors"), facts.get("venues"), facts.get("affiliations")
    first, last = facts.get("first_year"), facts.get("last_year")
    return Work(
        # How many papers they share is not told; the best known of many coauthors share two and more.
        coauthors=Counter({str(one).replace("-", " "): 2 for one in top} if isinstance(top, list) else {}),
        years=[year for year in (first, last) if isinstance(year, int)],
        venues=Counter({name_key(k): int(n) for k, n in venues.items()} if isinstance(venues, dict) else {}),
        places=tuple(str(one.get("name")) for one in places) if isinstance(places, list) else (),
        papers=int(facts.get("n_papers") or 0),
    )
