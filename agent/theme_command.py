"""`quodvide themes`: one text as a person reads it, or records of many."""

import sys
from pathlib import Path
from typing import Any

from agent import settings as settings_
from agent.answers import serve, text_of
from agent.themes import Ranked, Themes
from prompts.characters import printable
from stores.errors import InputError
from tools.themes.read import decoded, read_themes
from tools.themes.result import touches

_LARGEST = 20_000_000  # bytes of a text
_BAR = 20  # blocks of a full bar


def rank_themes(
    home: Path | None,
    text: str | None,
    text_file: Path | None,
    themes_file: Path | None,
    source: str,
    target: str,
    *,
    summary: bool,
    top: int,
    keep: bool,
    resume: bool,
    json: bool,
) -> int:
    """Rank themes for one text or for the texts of records; return the exit status."""
    given = read_themes(themes_file) if themes_file is not None else None
    if text_file is not None:
        text = _read(text_file)
    themes = Themes(settings_.load(home), given, keep=keep)
    try:
        if text is not None and not json and target == "-":
            print_ranking(themes.rank(text, summary=summary), top)
            return 0

        def handle(record: dict[str, Any]) -> dict[str, Any]:
            found = themes.rank(text_of(record, "text"), record.get("themes"), summary=summary)
            return {"id": record.get("id"), **to_record(found)}

        one = {"id": "1", "text": text} if text is not None else None
        return serve(one, source, target, handle, resume=resume)
    finally:
        themes.close()


def to_record(found: Ranked) -> dict[str, Any]:
    """Return the record of the scripted interface; `start` and `end` of a theme are its best sentence's."""
    ranking = []
    for score in found.ranking.scores:
        entry: dict[str, Any] = {
            "label": score.label, "score": round(score.score, 2), "start": score.start, "end": score.end,
        }  # fmt: skip
        ranking.append({**entry, "negated": True} if score.negated else entry)
    record: dict[str, Any] = {"ranking": ranking, "top": [score.label for score in found.ranking.top]}
    if found.summary is not None:
        record["summary"] = found.summary.model_dump(mode="json")
    return {**record, "timings": found.timings, "cached": list(found.cached)}


def print_ranking(found: Ranked, top: int) -> None:
    """Print the best themes with the sentences that fit them, and the summary if there is one."""
    from rich.console import Console
    from rich.table import Table

    from agent.show import one_line, safe

    console = Console(emoji=False)
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    table.add_column("Theme", ratio=3, overflow="fold")
    table.add_column("Score", no_wrap=True)
    table.add_column("What the text says", ratio=5, overflow="fold")
    best = {score.label for score in found.ranking.top}
    shown = found.ranking.scores[:top]
    for score in shown:
        label = one_line(score.label)
        said = _shortened(found.text[score.start : score.end]) if touches(score) else ""
        said = f"“{one_line(said)}”" if said else ""
        table.add_row(
            f"[bold]{label}[/bold]" if score.label in best else label,
            f"{score.score:5.1f} [cyan]{_bar(score.score)}[/cyan]",
            "[dim](it is not about this)[/dim]" if score.negated else said,
        )
    console.print(table, highlight=False)
    if len(shown) < len(found.ranking.scores):
        console.print(f"[dim]{len(found.ranking.scores) - len(shown):,} more; --top shows them[/dim]", highlight=False)
    if found.summary is not None:
        console.print(f"\n[bold]Summary[/bold]\n{safe(found.summary.text)}", highlight=False)
    spent = ", ".join(
        f"{name} {f'{seconds:.2f} s' if name not in found.cached else 'kept from before'}"
        for name, seconds in found.timings.items()
    )
    console.print(f"\n[dim]{spent}[/dim]", highlight=False)


def _bar(score: float) -> str:
    """Return a bar as long as the score is high."""
    eighths = round(score / 100 * _BAR / 2 * 8)
    return "█" * (eighths // 8) + ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")[eighths % 8]


def _shortened(sentence: str) -> str:
    """Return a sentence cut to what a row of the table holds."""
    words = " ".join(printable(sentence).split())
    return words if len(words) <= 160 else words[:159].rsplit(" ", 1)[0] + " …"  # noqa: PLR2004


def _read(path: Path) -> str:
    """Return the text of a file.

    Raises:
        InputError: it cannot be read or is not text.
    """
    try:
        if str(path) == "-":
            raw = sys.stdin.buffer.read(_LARGEST + 1)
        else:
            with path.open("rb") as file:
                raw = file.read(_LARGEST + 1)
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", where=str(path)) from error
    return decoded(raw, str(path), _LARGEST, "Of a PDF or LaTeX file, give the text")
