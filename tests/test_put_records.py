"""PutItems, PutUsers, PutActions and PutActionInteractions: requests and rows of the datasets."""

import json
from functools import partial

import pytest
from builders import START, a_dataset, a_dataset_group, a_schema, an_import_job, avro_schema, client, refusal
from put_events import EVENTS, Shop, dataset, rows

NULLABLE = ["null", "string"]
FILM = {"genres": "Crime|Drama", "price": 9.5, "creationTimestamp": START}


def put_records(plural, arn, *records):
    name = plural.lower()
    return getattr(client(EVENTS), f"put_{name}")(datasetArn=arn, **{name: records})


def film(item="i1", **properties):
    return {"itemId": item, "properties": json.dumps({**FILM, **properties})}


@pytest.fixture
def arn(mock):
    return a_dataset(mock, a_dataset_group(mock), "Items")


def test_an_item_is_a_row_of_the_items_dataset(arn):
    put_records("Items", arn, film(price="9.5"))
    (row,) = rows(dataset(arn).contents.data)
    assert row == {"ITEM_ID": "i1", "GENRES": "Crime|Drama", "PRICE": 9.5, "CREATION_TIMESTAMP": START}


def test_a_second_put_replaces_the_whole_item(mock):
    fields = {"ITEM_ID": "string", "GENRES": {"type": NULLABLE, "categorical": True}, "PRICE": ["null", "float"]}
    schema = a_schema(mock, "Items", schema=avro_schema("Items", fields))
    arn = a_dataset(mock, a_dataset_group(mock), "Items", schemaArn=schema)
    put_records("Items", arn, {"itemId": "i1", "properties": '{"genres": "Crime", "price": 1}'})
    put_records("Items", arn, {"itemId": "i1", "properties": '{"price": 2}'})
    assert rows(dataset(arn).contents.data) == [{"ITEM_ID": "i1", "GENRES": None, "PRICE": 2.0}]
    put_records("Items", arn, {"itemId": "i1"})
    assert rows(dataset(arn).contents.data) == [{"ITEM_ID": "i1", "GENRES": None, "PRICE": None}]


def test_a_put_item_replaces_the_imported_one(mock, arn):
    an_import_job(mock, arn)
    put_records("Items", arn, film("i3", price=1000))
    prices = {row["ITEM_ID"]: row["PRICE"] for row in rows(dataset(arn).contents.data)}
    assert (len(prices), prices["i3"], prices["i4"]) == (60, 1000.0, 5.5)


def test_an_item_without_a_required_value_is_refused(arn):
    code, text = refusal(partial(put_records, "Items", arn, {"itemId": "i1", "properties": '{"price": 1}'}))
    missing = "A value for the field GENRES is missing. Add it, because the schema does not allow null."
    assert (code, text) == ("InvalidInputException", f"{missing} The error is in item i1.")


def test_one_invalid_item_refuses_the_whole_request(arn):
    with pytest.raises(client(EVENTS).exceptions.InvalidInputException):
        put_records("Items", arn, film("i1"), film("i2", price="dear"))
    assert dataset(arn).contents.data is None


def test_a_user_is_a_row_of_the_users_dataset(mock):
    arn = a_dataset(mock, a_dataset_group(mock), "Users")
    put_records("Users", arn, {"userId": "u1", "properties": '{"age": "30", "membership": "Free"}'})
    assert rows(dataset(arn).contents.data) == [{"USER_ID": "u1", "AGE": 30, "MEMBERSHIP": "Free"}]


def test_an_action_is_a_row_of_the_actions_dataset(mock):
    arn = a_dataset(mock, a_dataset_group(mock), "Actions")
    put_records("Actions", arn, {"actionId": "a1", "properties": '{"kind": "Call", "value": 3}'})
    assert rows(dataset(arn).contents.data) == [{"ACTION_ID": "a1", "KIND": "Call", "VALUE": 3}]


EXPIRING = {
    "ACTION_ID": "string",
    "KIND": {"type": NULLABLE, "categorical": True},
    "EXPIRATION_TIMESTAMP": ["null", "long"],
    "REPEAT_FREQUENCY": ["null", "long"],
}


@pytest.fixture
def expiring(mock):
    schema = a_schema(mock, "Actions", schema=avro_schema("Actions", EXPIRING))
    return a_dataset(mock, a_dataset_group(mock), "Actions", schemaArn=schema)


@pytest.mark.parametrize("field", ["EXPIRATION_TIMESTAMP", "REPEAT_FREQUENCY"])
def test_the_message_names_the_field_and_the_action(expiring, field):
    bad = {"actionId": "call", "properties": json.dumps({field: "2030-01-01"})}
    code, text = refusal(partial(put_records, "Actions", expiring, {"actionId": "mail"}, bad))
    assert (code, text) == (
        "InvalidInputException",
        f"The value of the field {field} must be of the type long. The error is in action call.",
    )
    assert dataset(expiring).contents.data is None


