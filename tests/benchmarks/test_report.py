"""Reports of the benchmarks as text, JSON and Markdown."""

import argparse
import json

import pytest
from benchmark_modules import load

machine, measure, report = load("machine"), load("measure"), load("report")


@pytest.fixture
def measured():
    """Return a report with a passed, a missed, an absolute and an unjudged result."""
    results = [
        measure.against("describe", [0.0006], [0.0005], target=1.3),
        measure.against("rank", [1.5], [0.5], target=1.5),
        measure.alone("import", [0.04], target=0.05),
        measure.against("moto", [0.001], [0.0005]),
    ]
    part = {"name": "calls", "title": "Calls", "explanation": "The floor is a canned response."}
    return {
        "machine": {"processor": "A processor", "python": "CPython 3.11"},
        "parts": [{**part, "seconds": 12.3, "results": [measure.as_row(result) for result in results]}],
    }


def options_of(*arguments):
    parser = argparse.ArgumentParser()
    report.add_outputs(parser)
    return parser.parse_args(arguments)


def test_the_table_shows_value_floor_ratio_target_and_verdict(measured):
    assert report.part_as_text(measured["parts"][0]).split("\n") == [
        "",
        "calls: Calls  (12 s CPU)",
        "  describe      0.600 ms      0.500 ms   1.20 x     1.30  PASS",
        "  rank            1.50 s    500.000 ms   3.00 x     1.50  2.00 x the target",
        "  import       40.000 ms                        50.000 ms  PASS",
        "  moto          1.000 ms      0.500 ms   2.00 x",
    ]


def test_bytes_are_shown_as_megabytes():
    row = measure.as_row(measure.against("peak", [3 << 20], [2 << 20], unit="B"))
    text = report.part_as_text({"name": "batch", "title": "Batch", "results": [row]})

    assert text.split()[-6:] == ["3.0", "MB", "2.0", "MB", "1.50", "x"]


def test_the_summary_counts_targets_and_names_the_missed_ones(measured):
    assert report.summary(measured) == "2 of 3 targets met\n  missed: calls: rank"


def test_the_page_has_the_machine_and_a_section_for_each_part(measured):
    page = report.as_markdown(measured)

    assert page.startswith("# Performance\n")
    assert "| processor | A processor |" in page
    assert "## Calls\n\nThe floor is a canned response.\n" in page
    assert "| rank | 1.50 s | 500.000 ms | 3.00 x | 1.50 | 2.00 x the target |" in page
    assert "| moto | 1.000 ms | 0.500 ms | 2.00 x |  |  |" in page


def test_a_missed_target_ends_with_0(measured, capsys):
    assert report.finish(measured, options_of()) == 0
    assert "missed: calls: rank" in capsys.readouterr().out


def test_a_missed_target_ends_with_1_if_strict(measured):
    assert report.finish(measured, options_of("--strict")) == 1


def test_met_targets_end_with_0_if_strict(measured):
    measured["parts"][0]["results"].pop(1)

    assert report.finish(measured, options_of("--strict")) == 0


def test_the_files_contain_the_report(measured, tmp_path):
    data, page = tmp_path / "results.json", tmp_path / "page.md"

    report.finish(measured, options_of("--json", str(data), "--markdown", str(page)))

    assert json.loads(data.read_text("utf-8")) == measured
    assert page.read_text("utf-8") == report.as_markdown(measured)


def test_a_benchmark_alone_prints_its_table_and_the_machine(monkeypatch, capsys, tmp_path):
    program = type("Program", (), {"__file__": "calls.py", "__doc__": "Calls.\n\nThe floor is nothing.\n"})
    monkeypatch.setitem(report.sys.modules, "__main__", program)
    monkeypatch.setattr(report.sys, "argv", ["calls.py", "--sizes", "3", "--json", str(tmp_path / "results.json")])

    with pytest.raises(SystemExit) as ended:
        report.main(lambda sizes: [measure.alone(f"{size} rows", [0.001]) for size in sizes], sizes=(5,))

    (part,) = json.loads((tmp_path / "results.json").read_text("utf-8"))["parts"]
    assert ended.value.code == 0
    assert (part["name"], part["title"], part["explanation"]) == ("calls", "Calls", "The floor is nothing.")
    assert "  3 rows      1.000 ms\n" in capsys.readouterr().out


def test_the_machine_names_the_versions():
    facts = machine.facts()

    assert {"processor", "python", "BLAS", "numpy", "moto", "boto3", "implicit"} <= set(facts)
    assert all(facts.values())
