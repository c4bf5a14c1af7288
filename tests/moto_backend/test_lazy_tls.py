"""TLS contexts of clients while a mock is active."""

import ssl
from unittest.mock import patch

import boto3
import pytest
from botocore import httpsession
from botocore.config import Config

from personalize_mock import mock_personalize


def http_session(**options):
    """Return the HTTP session of a new client."""
    return boto3.client("s3", region_name="us-east-1", config=Config(**options))._endpoint.http_session


def context_of(session):
    """Return the TLS context of a connection."""
    return session._manager.connection_from_url("https://films.test").conn_kw["ssl_context"]


@mock_personalize
def test_a_client_whose_requests_are_answered_makes_no_context():
    with patch.object(httpsession, "create_urllib3_context", side_effect=AssertionError):
        boto3.client("personalize", region_name="us-east-1").list_recipes()


@pytest.mark.parametrize("is_active", [True, False])
def test_a_client_that_connects_gets_a_context_of_its_own(is_active):
    with mock_personalize():
        one, other = http_session(), http_session()
        if is_active:
            context_of(one)
    assert isinstance(context_of(one), ssl.SSLContext)
    assert context_of(one) is context_of(one)
    assert context_of(other) is not context_of(one)


@mock_personalize
def test_a_connection_through_a_proxy_has_a_context_at_once():
    session = http_session(proxies={"https": "http://proxy.test:3128"})
    manager = session._get_connection_manager("https://films.test", "http://proxy.test:3128")
    assert isinstance(manager.connection_pool_kw["ssl_context"], ssl.SSLContext)


@mock_personalize
def test_wrong_options_of_connections_are_refused_when_the_client_is_made():
    with pytest.raises(ValueError, match="timeout"):
        http_session(connect_timeout=-1)


@mock_personalize
def test_a_manager_of_the_user_gets_a_context_at_once():
    class Mine(httpsession.PoolManager.__base__):
        pass

    with patch.object(httpsession, "PoolManager", Mine):
        assert isinstance(http_session()._manager.connection_pool_kw["ssl_context"], ssl.SSLContext)
