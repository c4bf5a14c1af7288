"""Operations that work the same way for all resource types: find, add, describe, list and delete."""

import base64
import json
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any, NoReturn, TypeVar

from botocore import xform_name

from personalize_mock.resources.core import deletion, messages
from personalize_mock.resources.core.lifecycle import begin, is_moving, record_poll
from personalize_mock.resources.core.resource import FINAL_STATUSES, Resource
from personalize_mock.simulation import Store
from personalize_mock.trap_warnings import warn_about_taken_name
from personalize_mock.wire.errors import (
    InvalidNextTokenException,
    ResourceAlreadyExistsException,
    ResourceInUseException,
    ResourceNotFoundException,
)
from personalize_mock.wire.registry import Handler, register

PAGE = 100
# botocore model, description of InvalidNextTokenException.
BAD_TOKEN = "The token is not valid."  # noqa: S105  # a message about a page token

R = TypeVar("R", bound=Resource)
E = TypeVar("E")


def find(store: Store, resource_type: type[R], arn: str) -> R:
    """Return the resource with the given type and ARN, or raise ResourceNotFoundException."""
    resource = store.all(resource_type).get(arn)
    if resource is None:
        raise ResourceNotFoundException(messages.not_found(resource_type.label(), arn))
    return resource


def find_active(store: Store, resource_type: type[R], arn: str) -> R:
    """Return the resource with the given type and ARN, which must be ACTIVE.

    Raises:
        ResourceNotFoundException: There is no such resource.
        ResourceInUseException: The resource is not ACTIVE.
    """
    resource = find(store, resource_type, arn)
    check_active(store, resource)
    return resource


def check_active(store: Store, *resources: Resource) -> None:
    """Check that all given resources are ACTIVE, or raise ResourceInUseException."""
    for resource in resources:
        if resource.status != "ACTIVE":
            raise_in_use(store, resource, messages.NOT_ACTIVE.format(arn=resource.arn))


def raise_in_use(store: Store, resource: Resource, message: str) -> NoReturn:
    """Raise ResourceInUseException, and count the current call as a status check of the resource.

    Repeated status checks advance the simulated clock, so a test that retries a call in a loop, without sleeping, does
    not loop forever.

    Args:
        store: The resources of one account and region.
        resource: The resource whose status makes the call fail.
        message: The message of the exception.

    Raises:
        ResourceInUseException: Always.
    """
    record_poll(store, [resource])
    raise ResourceInUseException(message)


def check_absent(store: Store, resource_type: type[Resource], arn: str) -> None:
    """Check that no resource of the given type has the ARN yet, or raise ResourceAlreadyExistsException."""
    if arn in store.all(resource_type):
        warn_about_taken_name(store, arn)
        raise ResourceAlreadyExistsException(messages.ALREADY_EXISTS.format(arn=arn))


def add(store: Store, resource: R) -> R:
    """Add a new resource to the store, set its dates to the current time, start its creation and return it."""
    resource.creation_date_time = resource.last_updated_date_time = store.clock.timestamp()
    store.add(resource)
    if resource.lifecycle("create"):
        begin(store, resource, "create")
    return resource


def describe_handler(resource_type: type[Resource]) -> Handler:
    """Create the handler for the Describe operation of a resource type, register it and return it."""
    member = resource_type.__name__[0].lower() + resource_type.__name__[1:]
    argument = f"{xform_name(member)}_arn"

    def describe(store: Store, **arguments: str) -> Mapping[str, Any]:
        resource = find(store, resource_type, arguments[argument])
        changing = [polled for polled in resource.polled_resources() if polled.lifecycle_state.lifecycle is not None]
        if changing:
            record_poll(store, changing)
            resource = find(store, resource_type, arguments[argument])  # the poll may have ended its deletion
        return {member: resource}

    return register(f"describe_{xform_name(member)}", describe)


def list_handler(resource_type: type[Resource]) -> Handler:
    """Create the handler for the List operation of a resource type, register it and return it.

    The handler accepts the paging parameters and any attributes as filters. With the filter `solution_arn`, for
    example, it lists only the resources that have the given `solution_arn`. Each call counts as a status check of the
    listed resources: repeated status checks advance the simulated clock.
    """

    def list_all(
        store: Store, *, next_token: str | None = None, max_results: int = PAGE, **filters: str
    ) -> Mapping[str, Any]:
        def page() -> Mapping[str, Any]:
            entries = store.select(resource_type, **filters)
            return paginate(store, member, entries, filters, next_token=next_token, limit=max_results)

        record_poll(store, page()[member])
        return page()

    member = resource_type.LIST_MEMBER
    return register(f"list_{xform_name(resource_type.LIST_MEMBER)}", list_all)


def delete_handler(resource_type: type[Resource]) -> Handler:
    """Create the handler for the Delete operation of a resource type, register it and return it."""
    argument = f"{xform_name(resource_type.__name__)}_arn"

    def delete(store: Store, **arguments: str) -> None:
        resource = find(store, resource_type, arguments[argument])
        if is_moving(resource) or resource.status not in FINAL_STATUSES:
            message = deletion.UPDATING if resource.status in FINAL_STATUSES else deletion.MOVING
            raise_in_use(store, resource, message.format(arn=resource.arn, status=resource.status))
        blocker = deletion.find_blocker(store, resource)
        if blocker is not None:
            raise_in_use(store, blocker, deletion.IN_USE.format(arn=resource.arn, by=blocker.arn))
        if resource.lifecycle("delete"):
            begin(store, resource, "delete")
        else:
            store.remove(resource)

    return register(f"delete_{xform_name(resource_type.__name__)}", delete)


def paginate(
    store: Store,
    member: str,
    entries: Sequence[E],
    scope: Mapping[str, Any],
    *,
    next_token: str | None,
    limit: int,
    number: Callable[[E], int] = attrgetter("ordinal"),
) -> Mapping[str, Any]:
    """Return one page of a list as the response of a List operation.

    Each entry has a fixed number, and a page token contains the number of the last entry on the page. Adding or
    removing entries between two calls therefore does not shift the next page.

    Args:
        store: The resources of one account and region.
        member: The name of the list in the response, such as `datasetGroups`.
        entries: The entries of all pages, in ascending order of their numbers.
        scope: The other parameters of the request. A token is valid only with the same parameters.
        next_token: The token returned with the previous page, or None for the first page.
        limit: The maximum number of entries on the page.
        number: Function that returns the number of an entry.

    Raises:
        InvalidNextTokenException: The token was not issued for this list.
    """
    seal = store.digest("page", member, *sorted(map(str, scope.items())))[:16]
    start = 0 if next_token is None else bisect_right(entries, _last_number(next_token, seal), key=number)
    page = entries[start : start + limit]
    token = _token(seal, number(page[-1])) if start + limit < len(entries) else None
    return {member: list(page), "nextToken": token}


def _token(seal: str, number: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([seal, number]).encode()).decode()


def _last_number(token: str, seal: str) -> int:
    try:
        token_seal, number = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (ValueError, TypeError, RecursionError):
        token_seal, number = None, 0
    if token_seal != seal or not isinstance(number, int):
        raise InvalidNextTokenException(BAD_TOKEN)
    return number
