"""Themes of a library: what most of its papers are about, by the topics and keywords that they carry."""

from stores.catalogue import Catalogue
from tools.themes.base import Theme

_LONGEST = 300  # characters of a label; a keyword that is longer is none


def themes_of_papers(catalogue: Catalogue, most: int) -> tuple[Theme, ...]:
    """Return at most so many themes, those of most papers first; none when papers carry no topics."""
    counted = catalogue.topics.most_frequent(most)
    labels = (" ".join(topic.name.split()) for topic in counted)
    return tuple(Theme(label=label) for label in dict.fromkeys(labels) if 0 < len(label) <= _LONGEST)
