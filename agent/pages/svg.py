"""Drawings by matplotlib as SVG inside a page: coloured by the page's own variables, with text as text."""

import io
import logging
import re
import threading
import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from agent.pages.text import clean

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
# A colour that matplotlib writes stands for a variable of the style sheet, so that a drawing follows light and dark.
_VARIABLES = ("ink", "soft", "line", "card", "accent", "on", "c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "other")
COLOURS: Mapping[str, str] = {name: f"#0000{n:02x}" for n, name in enumerate(_VARIABLES, start=1)}
SERIES = tuple(COLOURS[f"c{n}"] for n in range(8))
_NAMES = {colour: name for name, colour in COLOURS.items()}
_COLOUR = re.compile(r"#0000[0-9a-f]{2}\b")
_FONT = re.compile(r"'DejaVu Sans'(?:, *[^;]*)?")
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "quodvide",
    "text.parse_math": False,  # a title may hold dollar signs
    "text.usetex": False,
    "font.family": ["DejaVu Sans"],  # comes with matplotlib; the page sets its own instead
    "font.size": 12,
    "axes.unicode_minus": True,
    "path.simplify": False,
    "hatch.linewidth": 1.0,
}
# Settings of matplotlib are the process's; two threads that draw at once would see each other's.
_ONE_AT_A_TIME = threading.Lock()


def drawing(
    name: str,
    size: tuple[float, float],
    title: str,
    description: str,
    draw: "Callable[[Figure], None]",
    tips: Mapping[str, str] | None = None,
) -> str:
    """Return a drawing as an `<svg>` element: the same bytes for the same arguments.

    Args:
        name: letters and digits that no other drawing of the page has; its ids begin with it.
        size: width and height in CSS pixels at which text has its nominal size.
        title: what it is, for a reader who does not see it.
        description: what it shows, for the same.
        draw: draws on a figure, whose points are these pixels.
        tips: what to say at the parts that `draw` gave these gids.
    """
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # building its list of fonts is no news for a reader
    from matplotlib import style
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    # The defaults first, so that no settings of the user's change the bytes.
    with _ONE_AT_A_TIME, style.context(["default", _STYLE]), warnings.catch_warnings():
        # The browser draws the text and has fonts of its own for the scripts that this one lacks.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        warnings.filterwarnings("ignore", message="Matplotlib currently does not support")
        figure = Figure(figsize=(size[0] / 72, size[1] / 72), dpi=72, facecolor="none")
        FigureCanvasSVG(figure)
        draw(figure)
        written = io.StringIO()
        figure.savefig(written, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return _inline(written.getvalue(), name, clean(title), clean(description), tips or {})


def _inline(written: str, name: str, title: str, description: str, tips: Mapping[str, str]) -> str:
    root = ET.fromstring(written)  # noqa: S314 - matplotlib wrote it a moment ago
    for metadata in root.findall(f"{{{_SVG}}}metadata"):
        root.remove(metadata)
    for element in root.iter():
        _localize(element, name)
        if tip := tips.get(element.get("id", "").removeprefix(f"{name}-")):
            _said(element, "title", clean(tip))
    box = root.get("viewBox", "")
    root.attrib.clear()
    root.attrib.update({
        "viewBox": box, "role": "img", "aria-labelledby": f"{name}-title {name}-desc", "class": "plot",
    })  # fmt: skip
    _said(root, "desc", description).set("id", f"{name}-desc")
    _said(root, "title", title).set("id", f"{name}-title")
    ET.register_namespace("", _SVG)
    ET.register_namespace("xlink", _XLINK)
    return ET.tostring(root, encoding="unicode")


def _said(element: ET.Element, tag: str, text: str) -> ET.Element:
    found = ET.Element(f"{{{_SVG}}}{tag}")
    found.text = text
    element.insert(0, found)
    return found


def _localize(element: ET.Element, name: str) -> None:
    """Make ids and references the page's own, and colours and fonts those of its style sheet."""
    for key, value in list(element.attrib.items()):
        if key == "id":
            element.set(key, f"{name}-{value}")
        elif key == f"{{{_XLINK}}}href" and value.startswith("#"):
            element.set(key, f"#{name}-{value[1:]}")
        elif "url(#" in value:
            element.set(key, value.replace("url(#", f"url(#{name}-"))
        elif key in {"style", "fill", "stroke"}:
            coloured = _COLOUR.sub(lambda found: f"var(--{_NAMES[found.group()]})", value)
            element.set(key, _FONT.sub("var(--sans)", coloured))
