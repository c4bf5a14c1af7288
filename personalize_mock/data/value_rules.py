"""Rules for single values: maximum lengths and the event types of actions.

Lengths: developer guide, "Amazon Personalize endpoints and quotas" (2025).
"""

from personalize_mock.data.avro import SchemaField

ID_FIELDS = ("USER_ID", "ITEM_ID", "ACTION_ID")
ID_LENGTH = 256  # characters, as the next two
STRING_LENGTH = 1000
TEXTUAL_LENGTH = 20_000
ACTION_EVENT_TYPES = ("Taken", "Not Taken", "Viewed")


def max_length(field: SchemaField) -> int:
    """Return the maximum length of a value in characters. Longer textual values are cut, other values are refused."""
    if field.textual:
        return TEXTUAL_LENGTH
    return ID_LENGTH if field.name in ID_FIELDS else STRING_LENGTH


def action_event_type(text: str) -> str | None:
    """Return the event type of an action interaction, or None if `text` is not one.

    Case, blanks and underscores are ignored, because the developer guide writes `Taken` and `TAKEN`, `Not taken` and
    `NOT_TAKEN`.
    """
    spellings = {event_type.replace(" ", "").casefold(): event_type for event_type in ACTION_EVENT_TYPES}
    return spellings.get(text.replace("_", "").replace(" ", "").casefold())
