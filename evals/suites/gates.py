"""Gates: figures that a run must reach, from a TOML file with a table for each suite.

```toml
[answers]
complete = 0.75                        # at least where more is better, at most where less is
"false refusals" = 0.10

[retrieval]
"nDCG@10 (scifact_train)" = 0.73
```
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from evals.suites.results import Run
from evals.suites.runner import Summary
from evals.suites.tasks import NAMES
from stores.errors import ConfigError

Gates = Mapping[str, Mapping[str, float]]


def read_gates(path: Path) -> Gates:
    """Return the figures that are asked for.

    Raises:
        ConfigError: the file cannot be read as tables of numbers by suite.
    """
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError("cannot be read", where=str(path)) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"is not TOML ({error})", where=str(path)) from error
    for suite, gates in tables.items():
        if suite not in NAMES:
            raise ConfigError(f"[{suite}] is no suite", where=str(path), hint=f"There are: {', '.join(NAMES)}")
        if not isinstance(gates, dict) or not all(type(value) in {int, float} for value in gates.values()):
            raise ConfigError(f"[{suite}] must hold numbers", where=str(path), hint="Such as complete = 0.75")
    return tables


def missed(run: Run, gates: Gates, asked: Iterable[str]) -> Iterator[str]:
    """Yield what a run has not reached, a line each.

    Args:
        run: what was measured.
        gates: figures to be reached.
        asked: suites that were to be run; gates of others do not count.
    """
    ran = {suite.suite for suite in run.suites}
    yield from (f"{name}: was not run" for name in asked if name in gates and name not in ran)
    for suite in run.suites:
        for name, wanted in gates.get(suite.suite, {}).items():
            if line := _missed(suite, name, wanted):
                yield line


def _missed(suite: Summary, name: str, wanted: float) -> str:
    found = next((one for one in suite.figures if one.name == name), None)
    if found is None:
        return f"{suite.suite}: {name} was not measured"
    value = found.figure.value
    reached = value >= wanted if found.better == "higher" else value <= wanted
    # What was not measured is nan, and reaches nothing.
    asked = "at least" if found.better == "higher" else "at most"
    return "" if reached else f"{suite.suite}: {name} is {value:.3f}, asked {asked} {wanted:g}"
