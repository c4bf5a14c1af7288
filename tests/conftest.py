"""Fixtures of all tests. `builders.py` has functions that create resources and data."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from personalize_mock import MockPersonalize, mock_personalize
from personalize_mock.content_cache import CACHE

NO_REAL_DATA = "no real data: set PERSONALIZE_MOCK_DATA to a folder with interactions.csv.gz and items.csv.gz"
BESIDE = Path(__file__).parents[2] / "shared" / "data"  # used if the variable is not set

settings.register_profile("no deadline", deadline=None)  # the duration of an example depends on the machine
settings.load_profile("no deadline")


@pytest.fixture(autouse=True)
def region(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give clients without a region the region of `mock.call`."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")


@pytest.fixture(autouse=True)
def cold_cache() -> None:
    """Drop what earlier tests have made the process keep, so that tests do not depend on their order."""
    CACHE.clear()


@pytest.fixture
def mock() -> Iterator[MockPersonalize]:
    """Return a mock whose clock moves only with jumps, sleeps and polls."""
    with mock_personalize(clock="2024-05-01T00:00:00Z") as active:
        yield active


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Return the folder of the real data."""
    folder = Path(os.environ.get("PERSONALIZE_MOCK_DATA") or BESIDE)
    if not (folder / "interactions.csv.gz").exists():
        pytest.skip(NO_REAL_DATA)
    return folder
