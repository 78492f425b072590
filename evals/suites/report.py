"""`quodvide eval report DIR`: a run as one page with plots and its worst items, and as Markdown."""

import argparse
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from agent.pages.text import clean
from evals.suites import plots
from evals.suites.results import read_run
from evals.suites.runner import Summary, read_items
from evals.suites.tables import cost, markdown, row
from evals.suites.task import Item, Measure, measure_of
from evals.suites.tasks import task
from stores.manifest import replace

if TYPE_CHECKING:
    from jinja2 import Template

_LONGEST = 600  # characters shown of one thing about an item


def write_report(folder: Path, worst: int = 10) -> tuple[Path, Path]:
    """Write report.html and report.md into the folder of a run; return their paths.

    Raises:
        InputError: the folder holds no run.
    """
    run = read_run(folder)
    suites = [_suite(folder, summary, worst) for summary in run.suites]
    page, text = folder / "report.html", folder / "report.md"
    replace(page, template("report.html").render(run=run, suites=suites).encode())
    replace(text, "\n".join([*markdown(run), ""]).encode())
    return page, text


def _suite(folder: Path, summary: Summary, worst: int) -> dict[str, Any]:
    from markupsafe import Markup

    beside = list(dict.fromkeys(name for one in summary.figures for name in one.baselines))
    measures = task(summary.suite).measures
    items = worst_of(read_items(folder / f"{summary.suite}.jsonl"), measures)[:worst]
    return {
        "summary": summary,
        "plot": Markup(plots.figures(summary)),  # noqa: S704 - matplotlib escaped the names in it
        "legend": plots.legend(summary),
        "columns": ["figure", "value", "95 % interval", "n", *beside],
        "rows": [(_about(summary, n), row(one, beside)) for n, one in enumerate(summary.figures)],
        "cost": cost(summary.cost),
        "worst": [_shown(item) for item in items],
    }


def _about(summary: Summary, n: int) -> str:
    """Return what a figure is, for the first of its measure."""
    same = n and measure_of(summary.figures[n - 1].name) == measure_of(summary.figures[n].name)
    return "" if same else summary.figures[n].about


def worst_of(items: list[Item], measures: Any) -> list[Item]:
    """Return the items that lost most, worst first, without those that lost nothing."""
    lost = [(_lost(item, measures), item) for item in items]
    return [item for share, item in sorted(lost, key=lambda pair: (-pair[0], pair[1].id)) if share > 0]


def _lost(item: Item, measures: dict[str, Measure]) -> float:
    """Return how much an item lost over the shares that it counts in; a failed one loses most."""
    lost = float(len(measures)) if item.error else 0.0
    for name, (value, of) in item.scores.items():
        measure = measures.get(measure_of(name))
        if (
            measure is not None
            and measure.kind == "ratio"
            and of
            and 0 <= value <= of
            and measure_of(name) not in plots.TIMES
        ):
            lost += 1 - value / of if measure.better == "higher" else value / of
    return lost


def _shown(item: Item) -> dict[str, Any]:
    facts = {**item.shown, **({"error": item.error} if item.error else {})}
    return {"id": item.id, "facts": [(name, _said(value)) for name, value in facts.items()], "seconds": item.seconds}


def _said(value: Any) -> str:
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return text if len(text) <= _LONGEST else text[:_LONGEST].rpartition(" ")[0] + " …"


@cache
def template(name: str) -> "Template":
    """Return a template of this folder, which cleans and escapes what is written into it."""
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=ChoiceLoader([PackageLoader("evals.suites", ""), PackageLoader("agent.pages", "")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: clean(value) if type(value) is str else value,
    )
    return environment.get_template(name)


def main() -> None:
    """Write the report of a run beside it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="--output of a run")
    parser.add_argument("--worst", type=int, default=10, help="items shown of each suite that lost most")
    options = parser.parse_args()
    for path in write_report(options.folder, options.worst):
        print(path)
