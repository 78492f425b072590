"""Groups of papers by their document vectors: Ward's tree, cut where the silhouette is highest, the same on every run.

The method and the figures below were chosen with `quodvide eval topics`. Nothing in it is drawn by chance.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]
Vectors = NDArray[np.float32]
Labels = NDArray[np.int64]

MIN_PAPERS = 6  # with fewer, a grouping says nothing
MOST_GROUPS = 8  # more than a reader of a profile would take in
_FINER = (20, 40, 100)  # from so many papers on, at least 3, 4 and 5 groups, unless fewer are clearly apart
_CLEAR = 0.18  # the mean silhouette from which on groups are clearly apart
_LOPSIDED = 0.8  # and none of which holds more than this share
_A_GROUP = 4  # papers that there must be for each group
_SMALLEST = 20  # no group holds less than this fraction of the papers, where it can be helped; none is a single paper
_ROUNDS = 20


def groups(ids: Sequence[str], vectors: Mapping[str, Vector], mean: Vector | None = None) -> list[list[str]]:
    """Return the papers in groups, the largest group first; within a group, the most central paper first.

    Args:
        ids: the papers, in a stable order.
        vectors: a vector of shape (d,) for each id; ids without one are left out.
        mean: of the unit vectors of a whole library (d,), to be taken off.
    """
    known = [id_ for id_ in ids if id_ in vectors]
    if len(known) < MIN_PAPERS:
        return []
    points = unit(np.stack([np.asarray(vectors[id_], dtype=np.float32) for id_ in known]))
    if mean is not None:
        points = unit(points - mean)
    labels = partition(points)
    found = []
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        nearness = points[members] @ points[members].mean(axis=0)
        found.append([known[members[n]] for n in np.argsort(-nearness, kind="stable")])
    return sorted(found, key=lambda group: (-len(group), group[0]))


def partition(points: Vectors) -> Labels:
    """Return the group (n,) of each unit vector (n, d), n being at least 2; all are one group where none can be told apart.

    Of all numbers of groups the one with the highest silhouette is taken. Where even that is low the groups run into one
    another and the silhouette tends to two; then the more papers there are, the more groups there must be. The same holds
    where a few papers stand far from all the others.
    """
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import pdist

    tree = linkage(pdist(points.astype(np.float64)), "ward")
    distances = 1.0 - points @ points.T
    fewest = 2 + sum(len(points) >= papers for papers in _FINER)
    smallest = max(2 + (len(points) >= _FINER[0]), len(points) // _SMALLEST)
    tried: list[tuple[bool, float, int, Labels]] = []
    for k in range(2, max(fewest, min(MOST_GROUPS, len(points) // _A_GROUP)) + 1):
        labels = _moved(points, fcluster(tree, k, "maxclust"))
        sizes = np.unique(labels, return_counts=True)[1]
        value = silhouette(distances, labels)
        clear = value >= _CLEAR and sizes.max() <= _LOPSIDED * len(points)
        if sizes.min() > 1 and len(sizes) > 1 and (k >= fewest or clear):
            tried.append((bool(sizes.min() >= smallest), round(value, 6), -k, labels))
    if not tried:
        return np.zeros(len(points), dtype=np.int64)
    return max(tried, key=lambda one: one[:3])[3]


def silhouette(distances: NDArray[np.float32], labels: Labels) -> float:
    """Return the mean silhouette (Rousseeuw, 1987), -1 to 1; a point alone in its group counts 0.

    Args:
        distances: of each point to each (n, n).
        labels: the group of each point (n,).
    """
    names, own, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    if len(names) < 2:  # noqa: PLR2004
        return -1.0
    sums = distances @ (own[:, None] == np.arange(len(names))).astype(distances.dtype)
    rows = np.arange(len(labels))
    inside = sums[rows, own] / np.maximum(sizes[own] - 1, 1)
    means = sums / sizes
    means[rows, own] = np.inf
    outside = means.min(axis=1)
    scores = np.where(sizes[own] > 1, (outside - inside) / np.maximum(np.maximum(inside, outside), 1e-12), 0.0)
    return float(scores.mean())


def unit(points: Vectors) -> Vectors:
    """Return vectors (n, d) scaled to length 1; zero stays zero."""
    scaled: Vectors = points / np.maximum(np.linalg.norm(points, axis=1, keepdims=True), 1e-12)
    return scaled


def _moved(points: Vectors, labels: Labels) -> Labels:
    """Return the labels once each point went to the nearest mean, again and again until none moves.

    A tree never takes back an early join; this does, and made partitions both more right and more stable.
    """
    _, labels = np.unique(labels, return_inverse=True)
    for _ in range(_ROUNDS):
        centres = unit(np.stack([points[labels == one].mean(axis=0) for one in range(labels.max() + 1)]))
        nearest = np.argmax(points @ centres.T, axis=1)
        if np.array_equal(nearest, labels) or len(np.unique(nearest)) <= labels.max():
            break
        labels = nearest
    return labels.astype(np.int64)
