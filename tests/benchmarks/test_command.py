"""The command that runs the benchmarks, and the list of benchmarks."""

import ast
import json
from pathlib import Path

import pytest
from benchmark_modules import load

command = load("command")

HERE = Path(__file__).parent


@pytest.fixture
def ran(monkeypatch):
    """Replace the benchmarks, and return the names of those that the command runs."""
    names = []

    def run(name, folder):
        names.append(name)
        row = {"name": "call", "measured": 2.0, "floor": 1.0, "ratio": 2.0, "target": 1.5, "unit": "s", "passes": False}
        part = {"name": name, "title": name.upper(), "explanation": "", "seconds": 1.0, "results": [row]}
        return None if name == "suite" else {"machine": {"python": "3"}, "parts": [part]}

    monkeypatch.setattr(command, "run", run)
    return names


def defines_targets(path):
    tree = ast.parse(path.read_text("utf-8"))
    targets = [target for node in tree.body if isinstance(node, ast.Assign) for target in node.targets]
    return "TARGETS" in {target.id for target in targets if isinstance(target, ast.Name)}


def test_each_benchmark_with_targets_belongs_to_the_command():
    assert sorted(command.PARTS) == sorted(path.stem for path in HERE.glob("*.py") if defines_targets(path))


def test_each_benchmark_can_be_imported_and_names_its_floors_and_targets():
    for name in command.PARTS:
        module = load(name)
        title, _, explanation = module.__doc__.partition("\n\n")
        assert module.TARGETS, name
        assert all(bound > 0 for bound in module.TARGETS.values()), name
        assert callable(module.results), name
        assert "\n" not in title, name
        assert "floor" in explanation or "absolute" in explanation, name


def test_without_a_choice_all_benchmarks_run(ran):
    command.main([])

    assert ran == list(command.PARTS)


def test_only_the_chosen_benchmarks_run(ran, tmp_path):
    path = tmp_path / "results.json"

    assert command.main(["--only", "serving", "calls", "--json", str(path)]) == 0

    assert ran == ["serving", "calls"]
    assert [part["title"] for part in json.loads(path.read_text("utf-8"))["parts"]] == ["SERVING", "CALLS"]


def test_an_unknown_benchmark_is_refused(ran, capsys):
    with pytest.raises(SystemExit):
        command.main(["--only", "call"])

    assert "invalid choice: 'call'" in capsys.readouterr().err
    assert ran == []


def test_a_benchmark_that_fails_does_not_stop_the_others(ran, capsys):
    assert command.main(["--only", "suite", "calls"]) == 1

    assert ran == ["suite", "calls"]
    assert "suite: ended with an error" in capsys.readouterr().out


def test_a_missed_target_is_an_error_only_if_strict(ran):
    assert command.main(["--only", "calls"]) == 0
    assert command.main(["--only", "calls", "--strict"]) == 1
