import pytest
from builders import a_dataset, a_dataset_group


@pytest.fixture
def dataset(mock):
    return a_dataset(mock, a_dataset_group(mock))


@pytest.fixture
def items(mock):
    return a_dataset(mock, a_dataset_group(mock), "Items")
