"""A mock of Amazon Personalize for tests, built on moto.

    from personalize_mock import mock_personalize

    @mock_personalize
    def test_recommendations(): ...

Importing the package is fast: moto is imported by the first mock, numpy by the first import of data, and implicit by
the first training.
"""

from personalize_mock.exceptions import PersonalizeMockError, PersonalizeMockWarning
from personalize_mock.mock import MockPersonalize, mock_personalize

__version__ = "0.1.0"

__all__ = ["MockPersonalize", "PersonalizeMockError", "PersonalizeMockWarning", "mock_personalize"]
