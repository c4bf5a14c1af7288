"""What single values may be: how long, and which words."""

from personalize_mock.data.avro import SchemaField

ID_FIELDS = ("USER_ID", "ITEM_ID", "ACTION_ID")
ID_LENGTH = 256  # characters; this and the next two are quotas of the developer guide
STRING_LENGTH = 1000
TEXTUAL_LENGTH = 20_000
ACTION_EVENT_TYPES = ("Taken", "Not Taken", "Viewed")


def length_limit(field: SchemaField) -> int:
    """The most characters of a value; longer textual ones are cut, others refused."""
    if field.textual:
        return TEXTUAL_LENGTH
    return ID_LENGTH if field.name in ID_FIELDS else STRING_LENGTH


def action_event_type(text: str) -> str | None:
    """The event type of an action interaction that `text` means, or None.

    The guide writes `Taken` and `TAKEN`, `Not taken` and `NOT_TAKEN`, so case, blanks and underscores
    do not count.
    """
    bare = text.replace("_", "").replace(" ", "").casefold()
    spellings = {kind.replace(" ", "").casefold(): kind for kind in ACTION_EVENT_TYPES}
    return spellings.get(bare)
