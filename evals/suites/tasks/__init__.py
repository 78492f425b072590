"""The suites by name; each is loaded when it is run, because their libraries are heavy."""

from importlib import import_module
from typing import Any

from evals.suites.task import Task
from stores.errors import ConfigError

NAMES = (
    "understanding",
    "linking",
    "retrieval",
    "answers",
    "refusal",
    "themes",
    "profiles",
    "injection",
    "robustness",
)


def task(name: str) -> Task[Any, Any]:
    """Return a suite.

    Raises:
        ConfigError: there is none of this name.
    """
    if name not in NAMES:
        raise ConfigError(f"there is no suite {name!r}", hint=f"There are: {', '.join(NAMES)}")
    found: Task[Any, Any] = import_module(f"evals.suites.tasks.{name}").TASK
    return found
