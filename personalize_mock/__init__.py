"""A mock of Amazon Personalize for tests, built on moto.

    from personalize_mock import mock_personalize

    @mock_personalize
    def test_recommendations(): ...

Importing the package is fast, because heavy dependencies are imported only when they are needed: moto when the first
mock starts, NumPy when the first data arrives, and implicit when the first model is trained.
"""

from personalize_mock.exceptions import PersonalizeMockError, PersonalizeMockWarning
from personalize_mock.mock import MockPersonalize, current_mock, mock_personalize
from personalize_mock.restorable import load_snapshot

__version__ = "0.1.0"

__all__ = [
    "MockPersonalize",
    "PersonalizeMockError",
    "PersonalizeMockWarning",
    "current_mock",
    "load_snapshot",
    "mock_personalize",
]
