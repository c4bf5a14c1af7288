"""PutEvents: requests of an application and rows of the Interactions dataset."""

import json
from datetime import datetime, timezone

import pytest
from botocore.exceptions import ParamValidationError
from builders import (
    INTERACTIONS,
    START,
    a_dataset,
    a_dataset_group,
    a_schema,
    a_trained_solution_version,
    an_event_tracker,
    an_import_job,
    client,
    interactions_csv,
    refusal,
    settle,
)
from put_events import EVENTS, Shop, dataset, put_interactions, rows, store

from personalize_mock import mock_personalize

NULLABLE = ["null", "string"]
FULL_SCHEMA = {
    **INTERACTIONS,
    "EVENT_VALUE": ["null", "float"],
    "IMPRESSION": NULLABLE,
    "RECOMMENDATION_ID": NULLABLE,
    "EVENT_ATTRIBUTION_SOURCE": NULLABLE,
    "NUMBER_OF_RATINGS": "int",
    "DEVICE": {"type": NULLABLE, "categorical": True},
}


@pytest.fixture
def shop(mock):
    return Shop(mock)


@pytest.fixture
def full_shop(mock):
    return Shop(mock, FULL_SCHEMA)


def test_an_event_is_a_row_of_the_interactions_dataset(shop):
    shop.put({"itemId": "i1"})
    assert shop.rows == [{"USER_ID": "u1", "ITEM_ID": "i1", "EVENT_TYPE": "Watch", "TIMESTAMP": START}]


def test_the_answer_is_empty(shop):
    metadata = shop.put({"itemId": "i1"})["ResponseMetadata"]
    assert metadata["HTTPStatusCode"] == 200
    assert metadata["HTTPHeaders"]["content-length"] == "0"
    assert metadata["HTTPHeaders"]["content-type"] == "application/json"


def test_all_members_of_an_event_fill_their_columns(full_shop):
    full_shop.put(
        {
            "itemId": "i1",
            "eventValue": 4.5,
            "impression": ["i1", "i2"],
            "recommendationId": "RID-1",
            "metricAttribution": {"eventAttributionSource": "web"},
            "properties": json.dumps({"numberOfRatings": "7", "device": "phone"}),
        }
    )
    (row,) = full_shop.rows
    assert list(row.values())[2:] == ["Watch", START, 4.5, "i1|i2", "RID-1", "web", 7, "phone"]


def test_values_without_a_column_are_left_out(shop):
    shop.put({"itemId": "i1", "eventValue": 4.5, "properties": '{"numberOfRatings": 7}'})
    assert len(shop.rows) == 1


def test_an_event_type_is_ignored_by_a_schema_without_one(mock):
    fields = {"USER_ID": "string", "ITEM_ID": "string", "TIMESTAMP": "long"}
    shop = Shop(mock, fields)
    shop.put({"itemId": "i1", "eventType": "placeholder"})
    assert shop.rows == [{"USER_ID": "u1", "ITEM_ID": "i1", "TIMESTAMP": START}]
    assert dataset(shop.interactions).contents.retained_items("u1", limit=100, now=START) == {"": ["i1"]}


@pytest.mark.parametrize("sent_at", [START + 0.9, str(START), datetime.fromtimestamp(START, tz=timezone.utc)])
def test_timestamps_are_stored_in_whole_seconds(shop, sent_at):
    shop.put({"itemId": "i1", "sentAt": sent_at})
    assert shop.rows[0]["TIMESTAMP"] == START


def test_an_event_in_the_future_is_accepted(shop):
    shop.put({"itemId": "i1", "sentAt": shop.mock.clock.timestamp() + 600})
    assert len(shop.rows) == 1


def test_the_item_can_be_a_property(shop):
    shop.put({"properties": '{"itemId": "i7"}'})
    assert shop.rows[0]["ITEM_ID"] == "i7"


def test_an_event_without_an_item_is_refused(shop):
    assert shop.refused({})[0] == "InvalidInputException"
    assert shop.refused({"properties": '{"itemId": ""}'})[0] == "InvalidInputException"


def test_a_member_of_the_event_takes_precedence_over_a_property(full_shop):
    full_shop.put({"itemId": "i1", "eventValue": 1.0, "properties": '{"itemId": "i2", "eventValue": 2}'})
    assert (full_shop.rows[0]["ITEM_ID"], full_shop.rows[0]["EVENT_VALUE"]) == ("i1", 1.0)


def test_a_missing_contextual_value_is_null(full_shop):
    full_shop.put({"itemId": "i1"})
    assert full_shop.rows[0]["NUMBER_OF_RATINGS"] is None


