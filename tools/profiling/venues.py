"""Where papers appeared."""

from collections.abc import Sequence

from stores.records import Paper
from tools.profiling.fact_records import VenueCount


def venues(papers: Sequence[Paper]) -> list[VenueCount]:
    """Return the venues of these papers by number of papers, then by name."""
    found: dict[str, list[str]] = {}
    for paper in papers:
        if paper.venue:
            found.setdefault(paper.venue, []).append(paper.id)
    order = sorted(found, key=lambda venue: (-len(found[venue]), venue))
    return [VenueCount(venue=venue, papers=len(found[venue]), paper_ids=tuple(found[venue])) for venue in order]
