"""`quodvide themes`: one text as a person reads it, or records of many."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from agent import batch, refining
from agent import settings as settings_
from agent.answers import serve, text_of
from agent.refining import Refinement, Wish
from agent.theme_refining import Found, refined
from agent.themes import Ranked, Themes
from prompts.characters import printable
from stores.errors import InputError, QuodvideError
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
    wish: Wish | None = None,
) -> int:
    """Rank themes for one text or for the texts of records; return the exit status."""
    given = read_themes(themes_file) if themes_file is not None else None
    if text_file is not None:
        text = _read(text_file)
    settings = settings_.load(home)
    if wish:
        refining.check(settings, wish)
    themes = Themes(settings, given, keep=keep)

    def refine(found: Sequence[Found]) -> Iterator[tuple[Found, Refinement | None]]:
        return refined(settings, themes, found, wish) if wish else ((one, None) for one in found)

    def handle(records: list[dict[str, Any]]) -> Iterator[dict[str, Any] | QuodvideError]:
        ranked = [_ranked(themes, record, summary=summary) for record in records]
        for record, (found, about) in zip(records, refine(ranked), strict=True):
            yield found if isinstance(found, QuodvideError) else {"id": record.get("id"), **to_record(found, about)}

    try:
        if text is None:
            # The best of all can be told only when all are there.
            at_once = sys.maxsize if wish else 1
            return batch.run_many(source, target, handle, at_once, resume=resume, bar=wish is None)
        ((found, about),) = refine([themes.rank(text, summary=summary)])
        if isinstance(found, QuodvideError):
            raise found
        if not json and target == "-":
            print_ranking(found, top)
            return 0
        return serve({}, source, target, lambda _: {"id": "1", **to_record(found, about)}, resume=resume)
    finally:
        themes.close()


def _ranked(themes: Themes, record: dict[str, Any], *, summary: bool) -> Found:
    try:
        return themes.rank(text_of(record, "text"), record.get("themes"), summary=summary)
    except QuodvideError as error:
        return error


def to_record(found: Ranked, refinement: Refinement | None = None) -> dict[str, Any]:
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
    if refinement is not None:
        record["refinement"] = refinement.model_dump(mode="json")
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
