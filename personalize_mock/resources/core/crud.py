"""What all resources have in common, and the operations that follow from that: describe, list, delete."""

import base64
import json
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn, TypeVar

from botocore import xform_name

from personalize_mock.resources.core import deletion, messages
from personalize_mock.resources.core.lifecycle import begin, is_moving, record_poll
from personalize_mock.resources.core.resource import FINAL_STATUSES, Resource
from personalize_mock.simulation import Store
from personalize_mock.wire.errors import (
    InvalidNextTokenException,
    ResourceAlreadyExistsException,
    ResourceInUseException,
    ResourceNotFoundException,
)
from personalize_mock.wire.registry import Handler, register

PAGE = 100
# botocore model: description of InvalidNextTokenException.
BAD_TOKEN = "The token is not valid."  # noqa: S105  # a message about a page token

R = TypeVar("R", bound=Resource)


def find(store: Store, kind: type[R], arn: str) -> R:
    """The resource of an ARN.

    Raises:
        ResourceNotFoundException: there is none of that kind in this account and region.
    """
    found = store.all(kind).get(arn)
    if found is None:
        raise ResourceNotFoundException(messages.not_found(kind.label(), arn))
    return found


def find_active(store: Store, kind: type[R], arn: str) -> R:
    """The resource of an ARN, ready to be built upon.

    Raises:
        ResourceNotFoundException: there is none.
        ResourceInUseException: it is not ACTIVE.
    """
    found = find(store, kind, arn)
    check_active(store, found)
    return found


def check_active(store: Store, *resources: Resource) -> None:
    """Refuses resources that are not ready to be built upon.

    Raises:
        ResourceInUseException: one is not ACTIVE.
    """
    for resource in resources:
        if resource.status != "ACTIVE":
            refuse_use(store, resource, messages.NOT_ACTIVE.format(arn=resource.arn))


def refuse_use(store: Store, resource: Resource, text: str) -> NoReturn:
    """Refuses a call because of a resource's state, which counts as a look at it: who tries again without sleep waits.

    Raises:
        ResourceInUseException: always.
    """
    record_poll(store, [resource])
    raise ResourceInUseException(text)


def check_free(store: Store, kind: type[Resource], arn: str) -> None:
    """Refuses an ARN that is taken.

    Raises:
        ResourceAlreadyExistsException: it is.
    """
    if arn in store.all(kind):
        raise ResourceAlreadyExistsException(messages.ALREADY_EXISTS.format(arn=arn))


def add(store: Store, resource: R) -> R:
    """Puts a resource into the store, stamped with the time, and on its way to ACTIVE."""
    resource.creation_date_time = resource.last_updated_date_time = store.clock.timestamp()
    store.add(resource)
    if resource.lifecycle("create"):
        begin(store, resource, "create")
    return resource


def describes(kind: type[Resource]) -> Handler:
    """Makes and registers the Describe operation of a kind."""
    member = kind.__name__[0].lower() + kind.__name__[1:]
    argument = f"{xform_name(member)}_arn"

    def describe(store: Store, **arguments: str) -> Mapping[str, Any]:
        record_poll(store, find(store, kind, arguments[argument]).polled_resources())
        return {member: find(store, kind, arguments[argument])}

    return register(f"describe_{xform_name(member)}", describe)


def lists(kind: type[Resource]) -> Handler:
    """Makes and registers the List operation of a kind: filters are equalities with attributes."""

    def list_all(
        store: Store, *, next_token: str | None = None, max_results: int = PAGE, **filters: str
    ) -> Mapping[str, Any]:
        record_poll(store, _matching(store, kind, filters))
        entries = ((resource.ordinal, resource) for resource in _matching(store, kind, filters))
        return paged(store, kind.LIST_MEMBER, entries, filters, next_token=next_token, limit=max_results)

    return register(f"list_{xform_name(kind.LIST_MEMBER)}", list_all)


def deletes(kind: type[Resource]) -> Handler:
    """Makes and registers the Delete operation of a kind."""
    argument = f"{xform_name(kind.__name__)}_arn"

    def delete(store: Store, **arguments: str) -> None:
        resource = find(store, kind, arguments[argument])
        if is_moving(resource) or resource.status not in FINAL_STATUSES:
            message = deletion.UPDATING if resource.status in FINAL_STATUSES else deletion.MOVING
            refuse_use(store, resource, message.format(arn=resource.arn, status=resource.status))
        blocker = deletion.find_blocker(store, resource)
        if blocker is not None:
            refuse_use(store, blocker, deletion.IN_USE.format(arn=resource.arn, by=blocker.arn))
        if resource.lifecycle("delete"):
            begin(store, resource, "delete")
        else:
            store.remove(resource)

    return register(f"delete_{xform_name(kind.__name__)}", delete)


def paged(
    store: Store,
    member: str,
    entries: Iterable[tuple[int, Any]],
    scope: Mapping[str, Any],
    *,
    next_token: str | None,
    limit: int,
) -> Mapping[str, Any]:
    """One page of a list.

    A token holds the ordinal of the last entry of its page, so that pages stay whole while resources come and go.

    Args:
        store: the account and region.
        member: the list's name in the response.
        entries: the whole list, with rising ordinals.
        scope: what else was asked for; a token of another question is refused.
        next_token: the token of the page before.
        limit: the page's size.

    Raises:
        InvalidNextTokenException: the token is not one of this list.
    """
    seal = store.digest("page", member, *sorted(map(str, scope.items())))[:16]
    last = -1 if next_token is None else _position(next_token, seal)
    rest = [(ordinal, entry) for ordinal, entry in entries if ordinal > last]
    page = rest[:limit]
    token = _token(seal, page[-1][0]) if len(rest) > limit else None
    return {member: [entry for _, entry in page], "nextToken": token}


def _token(seal: str, ordinal: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([seal, ordinal]).encode()).decode()


def _position(token: str, seal: str) -> int:
    try:
        found, ordinal = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (ValueError, TypeError, RecursionError):
        found, ordinal = None, 0
    if found != seal or not isinstance(ordinal, int):
        raise InvalidNextTokenException(BAD_TOKEN)
    return ordinal


def _matching(store: Store, kind: type[Resource], filters: Mapping[str, str]) -> list[Resource]:
    return [
        resource
        for resource in store.all(kind).values()
        if all(getattr(resource, name) == value for name, value in filters.items())
    ]
