"""Tags as the Create operations take them."""

from collections.abc import Mapping, Sequence

from personalize_mock.wire.errors import InvalidInputException, TooManyTagsException

MOST = 50
Tags = Sequence[Mapping[str, str]]


def check_tags(tags: Tags) -> None:
    """Refuses tags that a new resource may not carry.

    Raises:
        TooManyTagsException: more than 50.
        InvalidInputException: a key is given twice or begins with `aws:`.
    """
    keys = [tag["tagKey"] for tag in tags]
    if len(keys) > MOST:
        raise TooManyTagsException(f"A resource can have at most {MOST} tags.")
    if len(set(keys)) < len(keys):
        raise InvalidInputException("Tag keys must be unique.")
    if any(key.lower().startswith("aws:") for key in keys):
        raise InvalidInputException("Tag keys cannot begin with 'aws:'.")
