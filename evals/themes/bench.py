"""How long theme ranking takes: cold, with the themes remembered, with few themes and many, with short texts and long."""

import argparse
from time import perf_counter

from evals.measures import quantile
from evals.themes.data import own_texts
from tools.themes.base import Theme
from tools.themes.encoder import theme_encoder
from tools.themes.known import fields
from tools.themes.rank import ThemeRanker

_LONG_WORDS = 50_000


def themes_of(size: int) -> list[Theme]:
    """Return so many different themes."""
    listed = fields()
    return [
        Theme(
            label=f"{listed[n % len(listed)].label} {n // len(listed) or ''}".strip(),
            description=listed[n % len(listed)].description,
        )
        for n in range(size)
    ]


def main() -> None:
    """Rank our own texts and print the times; a new process is needed for each cold figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=40, help="how many texts are ranked with themes remembered")
    options = parser.parse_args()
    texts = [one.text for one in own_texts()]
    ranker = ThemeRanker(theme_encoder())
    print(_row("25 themes, cold: first call of a process", [_time(ranker, texts[0], 25)]))
    print(_row("25 themes, remembered", [_time(ranker, text, 25) for text in texts[1 : options.texts + 1]]))
    print(_row("one theme, remembered", [_time(ranker, text, 1) for text in texts[1 : options.texts + 1]]))
    print(_row("500 themes, new", [_time(ranker, texts[0], 500)]))
    print(_row("500 themes, remembered", [_time(ranker, text, 500) for text in texts[1 : options.texts // 4 + 2]]))
    words = " ".join(texts).split()
    long = " ".join((words * (1 + _LONG_WORDS // len(words)))[:_LONG_WORDS])
    print(_row(f"25 themes, remembered, {_LONG_WORDS:,} words", [_time(ranker, long, 25)]))


def _time(ranker: ThemeRanker, text: str, size: int) -> float:
    themes = themes_of(size)
    started = perf_counter()
    ranker.rank(text, themes)
    return 1000 * (perf_counter() - started)


def _row(name: str, milliseconds: list[float]) -> str:
    half, most = quantile(milliseconds, 0.5), quantile(milliseconds, 0.95)
    return f"{name:<48} p50 {half:8.1f} ms   p95 {most:8.1f} ms   n={len(milliseconds)}"
