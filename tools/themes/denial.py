"""Which themes a text sets aside."""

from typing import TYPE_CHECKING

import numpy as np

from tools.themes.known import stems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tools.themes.base import Theme

_SAME = 0.5  # similarity from which on the theme nearest to an excluded subject is taken for it
_NEARLY = 0.42  # the same when theme and subject share a word
_NAMED = 2.0 / 3  # of the label's words


def denied(
    themes: "Sequence[Theme]",
    vectors: "Sequence[NDArray[np.float32]]",
    subjects: "Sequence[str]",
    excluded: "NDArray[np.float32]",
    words: frozenset[str],
) -> list[bool]:
    """Return for each theme whether a text excludes it.

    A subject excludes the themes whose labels it names, or else the one nearest to it, if that is near.

    Args:
        themes: the themes.
        vectors: one array or several with a vector for each theme: of its label, of label and description.
        subjects: what the text excludes.
        excluded: vectors of the subjects, one a row.
        words: stems of what is left of the text: a theme that it names as well is not excluded.
    """
    own = [frozenset(stems(theme.label)) for theme in themes]
    found: set[int] = set()
    about = [frozenset(stems(theme.description)) | label for theme, label in zip(themes, own, strict=True)]
    similar = np.max([excluded @ of_themes.T for of_themes in vectors], axis=0)
    for subject, near in zip(subjects, similar, strict=True):
        said = frozenset(stems(subject))
        named = {n for n, label in enumerate(own) if label and len(label & said) >= _NAMED * len(label)}
        best = int(near.argmax())
        if not named and near[best] >= (_NEARLY if about[best] & said else _SAME):
            named = {best}
        found |= named
    return [n in found and not (label and label <= words) for n, label in enumerate(own)]
