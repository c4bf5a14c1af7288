"""Child processes that multiprocessing starts while a mock is active."""

import multiprocessing
import multiprocessing.spawn
from concurrent.futures import ProcessPoolExecutor

import pytest
import spawned

from personalize_mock import PersonalizeMockError, mock_personalize


def pool(**options):
    return ProcessPoolExecutor(max_workers=1, mp_context=multiprocessing.get_context("spawn"), **options)


def test_a_spawned_child_without_a_mock_is_told_to_start_one(mock):
    with pool() as executor, pytest.raises(PersonalizeMockError, match=r"call mock_personalize\(\)\.start\(\)"):
        executor.submit(spawned.names_of_schemas).result(60)


def test_a_spawned_child_starts_a_mock_of_its_own(mock):
    mock.load()
    with pool(initializer=spawned.start_mock) as executor:
        assert executor.submit(spawned.names_of_schemas).result(60) == []


def test_multiprocessing_is_as_before_after_the_mock():
    before = multiprocessing.spawn.get_preparation_data
    with mock_personalize():
        assert multiprocessing.spawn.get_preparation_data is not before
    assert multiprocessing.spawn.get_preparation_data is before
