"""Long run of random sequences with statistics: `python tests/stateful/nightly.py --sequences 10000`.

Sequences are numbered from `--first`. A failed one is printed with a short list of steps that still fails, and
`sequences.run_sequence(number, length)` runs it again.
"""

import argparse
import sys
import warnings
from collections import Counter
from collections.abc import Iterable
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[1]))

from stateful import sequences

from personalize_mock import PersonalizeMockWarning

CHUNK = 25
Counts = Counter[tuple[str, str]]


def main() -> int:
    """Run the sequences and return 1 if one has failed."""
    options = _arguments().parse_args()
    starts = range(options.first, options.first + options.sequences, CHUNK)
    last, begun = options.first + options.sequences, perf_counter()
    counts: Counts = Counter()
    failures: list[str] = []
    with get_context("spawn").Pool(options.processes) as pool:
        for done, failed in pool.imap_unordered(partial(_chunk, last=last, length=options.length), starts):
            counts.update(done)
            failures += failed
    seconds = perf_counter() - begun
    _print([f"{options.sequences / seconds:.1f} sequences of {options.length} steps per second, {seconds:.0f} seconds"])
    _print(_report(counts))
    _print([f"{len(failures)} failed", *failures[:10]])
    return 1 if failures else 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sequences", type=int, default=10_000)
    parser.add_argument("--length", type=int, default=50)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    return parser


def _chunk(start: int, *, last: int, length: int) -> tuple[Counts, list[str]]:
    warnings.simplefilter("ignore", PersonalizeMockWarning)  # events of random times, and random filter values
    counts: Counts = Counter()
    failures = []
    for seed in range(start, min(start + CHUNK, last)):
        counts["sequences", "all"] += 1
        try:
            sequences.run_sequence(seed, length, counts)
        except sequences.SequenceError as failure:
            lockstep = failure.lockstep
            steps = "\n".join(f"    {step}" for step in sequences.shrunk(lockstep.setup, lockstep.steps))
            failures.append(f"sequence {seed}: {failure}\n  {lockstep.setup}\n{steps}")
    return counts, failures


def _report(counts: Counts) -> Iterable[str]:
    topics = sorted({topic for topic, _ in counts if not topic.startswith("errors of ")})
    for topic in topics:
        named = {name: count for (other, name), count in counts.items() if other == topic}
        yield f"{topic}: {sum(named.values())}"
        yield from (f"  {name}: {named[name]}{_errors(counts, topic, name)}" for name in sorted(named))


def _errors(counts: Counts, topic: str, operation: str) -> str:
    errors = {name: count for (other, name), count in counts.items() if other == f"errors of {operation}"}
    return f" ({', '.join(f'{name} {errors[name]}' for name in sorted(errors))})" if topic == "calls" and errors else ""


def _print(lines: Iterable[str]) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)


if __name__ == "__main__":
    sys.exit(main())
