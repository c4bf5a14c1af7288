"""Contextual metadata in requests."""

import pytest
from builders import (
    INTERACTIONS,
    START,
    a_campaign,
    a_dataset,
    a_dataset_group,
    a_schema,
    a_trained_solution_version,
    an_import_job,
    avro_schema,
    client,
    csv_text,
    refusal,
)

from personalize_mock import mock_personalize

FIELDS = {**INTERACTIONS, "DEVICE": {"type": ["null", "string"], "categorical": True}, "HOUR": ["null", "int"]}
ROWS = [
    (f"u{user}", f"i{(user * 3 + turn) % 60}", "Watch", START + turn, ("phone", "tv")[(user + turn) % 2], turn % 24)
    for turn in range(20)
    for user in range(50)
]


def a_campaign_with_context(mock, recipe):
    group = a_dataset_group(mock)
    dataset = a_dataset(mock, group, schemaArn=a_schema(mock, schema=avro_schema("Interactions", FIELDS)))
    an_import_job(mock, dataset, csv_text(list(FIELDS), ROWS))
    return a_campaign(mock, a_trained_solution_version(mock, recipe, group=group))


@pytest.fixture
def ranking(mock):
    campaign = a_campaign_with_context(mock, "aws-personalized-ranking")

    def rank(**context):
        return client("personalize-runtime").get_personalized_ranking(
            campaignArn=campaign, userId="nobody", inputList=[f"i{item}" for item in range(60)], context=context
        )["personalizedRanking"]

    return rank


def test_context_has_an_effect_with_field_names_in_any_case(ranking):
    assert ranking(DEVICE="phone") == ranking(device="phone") != ranking()
    assert ranking(HOUR="3") != ranking()


def test_unknown_values_have_no_effect(ranking):
    assert ranking(DEVICE="watch") == ranking()


def test_an_unknown_field_is_refused_with_a_list_of_the_fields(ranking):
    code, message = refusal(ranking, DEVICES="phone")
    assert code == "InvalidInputException"
    assert message.startswith("The context has the field DEVICES, but the contextual metadata fields")
    assert "are: DEVICE, HOUR." in message


def test_a_numeric_field_takes_only_numbers(ranking):
    text = "The context field HOUR must be a number, because its type in the Interactions schema is int."
    for hour in ("noon", "NaN", ""):
        assert refusal(ranking, HOUR=hour) == ("InvalidInputException", text)


def test_a_mock_that_is_not_strict_ignores_invalid_context():
    with mock_personalize(clock="2024-05-01", strict=False) as mock:
        campaign = a_campaign_with_context(mock, "aws-user-personalization")

        def items(**context):
            return client("personalize-runtime").get_recommendations(
                campaignArn=campaign, userId="u1", context=context
            )["itemList"]

        assert items(DEVICES="phone", HOUR="noon") == items()
