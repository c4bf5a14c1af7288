"""Fixtures for the tests of recordings."""

import pytest
from recording.recordings import record_main_path, write_data


@pytest.fixture(scope="session")
def data(tmp_path_factory):
    """Return the folder with the data of the main path."""
    folder = tmp_path_factory.mktemp("data")
    write_data(folder)
    return folder


@pytest.fixture(scope="session")
def main_path_recording():
    """Return the text of a recording of the main path."""
    return record_main_path()
