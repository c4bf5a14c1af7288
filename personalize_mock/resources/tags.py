"""Tags of resources, and the operations that list and change them.

All resources except metric attributions can have tags. CreateSchema takes no tags, but TagResource can add tags to a
schema.
"""

from collections.abc import Mapping, Sequence

from personalize_mock.resources.core import messages
from personalize_mock.resources.core.crud import raise_in_use
from personalize_mock.resources.core.resource import Resource
from personalize_mock.simulation import Store
from personalize_mock.wire.errors import (
    InvalidInputException,
    ResourceNotFoundException,
    TooManyTagKeysException,
    TooManyTagsException,
)
from personalize_mock.wire.registry import handler

MAX_TAGS = 50  # botocore model, description of TooManyTagKeysException
Tags = Sequence[Mapping[str, str]]

_MOVING_SUFFIXES = ("PENDING", "IN_PROGRESS", "STOPPING")

# Ours.
TOO_MANY = f"A resource can have at most {MAX_TAGS} tags. Use fewer tags."
TOO_MANY_KEYS = f"Provide at most {MAX_TAGS} tag keys."
NOT_UNIQUE = "Tag keys must be unique. Use each key once."
RESERVED = "Tag keys cannot begin with 'aws:'."
NOT_TAGGABLE = "Resource {arn} is a metric attribution, which cannot have tags. Tag its dataset group instead."
MOVING = (
    "The tags of resource {arn} cannot be changed while its status is {status}. Wait until the running operation has "
    "finished."
)
BEING_DELETED = "The tags of resource {arn} cannot be listed, because it is being deleted."


def check_tags(tags: Tags) -> None:
    """Check the tags in a request.

    Raises:
        TooManyTagsException: There are more than 50 tags.
        InvalidInputException: A key occurs twice or begins with `aws:`.
    """
    keys = [tag["tagKey"] for tag in tags]
    if len(keys) > MAX_TAGS:
        raise TooManyTagsException(TOO_MANY)
    if len(set(keys)) < len(keys):
        raise InvalidInputException(NOT_UNIQUE)
    if any(key.lower().startswith("aws:") for key in keys):
        raise InvalidInputException(RESERVED)


@handler
def tag_resource(store: Store, *, resource_arn: str, tags: Tags) -> None:
    """Answer a TagResource request. If the resource already has a tag with the same key, its value is replaced."""
    resource = _find_taggable(store, resource_arn)
    check_tags(tags)
    merged = {tag["tagKey"]: tag for tag in (*resource.tags, *tags)}
    if len(merged) > MAX_TAGS:
        raise TooManyTagsException(TOO_MANY)
    resource.tags = tuple(merged.values())


@handler
def untag_resource(store: Store, *, resource_arn: str, tag_keys: Sequence[str]) -> None:
    """Answer an UntagResource request. Keys that the resource does not have are ignored."""
    resource = _find_taggable(store, resource_arn)
    if len(tag_keys) > MAX_TAGS:
        raise TooManyTagKeysException(TOO_MANY_KEYS)
    resource.tags = tuple(tag for tag in resource.tags if tag["tagKey"] not in tag_keys)


@handler
def list_tags_for_resource(store: Store, *, resource_arn: str) -> Mapping[str, Tags]:
    """Answer a ListTagsForResource request. The tags of a resource that is being deleted cannot be listed."""
    resource = _find(store, resource_arn)
    if (resource.status or "").startswith("DELETE"):
        raise_in_use(store, resource, BEING_DELETED.format(arn=resource.arn))
    _check_taggable(resource)
    return {"tags": resource.tags}


def _find_taggable(store: Store, arn: str) -> Resource:
    """Return the resource with the given ARN, whose tags are to be changed.

    The mock assumes that tags cannot be changed while a resource is being created, updated, stopped or deleted.

    Raises:
        ResourceNotFoundException: There is no such resource.
        ResourceInUseException: The resource is being created, updated, stopped or deleted.
        InvalidInputException: The resource is a metric attribution, which cannot have tags.
    """
    resource = _find(store, arn)
    if (resource.status or "").endswith(_MOVING_SUFFIXES):
        raise_in_use(store, resource, MOVING.format(arn=resource.arn, status=resource.status))
    _check_taggable(resource)
    return resource


def _find(store: Store, arn: str) -> Resource:
    resource: Resource | None = store.resource(arn)
    if resource is None:
        raise ResourceNotFoundException(messages.not_found(_label(arn), arn))
    return resource


def _check_taggable(resource: Resource) -> None:
    if type(resource).__name__ == "MetricAttribution":
        raise InvalidInputException(NOT_TAGGABLE.format(arn=resource.arn))


def _label(arn: str) -> str:
    """Return the resource type that an ARN denotes, in words, such as "solution version"."""
    arn_type, *names = arn.split(":", 5)[-1].split("/")
    return "solution version" if arn_type == "solution" and len(names) > 1 else arn_type.replace("-", " ")
