"""Fixtures of the contract tests: one world per module, rolled back after each test."""

from collections.abc import Iterator

import pytest
from contract.clients import Clients
from contract.world import World

from personalize_mock import mock_personalize
from personalize_mock.resources.core.quotas import QUOTAS

UNLIMITED = 10_000


@pytest.fixture(scope="module")
def built() -> Iterator[World]:
    """Return a world that is built once per module."""
    quotas = {name: UNLIMITED for name, quota in QUOTAS.items() if quota.type_name}
    with mock_personalize(clock="2024-05-01T00:00:00Z", quotas=quotas, autojump=False) as mock:
        yield World(mock)


@pytest.fixture
def world(built: World) -> Iterator[World]:
    """Return the world of the module, and roll it back after the test."""
    with built.rolled_back():
        yield built


@pytest.fixture(scope="module")
def clients(built: World) -> Clients:
    """Return clients of that world."""
    return Clients()
