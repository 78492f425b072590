"""Ways to group document vectors that `quodvide eval topics` compares with the one that profiles use."""

from collections.abc import Callable, Iterable
from functools import partial

import networkx as nx
import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import pdist, squareform
from sklearn.cluster import HDBSCAN, KMeans

from tools.profiling.clusters import MOST_GROUPS, Labels, Vectors, partition, silhouette, unit

Method = Callable[[Vectors], Labels]
_STARTS = 4
_REPEATS = 4
_BETTER = 0.02  # by so much more stable must a larger number of groups be


def methods(mean: Vectors) -> dict[str, Method]:
    """Return the methods by name; each takes unit vectors (n, d) and returns a label for each, -1 for none.

    Args:
        mean: of all document vectors of the library (d,), for centring.
    """
    spaces: dict[str, Callable[[Vectors], Vectors]] = {
        "as they are": lambda points: points,
        "less the author's mean": lambda points: unit(points - points.mean(axis=0)),
        "less the library's mean": lambda points: unit(points - mean),
        "10 principal axes": _principal,
    }
    found: dict[str, Method] = {"profiles": partial(_then, spaces["less the library's mean"], partition)}
    found["profiles, vectors as they are"] = partition
    for space, moved in spaces.items():
        # With centred vectors k-means takes fifty times as long, and is no better.
        for name in ("k-means", "ward", "average") if space == "as they are" else ("ward", "average"):
            found[f"{name}, silhouette, {space}"] = partial(_then, moved, partial(_by_silhouette, cuts=_CUTS[name]))
    found["ward, stability"] = _by_stability
    for height in (1.5, 1.8, 2.1):
        found[f"ward, cut at {height}"] = partial(_at_height, "ward", height)
    for height in (0.65, 0.75):
        found[f"average, cut at {height}"] = partial(_at_height, "average", height)
    for smallest in (3, 5):
        found[f"HDBSCAN, at least {smallest}"] = partial(_hdbscan, smallest)
    for near in (5, 10):
        for resolution in (0.7, 1.0):
            found[f"Louvain, {near} neighbours, {resolution}"] = partial(_louvain, near, resolution)
    return found


def _then(moved: Callable[[Vectors], Vectors], method: Method, points: Vectors) -> Labels:
    return method(moved(points))


def _principal(points: Vectors) -> Vectors:
    left, scale, _ = np.linalg.svd(points - points.mean(axis=0), full_matrices=False)
    axes: Vectors = left[:, :10] * scale[:10]
    return unit(axes)


def _tree(points: Vectors, linking: str) -> Vectors:
    if linking == "ward":
        return np.asarray(linkage(pdist(points.astype(np.float64)), "ward"))
    distances = np.clip(1.0 - points.astype(np.float64) @ points.T, 0.0, None)
    np.fill_diagonal(distances, 0.0)
    return np.asarray(linkage(squareform(distances, checks=False), linking))


def _by_tree(linking: str, points: Vectors) -> Callable[[int], Labels]:
    tree = _tree(points, linking)
    return lambda k: np.asarray(fcluster(tree, k, "maxclust"), dtype=np.int64)


def _by_kmeans(points: Vectors) -> Callable[[int], Labels]:
    return lambda k: np.asarray(KMeans(k, n_init=_STARTS, random_state=0).fit_predict(points), dtype=np.int64)


_CUTS: dict[str, Callable[[Vectors], Callable[[int], Labels]]] = {
    "k-means": _by_kmeans,
    "ward": partial(_by_tree, "ward"),
    "average": partial(_by_tree, "average"),
}


def _numbers(points: Vectors) -> Iterable[int]:
    return range(2, max(2, min(MOST_GROUPS, len(points) // 3)) + 1)


def _by_silhouette(points: Vectors, cuts: Callable[[Vectors], Callable[[int], Labels]]) -> Labels:
    cut, distances = cuts(points), 1.0 - points @ points.T
    return max((cut(k) for k in _numbers(points)), key=lambda labels: silhouette(distances, labels))


def _by_stability(points: Vectors) -> Labels:
    """Return Ward's groups of the number that parts of the papers agree on best."""
    from sklearn.metrics import adjusted_rand_score

    random = np.random.default_rng(0)
    size = max(6, int(0.8 * len(points)))
    parts = [np.sort(random.choice(len(points), size, replace=False)) for _ in range(_REPEATS)]
    whole, cuts = _by_tree("ward", points), [_by_tree("ward", points[part]) for part in parts]
    best, chosen = -1.0, np.zeros(len(points), dtype=np.int64)
    for k in _numbers(points):
        labels = whole(k)
        pairs = zip(parts, cuts, strict=True)
        value = float(np.mean([adjusted_rand_score(labels[part], cut(k)) for part, cut in pairs]))
        if value > best + _BETTER:
            best, chosen = value, labels
    return chosen


def _at_height(linking: str, height: float, points: Vectors) -> Labels:
    return np.asarray(fcluster(_tree(points, linking), height, "distance"), dtype=np.int64)


def _hdbscan(smallest: int, points: Vectors) -> Labels:
    distances = np.clip(1.0 - points.astype(np.float64) @ points.T, 0.0, None)
    size = max(2, min(smallest, len(points) // 3))
    found = HDBSCAN(min_cluster_size=size, min_samples=1, metric="precomputed", copy=True).fit_predict(distances)
    return np.asarray(found, dtype=np.int64)


def _louvain(near: int, resolution: float, points: Vectors) -> Labels:
    similar = points @ points.T
    np.fill_diagonal(similar, -1.0)
    graph = nx.Graph()
    graph.add_nodes_from(range(len(points)))
    for one, others in enumerate(np.argsort(-similar, axis=1, kind="stable")[:, : min(near, len(points) - 1)]):
        graph.add_weighted_edges_from((one, int(other), max(float(similar[one, other]), 0.01)) for other in others)
    labels = np.zeros(len(points), dtype=np.int64)
    for number, members in enumerate(nx.community.louvain_communities(graph, resolution=resolution, seed=0)):
        labels[list(members)] = number
    return labels
