"""Operations of the personalize-events API: PutEvents, PutActionInteractions, PutItems, PutUsers and PutActions.

A request is validated completely before anything is stored, so a rejected request changes nothing. The error messages
are worded freely, because no recorded messages of the service were found.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import floor
from typing import TYPE_CHECKING, Any

from personalize_mock.resources import attribution_reports
from personalize_mock.resources.core.crud import check_active, find_active
from personalize_mock.resources.core.lifecycle import record_poll
from personalize_mock.resources.core.resource import USABLE_STATUSES
from personalize_mock.resources.datasets import Dataset, dataset_of
from personalize_mock.resources.event_trackers import tracker_by_id
from personalize_mock.resources.event_type_quota import excess_reason
from personalize_mock.simulation import Store, as_uuid
from personalize_mock.trap_warnings import warn_about_stamps
from personalize_mock.wire.errors import InvalidInputException, ResourceNotFoundException
from personalize_mock.wire.registry import handler

if TYPE_CHECKING:
    from personalize_mock.data.put_record import PutRecord

Members = Mapping[str, Any]

EVENT_SIZE = 10 * 1024  # bytes; developer guide, "Amazon Personalize endpoints and quotas" (2025)

# Names that the properties of an event must not contain, compared without regard to case and underscores.
# Developer guide, "Recording item interaction events" (2025).
FORBIDDEN = frozenset(("userid", "sessionid", "eventtype", "timestamp", "recommendationid", "impression"))

NO_TRACKER = (
    "The tracking ID {tracking_id} does not exist, or its event tracker is being deleted. Provide the trackingId of an "
    "existing event tracker."
)
NO_ACTION_TRACKER = (
    "The tracking ID {tracking_id} does not exist. Provide the trackingId of an Action_Interactions dataset."
)
NO_DATASET = "Dataset group {arn} has no ACTIVE Interactions dataset. Create one, or wait until it is ACTIVE."
WRONG_TYPE = "Dataset {arn} is of type {found}; {operation} needs a dataset of type {wanted}."
NO_ITEM = "An event has no itemId. Provide it as a member of the event or in its properties."
UNKNOWN_TYPE = "The eventType {type} is unknown. Provide Taken, Not Taken or Viewed."
TOO_LARGE = "The event is too large. Shorten it to at most {limit} bytes."
SEE = "{fault} The error is in {record}."


@handler
def put_events(
    store: Store, *, tracking_id: str, session_id: str, event_list: Sequence[Members], user_id: str | None = None
) -> None:
    """Answer PutEvents: store the item interactions of a user or, if the request has no userId, of a session."""
    dataset = _tracked_dataset(store, tracking_id)
    records = []
    for position, event in enumerate(event_list):
        with _describing_errors(f"event {position + 1} of the request"):
            records.append(_event(store, dataset, position, event, user_id=user_id, session_id=session_id))
    known = dataset.contents.event_types
    new = {event["eventType"] for event in event_list} - known
    excess = excess_reason(store, dataset, known | new) if new else None
    if excess is not None:
        raise InvalidInputException(excess)
    warn_about_stamps(store, "PutEvents", [event["sentAt"] for event in event_list])
    attribution_reports.report_events(store, dataset, dataset.put(records))


@handler
def put_action_interactions(store: Store, *, tracking_id: str, action_interactions: Sequence[Members]) -> None:
    """Answer PutActionInteractions: store interactions with actions.

    The tracking ID of the request is that of an Action_Interactions dataset, not that of an event tracker.
    """
    dataset = next(iter(store.select(Dataset, tracking_id=tracking_id)), None)
    if dataset is None:
        raise ResourceNotFoundException(NO_ACTION_TRACKER.format(tracking_id=tracking_id))
    check_active(store, dataset)
    records = []
    for position, interaction in enumerate(action_interactions):
        with _describing_errors(f"action interaction {position + 1} of the request"):
            records.append(_action_interaction(store, dataset, position, interaction))
    warn_about_stamps(store, "PutActionInteractions", [interaction["timestamp"] for interaction in action_interactions])
    dataset.put(records)


@handler
def put_items(store: Store, *, dataset_arn: str, items: Sequence[Members]) -> None:
    """Answer PutItems: store items. An item whose id already exists replaces the old item entirely."""
    _put_records(store, dataset_arn, items, operation="PutItems", dataset_type="ITEMS", id_member="itemId")


@handler
def put_users(store: Store, *, dataset_arn: str, users: Sequence[Members]) -> None:
    """Answer PutUsers: store users. A user whose id already exists replaces the old user entirely."""
    _put_records(store, dataset_arn, users, operation="PutUsers", dataset_type="USERS", id_member="userId")


@handler
def put_actions(store: Store, *, dataset_arn: str, actions: Sequence[Members]) -> None:
    """Answer PutActions: store actions. An action whose id already exists replaces the old action entirely."""
    _put_records(store, dataset_arn, actions, operation="PutActions", dataset_type="ACTIONS", id_member="actionId")


@contextmanager
def _describing_errors(description: str) -> Iterator[None]:
    """Return a context manager that adds a description to the messages of errors about an event or record.

    Args:
        description: The event or record, such as "event 3 of the request". Events are numbered, because the botocore
            model marks their ids as sensitive.
    """
    from personalize_mock.data.records import RecordError

    try:
        yield
    except (RecordError, InvalidInputException) as fault:
        raise InvalidInputException(SEE.format(fault=fault, record=description)) from None


def _tracked_dataset(store: Store, tracking_id: str) -> Dataset:
    """Return the Interactions dataset in which an event tracker stores events.

    Raises:
        InvalidInputException: The tracker or the dataset does not exist or cannot be used yet. According to the
            botocore model, PutEvents has no other error.
    """
    tracker = tracker_by_id(store, tracking_id)
    if tracker is None or tracker.status not in USABLE_STATUSES:
        raise InvalidInputException(NO_TRACKER.format(tracking_id=tracking_id))
    dataset = dataset_of(store, tracker.dataset_group_arn, "INTERACTIONS")
    if dataset is None or dataset.status != "ACTIVE":
        record_poll(store, [] if dataset is None else [dataset])
        raise InvalidInputException(NO_DATASET.format(arn=tracker.dataset_group_arn))
    return dataset


def _event(
    store: Store, dataset: Dataset, position: int, event: Members, *, user_id: str | None, session_id: str
) -> "PutRecord":
    source = event.get("metricAttribution", {}).get("eventAttributionSource")
    columns = {
        "USER_ID": user_id,
        "ITEM_ID": event.get("itemId"),
        "EVENT_TYPE": event["eventType"],
        "EVENT_VALUE": event.get("eventValue"),
        "EVENT_ATTRIBUTION_SOURCE": source,
        "TIMESTAMP": floor(event["sentAt"]),
    }
    return _record(store, dataset, position, event, columns, session_id=session_id, source=source)


def _action_interaction(store: Store, dataset: Dataset, position: int, interaction: Members) -> "PutRecord":
    from personalize_mock.data.value_rules import action_event_type

    event_type = action_event_type(interaction["eventType"])
    if event_type is None:
        raise InvalidInputException(UNKNOWN_TYPE.format(type=interaction["eventType"]))
    columns = {
        "USER_ID": interaction.get("userId"),
        "ACTION_ID": interaction["actionId"],
        "EVENT_TYPE": event_type,
        "TIMESTAMP": floor(interaction["timestamp"]),
    }
    return _record(store, dataset, position, interaction, columns, session_id=interaction["sessionId"])


def _record(
    store: Store,
    dataset: Dataset,
    position: int,
    event: Members,
    columns: Members,
    *,
    session_id: str,
    source: str | None = None,
) -> "PutRecord":
    """Convert an event of a request to a record for a dataset. The record is not stored yet.

    Args:
        store: The account and region.
        dataset: The dataset that will receive the record.
        position: The index of the event in the request, starting at 0.
        event: The event, as sent.
        columns: Values for the columns of the dataset, by column name. Values for further columns come from the
            `properties` of the event.
        session_id: The id of the session of the event.
        source: The eventAttributionSource of the event, or None if it has none.
    """
    from personalize_mock.data.put_record import PutRecord
    from personalize_mock.data.records import make_row, parse_properties

    if len(json.dumps(event, ensure_ascii=False).encode()) > EVENT_SIZE:
        raise InvalidInputException(TOO_LARGE.format(limit=EVENT_SIZE))
    recommendation_id = event.get("recommendationId")
    impression = _impression(store, event)
    columns = {**columns, "IMPRESSION": "|".join(impression), "RECOMMENDATION_ID": recommendation_id}
    properties = parse_properties(event.get("properties"), forbidden=FORBIDDEN)
    row = make_row(dataset.parsed_schema, properties, columns, complete=False)
    if "ITEM_ID" in columns and row[dataset.parsed_schema.names.index("ITEM_ID")] is None:
        raise InvalidInputException(NO_ITEM)
    number = dataset.contents.put_count + position
    return PutRecord(
        row=row,
        session_id=session_id,
        event_id=event.get("eventId") or as_uuid(store.digest("event", dataset.arn, number)),
        impression=impression,
        recommendation_id=recommendation_id,
        source=source,
        at=store.clock.timestamp(),
    )


def _impression(store: Store, event: Members) -> tuple[str, ...]:
    """Return the ids of the items that were shown to the user.

    They come from the event's `impression` or, if it has none, from the response with the event's recommendationId. The
    result is empty if the event has neither member, or if the response is no longer known.
    """
    if event.get("impression"):
        return tuple(event["impression"])
    return store.recommendations.get(event.get("recommendationId", ""), ())


def _put_records(
    store: Store, dataset_arn: str, records: Sequence[Members], *, operation: str, dataset_type: str, id_member: str
) -> None:
    from personalize_mock.data.put_record import PutRecord
    from personalize_mock.data.records import make_row, parse_properties

    dataset = find_active(store, Dataset, dataset_arn)
    if dataset.dataset_type != dataset_type:
        text = WRONG_TYPE.format(arn=dataset_arn, found=dataset.dataset_type, operation=operation, wanted=dataset_type)
        raise InvalidInputException(text)
    schema = dataset.parsed_schema
    put_records = []
    for record in records:
        with _describing_errors(f"{id_member.removesuffix('Id')} {record[id_member]}"):
            properties = parse_properties(record.get("properties"))
            row = make_row(schema, properties, {str(schema.id_column): record[id_member]}, complete=True)
        put_records.append(PutRecord(row=row))
    dataset.put(put_records)
