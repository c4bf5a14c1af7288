"""Events in tests: a shop that puts them, and the rows that the datasets then hold."""

from functools import partial

from builders import (
    ACCOUNT,
    INTERACTIONS,
    START,
    a_dataset,
    a_dataset_group,
    a_schema,
    an_event_tracker,
    avro_schema,
    client,
    refusal,
)

from personalize_mock import active
from personalize_mock.resources.datasets import Dataset

EVENTS = "personalize-events"


def store():
    return active.current_run().simulation.store(ACCOUNT, "us-east-1")


def dataset(arn):
    return store().all(Dataset)[arn]


def rows(table):
    """Return the rows of a table as dictionaries; no rows if there is no table."""
    values = [] if table is None else zip(*table.columns.values(), strict=True)
    return [dict(zip(table.columns, row, strict=True)) for row in values]


def put_interactions(contents, user_id, *, after):
    """Return the events that Put operations sent for one user, without those among the first `after` records."""
    _, log = contents.sources
    return log.interactions(user_id, after, contents.put_count)


class Shop:
    """A dataset group with an Interactions dataset and an event tracker."""

    def __init__(self, mock, fields=INTERACTIONS):
        self.mock = mock
        self.group = a_dataset_group(mock)
        schema = a_schema(mock, schema=avro_schema("Interactions", fields))
        self.interactions = a_dataset(mock, self.group, schemaArn=schema)
        self.tracker = an_event_tracker(mock, self.group)
        described = client().describe_event_tracker(eventTrackerArn=self.tracker)
        self.tracking_id = described["eventTracker"]["trackingId"]

    def put(self, *events, user="u1", session="s1", tracking_id=None):
        user_id = {} if user is None else {"userId": user}
        return client(EVENTS).put_events(
            trackingId=tracking_id or self.tracking_id,
            sessionId=session,
            eventList=[{"eventType": "Watch", "sentAt": START, **event} for event in events],
            **user_id,
        )

    def refused(self, *events, tracking_id=None, **members):
        """Return code and message of the refusal of events, or of one event with some members."""
        sent = events or ({"itemId": "i1", **members},)
        return refusal(partial(self.put, *sent, tracking_id=tracking_id))

    @property
    def rows(self):
        return rows(dataset(self.interactions).contents.data)
