"""Clients that are made without models of all operations."""

from unittest.mock import patch

import boto3
import pytest
from botocore.model import OperationModel

from personalize_mock import mock_personalize


def documentation():
    """Return the documentation of a client's method."""
    return str(boto3.Session().client("personalize", region_name="us-east-1").create_filter.__doc__)


def discovery(service):
    """Return the name of the operation with which clients of a service discover endpoints, or None."""
    model = boto3.Session().client(service, region_name="us-east-1").meta.service_model
    operation = model.endpoint_discovery_operation
    assert operation is model.endpoint_discovery_operation
    return operation and operation.name


def test_a_client_is_made_without_a_model_of_an_operation(mock):
    with patch.object(OperationModel, "__init__", side_effect=AssertionError):
        boto3.client("personalize", region_name="us-east-1")


def test_methods_are_documented_as_without_a_mock():
    plain = documentation()
    assert "filterExpression" in plain
    with mock_personalize():
        assert documentation() == plain


@pytest.mark.parametrize(("service", "operation"), [("personalize", None), ("timestream-query", "DescribeEndpoints")])
def test_the_operation_that_discovers_endpoints_is_found_as_without_a_mock(service, operation):
    assert discovery(service) == operation
    with mock_personalize():
        assert discovery(service) == operation


def test_methods_that_a_handler_adds_to_a_client_are_there(mock):
    session = boto3.Session(region_name="us-east-1")
    session.events.register(
        "creating-client-class.personalize", lambda class_attributes, **_: class_attributes.update(films=lambda _: 1)
    )
    assert session.client("personalize").films() == 1
