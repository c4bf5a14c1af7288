"""The README against the package: its code runs, and its list of operations is complete."""

import re
from pathlib import Path

import pytest

from personalize_mock.__main__ import coverage_report, main

README = Path(__file__).parents[1] / "README.md"


def code_blocks():
    return re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.mark.parametrize("code", code_blocks())
def test_the_code_of_the_readme_runs(code, monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    names = {}
    exec(compile(code, str(README), "exec"), names)  # noqa: S102  # running the README is the test
    tests = [value for name, value in names.items() if name.startswith("test_")]
    assert tests
    for test in tests:
        test()


def test_the_first_example_is_short():
    assert len(code_blocks()[0].partition("@mock_personalize")[2].strip().splitlines()) <= 30


def test_the_list_of_operations_in_the_readme_is_up_to_date():
    text = README.read_text(encoding="utf-8").partition("<!-- coverage -->")[2].partition("<!-- /coverage -->")[0]
    hint = "put the output of `python -m personalize_mock coverage --markdown` between the two comments in the README"
    assert text.strip() == coverage_report(markdown=True), hint


def test_the_coverage_command_prints_every_operation_and_the_total(capsys):
    assert main(["coverage"]) == 0
    lines = capsys.readouterr().out.rstrip().splitlines()
    assert "yes  CreateSchema" in lines
    assert re.fullmatch(r"\d+ of \d+ operations", lines[-1])
    assert len([line for line in lines if line.startswith(("yes", " no"))]) == int(lines[-1].split()[2])
