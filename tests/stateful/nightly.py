"""Many sequences, with counts of what they did: `python tests/stateful/nightly.py --sequences 10000`.

Sequences are numbered from `--first`; a failed one is shown with as few of its steps as still fail, and
`going.go(number, length)` runs it again.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterable
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[1]))

from stateful import going

CHUNK = 25
Counts = Counter[tuple[str, str]]


def main() -> int:
    """Runs the sequences; says 1 if one has failed."""
    asked = _arguments().parse_args()
    starts = range(asked.first, asked.first + asked.sequences, CHUNK)
    last, begun = asked.first + asked.sequences, perf_counter()
    counts: Counts = Counter()
    failures: list[str] = []
    with get_context("spawn").Pool(asked.processes) as pool:
        for done, failed in pool.imap_unordered(partial(_chunk, last=last, length=asked.length), starts):
            counts.update(done)
            failures += failed
    seconds = perf_counter() - begun
    _tell([f"{asked.sequences / seconds:.1f} sequences of {asked.length} steps per second, {seconds:.0f} seconds"])
    _tell(_report(counts))
    _tell([f"{len(failures)} failed", *failures[:10]])
    return 1 if failures else 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sequences", type=int, default=10_000)
    parser.add_argument("--length", type=int, default=50)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    return parser


def _chunk(start: int, *, last: int, length: int) -> tuple[Counts, list[str]]:
    counts: Counts = Counter()
    failures = []
    for seed in range(start, min(start + CHUNK, last)):
        counts["sequences", "all"] += 1
        try:
            going.go(seed, length, counts)
        except going.Failed as failure:
            walk = failure.walk
            steps = "\n".join(f"    {step}" for step in going.shortened(walk.setup, walk.steps))
            failures.append(f"sequence {seed}: {failure}\n  {walk.setup}\n{steps}")
    return counts, failures


def _report(counts: Counts) -> Iterable[str]:
    whats = sorted({what for what, _ in counts if not what.startswith("refusals ")})
    for what in whats:
        named = {name: count for (other, name), count in counts.items() if other == what}
        yield f"{what}: {sum(named.values())}"
        yield from (f"  {name}: {named[name]}{_refused(counts, what, name)}" for name in sorted(named))


def _refused(counts: Counts, what: str, operation: str) -> str:
    errors = {name: count for (other, name), count in counts.items() if other == f"refusals {operation}"}
    return f" ({', '.join(f'{name} {errors[name]}' for name in sorted(errors))})" if what == "calls" and errors else ""


def _tell(lines: Iterable[str]) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)


if __name__ == "__main__":
    sys.exit(main())
