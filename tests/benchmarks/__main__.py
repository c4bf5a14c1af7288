"""All benchmarks in one run of about half an hour.

    python tests/benchmarks [FOLDER]

FOLDER holds interactions.csv.gz and items.csv.gz. Without it the benchmarks on real ratings are skipped. Each benchmark
prints ratios that it measures in alternating rounds. Do not run anything else at the same time.
"""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
BENCHMARKS = (
    ("calls.py",),
    ("clients.py",),
    ("server.py",),
    ("csv_import.py",),
    ("training.py",),
    ("serving.py",),
    ("runtime_calls.py",),
    ("end_to_end.py",),
    ("end_to_end.py", "--cold"),
    ("relevance.py",),
    ("objective.py",),
)
WITH_RATINGS = (("relevance.py", "--splits", "10", "--modes", "--folder"), ("objective.py",), ("live_events.py",))


def main(folder: str | None = None) -> None:
    runs = [[name, *options] for name, *options in BENCHMARKS]
    if folder is not None:
        runs += [[*command, folder] for command in WITH_RATINGS]
    for name, *options in runs:
        print(f"\n{'=' * 20} {name} {' '.join(options)}", flush=True)
        subprocess.run([sys.executable, str(HERE / name), *options], check=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
