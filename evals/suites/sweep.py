"""`quodvide eval sweep SUITE... --vary SETTING=A,B`: suites run once for each combination of settings, in one table.

Every combination is a process of its own, so that its memory is its own, one after the other, so that its times are. A
setting is written as in QUODVIDE_*: `chat.model=none,bundled`, `understanding.tagger=default,rules`, `home=A,B` for
indexes. `prompts=FOLDER,...` words prompts otherwise: files of a folder stand for those of the same name.
"""

import argparse
import itertools
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from rich.console import Console

from evals.suites.plots import against_time
from evals.suites.results import Run, read_run
from evals.suites.runner import Summary
from evals.suites.tables import interval, laid_out, number
from evals.suites.tasks import task
from stores.errors import ConfigError
from stores.manifest import replace

Variant = Mapping[str, str]
_COLUMNS = ("variant", "suite", "figure", "value", "95 % interval", "failed", "ms", "p95", "calls", "MB")


def variants(given: Sequence[str]) -> list[Variant]:
    """Return every combination of settings.

    Raises:
        ConfigError: a setting is not written as NAME=A,B.
    """
    settings: dict[str, list[str]] = {}
    for text in given:
        name, equals, values = text.partition("=")
        if not name or not equals or not all(values.split(",")):
            raise ConfigError(f"{text!r} varies nothing", hint="Write it like chat.model=none,bundled")
        settings[name] = values.split(",")
    return [dict(zip(settings, values, strict=True)) for values in itertools.product(*settings.values())]


def name_of(variant: Variant) -> str:
    """Return what a variant is called."""
    return ", ".join(f"{name}={Path(value).name}" for name, value in variant.items()) or "as set"


def run_variant(variant: Variant, arguments: Sequence[str], folder: Path) -> Run:
    """Run the suites with some settings in a process of its own.

    Raises:
        ConfigError: it failed.
    """
    environment = {**os.environ, **{f"QUODVIDE_{name.upper().replace('.', '__')}": v for name, v in variant.items()}}
    command = [sys.executable, "-m", "evals.suites.run", *arguments, "--output", str(folder)]
    done = subprocess.run(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise ConfigError(f"with {name_of(variant)} the run failed: {said}")
    return read_run(folder)


def rows(runs: Mapping[str, Run]) -> Iterator[list[str]]:
    """Yield a row for the leading figures of each suite of each variant."""
    for name, run in runs.items():
        for suite in run.suites:
            leading = list(task(suite.suite).measures)[:2]
            for one in suite.figures:
                if one.name.partition(" (")[0] in leading:
                    yield [
                        name, suite.suite, one.name, number(one.figure.value), interval(one.figure), failures(suite),
                        f"{1000 * suite.cost.seconds:,.0f}", f"{1000 * suite.cost.seconds_p95:,.0f}",
                        f"{suite.cost.calls:.1f}", f"{suite.cost.megabytes:,.0f}",
                    ]  # fmt: skip


def failures(suite: Summary) -> str:
    """Return the share of items that ended in a failure."""
    measured = next((one.figure.value for one in suite.figures if one.name == "failed"), 0.0)
    return f"{max(measured, suite.failed / max(1, suite.items)):.0%}"


def write_sweep(folder: Path, runs: Mapping[str, Run]) -> Path:
    """Write the table as sweep.md, and quality against time as an .svg for each suite; return the former's path."""
    cells = [list(_COLUMNS), ["---"] * len(_COLUMNS), *rows(runs)]
    written = folder / "sweep.md"
    replace(written, "".join(f"| {' | '.join(line)} |\n" for line in cells).encode())
    first = next(iter(runs.values()))
    for suite in first.suites:
        points = []
        for name, run in runs.items():
            same = next(one for one in run.suites if one.suite == suite.suite)
            points.append((name, same.cost.seconds, same.figures[0].figure.value))
        title = f"{suite.suite}: {suite.figures[0].name} against time"
        replace(folder / f"{suite.suite}.svg", against_time("sweep", title, points).encode())
    return written


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
    arguments = [*options.suites, "--data", str(options.data)]
    arguments += ["--home", str(options.home)] if options.home else []
    arguments += ["--limit", str(options.limit)] if options.limit else []
    for name in options.suites:
        task(name)
    runs: dict[str, Run] = {}
    console = Console(stderr=True)
    for n, variant in enumerate(variants(options.vary), start=1):
        console.print(name_of(variant), markup=False, style="dim")
        runs[name_of(variant)] = run_variant(variant, arguments, options.output / f"{n}")
    Console().print(laid_out(_COLUMNS, rows(runs), 3))
    print(write_sweep(options.output, runs))
