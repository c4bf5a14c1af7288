"""Reports of results as text, JSON and Markdown, and the command line of a single benchmark."""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import machine
from measure import Result, as_row

Report = Mapping[str, Any]  # {"machine": facts, "parts": [part, ...]}, as in the JSON file
Part = Mapping[str, Any]  # name, title, explanation, results as rows; in a run of several parts also seconds

INTRODUCTION = """# Performance

Written by `python tests/benchmarks --markdown personalize_mock/PERFORMANCE.md`. Do not edit the numbers by hand.

Each line compares what the mock does with a *floor*: the work that cannot be avoided, done without the mock. Both run
alternately in the same process, and the line shows the median time of each and the median of their ratios. Only ratios
can be compared between machines and days, because absolute times drift by a factor of two with the load and the clock
rate of the processor. Times are CPU times unless a section says otherwise. Lines without a target are for comparison.
"""


def main(results: Callable[..., Iterable[Result]], *, sizes: Sequence[int] | None = None) -> None:
    """Run the benchmark of the main module, as its command line asks for, and print its results.

    Args:
        results: The function that yields the results. It takes the sizes if the benchmark has sizes.
        sizes: The default of the option `--sizes`; None if the benchmark has no such option.
    """
    module = sys.modules["__main__"]
    name = Path(str(module.__file__)).stem
    title, _, explanation = str(module.__doc__).partition("\n")
    parser = argparse.ArgumentParser(description=title)
    add_outputs(parser)
    if sizes is not None:
        parser.add_argument("--sizes", type=int, nargs="+", default=sizes, help=f"default: {list(sizes)}")
    options = parser.parse_args()
    arguments = [] if sizes is None else [options.sizes]
    rows = [as_row(result) for result in results(*arguments)]
    part = {"name": name, "title": title.rstrip("."), "explanation": explanation.strip(), "results": rows}
    print(part_as_text(part))
    sys.exit(finish({"machine": machine.facts(), "parts": [part]}, options))


def add_outputs(parser: argparse.ArgumentParser) -> None:
    """Add the options that a single benchmark and a run of all have."""
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results as JSON")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the results as a page")
    parser.add_argument("--strict", action="store_true", help="exit with 1 if a target is missed")


def finish(report: Report, options: argparse.Namespace) -> int:
    """Print the machine and a summary, write the files that the options name, and return the exit code."""
    print(f"\n{machine_as_text(report)}\n{summary(report)}")
    if options.json is not None:
        options.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    if options.markdown is not None:
        options.markdown.write_text(as_markdown(report), encoding="utf-8")
    return int(options.strict and bool(missed(report)))


def missed(report: Report) -> list[str]:
    """Return the names of the results that miss their target, with the name of their part."""
    return [f"{part['name']}: {row['name']}" for part in report["parts"] for row in part["results"] if _is_missed(row)]


def _is_missed(row: Mapping[str, Any]) -> bool:
    return row["passes"] is False


def summary(report: Report) -> str:
    """Return how many targets are met, and which are missed."""
    judged = [row for part in report["parts"] for row in part["results"] if row["passes"] is not None]
    failed = missed(report)
    lines = [f"{len(judged) - len(failed)} of {len(judged)} targets met"]
    return "\n".join(lines + [f"  missed: {name}" for name in failed])


def machine_as_text(report: Report) -> str:
    """Return the machine and the versions in one line."""
    return ", ".join(f"{name} {value}" for name, value in report["machine"].items())


def part_as_text(part: Part) -> str:
    """Return the table of a part."""
    took = f"  ({part['seconds']:.0f} s CPU)" if "seconds" in part else ""
    width = max([len(row["name"]) for row in part["results"]], default=0)
    lines = [f"\n{part['name']}: {part['title']}{took}"]
    for row in part["results"]:
        measured, floor, ratio, target, verdict = _cells(row)
        lines.append(f"  {row['name']:<{width}} {measured:>13} {floor:>13} {ratio:>8} {target:>8}  {verdict}".rstrip())
    return "\n".join(lines)


def as_markdown(report: Report) -> str:
    """Return the whole report as a page."""
    facts = "\n".join(f"| {name} | {value} |" for name, value in report["machine"].items())
    sections = [INTRODUCTION, f"| | |\n|---|---|\n{facts}\n", f"{summary(report).splitlines()[0]}.\n"]
    return "\n".join(sections + [_section(part) for part in report["parts"]])


def _section(part: Part) -> str:
    rows = [" | ".join(("", row["name"], *_cells(row), "")).strip() for row in part["results"]]
    head = ["| | measured | floor | ratio | target | |", "|---|---:|---:|---:|---:|---|"]
    return "\n".join([f"## {part['title']}", "", part["explanation"], "", *head, *rows, ""])


def _cells(row: Mapping[str, Any]) -> tuple[str, str, str, str, str]:
    """Return measured value, floor, ratio, target and verdict of a row as text."""
    result = Result(**{name: value for name, value in row.items() if name != "passes"})
    target = "" if result.target is None else f"{result.target:.2f}"
    if result.ratio is None and result.target is not None:
        target = _quantity(result.target, result.unit)
    floor = "" if result.floor is None else _quantity(result.floor, result.unit)
    ratio = "" if result.ratio is None else f"{result.ratio:.2f} x"
    return _quantity(result.measured, result.unit), floor, ratio, target, result.verdict


def _quantity(value: float, unit: str) -> str:
    if unit == "B":
        return f"{value / 2**20:,.1f} MB"
    if value < 1e-4:
        return f"{1e6 * value:,.2f} µs"
    return f"{1000 * value:,.3f} ms" if value < 1 else f"{value:,.2f} s"
