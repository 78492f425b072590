"""An organization's name that several records bear is taken for the one that the library's papers come from."""

from stores.catalogue import Catalogue
from tools.linking.base import Link

# A link that is surer than this is left alone.
_SETTLED = 0.75
# The other record must bear the very name, be this probable, and come with so many papers, and so many times the first's.
_VERY_NAME = frozenset(("exact", "alias", "acronym"))
_LIKELY = 0.03
_PAPERS = 5
_TIMES = 10
_SHOWN = 8


def by_library(link: Link, catalogue: Catalogue) -> Link:
    """Return the link of an organization with the candidate first that the library speaks for, or as it was.

    "CMU" is Chiang Mai University as well as Carnegie Mellon; where hundreds of papers come from one and none from the
    other, that one is meant. Scores are shared out anew by the number of papers.
    """
    if link.nil or link.confidence >= _SETTLED or len(link.candidates) < 2:  # noqa: PLR2004
        return link
    rivals = [
        candidate
        for candidate in link.candidates[:_SHOWN]
        if candidate.method in _VERY_NAME and candidate.score >= _LIKELY
    ]
    first = link.candidates[0]
    papers = catalogue.affiliations.papers(list(dict.fromkeys([first.id, *(rival.id for rival in rivals)])))
    enough = max(_PAPERS, _TIMES * (papers[first.id] + 1))
    if not any(papers[rival.id] >= enough for rival in rivals):
        return link
    if first not in rivals:
        rivals.append(first)
    weights = {rival.id: rival.score * (papers[rival.id] + 1) for rival in rivals}
    share = sum(rival.score for rival in rivals) / sum(weights.values())
    ranked = [
        rival.model_copy(update={"score": round(weights[rival.id] * share, 4)})
        for rival in sorted(rivals, key=lambda rival: (-weights[rival.id], rival.id))
    ]
    said = (*ranked[0].reasons, f"{papers[ranked[0].id]:,} papers here come from it")
    ranked[0] = ranked[0].model_copy(update={"reasons": said})
    rest = [candidate for candidate in link.candidates if candidate.id not in weights]
    return link.model_copy(
        update={"candidates": (*ranked, *rest), "confidence": ranked[0].score, "ambiguous": False, "also": ()}
    )
