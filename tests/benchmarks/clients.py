"""The first client of a session, as each test has one.

moto starts each test with a new default session of boto3, so the first client of a test would load boto3's service
models again. The floor is the second client of a session under `mock_aws`, which finds them loaded. The second client
of a session under the mock is no floor, because the mock makes every client faster. It is shown for comparison.
"""

from collections.abc import Iterator
from functools import partial

import boto3
from campaigns import REGION
from measure import Result, against, alternate, seconds
from moto import mock_aws
from report import main

from personalize_mock import mock_personalize

TARGETS = {"first client of a session": 1.3}
ROUNDS, SERVICES = 21, ("personalize", "personalize-runtime", "s3")


def results() -> Iterator[Result]:
    """Yield the results of each service."""
    for service in SERVICES:
        yield from one_service(service)


def one_service(service: str) -> Iterator[Result]:
    """Compare clients under the mock with the second client of a session under `mock_aws`."""
    taken = alternate({name: partial(client_times, mock, service) for name, mock in MOCKS.items()}, rounds=ROUNDS)
    _, first, second = zip(*taken["ours"], strict=True)
    floors = [sample[2] for sample in taken["aws"]]
    target = TARGETS["first client of a session"]
    yield against(f"{service}: first client of a session", first, floors, target=target)
    yield against(f"{service}: second client of a session", second, floors)
    for title, name in (("session and first client", "ours"), ("the same under mock_aws", "aws")):
        yield against(f"{service}: {title}", [sum(sample[:2]) for sample in taken[name]], floors)


def client_times(mock, service: str) -> tuple[float, float, float]:
    """Return the seconds of a new session, of its first client and of its second client."""
    make = partial(boto3.client, service, region_name=REGION)
    with mock():
        return seconds(boto3.setup_default_session), seconds(make), seconds(make)


MOCKS = {"aws": mock_aws, "ours": mock_personalize}

if __name__ == "__main__":
    main(results)
