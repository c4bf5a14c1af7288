"""The world that all contract tests share; each test leaves it as it was."""

from collections.abc import Iterator

import pytest
from contract.clients import Clients
from contract.world import World

from personalize_mock import mock_personalize
from personalize_mock.resources.core.rules import QUOTAS

MANY = 10_000


@pytest.fixture(scope="module")
def built() -> Iterator[World]:
    """A world, built once a module."""
    quotas = {name: MANY for name, quota in QUOTAS.items() if quota.kind}
    with mock_personalize(clock="2024-05-01T00:00:00Z", quotas=quotas, autojump=False) as mock:
        yield World(mock)


@pytest.fixture
def world(built: World) -> Iterator[World]:
    """A world that is put back at the end of the test."""
    with built.rolled_back():
        yield built


@pytest.fixture(scope="module")
def clients(built: World) -> Clients:
    """Clients of that world."""
    return Clients()
