"""`quodvide bench`, `quodvide eval` and `quodvide train`: measurements and trainings, each a module with a `main`."""

import sys
from importlib import import_module

from stores.errors import ConfigError

BENCHES = {
    "ingest": "evals.bench_ingest",
    "chat": "evals.bench_chat",
    "embeddings": "evals.bench_embeddings",
    "retrieval": "evals.bench_retrieval",
    "linking": "evals.bench_linking",
    "ask": "evals.bench_ask",
    "profiles": "evals.bench_profiles",
    "themes": "evals.themes.bench",
    "serve": "evals.bench_serve",
}
SUITES = {
    "run": "evals.suites.run",
    "compare": "evals.suites.compare",
    "report": "evals.suites.report",
    "sweep": "evals.suites.sweep",
    "questions": "evals.questions",
    "retrieval": "evals.retrieval",
    "answers": "evals.answers",
    "refusals": "evals.refusals",
    "profiles": "evals.profiles",
    "topics": "evals.topics",
    "linking": "evals.linking",
    "support": "evals.support.main",
    "injection": "evals.injection.main",
    "themes": "evals.themes.main",
}
TRAININGS = {
    "tagger": "evals.tagger.main",
    "linker": "evals.linker.main",
    "support": "evals.support.train",
    "theme-encoder": "evals.themes.tune",
    "themes": "evals.themes.train",
}


def bench(arguments: list[str]) -> int:
    """Run one benchmark with the rest of the arguments."""
    return _run("bench", BENCHES, arguments)


def evaluate(arguments: list[str]) -> int:
    """Run one evaluation with the rest of the arguments; return its exit status."""
    return _run("eval", SUITES, arguments)


def train(arguments: list[str]) -> int:
    """Train one of the models that are shipped, with the rest of the arguments."""
    return _run("train", TRAININGS, arguments)


def _run(command: str, modules: dict[str, str], arguments: list[str]) -> int:
    name = arguments[0] if arguments else ""
    if name not in modules:
        raise ConfigError(
            f"`quodvide {command}` needs one of: {', '.join(modules)}", hint="Each explains itself with --help"
        )
    sys.argv = [f"quodvide {command} {name}", *arguments[1:]]
    try:
        return import_module(modules[name]).main() or 0
    except OSError as error:
        if error.filename is None:
            raise
        raise ConfigError(
            f"cannot be read or written ({error.strerror})",
            where=str(error.filename),
            hint=f"See `{sys.argv[0]} --help`",
        ) from error
