"""The backends of Personalize in moto."""

from moto import mock_aws
from moto.core.base_backend import AccountSpecificBackend

from personalize_mock import mock_personalize


def test_the_regions_are_those_that_moto_takes_from_boto3():
    from moto.personalize import models

    with mock_aws():
        stock = models.personalize_backends["123456789012"]
    with mock_personalize():
        ours = models.personalize_backends["123456789012"]
    assert ours.regions == stock.regions != []


def test_moto_searches_the_regions_once_for_all_mocks(monkeypatch):
    with mock_personalize():
        pass
    monkeypatch.delattr(AccountSpecificBackend, "_generate_regions")
    with mock_personalize() as mock:
        mock.call("ListSchemas", region="eu-west-1")
