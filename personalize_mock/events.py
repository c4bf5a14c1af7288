"""The personalize-events operations: records and events that come one by one.

A request is read whole before anything is stored, so that a refused one changes nothing. All texts are ours, because no
recording of them was found.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import floor
from typing import TYPE_CHECKING, Any

from personalize_mock.resources import attribution_reports
from personalize_mock.resources.core.crud import check_active, find_active
from personalize_mock.resources.core.lifecycle import record_poll
from personalize_mock.resources.datasets import Dataset, dataset_of
from personalize_mock.resources.event_trackers import tracker_by_id
from personalize_mock.simulation import Store, as_uuid
from personalize_mock.wire.errors import InvalidInputException, ResourceNotFoundException
from personalize_mock.wire.registry import handler

if TYPE_CHECKING:
    from personalize_mock.data.put_log import PutRecord

Members = Mapping[str, Any]

EVENT_SIZE = 10 * 1024  # bytes; quota of the developer guide

# Documented: what an event says of itself may not stand in its properties. Without case and underscores.
FORBIDDEN = frozenset(("userid", "sessionid", "eventtype", "timestamp", "recommendationid", "impression"))

# Ours.
NO_TRACKER = "The tracking ID {tracking_id} does not exist or its event tracker is not active yet."
NO_ACTION_TRACKER = "The given tracking ID does not exist: {tracking_id}"
NO_DATASET = "Dataset group {arn} has no active Interactions dataset to record events in."
WRONG_TYPE = "Dataset {arn} is of type {found}; {operation} takes one of type {wanted}."
NO_ITEM = "Provide an itemId for each event, as its member or in its properties."
UNKNOWN_TYPE = "Provide Taken, Not Taken or Viewed for eventType."
TOO_LARGE = "An event can have at most {limit} bytes."
SEE = "{fault} See {which}."


@contextmanager
def _reading(which: str) -> Iterator[None]:
    """Names the event or record that does not fit: events by their place, because their ids are sensitive."""
    from personalize_mock.data.records import RecordError

    try:
        yield
    except (RecordError, InvalidInputException) as fault:
        raise InvalidInputException(SEE.format(fault=fault, which=which)) from None


@handler
def put_events(
    store: Store, *, tracking_id: str, session_id: str, event_list: Sequence[Members], user_id: str | None = None
) -> None:
    """PutEvents: what a user, or somebody of whom only the session is known, did with items."""
    dataset = _tracked(store, tracking_id)
    puts = []
    for place, event in enumerate(event_list):
        with _reading(f"event {place + 1} of the request"):
            puts.append(_event(store, dataset, place, event, user_id=user_id, session_id=session_id))
    attribution_reports.report_events(store, dataset, dataset.put(puts))


@handler
def put_action_interactions(store: Store, *, tracking_id: str, action_interactions: Sequence[Members]) -> None:
    """PutActionInteractions: the same with actions; the tracker is the one that the dataset has of itself."""
    found = (each for each in store.all(Dataset).values() if each.tracking_id == tracking_id)
    dataset = next(found, None)
    if dataset is None:
        raise ResourceNotFoundException(NO_ACTION_TRACKER.format(tracking_id=tracking_id))
    check_active(store, dataset)
    puts = []
    for place, each in enumerate(action_interactions):
        with _reading(f"action interaction {place + 1} of the request"):
            puts.append(_action_interaction(store, dataset, place, each))
    dataset.put(puts)


@handler
def put_items(store: Store, *, dataset_arn: str, items: Sequence[Members]) -> None:
    """PutItems; an item that is known is replaced as a whole."""
    _put_records(store, dataset_arn, items, operation="PutItems", wanted="ITEMS", id_member="itemId")


@handler
def put_users(store: Store, *, dataset_arn: str, users: Sequence[Members]) -> None:
    """PutUsers; a user who is known is replaced as a whole."""
    _put_records(store, dataset_arn, users, operation="PutUsers", wanted="USERS", id_member="userId")


@handler
def put_actions(store: Store, *, dataset_arn: str, actions: Sequence[Members]) -> None:
    """PutActions; an action that is known is replaced as a whole."""
    _put_records(store, dataset_arn, actions, operation="PutActions", wanted="ACTIONS", id_member="actionId")


def _tracked(store: Store, tracking_id: str) -> Dataset:
    """The Interactions dataset behind a tracking id; PutEvents knows no other error than InvalidInput."""
    tracker = tracker_by_id(store, tracking_id)
    if tracker is None or tracker.status != "ACTIVE":
        record_poll(store, [] if tracker is None else [tracker])
        raise InvalidInputException(NO_TRACKER.format(tracking_id=tracking_id))
    dataset = dataset_of(store, tracker.dataset_group_arn, "INTERACTIONS")
    if dataset is None or dataset.status != "ACTIVE":
        raise InvalidInputException(NO_DATASET.format(arn=tracker.dataset_group_arn))
    return dataset


def _event(
    store: Store, dataset: Dataset, place: int, event: Members, *, user_id: str | None, session_id: str
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
    return _put(store, dataset, place, event, columns, session_id=session_id, source=source)


def _action_interaction(store: Store, dataset: Dataset, place: int, event: Members) -> "PutRecord":
    from personalize_mock.data.value_rules import action_event_type

    event_type = action_event_type(event["eventType"])
    if event_type is None:
        raise InvalidInputException(UNKNOWN_TYPE)
    columns = {
        "USER_ID": event.get("userId"),
        "ACTION_ID": event["actionId"],
        "EVENT_TYPE": event_type,
        "TIMESTAMP": floor(event["timestamp"]),
    }
    return _put(store, dataset, place, event, columns, session_id=event["sessionId"])


def _put(
    store: Store,
    dataset: Dataset,
    place: int,
    event: Members,
    columns: Members,
    *,
    session_id: str,
    source: str | None = None,
) -> "PutRecord":
    """An event as a dataset keeps it; `place` is where it stands in its request, `columns` what it says by column."""
    from personalize_mock.data.put_log import PutRecord
    from personalize_mock.data.records import parsed, row

    if len(json.dumps(event, ensure_ascii=False).encode()) > EVENT_SIZE:
        raise InvalidInputException(TOO_LARGE.format(limit=EVENT_SIZE))
    recommendation_id = event.get("recommendationId")
    impression = _impression(store, event)
    shown = {"IMPRESSION": "|".join(impression), "RECOMMENDATION_ID": recommendation_id}
    properties = parsed(event.get("properties"), forbidden=FORBIDDEN)
    values = row(dataset.parsed_schema, properties, {**columns, **shown}, complete=False)
    if "ITEM_ID" in columns and values[dataset.parsed_schema.names.index("ITEM_ID")] is None:
        raise InvalidInputException(NO_ITEM)
    return PutRecord(
        row=values,
        session_id=session_id,
        event_id=event.get("eventId")
        or as_uuid(store.digest("event", dataset.arn, dataset.contents.put_count + place)),
        impression=impression,
        recommendation_id=recommendation_id,
        source=source,
        at=store.clock.timestamp(),
    )


def _impression(store: Store, event: Members) -> tuple[str, ...]:
    """The items that were shown: those that the event names, or else those of its recommendation, if it is known."""
    if event.get("impression"):
        return tuple(event["impression"])
    return store.recommendations.get(event.get("recommendationId", ""), ())


def _put_records(
    store: Store, dataset_arn: str, records: Sequence[Members], *, operation: str, wanted: str, id_member: str
) -> None:
    from personalize_mock.data.put_log import PutRecord
    from personalize_mock.data.records import parsed, row

    dataset = find_active(store, Dataset, dataset_arn)
    if dataset.dataset_type != wanted:
        text = WRONG_TYPE.format(arn=dataset_arn, found=dataset.dataset_type, operation=operation, wanted=wanted)
        raise InvalidInputException(text)
    puts = []
    for each in records:
        with _reading(f"{id_member.removesuffix('Id')} {each[id_member]}"):
            values = row(
                dataset.parsed_schema,
                parsed(each.get("properties")),
                {str(dataset.parsed_schema.id_column): each[id_member]},
                complete=True,
            )
        puts.append(PutRecord(row=values))
    dataset.put(puts)