@pytest.mark.parametrize("properties", ["text", "[1]", "{"])
def test_properties_must_be_a_json_object(shop, properties):
    with pytest.raises(client(EVENTS).exceptions.InvalidInputException, match="must be a JSON object"):
        shop.put({"itemId": "i1", "properties": properties})


def test_properties_must_be_sent_as_text(shop):
    with pytest.raises(ParamValidationError):
        shop.put({"itemId": "i1", "properties": {"device": "phone"}})


@pytest.mark.parametrize(
    "key", ["userId", "sessionId", "eventType", "timestamp", "recommendationId", "impression", "USERID", "Timestamp"]
)
def test_properties_must_not_repeat_members_of_the_event(shop, key):
    code, text = shop.refused(properties=json.dumps({key: "x"}))
    assert (code, text) == (
        "InvalidInputException",
        f"properties must not contain {key}. Remove it. The error is in event 1 of the request.",
    )


@pytest.mark.parametrize("value", ["many", "4.5", True, [4]])
def test_a_value_of_another_type_is_refused(full_shop, value):
    code, text = full_shop.refused(
        {"itemId": "i1"}, {"itemId": "i2", "properties": json.dumps({"numberOfRatings": value})}
    )
    assert code == "InvalidInputException"
    assert (
        text
        == "The value of the field NUMBER_OF_RATINGS must be of the type int. The error is in event 2 of the request."
    )


def test_half_a_surrogate_pair_in_properties_is_refused(shop):
    code, text = shop.refused({"properties": '{"itemId": "\\ud800"}'})
    assert code == "InvalidInputException"
    assert text.startswith("The value of the field ITEM_ID must be of the type string.")


def test_one_invalid_event_refuses_the_whole_request(shop):
    code, _ = shop.refused({"itemId": "i1"}, {"itemId": "i2", "properties": "{"})
    assert code == "InvalidInputException"
    assert shop.rows == []


def test_a_request_can_have_ten_events(shop):
    events = [{"itemId": f"i{number}"} for number in range(11)]
    shop.put(*events[:10])
    assert len(shop.rows) == 10
    assert shop.refused(*events)[0] == "ValidationException"


def test_an_event_of_more_than_ten_kilobytes_is_refused(shop):
    large = {"itemId": "i1", "impression": ["é" * 256] * 25}
    shop.put({**large, "impression": ["é" * 200] * 20})
    assert shop.refused(large)[0] == "InvalidInputException"


def test_a_value_of_more_than_a_thousand_characters_is_refused(full_shop):
    properties = json.dumps({"device": "a" * 1001})
    assert full_shop.refused(properties=properties)[0] == "InvalidInputException"


def test_the_source_of_an_event_must_not_be_blank(shop):
    event = {"itemId": "i1", "metricAttribution": {"eventAttributionSource": " "}}
    assert shop.refused(event)[0] == "ValidationException"


def test_a_repeated_event_is_stored_once(shop):
    shop.put({"itemId": "i1"}, {"itemId": "i1"})
    shop.put({"itemId": "i1"})
    assert len(shop.rows) == 1


def test_events_with_one_event_id_are_all_stored_but_only_the_first_is_trained_on(shop):
    shop.put({"itemId": "i1", "eventId": "e1"}, {"itemId": "i2"})
    shop.put({"itemId": "i3", "eventId": "e1"}, user="u2")
    assert [row["ITEM_ID"] for row in shop.rows] == ["i1", "i2", "i3"]
    assert [row["ITEM_ID"] for row in rows(dataset(shop.interactions).contents.training_data)] == ["i1", "i2"]


def test_an_event_without_an_id_gets_one(shop):
    shop.put({"itemId": "i1"}, {"itemId": "i2"})
    shop.put({"itemId": "i3"})
    ids = {record.event_id for record in dataset(shop.interactions).contents.records}
    assert len(ids) == 3
    assert all(len(id_) == 36 for id_ in ids)


def test_an_unknown_tracking_id_is_refused(shop):
    code, text = shop.refused(tracking_id="unknown")
    assert code == "InvalidInputException"
    assert "unknown" in text


def test_a_tracker_takes_events_from_its_creation_to_its_deletion(mock, shop):
    """Tutorials put events right after the creation of a tracker."""
    group = a_dataset_group(mock, "another")
    a_dataset(mock, group)
    answer = client().create_event_tracker(name="new", datasetGroupArn=group)
    for _ in range(2):
        shop.put({"itemId": "i1"}, tracking_id=answer["trackingId"])
        settle(mock, answer["eventTrackerArn"])
    client().delete_event_tracker(eventTrackerArn=answer["eventTrackerArn"])
    assert shop.refused(tracking_id=answer["trackingId"])[0] == "InvalidInputException"


