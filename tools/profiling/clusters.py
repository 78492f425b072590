"""Groups of papers by their document vectors: spherical k-means with k chosen by silhouette, the same on every run."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]
Vectors = NDArray[np.float32]

MIN_PAPERS = 6  # with fewer, a grouping says nothing
_MOST_GROUPS = 8
_FINER = (15, 40)  # from so many papers on, at least 3 and 4 groups: two would say too little
_SMALLEST = 20  # no group holds less than this fraction of the papers
_STARTS = 4
_ROUNDS = 50


def groups(ids: Sequence[str], vectors: Mapping[str, Vector]) -> list[list[str]]:
    """Return the papers in groups, the largest group first; within a group, the most central paper first.

    Args:
        ids: the papers, in a stable order.
        vectors: a vector of shape (d,) for each id; ids without one are left out.
    """
    known = [id_ for id_ in ids if id_ in vectors]
    if len(known) < MIN_PAPERS:
        return []
    points = np.stack([np.asarray(vectors[id_], dtype=np.float32) for id_ in known])
    points /= np.maximum(np.linalg.norm(points, axis=1, keepdims=True), 1e-12)
    labels = _best(points)
    found = []
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        nearness = points[members] @ points[members].mean(axis=0)
        found.append([known[members[n]] for n in np.argsort(-nearness, kind="stable")])
    return sorted(found, key=lambda group: (-len(group), group[0]))


def _best(points: Vectors) -> NDArray[np.int64]:
    """Return the labels (n,) of the number of groups with the highest mean silhouette."""
    distances = 1.0 - points @ points.T
    best, chosen = -2.0, np.zeros(len(points), dtype=np.int64)
    smallest = max(2, len(points) // _SMALLEST)
    fewest = 2 + (len(points) >= _FINER[0]) + (len(points) >= _FINER[1])
    for k in range(fewest, min(_MOST_GROUPS, len(points) // 3) + 1):
        labels = _kmeans(points, k)
        value = _silhouette(distances, labels)
        if value > best and np.bincount(labels)[np.unique(labels)].min() >= smallest:
            best, chosen = value, labels
    return chosen


def _kmeans(points: Vectors, k: int) -> NDArray[np.int64]:
    best, chosen = -np.inf, np.zeros(len(points), dtype=np.int64)
    for seed in range(_STARTS):
        centres = _seeds(points, k, np.random.default_rng(seed))
        labels = np.full(len(points), -1, dtype=np.int64)
        for _ in range(_ROUNDS):
            similarity = points @ centres.T
            new = np.argmax(similarity, axis=1)
            if np.array_equal(new, labels):
                break
            labels = new
            for one in range(k):
                if (members := points[labels == one]).size:
                    centre = members.mean(axis=0)
                    centres[one] = centre / max(float(np.linalg.norm(centre)), 1e-12)
        value = float((points * centres[labels]).sum())
        if value > best + 1e-6:
            best, chosen = value, labels
    return chosen


def _seeds(points: Vectors, k: int, random: np.random.Generator) -> Vectors:
    """Return k starting centres (k, d) by the k-means++ rule (Arthur and Vassilvitskii, 2007)."""
    picked = [int(random.integers(len(points)))]
    for _ in range(k - 1):
        distance = np.clip(1.0 - (points @ points[picked].T).max(axis=1), 0.0, None).astype(np.float64)
        total = distance.sum()
        picked.append(int(random.choice(len(points), p=distance / total)) if total > 0 else picked[0])
    return points[picked].copy()


def _silhouette(distances: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """Return the mean silhouette (Rousseeuw, 1987); a point alone in its group counts 0."""
    names, sizes = np.unique(labels, return_counts=True)
    if len(names) < 2:  # noqa: PLR2004
        return -1.0
    sums = np.stack([distances[:, labels == one].sum(axis=1) for one in names], axis=1)
    own = np.searchsorted(names, labels)
    rows = np.arange(len(labels))
    inside = sums[rows, own] / np.maximum(sizes[own] - 1, 1)
    means = sums / sizes
    means[rows, own] = np.inf
    outside = means.min(axis=1)
    scores = np.where(sizes[own] > 1, (outside - inside) / np.maximum(np.maximum(inside, outside), 1e-12), 0.0)
    return float(scores.mean())
