"""Recounts the profile facts of a few demo authors from the papers alone; it shares no code with what it checks.

Run it to write `questions/profiles.jsonl` anew: `python evals/small/recount.py`.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

_HERE = Path(__file__).resolve().parent
_PAPERS = _HERE.parent / "demo" / "papers.jsonl"
_PROFILES = _HERE / "questions" / "profiles.jsonl"
_VENUES, _COAUTHORS = 5, 10
WINDOWS = {
    "percy-liang": (2016, 2022),
    "timnit-gebru": (2017, 2021),
    "feng-zhang-broad": (2013, 2019),
    "sendhil-mullainathan": (2004, 2019),
    "yarin-gal": (2016, 2024),
    "chelsea-finn": (2020, 2023),
}


def recount(papers: list[dict[str, Any]], author: str, first: int, last: int) -> dict[str, Any]:
    """Return the facts of an author's papers in the years from first to last.

    Args:
        papers: of the whole corpus.
        author: id of the author.
        first: year of the window, inclusive.
        last: year of the window, inclusive.
    """
    written = [
        paper
        for paper in papers
        if first <= paper["year"] <= last and any(one["id"] == author for one in paper["authors"])
    ]
    written.sort(key=lambda paper: (paper["year"], paper["id"]))
    years = Counter(paper["year"] for paper in written)
    venues = _by_count(Counter(paper["venue"] for paper in written))
    names = {one["id"]: one["name"] for paper in written for one in paper["authors"]}
    beside = Counter(one["id"] for paper in written for one in paper["authors"] if one["id"] != author)
    coauthors = [{"id": id_, "name": names[id_], "papers": n} for id_, n in _by_count(beside)]
    tied_venues = [name for name, n in venues[_VENUES:] if n == venues[_VENUES - 1][1]]
    tied = [one for one in coauthors[_COAUTHORS:] if one["papers"] == coauthors[_COAUTHORS - 1]["papers"]]
    return {
        "papers_in_window": len(written),
        "papers_per_year": {str(year): years[year] for year in range(first, last + 1)},
        "first_year_in_window": min(years),
        "last_year_in_window": max(years),
        "top_venues": [{"venue": name, "papers": n} for name, n in venues[:_VENUES]],
        "top_venues_tied_beyond": tied_venues,
        "venue_counts": dict(venues),
        "n_coauthors": len(coauthors),
        "top_coauthors": coauthors[:_COAUTHORS],
        "coauthors_tied_beyond_10": tied,
        "titles": [{"id": paper["id"], "year": paper["year"], "title": paper["title"]} for paper in written],
        "single_author_papers": sum(len(paper["authors"]) == 1 for paper in written),
    }


def profiles() -> list[dict[str, Any]]:
    """Return a row of the file of profiles for each author, counted anew."""
    papers = [json.loads(row) for row in _PAPERS.read_text("utf-8").splitlines()]
    names = {one["id"]: one["name"] for paper in papers for one in paper["authors"]}
    return [
        {
            "author_id": author,
            "name": names[author],
            "window": {"year_from": first, "year_to": last},
            "facts": recount(papers, author, first, last),
        }
        for author, (first, last) in WINDOWS.items()
    ]


def _by_count(counts: Counter[str]) -> list[tuple[str, int]]:
    """Return names with their counts, most first, then by name."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


if __name__ == "__main__":
    _PROFILES.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in profiles()), "utf-8")
