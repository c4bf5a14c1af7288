"""Fixtures of all tests; what tests are built of stands in `builders.py`."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from personalize_mock import MockPersonalize, mock_personalize

NO_REAL_DATA = "no real data: set PERSONALIZE_MOCK_DATA to a folder with interactions.csv.gz and items.csv.gz"

settings.register_profile("no deadline", deadline=None)  # how long an example takes says how busy the machine is
settings.load_profile("no deadline")


@pytest.fixture(autouse=True)
def region(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients that name no region get the one that `mock.call` calls."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")


@pytest.fixture
def mock() -> Iterator[MockPersonalize]:
    """A mock whose time stands still but for jumps, sleeps and polls."""
    with mock_personalize(clock="2024-05-01T00:00:00Z") as active:
        yield active


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of the real data."""
    beside = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("PERSONALIZE_MOCK_DATA") or beside)
    if not folder.is_dir():
        pytest.skip(NO_REAL_DATA)
    return folder
