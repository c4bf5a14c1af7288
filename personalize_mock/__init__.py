"""Amazon Personalize in process: a moto backend that imports data, trains models and recommends.

    from personalize_mock import mock_personalize

    @mock_personalize
    def test_recommendations(): ...

Importing it costs next to nothing: moto comes with the first mock, numpy with the first import of data, implicit with
the first training.
"""

from personalize_mock.exceptions import PersonalizeMockError, PersonalizeMockWarning
from personalize_mock.mock import MockPersonalize, mock_personalize

__version__ = "0.1.0"

__all__ = ["MockPersonalize", "PersonalizeMockError", "PersonalizeMockWarning", "mock_personalize"]
