"""The README against the package: its code runs, and its list of operations is complete."""

import ast
import re
from pathlib import Path

import pytest

from personalize_mock.__main__ import coverage_report, main

pytest_plugins = ["pytester"]

README = Path(__file__).parents[1] / "README.md"


def code_blocks():
    return re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), flags=re.DOTALL)


def uses_fixtures(code):
    return re.search(r"^def test_\w+\(\w", code, flags=re.MULTILINE) is not None


def sad_paths():
    """Return the statements of the code block about failures."""
    return ast.parse(next(code for code in code_blocks() if "throttled_twice" in code)).body


def is_program(code):
    return "__main__" in code


@pytest.mark.parametrize("code", [code for code in code_blocks() if is_program(code)])
def test_the_programs_of_the_readme_run(pytester, code):
    result = pytester.runpython(pytester.makepyfile(code))
    assert result.ret == 0
    assert result.outlines


@pytest.mark.parametrize("code", [code for code in code_blocks() if not uses_fixtures(code) and not is_program(code)])
def test_the_code_of_the_readme_runs(code, monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    if "aiobotocore" in code:
        pytest.importorskip("aiobotocore")
    names = {}
    exec(compile(code, str(README), "exec"), names)  # noqa: S102  # running the README is the test
    tests = [value for name, value in names.items() if name.startswith("test_")]
    assert tests
    for test in tests:
        test()


@pytest.mark.parametrize("code", [code for code in code_blocks() if uses_fixtures(code)])
def test_the_tests_of_the_readme_pass(pytester, code):
    pytester.makepyfile(code)
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "-W", "error")
    result.assert_outcomes(passed=len(re.findall("^def test_", code, flags=re.MULTILINE)))


@pytest.mark.parametrize("code", [code for code in code_blocks() if 'scope="session"' in code])
def test_the_tests_of_the_readme_with_a_session_fixture_pass_in_two_workers(pytester, code):
    pytester.makepyfile(code)
    result = pytester.runpytest_subprocess("-n2", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=len(re.findall("^def test_", code, flags=re.MULTILINE)))


def test_each_of_the_ten_tests_of_failures_has_at_most_eight_lines_with_all_that_it_needs():
    statements = sad_paths()
    tests = [statement for statement in statements if isinstance(statement, ast.FunctionDef)]
    definitions = [statement for statement in statements if statement not in tests]

    lengths = {test.name: length(test) + sum(1 for one in definitions if names(one) & names(test)) for test in tests}

    assert len(tests) == 10
    assert {name: lines for name, lines in lengths.items() if lines > 8} == {}


def length(test):
    first = min([test.lineno, *(decorator.lineno for decorator in test.decorator_list)])
    return test.end_lineno - first + 1


def names(statement):
    """Return the names that an import or assignment defines, or that a function uses."""
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return {alias.name for alias in statement.names}
    return {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}


def test_the_first_examples_are_short():
    first, _, whole_path, *_ = code_blocks()
    assert len([line for line in first.splitlines() if line]) <= 10
    assert len(whole_path.partition("@mock_personalize")[2].strip().splitlines()) <= 30


def test_the_links_of_the_readme_lead_somewhere():
    text = README.read_text(encoding="utf-8")
    titles = re.findall("^#+ (.*)$", re.sub("```.*?```", "", text, flags=re.DOTALL), flags=re.MULTILINE)
    anchors = {"#" + re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}
    links = [link for link in re.findall(r"\]\(([^)]+)\)", text) if not link.startswith("http")]
    assert links
    assert [link for link in links if link not in anchors and not (README.parent / link).exists()] == []


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
