from pathlib import Path

import pytest

from evals.suites.figures import Figure
from evals.suites.gates import missed, read_gates
from evals.suites.results import Machine, Run, read_run, write_run
from evals.suites.runner import Cost, Reported, Summary
from stores.errors import ConfigError, InputError


def run_of(**values: tuple[float, str]) -> Run:
    figures = tuple(
        Reported(name=name, about="", better=better, figure=Figure(value=value, low=value, high=value, n=3))
        for name, (value, better) in values.items()
    )
    cost = Cost(seconds=0, seconds_p95=0, calls=0, input_tokens=0, output_tokens=0, cost=0, megabytes=0)
    suite = Summary(suite="answers", about="", mode="full", items=3, failed=0, figures=figures, cost=cost)
    machine = Machine(processor="", cores=1, system="", python="")
    return Run(at="", seed=1, mode="full", environment={}, data={}, machine=machine, suites=(suite,))


def test_a_gate_holds_at_its_value_and_not_below(tmp_path: Path) -> None:
    gates = tmp_path / "gates.toml"
    gates.write_text("[answers]\ncomplete = 0.75\nrefusals = 0.1\ngone = 0.5\n\n[themes]\nx = 1\n", "utf-8")
    run = run_of(complete=(0.75, "higher"), refusals=(0.1, "lower"))
    assert list(missed(run, read_gates(gates), ["answers"])) == ["answers: gone was not measured"]
    run = run_of(complete=(0.74, "higher"), refusals=(0.11, "lower"), gone=(float("nan"), "higher"))
    assert list(missed(run, read_gates(gates), ["answers", "themes", "linking"])) == [
        "themes: was not run",
        "answers: complete is 0.740, asked at least 0.75",
        "answers: refusals is 0.110, asked at most 0.1",
        "answers: gone is nan, asked at least 0.5",
    ]


@pytest.mark.parametrize(
    "text", ["[answers", '[answers]\ncomplete = "all"\n', "answers = 1\n", "[answer]\ncomplete = 1\n"]
)
def test_a_file_of_gates_that_is_none_is_said(tmp_path: Path, text: str) -> None:
    gates = tmp_path / "gates.toml"
    gates.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=r"gates\.toml"):
        read_gates(gates)


def test_a_run_is_read_as_it_was_written(tmp_path: Path) -> None:
    run = run_of(complete=(0.5, "higher"))
    write_run(tmp_path, run)
    assert read_run(tmp_path) == run
    (tmp_path / "run.json").write_text("{}", "utf-8")
    with pytest.raises(InputError, match="not the record of a run"):
        read_run(tmp_path)
    with pytest.raises(InputError, match="holds no"):
        read_run(tmp_path / "nowhere")
