"""Credentials of sessions that make their providers only when they need them."""

import boto3
import botocore.session
import pytest
from botocore import httpsession
from botocore.credentials import Credentials
from botocore.exceptions import PartialCredentialsError

from personalize_mock import mock_personalize


class Own:
    METHOD = CANONICAL_NAME = "own"

    def load(self):
        return Credentials("own", "secret")


@pytest.fixture
def resolver(mock):
    """The resolver of a new session while a mock is active."""
    return botocore.session.Session().get_component("credential_provider")


def methods(resolver):
    return [provider.METHOD for provider in resolver.providers]


def test_credentials_of_the_environment_need_no_http_client(mock, monkeypatch):
    monkeypatch.setattr(httpsession.URLLib3Session, "__init__", None)
    assert boto3.Session().get_credentials().access_key == "FOOBARKEY"


def test_the_providers_are_those_of_a_session_outside_a_mock():
    plain = methods(botocore.session.Session().get_component("credential_provider"))
    with mock_personalize():
        assert methods(botocore.session.Session().get_component("credential_provider")) == plain


def test_providers_can_be_inserted_and_removed(resolver):
    resolver.insert_before("env", Own())
    assert resolver.load_credentials().access_key == "own"
    resolver.remove("own")
    assert resolver.load_credentials().access_key == "FOOBARKEY"


def test_without_variables_the_other_providers_are_asked(resolver, monkeypatch, tmp_path):
    (tmp_path / "credentials").write_text("[default]\naws_access_key_id = file\naws_secret_access_key = secret\n")
    with monkeypatch.context() as patched:  # the mock's end needs the variables
        patched.delenv("AWS_ACCESS_KEY_ID")
        patched.delenv("AWS_SECRET_ACCESS_KEY")
        patched.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
        assert resolver.load_credentials().access_key == "file"


def test_a_profile_that_a_session_names_wins_over_the_variables(mock, monkeypatch, tmp_path):
    (tmp_path / "credentials").write_text("[films]\naws_access_key_id = film\naws_secret_access_key = secret\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    assert boto3.Session(profile_name="films").get_credentials().access_key == "film"


def test_incomplete_variables_are_refused_as_by_botocore(resolver, monkeypatch):
    with monkeypatch.context() as patched:
        patched.delenv("AWS_SECRET_ACCESS_KEY")
        with pytest.raises(PartialCredentialsError):
            resolver.load_credentials()
