"""Event trackers, which provide the tracking ID for PutEvents. A dataset group has at most one."""

from dataclasses import dataclass
from hashlib import md5

from personalize_mock.resources.core.crud import (
    add,
    check_absent,
    delete_handler,
    describe_handler,
    find_active,
    list_handler,
)
from personalize_mock.resources.core.lifecycle import DELETE, create
from personalize_mock.resources.core.resource import Resource
from personalize_mock.resources.dataset_groups import DatasetGroup
from personalize_mock.resources.tags import Tags, check_tags
from personalize_mock.simulation import Store, as_uuid
from personalize_mock.wire.registry import handler


@dataclass(kw_only=True)
class EventTracker(Resource):
    """An event tracker. If it is deleted, the events that it received are kept."""

    ARN_TYPE = "event-tracker"
    LIST_MEMBER = "eventTrackers"
    LIFECYCLES = (create(), DELETE)

    account_id: str
    tracking_id: str
    dataset_group_arn: str


@handler
def create_event_tracker(store: Store, *, name: str, dataset_group_arn: str, tags: Tags = ()) -> EventTracker:
    """Answer a CreateEventTracker request. The dataset group does not need an Interactions dataset."""
    find_active(store, DatasetGroup, dataset_group_arn)
    check_tags(tags)
    arn = store.arn(EventTracker.ARN_TYPE, _id(dataset_group_arn))
    check_absent(store, EventTracker, arn)
    tracker = EventTracker(
        arn=arn,
        name=name,
        account_id=store.account,
        tracking_id=as_uuid(store.digest("tracker", arn, store.next_number(f"tracker {arn}"))),
        dataset_group_arn=dataset_group_arn,
        tags=tags,
    )
    return add(store, tracker)


def tracker_by_id(store: Store, tracking_id: str) -> EventTracker | None:
    """Return the event tracker with the given tracking ID, or None."""
    return next(iter(store.select(EventTracker, tracking_id=tracking_id)), None)


def _id(dataset_group_arn: str) -> str:
    """Return the last part of an event tracker's ARN.

    As recorded on the real service, it depends only on the dataset group, so a tracker that replaces a deleted one has
    the same ARN.
    """
    return md5(dataset_group_arn.encode(), usedforsecurity=False).hexdigest()[:8]


describe_event_tracker = describe_handler(EventTracker)
list_event_trackers = list_handler(EventTracker)
delete_event_tracker = delete_handler(EventTracker)
