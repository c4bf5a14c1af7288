"""Every benchmark in one run; takes some twenty minutes.

    python tests/benchmarks [FOLDER]

FOLDER holds interactions.csv.gz and items.csv.gz; without it the benchmarks that need real ratings are left out. Each
prints its ratios, taken in alternating rounds of this one run; run nothing else meanwhile.
"""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
BENCHMARKS = (
    ("calls.py",),
    ("csv_import.py",),
    ("training.py",),
    ("serving.py",),
    ("runtime_calls.py",),
    ("end_to_end.py",),
    ("end_to_end.py", "--cold"),
)
WITH_RATINGS = (("relevance.py", "10"), ("live_events.py",))


def main(folder: str | None = None) -> None:
    runs = [[name, *options] for name, *options in BENCHMARKS]
    if folder is not None:
        runs += [[name, folder, *options] for name, *options in WITH_RATINGS]
    for name, *options in runs:
        print(f"\n{'=' * 20} {name} {' '.join(options)}", flush=True)
        subprocess.run([sys.executable, str(HERE / name), *options], check=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
