"""Time of a client in a new session, as each test has one, compared with another client of the same session.

    python tests/benchmarks/clients.py

moto starts each test with a new default session. Targets: a client in a new session takes at most 1.3 times as long as
another client of the same session, and entering and leaving a mock at most 1.3 times as long as `mock_aws`.
"""

import statistics
import time

import boto3
from moto import mock_aws

from personalize_mock import mock_personalize

ROUNDS, SERVICES, TARGET = 31, ("personalize", "personalize-runtime", "s3"), 1.3


def cpu_seconds(task) -> float:
    """Return the CPU time of `task`, which other processes disturb less than its wall time."""
    before = time.process_time()
    task()
    return time.process_time() - before


def client_times(mock, service):
    """Return the CPU seconds of a new session, of its first client and of its second client."""
    with mock():
        return (
            cpu_seconds(boto3.setup_default_session),
            cpu_seconds(lambda: boto3.client(service, region_name="us-east-1")),
            cpu_seconds(lambda: boto3.client(service, region_name="us-east-1")),
        )


def enter(mock):
    with mock():
        pass


def print_line(title, times, floors, *, target=None):
    """Print the median of `times` and its median ratio to the floor of the same round."""
    ratio = statistics.median(own / floor for own, floor in zip(times, floors, strict=True))
    verdict = (
        "" if target is None else f"   target {target}: {'PASS' if ratio <= target else f'{ratio / target:.2f} of it'}"
    )
    print(f"  {title:<46} {1000 * statistics.median(times):8.2f} ms {ratio:7.2f} x{verdict}", flush=True)


def main() -> None:
    for service in SERVICES:
        client_times(mock_aws, service), client_times(mock_personalize, service)
        rounds = [(client_times(mock_aws, service), client_times(mock_personalize, service)) for _ in range(ROUNDS)]
        aws, ours = (list(zip(*times, strict=True)) for times in zip(*rounds, strict=True))
        print(f"\n{service}  (CPU time, {ROUNDS} alternating rounds)")
        print_line("second client of a session", ours[2], ours[2])
        print_line("first client of a session", ours[1], ours[2], target=TARGET)
        print_line("session and first client", [a + b for a, b in zip(*ours[:2], strict=True)], ours[2])
        print_line("session and first client under mock_aws", [a + b for a, b in zip(*aws[:2], strict=True)], ours[2])
    entries = [
        (cpu_seconds(lambda: enter(mock_aws)), cpu_seconds(lambda: enter(mock_personalize))) for _ in range(ROUNDS)
    ]
    floors, times = zip(*entries, strict=True)
    print(f"\nentering and leaving  (CPU time, {ROUNDS} alternating rounds)")
    print_line("mock_aws", floors, floors)
    print_line("mock_personalize", times, floors, target=TARGET)


if __name__ == "__main__":
    main()
