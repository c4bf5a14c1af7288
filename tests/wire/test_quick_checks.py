"""Requests that the quick check accepts, and those that it leaves to the complete validation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize_mock.wire.errors import ServiceError
from personalize_mock.wire.model import operation_by_name, operations
from personalize_mock.wire.quick_checks import is_surely_valid
from personalize_mock.wire.validate import validate

ARN = "arn:aws:personalize:us-east-1:123456789012:campaign/shop"
VALUES = st.one_of(
    st.sampled_from([ARN, "shop", "a" * 300, "ACTIVE", "", "ä", "\ud800", 0, 1, 25, True, 1.5, None, (), {}, "a\n"]),
    st.text(max_size=5),
    st.integers(),
)
MEMBERS = sorted({(operation.name, member) for operation in operations() for member in operation.input.members})


def is_valid(operation, params):
    """Whether the complete validation accepts a request."""
    try:
        validate(operation, params)
    except ServiceError:
        return False
    return True


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("DescribeCampaign", {"campaignArn": ARN}),
        ("GetRecommendations", {"campaignArn": ARN, "userId": "u1", "numResults": 10}),
        ("ListSchemas", {}),
        ("ListRecipes", {"recipeProvider": "SERVICE", "maxResults": 5}),
    ],
)
def test_requests_with_valid_strings_and_integers_are_accepted(operation, params):
    assert is_surely_valid(operation_by_name(operation), params)


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("DescribeCampaign", {}),
        ("DescribeCampaign", {"campaignArn": None}),
        ("DescribeCampaign", {"campaignArn": "shop"}),
        ("DescribeCampaign", {"campaignArn": ARN + "a" * 300}),
        ("ListSchemas", {"maxResults": True}),
        ("ListSchemas", {"maxResults": 101}),
        ("ListSchemas", {"unknown": "member"}),
        ("GetRecommendations", {"campaignArn": ARN, "context": {"DEVICE": "phone"}}),
    ],
)
def test_all_other_requests_are_left_to_the_complete_validation(operation, params):
    assert not is_surely_valid(operation_by_name(operation), params)


@given(member=st.sampled_from(MEMBERS), value=VALUES)
def test_nothing_that_the_complete_validation_refuses_is_accepted(member, value):
    operation = operation_by_name(member[0])
    params = dict.fromkeys(operation.input.required_members, ARN) | {member[1]: value}
    for _ in range(2):  # the second time, the answer is remembered
        if is_surely_valid(operation, params):
            assert is_valid(operation, params)
