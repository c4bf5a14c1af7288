"""Calls as lines of text."""

import pytest

from personalize_mock.journal import Call

CAMPAIGN = "arn:aws:personalize:us-east-1:123456789012:campaign/shop"


def line(*, region="us-east-1", error="ResourceNotFoundException", message="No campaign.", **params):
    call = Call(
        at=0.0,
        operation="DescribeCampaign",
        account="123456789012",
        region=region,
        params=params,
        error=error,
        error_message=message,
    )
    return str(call)


def test_a_failed_call_shows_the_error_and_its_message():
    expected = f"1970-01-01 00:00:00  DescribeCampaign(campaignArn={CAMPAIGN!r})"
    assert line(campaignArn=CAMPAIGN) == f"{expected} -> ResourceNotFoundException: No campaign."
    assert line(campaignArn=CAMPAIGN, error=None, message=None) == expected


def test_an_error_without_a_message_shows_its_code():
    assert line(error="503", message="").endswith(" -> 503")


@pytest.mark.parametrize("arn", [CAMPAIGN, "arn:aws:iam::123456789012:role/any", "arn:"])
def test_a_failed_call_shows_its_region_only_if_an_arn_has_another_one(arn):
    assert ("(called in eu-west-1)" in line(region="eu-west-1", arn=arn)) is (arn == CAMPAIGN)
    assert "called in" not in line(arn=arn)


def test_a_long_message_keeps_its_end_where_the_constraint_is():
    text = line(message=f"Value '{'x' * 500}' must be at most 256 characters")
    assert "Value 'xxx" in text
    assert text.endswith("must be at most 256 characters")
    assert len(text) < 300
