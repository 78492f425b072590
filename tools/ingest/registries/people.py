"""People, with the spellings of their names and what tells namesakes apart."""

from typing import Any

from stores.records import Authority
from tools.ingest.formats.fields import Notes, count, integer, mapping, orcid, text_or_none, unique_texts
from tools.ingest.registries.names import Names, compact, main_id, main_name

TOP = 5


def read_person(record: dict[str, Any]) -> Authority:
    """Read one person; the number of papers is the prior."""
    names = Names(main_name(record.get("name")))
    names.add(record.get("variants"), "variant")
    papers = count(record.get("n_papers"), "n_papers", Notes())
    facts = {
        "affiliations": _affiliations(record.get("affiliations")),
        "venues": _venues(record.get("venues")),
        "top_coauthors": _texts(record.get("top_coauthors"))[:TOP],
        "first_year": integer(record.get("first_year")),
        "last_year": integer(record.get("last_year")),
        "n_papers": papers,
        "orcid": orcid(record.get("orcid")),
        "comment": text_or_none(record.get("comment")),
        "similar": _texts(record.get("similar")),
    }
    return Authority(
        id=main_id(record.get("id")),
        type="author",
        name=names.main,
        names=names.pairs(),
        prior=float(papers or 0),
        facts=compact(facts),
    )


def _affiliations(value: Any) -> list[dict[str, Any]]:
    entries = value if isinstance(value, list) else []
    found = [
        {"name": name, "n": integer(one.get("n")), "last_year": integer(one.get("last_year"))}
        for one in map(mapping, entries)
        if (name := text_or_none(one.get("name")))
    ]
    return found[:TOP]


def _venues(value: Any) -> dict[str, int]:
    """Keep the venues with most papers, those of one count in the file's order."""
    counted = [(venue, n) for venue, given in mapping(value).items() if (n := integer(given)) is not None]
    return dict(sorted(counted, key=lambda pair: -pair[1])[:TOP])


def _texts(value: Any) -> list[str]:
    return unique_texts(value) if isinstance(value, list) else []
