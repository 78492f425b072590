import math
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from agent import settings as settings_
from agent.wiring import Parts
from evals.cli import evaluate
from evals.suites.results import read_run
from evals.suites.runner import Cost
from evals.suites.spending import Spending
from evals.suites.tables import cost
from stores.usage import Call
from tools.grounding.base import TokenUsage

SMALL = Path(__file__).resolve().parents[3] / "evals" / "small"
CALL: dict[str, Any] = {"at": "2026-01-01T00:00:00", "model": "m", "role": "word", "route": "word", "seconds": 1.0}


def test_what_was_spent_since_is_told_and_what_has_no_price_is_unknown(demo_home: Path, tmp_path: Path) -> None:
    parts = Parts(settings_.load(copytree(demo_home, tmp_path / "home")))
    log = parts.models.usage
    assert log is not None
    log.add(Call(**CALL, cost=5.0, input_tokens=7, output_tokens=1))
    spending = Spending(parts)
    assert spending.since() == (TokenUsage(), 0)
    log.add(Call(**CALL, cost=0.25, input_tokens=100, output_tokens=10))
    assert spending.since() == (TokenUsage(calls=1, input_tokens=100, output_tokens=10), 0.25)
    log.add(Call(**CALL, cost=None))
    assert math.isnan(spending.cost_of(TokenUsage(calls=1)))
    assert spending.cost_of(TokenUsage()) == 0
    parts.close()


def test_calls_of_the_chat_model_stand_beside_the_figures(
    demo_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUODVIDE_UNDERSTANDING__TAGGER", "chat")
    home = copytree(demo_home, tmp_path / "home")
    given = ["--data", str(SMALL), "--home", str(home), "--output", str(tmp_path / "out"), "--limit", "1"]
    assert evaluate(["run", "understanding", *given]) == 0
    (suite,) = read_run(tmp_path / "out").suites
    assert suite.cost.calls >= 1
    assert suite.cost.input_tokens > 0
    assert suite.cost.cost == 0


def test_an_unknown_cost_is_said_and_survives_a_file() -> None:
    one = Cost(seconds=0, seconds_p95=0, calls=1, input_tokens=1, output_tokens=1, cost=math.nan, megabytes=1)
    assert "of unknown cost" in cost(Cost.model_validate_json(one.model_dump_json()))
