"""`quodvide eval sweep SUITE... --vary SETTING=A,B`: suites run once for each combination of settings, in one table.

Each suite of a combination is a process of its own, so that its memory is its own, one after the other, so that its times
are. A setting is written as in QUODVIDE_*: `chat.model=none,bundled`, `understanding.tagger=default,rules`, `home=A,B` for
indexes. `prompts=FOLDER,...` words prompts otherwise: files of a folder stand for those of the same name.
"""

import argparse
import itertools
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from math import nan
from pathlib import Path

from rich.console import Console

from agent.settings import Settings
from evals.suites.plots import against_time
from evals.suites.report import template
from evals.suites.results import Run, read_run
from evals.suites.runner import Summary
from evals.suites.tables import interval, laid_out, markdown_row, number
from evals.suites.task import measure_of
from evals.suites.tasks import task
from stores.errors import ConfigError
from stores.manifest import replace

Variant = Mapping[str, str]
Runs = Mapping[str, Sequence[Summary]]  # of each variant, by its name
_COMMAND = "from agent.cli import main; main()"
_COLUMNS = ("variant", "suite", "figure", "value", "95 % interval", "failed", "ms", "p95", "calls", "MB")


def variants(given: Sequence[str]) -> list[Variant]:
    """Return every combination of settings.

    Raises:
        ConfigError: a setting is not written as NAME=A,B, or there is none of its name.
    """
    settings: dict[str, dict[str, None]] = {}
    for text in given:
        name, equals, values = text.partition("=")
        if not name or not equals or not all(values.split(",")):
            raise ConfigError(f"{text!r} varies nothing", hint="Write it like chat.model=none,bundled")
        if name.partition(".")[0] not in Settings.model_fields:
            raise ConfigError(f"{name!r} is no setting", hint=f"There are: {', '.join(Settings.model_fields)}")
        settings.setdefault(name, {}).update(dict.fromkeys(values.split(",")))
    return [dict(zip(settings, values, strict=True)) for values in itertools.product(*settings.values())]


def names_of(given: Sequence[Variant]) -> list[str]:
    """Return what variants are called: by the last parts of paths, where these tell them apart."""
    short = [", ".join(f"{name}={Path(value).name}" for name, value in variant.items()) for variant in given]
    if len(set(short)) == len(short):
        return short
    return [", ".join(f"{name}={value}" for name, value in variant.items()) for variant in given]


def run_variant(variant: Variant, arguments: Sequence[str], folder: Path) -> Run:
    """Run a suite with some settings in a process of its own.

    Raises:
        ConfigError: it failed.
    """
    environment = {**os.environ, **{f"QUODVIDE_{name.upper().replace('.', '__')}": v for name, v in variant.items()}}
    command = [sys.executable, "-c", _COMMAND, "eval", "run", *arguments, "--output", str(folder)]
    done = subprocess.run(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise ConfigError(f"with {', '.join(map('='.join, variant.items()))} the run failed: {said}")
    return read_run(folder)


def rows(runs: Runs) -> Iterator[list[str]]:
    """Yield a row for the leading figures of each suite of each variant."""
    for name, suites in runs.items():
        for suite in suites:
            leading = list(task(suite.suite).measures)[:2]
            for one in suite.figures:
                if measure_of(one.name) in leading:
                    yield [
                        name, suite.suite, one.name, number(one.figure.value), interval(one.figure), failures(suite),
                        f"{1000 * suite.cost.seconds:,.0f}", f"{1000 * suite.cost.seconds_p95:,.0f}",
                        f"{suite.cost.calls:.1f}", f"{suite.cost.megabytes:,.0f}",
                    ]  # fmt: skip


def failures(suite: Summary) -> str:
    """Return the share of items that ended in a failure."""
    measured = next((one.figure.value for one in suite.figures if one.name == "failed"), 0.0)
    return f"{max(measured, suite.failed / max(1, suite.items)):.0%}"


def write_sweep(folder: Path, runs: Runs) -> tuple[Path, Path]:
    """Write the table as sweep.md, and with quality against time of each suite as sweep.html; return their paths."""
    from markupsafe import Markup

    lines = [_COLUMNS, ["---"] * len(_COLUMNS), *rows(runs)]
    page, text = folder / "sweep.html", folder / "sweep.md"
    replace(text, "".join(f"{markdown_row(line)}\n" for line in lines).encode())
    drawn = []
    for n, suite in enumerate(next(iter(runs.values()))):
        leading = suite.figures[0].name
        values = [
            {one.name: one.figure.value for one in suites[n].figures}.get(leading, nan) for suites in runs.values()
        ]
        seconds = [suites[n].cost.seconds for suites in runs.values()]
        points = list(zip(runs, seconds, values, strict=True))
        title = f"{suite.suite}: {leading} against time"
        drawn.append((title, Markup(against_time(f"sweep{suite.suite}", title, points))))  # noqa: S704 - its text was escaped
    coloured = [(f"c{n % 8}", name) for n, name in enumerate(runs)]
    filled = template("sweep.html").render(variants=coloured, plots=drawn, columns=_COLUMNS, rows=list(rows(runs)))
    replace(page, filled.encode())
    return page, text


def main() -> None:
    """Run every combination and print the table of quality against time and memory."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suites", nargs="+", metavar="SUITE")
    parser.add_argument("--vary", action="append", required=True, metavar="SETTING=A,B", help="may be repeated")
    parser.add_argument("--data", type=Path, required=True, help="as of `eval run`")
    parser.add_argument("--home", type=Path, default=None, help="the home folder; also QUODVIDE_HOME")
    parser.add_argument("--output", type=Path, required=True, help="folder for a run of each combination")
    parser.add_argument("--limit", type=int, default=None, help="only so many items of each suite")
    options = parser.parse_args()
    given = variants(options.vary)
    if options.home is not None and "home" in given[0]:
        raise ConfigError("--home would win over the homes that are varied", hint="Leave it out")
    arguments = ["--data", str(options.data)]
    arguments += ["--home", str(options.home)] if options.home else []
    arguments += ["--limit", str(options.limit)] if options.limit else []
    suites = list(dict.fromkeys(options.suites))
    for name in suites:
        task(name)
    runs: dict[str, list[Summary]] = {}
    console = Console(stderr=True)
    for n, (variant, called) in enumerate(zip(given, names_of(given), strict=True), start=1):
        console.print(called, markup=False, style="dim")
        found = (run_variant(variant, [name, *arguments], options.output / f"{n}" / name) for name in suites)
        runs[called] = [suite for run in found for suite in run.suites]
    Console().print(laid_out(_COLUMNS, rows(runs), 3))
    for path in write_sweep(options.output, runs):
        print(path)
