"""Rules for single values: maximum lengths, event values and the event types of actions.

The maximum lengths are in the Amazon Personalize developer guide, "Amazon Personalize endpoints and quotas" (2025).
"""

import sys
from math import isfinite

from personalize_mock.data.avro import SchemaField
from personalize_mock.data.tables import FieldValue

ID_FIELDS = ("USER_ID", "ITEM_ID", "ACTION_ID")
ID_LENGTH = 256  # characters, like the next two limits
STRING_LENGTH = 1000
TEXTUAL_LENGTH = 20_000
ACTION_EVENT_TYPES = ("Taken", "Not Taken", "Viewed")


def max_length(field: SchemaField) -> int:
    """Return the maximum number of characters in a value of a field.

    Callers cut longer values of textual fields and reject longer values of other fields. For impressions, the result is
    `sys.maxsize`: the documented limit of 1000 characters applies to metadata, and an impression may consist of 25 item
    ids with 256 characters each.
    """
    if field.textual:
        return TEXTUAL_LENGTH
    if field.name == "IMPRESSION" and not field.categorical:
        return sys.maxsize
    return ID_LENGTH if field.name in ID_FIELDS else STRING_LENGTH


def event_value(value: FieldValue) -> float | None:
    """Convert an EVENT_VALUE to a number. Return None if it is null, not a number or not finite.

    AWS does not document how the service treats a string that is not a number.
    """
    try:
        number = None if value is None else float(value)
    except ValueError:
        return None
    return number if number is not None and isfinite(number) else None


def action_event_type(text: str) -> str | None:
    """Return the event type of an action interaction (Taken, Not Taken or Viewed), or None if `text` is not one.

    Case, spaces and underscores are ignored, because the developer guide writes both `Taken` and `TAKEN`, and both
    `Not taken` and `NOT_TAKEN`.
    """
    spellings = {event_type.replace(" ", "").casefold(): event_type for event_type in ACTION_EVENT_TYPES}
    return spellings.get(text.replace("_", "").replace(" ", "").casefold())
