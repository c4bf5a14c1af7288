"""Fixtures of all tests. `builders.py` has functions that create resources and data."""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings

from personalize_mock import MockPersonalize, mock_personalize
from personalize_mock.content_cache import CACHE

NO_REAL_DATA = "no real data: set PERSONALIZE_MOCK_DATA to a folder with interactions.csv.gz and items.csv.gz"
BESIDE = Path(__file__).parents[2] / "shared" / "data"  # used if the variable is not set

# No deadline, because the duration of an example depends on the machine. `pytest --hypothesis-profile thorough` looks
# at more examples.
settings.register_profile("quick", deadline=None, max_examples=40)
settings.register_profile("thorough", deadline=None, max_examples=1000)
settings.load_profile("quick")


@pytest.fixture(autouse=True)
def region(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give clients without a region the region of `mock.call`."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")


@pytest.fixture(autouse=True)
def cold_cache(request: pytest.FixtureRequest) -> Iterator[None]:
    """Start and end with an empty cache in modules that patch code or test the cache.

    Other tests share parsed files and fitted models, which makes the whole run faster. Their results do not depend on
    their order, because answers from the cache are equal to those without it.
    """
    if not _needs_cold_cache(request.path):
        yield
        return
    CACHE.clear()
    yield
    CACHE.clear()


@cache
def _needs_cold_cache(module: Path) -> bool:
    text = module.read_text(encoding="utf-8")
    return any(word in text for word in ("patch", "CACHE", "reuse", "cold", "Interrupt"))


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
