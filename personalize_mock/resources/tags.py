"""Tags: what the Create operations take, and the three operations that change and show them later.

What has an ARN can be tagged, schemas too, although CreateSchema takes no tags; only metric attributions cannot.
"""

from collections.abc import Mapping, Sequence
from typing import NoReturn

from personalize_mock.resources.core import messages
from personalize_mock.resources.core.lifecycle import record_poll
from personalize_mock.resources.core.resource import Resource
from personalize_mock.simulation import Store
from personalize_mock.wire.errors import (
    InvalidInputException,
    ResourceInUseException,
    ResourceNotFoundException,
    TooManyTagKeysException,
    TooManyTagsException,
)
from personalize_mock.wire.registry import handler

MOST = 50  # of the service model's own description of TooManyTagKeysException
Tags = Sequence[Mapping[str, str]]

_MOVING = ("PENDING", "IN_PROGRESS", "STOPPING")

# Ours.
TOO_MANY = f"A resource can have at most {MOST} tags."
TOO_MANY_KEYS = f"Provide at most {MOST} tag keys."
NOT_UNIQUE = "Tag keys must be unique."
RESERVED = "Tag keys cannot begin with 'aws:'."
NOT_TAGGABLE = "Resource {arn} cannot have tags."
MOVING = "The tags of resource {arn} cannot be changed in state {status}."
GOING = "Resource {arn} is being deleted."


def check_tags(tags: Tags) -> None:
    """Refuses tags that a new resource may not carry.

    Raises:
        TooManyTagsException: more than 50.
        InvalidInputException: a key is given twice or begins with `aws:`.
    """
    keys = [tag["tagKey"] for tag in tags]
    if len(keys) > MOST:
        raise TooManyTagsException(TOO_MANY)
    if len(set(keys)) < len(keys):
        raise InvalidInputException(NOT_UNIQUE)
    if any(key.lower().startswith("aws:") for key in keys):
        raise InvalidInputException(RESERVED)


@handler
def tag_resource(store: Store, *, resource_arn: str, tags: Tags) -> None:
    """TagResource; the value of a key that is there is replaced."""
    resource = _changeable(store, resource_arn)
    check_tags(tags)
    merged = {tag["tagKey"]: tag for tag in (*resource.tags, *tags)}
    if len(merged) > MOST:
        raise TooManyTagsException(TOO_MANY)
    resource.tags = tuple(merged.values())


@handler
def untag_resource(store: Store, *, resource_arn: str, tag_keys: Sequence[str]) -> None:
    """UntagResource; keys that are not there do not matter."""
    resource = _changeable(store, resource_arn)
    if len(tag_keys) > MOST:
        raise TooManyTagKeysException(TOO_MANY_KEYS)
    resource.tags = tuple(tag for tag in resource.tags if tag["tagKey"] not in tag_keys)


@handler
def list_tags_for_resource(store: Store, *, resource_arn: str) -> Mapping[str, Tags]:
    """ListTagsForResource."""
    resource = _found(store, resource_arn)
    if (resource.status or "").startswith("DELETE"):
        _refuse(store, resource, GOING)
    _check_taggable(resource)
    return {"tags": resource.tags}


def _changeable(store: Store, arn: str) -> Resource:
    """What an ARN stands for, if its tags can be changed; inferred: not those of a resource on its way."""
    resource = _found(store, arn)
    if (resource.status or "").endswith(_MOVING):
        _refuse(store, resource, MOVING)
    _check_taggable(resource)
    return resource


def _found(store: Store, arn: str) -> Resource:
    found: Resource | None = store.resource(arn)
    if found is None:
        raise ResourceNotFoundException(messages.not_found(_kind(arn), arn))
    return found


def _check_taggable(resource: Resource) -> None:
    if type(resource).__name__ == "MetricAttribution":
        raise InvalidInputException(NOT_TAGGABLE.format(arn=resource.arn))


def _refuse(store: Store, resource: Resource, text: str) -> NoReturn:
    """A refusal counts as a look, as elsewhere."""
    refusal = ResourceInUseException(text.format(arn=resource.arn, status=resource.status))
    record_poll(store, [resource])
    raise refusal


def _kind(arn: str) -> str:
    """The kind that an ARN stands for, in words."""
    kind, *names = arn.split(":", 5)[-1].split("/")
    return "solution version" if kind == "solution" and len(names) > 1 else kind.replace("-", " ")
