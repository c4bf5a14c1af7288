"""The command that runs several benchmarks and reports their results."""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import report
from measure import children_time

HERE = Path(__file__).parent
PARTS = (
    "calls",
    "clients",
    "runtime_calls",
    "serving",
    "csv_import",
    "training",
    "batch",
    "end_to_end",
    "suite",
    "reuse",
    "server",
    "growth",
    "resource_growth",
    "scale",
)


def run(name: str, folder: Path) -> dict[str, Any] | None:
    """Run a benchmark in a new process and return its report, or None if it fails."""
    path, before = folder / f"{name}.json", children_time()
    command = [sys.executable, str(HERE / f"{name}.py"), "--json", str(path)]
    if subprocess.run(command, check=False, stdout=subprocess.DEVNULL).returncode:
        return None
    single: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    single["parts"][0]["seconds"] = children_time() - before
    return single


def main(arguments: list[str] | None = None) -> int:
    """Run the chosen benchmarks, print and write their results, and return the exit code.

    The code is 1 if a benchmark ends with an error. With `--strict` it is also 1 if a target is missed.
    """
    parser = argparse.ArgumentParser(prog="python tests/benchmarks", description="Run the benchmarks.")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, metavar="PART", help=", ".join(PARTS))
    report.add_outputs(parser)
    options = parser.parse_args(arguments)
    whole, failed = run_all(options.only)
    print(f"\n{sum(part['seconds'] for part in whole['parts']):.0f} s of CPU time")
    for name in failed:
        print(f"{name}: ended with an error")
    return report.finish(whole, options) or int(bool(failed))


def run_all(names: Iterable[str]) -> tuple[dict[str, Any], list[str]]:
    """Run benchmarks and print their tables. Return the common report, and the names of those that failed."""
    whole: dict[str, Any] = {"machine": {}, "parts": []}
    failed = []
    with TemporaryDirectory() as folder:
        for name in names:
            single = run(name, Path(folder))
            if single is None:
                failed.append(name)
                continue
            print(report.part_as_text(single["parts"][0]), flush=True)
            whole = {"machine": single["machine"], "parts": whole["parts"] + single["parts"]}
    return whole, failed