@pytest.mark.parametrize("name", ["expirationTimestamp", "actionExpirationTimestamp"])
def test_the_expiration_of_an_action_has_two_names(expiring, name):
    put_records("Actions", expiring, {"actionId": "a1", "properties": json.dumps({name: START})})
    assert rows(dataset(expiring).contents.data)[0]["EXPIRATION_TIMESTAMP"] == START


def test_the_message_names_the_interaction_with_an_unknown_event_type(actions):
    with pytest.raises(
        client(EVENTS).exceptions.InvalidInputException, match="The error is in action interaction 2 of the"
    ):
        actions.put({"userId": "u1"}, {"eventType": "Seen"})


@pytest.mark.parametrize(
    ("plural", "record"), [("Users", {"userId": "u1"}), ("Actions", {"actionId": "a1"}), ("Items", {"itemId": "i1"})]
)
def test_records_can_only_be_put_into_datasets_of_their_type(mock, plural, record):
    arn = a_dataset(mock, a_dataset_group(mock))
    with pytest.raises(client(EVENTS).exceptions.InvalidInputException, match=f"Put{plural} needs a dataset of type"):
        put_records(plural, arn, record)


def test_an_unknown_dataset_is_not_found(arn):
    missing = f"{arn}-missing"
    with pytest.raises(client(EVENTS).exceptions.ResourceNotFoundException) as error:
        put_records("Items", missing, film())
    assert error.value.response["Error"]["Message"] == f"The given dataset does not exist: {missing}"
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_a_dataset_must_be_active(mock):
    group = a_dataset_group(mock)
    schema = a_schema(mock, "Items")
    pending = client().create_dataset(name="i", schemaArn=schema, datasetGroupArn=group, datasetType="Items")
    with pytest.raises(client(EVENTS).exceptions.ResourceInUseException) as error:
        put_records("Items", pending["datasetArn"], film())
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 409


class ActionShop:
    """An Action_Interactions dataset with its tracking ID."""

    def __init__(self, mock):
        self.arn = a_dataset(mock, a_dataset_group(mock, "deals"), "Action_Interactions")
        self.tracking_id = client().describe_dataset(datasetArn=self.arn)["dataset"]["trackingId"]

    def put(self, *interactions, tracking_id=None):
        members = {"actionId": "a1", "sessionId": "s1", "timestamp": START, "eventType": "Taken"}
        client(EVENTS).put_action_interactions(
            trackingId=tracking_id or self.tracking_id,
            actionInteractions=[{**members, **interaction} for interaction in interactions],
        )

    @property
    def rows(self):
        return rows(dataset(self.arn).contents.data)


@pytest.fixture
def actions(mock):
    return ActionShop(mock)


def test_an_action_interaction_is_a_row_of_its_dataset(actions):
    actions.put({"userId": "u1"})
    assert actions.rows == [{"USER_ID": "u1", "ACTION_ID": "a1", "EVENT_TYPE": "Taken", "TIMESTAMP": START}]


def test_each_action_interaction_has_its_own_user(actions):
    actions.put({"userId": "u1"}, {"sessionId": "s2"}, {"userId": "u3"})
    assert [row["USER_ID"] for row in actions.rows] == ["u1", "s2", "u3"]
    assert [row["USER_ID"] for row in rows(dataset(actions.arn).contents.training_data)] == ["u1", "u3"]


@pytest.mark.parametrize("spelling", ["Not Taken", "NOT_TAKEN", "not taken"])
def test_action_event_types_can_be_spelled_as_in_the_guide(actions, spelling):
    actions.put({"eventType": spelling})
    assert actions.rows[0]["EVENT_TYPE"] == "Not Taken"


def test_other_action_event_types_are_refused(actions):
    with pytest.raises(client(EVENTS).exceptions.InvalidInputException, match="Taken, Not Taken or Viewed"):
        actions.put({"userId": "u1"}, {"eventType": "Seen"})
    assert actions.rows == []


def test_properties_of_action_interactions_have_the_same_forbidden_keys(actions):
    with pytest.raises(client(EVENTS).exceptions.InvalidInputException, match="must not contain userId"):
        actions.put({"properties": '{"userId": "u1"}'})


def test_impressions_of_action_interactions_are_accepted(actions):
    actions.put({"userId": "u1", "impression": ["a1", "a2"], "recommendationId": "RID-1"})
    assert len(actions.rows) == 1


@pytest.fixture
def shop(mock):
    return Shop(mock)


def test_an_unknown_action_tracker_is_not_found(actions, shop):
    for tracking_id in ("nobodys", shop.tracking_id):
        with pytest.raises(client(EVENTS).exceptions.ResourceNotFoundException):
            actions.put({}, tracking_id=tracking_id)


def test_put_events_does_not_accept_the_tracking_id_of_action_interactions(actions, shop):
    assert shop.refused(tracking_id=actions.tracking_id)[0] == "InvalidInputException"
