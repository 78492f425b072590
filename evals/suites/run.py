"""`quodvide eval run SUITE...`: measures a home folder, writes every item and the figures, and holds them to gates.

The data folder has the form of the shared data (questions/, gold/, retrieval/, qa/), so that a file of one's own drops in;
`evals/small` is one, over the demo corpus.
"""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from agent import settings as settings_
from agent.chat_models import chat_model_path
from agent.digests import Digests
from agent.recording import Recorder
from agent.settings import Settings
from agent.wiring import Parts
from evals.suites.bench import Bench, DataMissing
from evals.suites.gates import missed, read_gates
from evals.suites.results import FILE, Run, made, write_run
from evals.suites.runner import Summary, run
from evals.suites.tables import table
from evals.suites.tasks import NAMES, task
from stores.errors import ConfigError

_ALL = "all"


def main() -> int:
    """Run the suites, print their figures, and return 1 when one misses its gate."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suites", nargs="+", metavar="SUITE", help=f"{', '.join(NAMES)}, or all")
    parser.add_argument("--data", type=Path, required=True, help="folder with questions/, gold/, retrieval/, qa/")
    parser.add_argument("--home", type=Path, default=None, help="the home folder that is measured; also QUODVIDE_HOME")
    parser.add_argument("--output", type=Path, required=True, help="folder for run.json and the items of each suite")
    parser.add_argument("--mode", default="full", help="oracle hands `answers` the right papers; full by default")
    parser.add_argument("--limit", type=int, default=None, help="only so many items of each suite")
    parser.add_argument("--seed", type=int, default=13, help="of the intervals and of what is drawn")
    parser.add_argument(
        "--fail-under", type=Path, default=None, metavar="FILE", help="TOML with a table of gates a suite"
    )
    options = parser.parse_args()
    # What is wrong with names and gates is said before anything is measured.
    tasks = [task(name) for name in (NAMES if options.suites == [_ALL] else dict.fromkeys(options.suites))]
    gates = read_gates(options.fail_under) if options.fail_under is not None else {}
    if not options.data.is_dir():
        raise ConfigError("is no folder", where=f"--data {options.data}")
    settings = settings_.load(options.home)
    around = environment(settings)
    bench = Bench(settings, options.data, options.output / "homes", options.mode, options.limit, options.seed)
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / FILE).unlink(missing_ok=True)  # its items are about to be written over
    console, progress = Console(), Console(stderr=True)
    found: list[Summary] = []
    record: Run | None = None
    try:
        for one in tasks:
            progress.print(f"{one.name}: {one.about}", markup=False, style="dim")
            try:
                found.append(run(one, bench, options.output / f"{one.name}.jsonl"))
            except DataMissing as error:
                if options.suites != [_ALL]:
                    raise
                progress.print(f"{one.name} is left out: {error}", markup=False, style="yellow")
                continue
            console.print(table(found[-1]))
            record = made(bench, found, around)
            write_run(options.output, record)  # what is measured stays, whatever comes after
    finally:
        bench.close()
    if record is None:
        raise DataMissing("holds no data of any suite", where=str(options.data))
    return held(list(missed(record, gates, [one.name for one in tasks])), progress)


def held(lines: Sequence[str], console: Console) -> int:
    """Say which gates were missed; return the exit status."""
    for line in lines:
        console.print(f"below its gate: {line}", markup=False, style="red")
    return 1 if lines else 0


def environment(settings: Settings) -> Mapping[str, Any]:
    """Return what the figures depend on: models, prompts, settings, corpus, libraries."""
    parts = Parts(settings)
    try:
        digests = Digests(parts.home.cache / "digests.json")
        recorder = Recorder(settings, parts.catalogue, chat_model_path(settings), lambda: parts.embedder.name, digests)
        return recorder.environment().model_dump(mode="json")
    finally:
        parts.close()
