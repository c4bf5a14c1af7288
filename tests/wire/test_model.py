"""botocore's service models as one table."""

import subprocess
import sys

import pytest

from personalize_mock.wire.model import (
    CONTROL,
    EVENTS,
    RUNTIME,
    http_status,
    modelled_errors,
    named,
    operation,
    operations,
    requested,
)


def test_a_name_is_found_in_whichever_service_has_it():
    assert [named(name).service for name in ("CreateSchema", "GetRecommendations", "PutEvents")] == [
        CONTROL,
        RUNTIME,
        EVENTS,
    ]


def test_an_unknown_name_is_none():
    assert named("CreateFilm") is None
    assert operation(RUNTIME, "CreateSchema") is None


def test_the_control_plane_is_asked_by_target():
    assert requested("AmazonPersonalize.CreateSchema", "/").name == "CreateSchema"


@pytest.mark.parametrize("target", ["AmazonPersonalize.CreateFilm", "AmazonForecast.CreateSchema", "CreateSchema", ""])
def test_an_unknown_target_is_none(target):
    assert requested(target, "/") is None


@pytest.mark.parametrize(("path", "name"), [("/recommendations", "GetRecommendations"), ("/events", "PutEvents")])
def test_the_other_services_are_asked_by_path(path, name):
    assert requested(None, path).name == name


def test_an_unknown_path_is_none():
    assert requested(None, "/films") is None


def test_all_paths_of_the_rest_services_differ():
    paths = [each.path for each in operations() if each.target is None]

    assert len(set(paths)) == len(paths) == 8


def test_errors_of_the_control_plane_are_400s():
    assert {http_status(CONTROL, error) for each in operations() for error in modelled_errors(each)} == {400}


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
def test_errors_of_the_other_services_have_their_own_status(service, error, status):
    assert http_status(service, error) == status


def test_models_are_read_when_they_are_first_asked_for():
    program = """
from personalize_mock import resources, runtime
from personalize_mock.wire import model
assert model.service_model.cache_info().currsize == 0
model.requested("AmazonPersonalize.CreateSchema", "/")
assert model.service_model.cache_info().currsize == 1
"""
    subprocess.run([sys.executable, "-c", program], check=True)
