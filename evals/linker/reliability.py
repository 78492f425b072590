"""A reliability plot: how often the first candidate is right against how sure the linker was, as an SVG of its own."""

from collections.abc import Mapping
from html import escape
from pathlib import Path

from evals.linker.measures import Figures
from stores.manifest import replace

_SIDE, _LEFT, _TOP, _BARS = 220, 50, 42, 50
_WIDTH, _HEIGHT = _LEFT + _SIDE + 30, _TOP + _SIDE + _BARS + 76
_INK, _PALE, _LINE = "#1b3a57", "#a9bfd3", "#c8ccd0"


def write_plot(path: Path, figures: Mapping[str, Figures]) -> None:
    """Write the plot, one panel a set of mentions; as a page where the file is called .html, else as an image."""
    image = plot(figures)
    page = (
        f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>Reliability of links</title>\n{image}</html>\n'
    )
    replace(path, (page if path.suffix in {".html", ".htm"} else image).encode())


def plot(figures: Mapping[str, Figures]) -> str:
    """Return the plot as SVG."""
    panels = "".join(
        f'<g transform="translate({n * _WIDTH} 0)">{_panel(name, value)}</g>\n'
        for n, (name, value) in enumerate(figures.items())
    )
    width = _WIDTH * max(1, len(figures))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {_HEIGHT}" width="{width}" height="{_HEIGHT}"'
        ' role="img" aria-label="Confidence of links against the share that is right" font-family="sans-serif"'
        f' font-size="11" fill="{_INK}"><rect width="100%" height="100%" fill="#fff"/>\n{panels}</svg>\n'
    )


def _panel(name: str, value: Figures) -> str:
    most = max((count for _, _, count in value.bins), default=1)
    floor = _TOP + _SIDE
    foot = floor + 34 + _BARS
    parts = [
        _text(_LEFT, 18, f"{name}: {value.mentions:,} mentions", "start", 'font-weight="bold"'),
        _text(_LEFT, 33, f"expected calibration error {value.error:.3f}", "start"),
        f'<path d="M{_LEFT} {floor}L{_LEFT + _SIDE} {_TOP}" stroke="{_LINE}" stroke-dasharray="4 3"/>',
        f'<path d="M{_LEFT} {_TOP}V{floor}H{_LEFT + _SIDE}M{_LEFT} {foot}H{_LEFT + _SIDE}" stroke="{_INK}" fill="none"/>',
        _text(_LEFT + _SIDE / 2, foot + 30, "confidence; below, number of mentions", "middle"),
        _text(14, _TOP + _SIDE / 2, "share right", "middle", f'transform="rotate(-90 14 {_TOP + _SIDE / 2})"'),
    ]
    for n in range(6):
        share = n / 5
        parts.append(_text(_x(share), floor + 14, f"{share:.1f}", "middle"))
        parts.append(_text(_LEFT - 6, _y(share) + 4, f"{share:.1f}", "end"))
    points = []
    for mean, share, count in value.bins:
        tall = max(1.0, _BARS * count / most)
        title = f"<title>{count:,} mentions: {mean:.2f} sure, {share:.2f} right</title>"
        parts.append(
            f'<rect x="{_x(mean) - 6:.1f}" y="{foot - tall:.1f}" width="12" height="{tall:.1f}" fill="{_PALE}">{title}</rect>'
        )
        parts.append(_text(_x(mean), foot + 12, f"{count}", "middle", 'font-size="8"'))
        points.append(f"{_x(mean):.1f},{_y(share):.1f}")
        parts.append(f'<circle cx="{_x(mean):.1f}" cy="{_y(share):.1f}" r="4">{title}</circle>')
    parts.append(f'<polyline points="{" ".join(points)}" fill="none" stroke="{_INK}" stroke-width="1.5"/>')
    return "".join(parts)


def _x(share: float) -> float:
    return _LEFT + _SIDE * share


def _y(share: float) -> float:
    return _TOP + _SIDE * (1 - share)


def _text(x: float, y: float, text: str, anchor: str, more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {more}>{escape(text)}</text>'
