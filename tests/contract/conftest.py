"""The world that all contract tests share; each test leaves it as it was."""

from collections.abc import Iterator

import pytest
from contract.world import World

from personalize_mock import mock_personalize

MANY = 10_000


@pytest.fixture(scope="module")
def built() -> Iterator[World]:
    """A world, built once a module."""
    kinds = ("active_dataset_groups", "solutions_per_group", "campaigns_per_group", "recommenders_per_group")
    with mock_personalize(clock="2024-05-01T00:00:00Z", quotas=dict.fromkeys(kinds, MANY), autojump=False) as mock:
        yield World(mock)


@pytest.fixture
def world(built: World) -> Iterator[World]:
    """A world that is put back at the end of the test."""
    with built.put_back():
        yield built
