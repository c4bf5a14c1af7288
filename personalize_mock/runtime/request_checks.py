"""Checks of personalize-runtime requests. A check raises InvalidInputException if a member of the request is invalid.

The limits come from the developer guide, "Amazon Personalize endpoints and quotas" (2025), and from the botocore model.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from personalize_mock.resources.catalogue import RecipeEntry
from personalize_mock.resources.core.lifecycle import record_poll
from personalize_mock.resources.core.resource import USABLE_STATUSES, Resource
from personalize_mock.resources.filters import Filter
from personalize_mock.runtime.request import Promotion, RequestFilter
from personalize_mock.simulation import Store
from personalize_mock.trap_warnings import warn_about_values
from personalize_mock.wire.errors import InvalidInputException

if TYPE_CHECKING:
    from personalize_mock.runtime.serving_context import ServingContext

MAX_RESULTS = 500
MAX_ACTIONS = 100
MAX_RESULTS_WITH_METADATA = 50
MAX_COLUMNS = 10

# Recorded for campaigns. Assumed to be the same for recommenders and filters.
NOT_READY = "{arn} does not exist or is not active yet."
# Messages in our words; the service's are unknown.
MISSING_ID = "The request has no {member}. Provide one, because the recipe {recipe} requires it."
TOO_MANY = "{member} is limited to {limit} {what}, but the request has {count}."
EMPTY_LIST = "The inputList is empty. Provide at least one item."
OTHER_GROUP = "The filter {arn} belongs to another dataset group. Use a filter of the same dataset group."
WRONG_TARGET = "The filter {arn} is for {target}; {operation} takes filters for {wanted}."
FILTER_NEEDS_USER = "The filter {arn} depends on the user. Provide a userId."
FILTER_NEEDS_ITEM = (
    "The filter {arn} uses CurrentItem, but the recipe {recipe} takes no itemId. Use a filter without CurrentItem."
)
NO_PROMOTIONS = "The recipe {recipe} does not support promotions. Remove promotions from the request."
INCOMPLETE_PROMOTION = "A promotion is incomplete. Provide its name, percentPromotedItems and filterArn."
NO_METADATA = "Metadata is not enabled. Set enableMetadataWithRecommendations of {arn} to true."
NO_COLUMN = "The schema of the Items dataset does not have these columns: {columns}. Remove them from metadataColumns."
ONLY_ITEMS = 'metadataColumns takes one key, ITEMS, with at least one column, such as {"ITEMS": ["GENRES"]}.'
NO_ITEMS = "metadataColumns requires an Items dataset with data. Import items first."


def refuse_unready(store: Store, resource: Resource | None, arn: str) -> NoReturn:
    """Reject a request because a resource does not exist or cannot be used yet.

    The request counts as a poll of the resource, so the simulated clock moves if a client retries until the resource is
    ACTIVE.

    Args:
        store: The resources of one account and region.
        resource: The resource, or None if it does not exist.
        arn: The ARN in the request.

    Raises:
        InvalidInputException: Always.
    """
    if resource is not None:
        record_poll(store, [resource])
    raise InvalidInputException(NOT_READY.format(arn=arn))


def check_ids(recipe: RecipeEntry, ids: Mapping[str, str | None]) -> None:
    """Check that a request has the ids that the recipe requires, such as a userId.

    Args:
        recipe: The recipe of the campaign or recommender.
        ids: The ids in the request, by member name; None for an id that the request does not have.
    """
    for member in recipe.required_ids:
        if ids.get(member) is None:
            raise InvalidInputException(MISSING_ID.format(member=member, recipe=recipe.name))


def check_count(member: str, count: int, limit: int, *, what: str = "items", with_metadata: bool = False) -> None:
    """Check the number of items or actions that a request asks for.

    Args:
        member: The member of the request that sets the number, for the error message.
        count: The number of items or actions that the request asks for.
        limit: The largest number allowed.
        what: The plural noun for what the request asks for, "items" or "actions", for the error message.
        with_metadata: Whether the request has metadataColumns. If True, the limit is 50 and `limit` is ignored.
    """
    if with_metadata:
        what, limit = f"{what} if metadataColumns are requested", MAX_RESULTS_WITH_METADATA
    if count > limit:
        raise InvalidInputException(TOO_MANY.format(member=member, limit=limit, what=what, count=count))


def check_input_list(input_list: Sequence[str], *, with_metadata: bool) -> None:
    """Check that an inputList is neither empty nor too long. If item metadata is requested, fewer items are allowed."""
    if not input_list:
        raise InvalidInputException(EMPTY_LIST)
    check_count("inputList", len(input_list), MAX_RESULTS, with_metadata=with_metadata)


def check_filter(
    serving: "ServingContext", arn: str | None, values: Mapping[str, str] | None, *, operation: str, user_id: str | None
) -> RequestFilter:
    """Return the filter that a request names, with its values, after checking that the request can use it.

    The filter must be ACTIVE or still in creation, belong to the dataset group of the campaign or recommender, and fit
    the operation and the ids in the request.

    Args:
        serving: The model and the data that answer the request.
        arn: The filterArn, or None if the request has none. The result then allows everything.
        values: The filterValues.
        operation: The called operation, such as "GetRecommendations".
        user_id: The userId of the request, or None.
    """
    if arn is None:
        return RequestFilter()
    filter_ = serving.store.all(Filter).get(arn)
    if filter_ is None or filter_.status not in USABLE_STATUSES:
        refuse_unready(serving.store, filter_, arn)
    if filter_.dataset_group_arn != serving.resource.dataset_group_arn:
        raise InvalidInputException(OTHER_GROUP.format(arn=arn))
    compiled = filter_.compiled
    target = "ActionID" if operation == "GetActionRecommendations" else "ItemID"
    if compiled.target != target:
        text = WRONG_TARGET.format(arn=arn, target=compiled.target, operation=operation, wanted=target)
        raise InvalidInputException(text)
    if compiled.needs_user and user_id is None:
        raise InvalidInputException(FILTER_NEEDS_USER.format(arn=arn))
    if compiled.needs_item and not serving.requires_item:
        raise InvalidInputException(FILTER_NEEDS_ITEM.format(arn=arn, recipe=serving.recipe.name))
    warn_about_values(arn, values or {})
    return RequestFilter(filter=filter_, values=values or {})


def check_promotion(
    serving: "ServingContext", promotions: Sequence[Mapping[str, Any]], *, user_id: str | None
) -> Promotion | None:
    """Check that a request has at most one promotion, and that the promotion is valid.

    Return the promotion, or None if the request has none.
    """
    if not promotions:
        return None
    if not serving.recipe.promotions:
        raise InvalidInputException(NO_PROMOTIONS.format(recipe=serving.recipe.name))
    if len(promotions) > 1:
        raise InvalidInputException(
            TOO_MANY.format(member="promotions", limit=1, what="promotion", count=len(promotions))
        )
    promotion = promotions[0]
    if not {"name", "percentPromotedItems", "filterArn"} <= promotion.keys():
        raise InvalidInputException(INCOMPLETE_PROMOTION)
    arn, values = promotion["filterArn"], promotion.get("filterValues")
    request_filter = check_filter(serving, arn, values, operation="GetRecommendations", user_id=user_id)
    return Promotion(name=promotion["name"], percent=promotion["percentPromotedItems"], filter=request_filter)


def check_metadata_columns(
    serving: "ServingContext", metadata_columns: Mapping[str, Sequence[str]] | None
) -> Sequence[str]:
    """Check the metadataColumns of a request, and return the requested column names as they are written in the schema.

    The case of the names in the request is ignored. The result is empty if the request has no metadataColumns.
    """
    if not metadata_columns:
        return ()
    always_on = serving.recipe.metadata_with_recommendations == "always-on"
    if not always_on and not serving.config.get("enableMetadataWithRecommendations"):
        raise InvalidInputException(NO_METADATA.format(arn=serving.resource.arn))
    if set(metadata_columns) != {"ITEMS"} or not metadata_columns["ITEMS"]:
        raise InvalidInputException(ONLY_ITEMS)
    columns = list(dict.fromkeys(metadata_columns["ITEMS"]))
    if len(columns) > MAX_COLUMNS:
        raise InvalidInputException(
            TOO_MANY.format(member="metadataColumns", limit=MAX_COLUMNS, what="columns", count=len(columns))
        )
    rows = serving.rows("ITEMS")
    if rows is None:
        raise InvalidInputException(NO_ITEMS)
    fields = [rows.field(column) for column in columns]
    unknown = [column for column, field in zip(columns, fields, strict=True) if field is None]
    if unknown:
        raise InvalidInputException(NO_COLUMN.format(columns=", ".join(unknown)))
    names = [field.name for field in fields if field is not None]
    return list(dict.fromkeys(names))