def test_events_need_an_interactions_dataset(mock, shop):
    tracker = an_event_tracker(mock, a_dataset_group(mock, "another"))
    tracking_id = client().describe_event_tracker(eventTrackerArn=tracker)["eventTracker"]["trackingId"]
    assert shop.refused(tracking_id=tracking_id)[0] == "InvalidInputException"


def test_events_stay_after_the_deletion_of_the_tracker(shop):
    shop.put({"itemId": "i1"})
    client().delete_event_tracker(eventTrackerArn=shop.tracker)
    settle(shop.mock, shop.tracker)
    assert len(shop.rows) == 1


def test_events_are_deleted_with_their_dataset(shop):
    shop.put({"itemId": "i1"})
    client().delete_event_tracker(eventTrackerArn=shop.tracker)
    settle(shop.mock, shop.tracker)
    client().delete_dataset(datasetArn=shop.interactions)
    settle(shop.mock, shop.interactions)
    schema = a_schema(shop.mock, name="again")
    assert dataset(a_dataset(shop.mock, shop.group, schemaArn=schema)).contents.data is None


def test_a_full_import_keeps_put_events(shop):
    an_import_job(shop.mock, shop.interactions)
    shop.put({"itemId": "new"})
    an_import_job(shop.mock, shop.interactions, interactions_csv().replace(",i", ",j"))
    items = {row["ITEM_ID"][0] for row in shop.rows}
    assert items == {"j", "n"}
    assert dataset(shop.interactions).contents.bulk.rows == 1000


def test_an_incremental_import_needs_an_import_and_not_just_events(shop):
    shop.put({"itemId": "i1"})
    code, _ = refusal(
        an_import_job, mock=shop.mock, dataset=shop.interactions, importMode="INCREMENTAL", jobName="too-early"
    )
    assert code == "InvalidInputException"


def test_an_event_without_a_user_belongs_to_its_session(shop):
    shop.put({"itemId": "i1"}, user=None)
    assert shop.rows[0]["USER_ID"] == "s1"
    assert [
        interaction.item_id for interaction in put_interactions(dataset(shop.interactions).contents, "s1", after=0)
    ] == ["i1"]
    assert rows(dataset(shop.interactions).contents.training_data) == []


def test_a_session_belongs_to_a_user_who_signs_in_later(shop):
    shop.put({"itemId": "i1"}, user=None)
    shop.put({"itemId": "i2"}, user="u1")
    training_rows = rows(dataset(shop.interactions).contents.training_data)
    assert [(row["USER_ID"], row["ITEM_ID"]) for row in training_rows] == [("u1", "i1"), ("u1", "i2")]


def test_impressions_are_the_items_of_the_event(shop):
    shop.put({"itemId": "i1", "impression": ["i1", "i2"]})
    (row,) = rows(dataset(shop.interactions).contents.training_data)
    assert row["IMPRESSION"] == "i1|i2"


def test_impressions_default_to_the_items_of_the_recommendation(shop):
    store().recommendations["RID-1"] = ("i5", "i6")
    shop.put({"itemId": "i1", "recommendationId": "RID-1"}, {"itemId": "i2", "recommendationId": "RID-0"})
    shop.put({"itemId": "i3", "recommendationId": "RID-1", "impression": ["i9"]})
    impressions = [row["IMPRESSION"] for row in rows(dataset(shop.interactions).contents.training_data)]
    assert impressions == ["i5|i6", None, "i9"]


def test_put_events_are_in_the_user_history_at_once(shop):
    an_import_job(shop.mock, shop.interactions)
    before = dataset(shop.interactions).contents.retained_items("u1", limit=100, now=START)["watch"]
    shop.put({"itemId": "new", "sentAt": START + 10**7})
    assert dataset(shop.interactions).contents.retained_items("u1", limit=100, now=START)["watch"] == [
        "new",
        *before,
    ]


def test_a_version_can_be_trained_from_events_alone():
    with mock_personalize(clock=0, minimum_interactions=20) as mock:
        shop = Shop(mock)
        for user in range(5):
            shop.put(*({"itemId": f"i{item}"} for item in range(4)), user=f"u{user}")
        version = a_trained_solution_version(mock, "aws-popularity-count", group=shop.group)
        described = client().describe_solution_version(solutionVersionArn=version)["solutionVersion"]
    assert described["status"] == "ACTIVE"
