"""The plot of an author among the most frequent coauthors: who published with whom, and how often."""

from collections.abc import Sequence
from math import atan2, cos, degrees, hypot, pi, sin, sqrt
from typing import TYPE_CHECKING, Any

from agent.pages.svg import COLOURS, SERIES, drawing
from agent.pages.text import initials, short_name
from stores.records import Record
from tools.profiling.english import counted, listing
from tools.profiling.fact_records import Coauthor, Facts

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST = 25  # coauthors drawn
_LINKS = 80  # between coauthors; the weakest are left out
_SIDE = 436  # CSS pixels of the drawing's width and height
_RING = 88  # radius of the circle of coauthors
_HUB = 19
_TELL = 5
_SERIES = len(SERIES)


class Ring(Record):
    """Coauthors in the order in which they stand around the author.

    Attributes:
        people: the coauthors, those who published together side by side.
        groups: the number of each one's group, largest group 0; None for who stands alone.
        links: pairs as positions in `people`, with their joint papers.
    """

    people: tuple[Coauthor, ...]
    groups: tuple[int | None, ...]
    links: tuple[tuple[int, int, int], ...]


def ring(facts: Facts) -> Ring:
    """Return the most frequent coauthors with the links among them, grouped by modularity."""
    found = facts.coauthors[:MOST]
    place = {one.id: n for n, one in enumerate(found)}
    links = [(place[p.a], place[p.b], p.papers) for p in facts.coauthor_pairs if p.a in place and p.b in place]
    groups = _groups(len(found), links)
    order = [n for group in groups for n in group]
    at = {n: position for position, n in enumerate(order)}
    colour = {n: index for index, group in enumerate(groups) for n in group if len(group) > 1}
    return Ring(
        people=tuple(found[n] for n in order),
        groups=tuple(colour.get(n) for n in order),
        links=tuple((at[a], at[b], papers) for a, b, papers in links),
    )


def network(name: str, title: str, author: str, facts: Facts) -> str:
    """Return the author in the middle of a circle of coauthors, with lines as wide as there are joint papers."""
    import networkx as nx

    around = ring(facts)
    positions = range(len(around.people))
    # Names of two people read best beside the author; of more, none should stand upright.
    turn = 0.0 if len(positions) <= 2 else pi / len(positions)  # noqa: PLR2004
    graph = nx.empty_graph(len(positions) + 1)
    found = nx.shell_layout(graph, [[len(positions)], list(positions)], rotate=turn / 2, scale=2 * _RING)
    points = [(float(found[n][0]), float(found[n][1])) for n in positions]

    def draw(figure: "Figure") -> None:
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set_xlim(-_SIDE / 2, _SIDE / 2)
        axes.set_ylim(-_SIDE / 2, _SIDE / 2)
        _draw_links(axes, around, points)
        _draw_people(axes, around, points)
        _disc(axes, (0, 0), _HUB, COLOURS["accent"], 4)
        axes.text(0, 0, initials(author), ha="center", va="center_baseline", color=COLOURS["on"], fontsize=14, zorder=5)

    told = listing([f"{one.name} ({counted(one.papers, 'joint paper')})" for one in facts.coauthors[:_TELL]])
    said = f"{author} in the middle of {counted(len(positions), 'coauthor')}. Most frequent: {told}."
    tips = {f"p{n}": f"{one.name}: {counted(one.papers, 'joint paper')}" for n, one in enumerate(around.people)}
    return drawing(name, (_SIDE, _SIDE), title, said, draw, tips)


def _groups(size: int, links: Sequence[tuple[int, int, int]]) -> list[list[int]]:
    """Return who published together, the largest group first; the members of each most frequent first."""
    import networkx as nx

    graph: Any = nx.Graph()
    graph.add_nodes_from(range(size))
    graph.add_weighted_edges_from(links)
    if not links:
        return [[n] for n in range(size)]
    found = nx.community.greedy_modularity_communities(graph, weight="weight")
    return sorted((sorted(group) for group in found), key=lambda group: (-len(group), group))


def _draw_links(axes: "Axes", around: Ring, points: Sequence[tuple[float, float]]) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    most = max((one.papers for one in around.people), default=1)
    strongest = sorted(around.links, key=lambda link: (-link[2], link))[:_LINKS]
    for a, b, papers in reversed(strongest):
        (xa, ya), (xb, yb) = points[a], points[b]
        # Bent towards the middle, the more the farther apart they stand, and never through it.
        bend = 1 - 0.55 * hypot(xa - xb, ya - yb) / (2 * _RING)
        way = Path([(xa, ya), ((xa + xb) / 2 * bend, (ya + yb) / 2 * bend), (xb, yb)], [1, 3, 3])
        same = around.groups[a] is not None and around.groups[a] == around.groups[b]
        colour = _colour(around.groups[a]) if same else COLOURS["other"]
        width = 0.6 + 3.4 * papers / most
        axes.add_patch(PathPatch(way, fill=False, edgecolor=colour, linewidth=width, alpha=0.4, capstyle="round"))
    for (x, y), one in zip(points, around.people, strict=True):
        axes.plot([0, x], [0, y], color=COLOURS["accent"], linewidth=0.8 + 4.2 * one.papers / most, alpha=0.28)


def _draw_people(axes: "Axes", around: Ring, points: Sequence[tuple[float, float]]) -> None:
    most = max((one.papers for one in around.people), default=1)
    for n, (x, y) in enumerate(points):
        one, angle = around.people[n], atan2(y, x)
        radius = 3 + 6 * sqrt(one.papers / most)
        _disc(axes, (x, y), radius, _colour(around.groups[n]), 3, gid=f"p{n}")
        right = cos(angle) > -1e-9  # noqa: PLR2004 - the top counts as right, whatever the rounding
        out = _RING + radius + 5
        name = f"{short_name(one.name)} {one.papers}" if right else f"{one.papers} {short_name(one.name)}"
        axes.text(
            out * cos(angle), out * sin(angle), name, color=COLOURS["ink"], fontsize=11, va="center_baseline",
            ha="left" if right else "right", rotation=degrees(angle) + (0 if right else 180), rotation_mode="anchor",
        )  # fmt: skip


def _disc(axes: "Axes", centre: tuple[float, float], radius: float, colour: str, above: int, gid: str = "") -> None:
    from matplotlib.patches import Circle

    disc = Circle(centre, radius, facecolor=colour, edgecolor=COLOURS["card"], linewidth=1.5, zorder=above)
    if gid:
        disc.set_gid(gid)
    axes.add_patch(disc)


def _colour(group: int | None) -> str:
    return COLOURS["other"] if group is None else SERIES[group % _SERIES]
