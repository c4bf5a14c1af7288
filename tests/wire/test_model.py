"""The table of operations, read from botocore's service models."""

import subprocess
import sys

import pytest

from personalize_mock.wire.model import (
    CONTROL,
    EVENTS,
    RUNTIME,
    find_operation,
    http_status,
    modelled_errors,
    operation_by_name,
    operation_by_request,
    operations,
)


def test_an_operation_is_found_by_name_in_any_of_the_three_services():
    assert [operation_by_name(name).service for name in ("CreateSchema", "GetRecommendations", "PutEvents")] == [
        CONTROL,
        RUNTIME,
        EVENTS,
    ]


def test_an_unknown_name_gives_none():
    assert operation_by_name("CreateFilm") is None
    assert find_operation(RUNTIME, "CreateSchema") is None


def test_requests_to_the_control_plane_are_matched_by_target():
    assert operation_by_request("AmazonPersonalize.CreateSchema", "/").name == "CreateSchema"


@pytest.mark.parametrize("target", ["AmazonPersonalize.CreateFilm", "AmazonForecast.CreateSchema", "CreateSchema", ""])
def test_an_unknown_target_gives_none(target):
    assert operation_by_request(target, "/") is None


@pytest.mark.parametrize(("path", "name"), [("/recommendations", "GetRecommendations"), ("/events", "PutEvents")])
def test_requests_to_the_runtime_and_events_are_matched_by_path(path, name):
    assert operation_by_request(None, path).name == name


def test_an_unknown_path_gives_none():
    assert operation_by_request(None, "/films") is None


def test_the_paths_of_the_rest_services_are_unique():
    paths = [operation.path for operation in operations() if operation.target is None]

    assert len(set(paths)) == len(paths) == 8


def test_errors_of_the_control_plane_have_status_400():
    errors = {error for operation in operations() for error in modelled_errors(operation)}

    assert {http_status(CONTROL, error) for error in errors} == {400}


@pytest.mark.parametrize(
    ("service", "error", "status"),
    [
        (RUNTIME, "InvalidInputException", 400),
        (RUNTIME, "ResourceNotFoundException", 404),
        (EVENTS, "ResourceNotFoundException", 404),
        (EVENTS, "ResourceInUseException", 409),
        (EVENTS, "ValidationException", 400),
    ],
)
def test_errors_of_the_runtime_and_events_have_the_status_of_the_model(service, error, status):
    assert http_status(service, error) == status


def test_models_are_loaded_on_first_use():
    program = """
from personalize_mock import resources, runtime
from personalize_mock.wire import model
assert model.service_model.cache_info().currsize == 0
model.operation_by_request("AmazonPersonalize.CreateSchema", "/")
assert model.service_model.cache_info().currsize == 1
"""
    subprocess.run([sys.executable, "-c", program], check=True)
