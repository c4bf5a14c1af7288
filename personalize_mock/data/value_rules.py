"""Rules for single values: maximum lengths and the event types of actions.

Lengths: developer guide, "Amazon Personalize endpoints and quotas" (2025).
"""

import sys
from math import isfinite

from personalize_mock.data.avro import SchemaField
from personalize_mock.data.tables import FieldValue

ID_FIELDS = ("USER_ID", "ITEM_ID", "ACTION_ID")
ID_LENGTH = 256  # characters, as the next two
STRING_LENGTH = 1000
TEXTUAL_LENGTH = 20_000
ACTION_EVENT_TYPES = ("Taken", "Not Taken", "Viewed")


def max_length(field: SchemaField) -> int:
    """Return the maximum length of a value in characters. Longer textual values are cut, others are refused.

    Impressions have none: the limit of 1000 characters is documented for metadata, and 25 ids of 256 are legal.
    """
    if field.textual:
        return TEXTUAL_LENGTH
    if field.name == "IMPRESSION" and not field.categorical:
        return sys.maxsize
    return ID_LENGTH if field.name in ID_FIELDS else STRING_LENGTH


def event_value(value: FieldValue) -> float | None:
    """Return an EVENT_VALUE as a number. A text that is no finite number counts as none; this is ours."""
    try:
        number = None if value is None else float(value)
    except ValueError:
        return None
    return number if number is not None and isfinite(number) else None


def action_event_type(text: str) -> str | None:
    """Return the event type of an action interaction, or None if `text` is not one.

    Case, blanks and underscores are ignored, because the developer guide writes `Taken` and `TAKEN`, `Not taken` and
    `NOT_TAKEN`.
    """
    spellings = {event_type.replace(" ", "").casefold(): event_type for event_type in ACTION_EVENT_TYPES}
    return spellings.get(text.replace("_", "").replace(" ", "").casefold())
