"""Filters, whose expressions select the items, users or actions that can be recommended."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from personalize_mock.filtering.check import check_expression, distinct_fields
from personalize_mock.filtering.errors import InvalidFilter
from personalize_mock.filtering.parse import parse_expression
from personalize_mock.filtering.syntax import FilterExpression
from personalize_mock.resources.core import messages, quotas
from personalize_mock.resources.core.crud import add, check_absent, delete_handler, describe_handler, find, list_handler
from personalize_mock.resources.core.lifecycle import DELETE, create
from personalize_mock.resources.core.resource import Resource
from personalize_mock.resources.dataset_groups import DatasetGroup
from personalize_mock.resources.datasets import datasets_of
from personalize_mock.resources.tags import Tags, check_tags
from personalize_mock.simulation import Store
from personalize_mock.wire.errors import InvalidInputException, LimitExceededException
from personalize_mock.wire.registry import handler

if TYPE_CHECKING:
    from personalize_mock.filtering.compiled_filter import CompiledFilter

# Ours.
TOO_MANY_FIELDS = (
    "The filters of a dataset group can use at most {limit} different fields; with this one they use {count}. "
    "Use fewer fields, or delete a filter."
)


@dataclass(kw_only=True)
class Filter(Resource):
    """A filter, with the members that DescribeFilter returns.

    Attributes:
        filter_expression: The expression exactly as it was sent.
        parsed: The syntax tree of the expression.
    """

    ARN_TYPE = "filter"
    LIST_MEMBER = "Filters"
    LIFECYCLES = (create(), DELETE)

    dataset_group_arn: str
    filter_expression: str = field(repr=False)
    parsed: FilterExpression = field(repr=False)
    _compiled: "CompiledFilter | None" = field(default=None, init=False, repr=False, compare=False)

    @property
    def compiled(self) -> "CompiledFilter":
        """The filter expression in compiled form. It is compiled on first use, because compiling imports NumPy."""
        if self._compiled is None:
            from personalize_mock.filtering.compiled_filter import compile_expression

            self._compiled = compile_expression(self.parsed)
        return self._compiled


@handler
def create_filter(
    store: Store, *, name: str, dataset_group_arn: str, filter_expression: str, tags: Tags = ()
) -> Filter:
    """Answer a CreateFilter request.

    CreateFilter declares no ResourceInUseException in botocore's model. If the dataset group is not ACTIVE, the error
    is therefore an InvalidInputException.
    """
    group = find(store, DatasetGroup, dataset_group_arn)
    if group.status != "ACTIVE":
        raise InvalidInputException(messages.NOT_ACTIVE.format(arn=group.arn))
    parsed = _parse(store, group, filter_expression)
    check_tags(tags)
    arn = store.arn(Filter.ARN_TYPE, name)
    check_absent(store, Filter, arn)
    quotas.check_quota(store, "filters_per_group", within=group.arn)
    _check_fields(store, group, parsed)
    filter_ = Filter(
        arn=arn,
        name=name,
        dataset_group_arn=group.arn,
        filter_expression=filter_expression,
        parsed=parsed,
        tags=tags,
    )
    return add(store, filter_)


def _parse(store: Store, group: DatasetGroup, expression: str) -> FilterExpression:
    try:
        parsed = parse_expression(expression)
        schemas = {dataset.dataset_type: dataset.parsed_schema for dataset in datasets_of(store, group.arn)}
        check_expression(parsed, schemas, max_fields=quotas.limit(store, "filter_fields"))
    except InvalidFilter as error:
        raise InvalidInputException(str(error)) from None
    return parsed


def _check_fields(store: Store, group: DatasetGroup, parsed: FilterExpression) -> None:
    limit = quotas.limit(store, "filter_fields_per_group")
    if sum(len(dataset.parsed_schema.names) for dataset in datasets_of(store, group.arn)) <= limit:
        return  # not enough fields exist
    others = [other.parsed for other in store.select(Filter, dataset_group_arn=group.arn, has_failed=False)]
    count = len(frozenset().union(*map(distinct_fields, [*others, parsed])))
    if count > limit:
        raise LimitExceededException(TOO_MANY_FIELDS.format(limit=limit, count=count))


describe_filter = describe_handler(Filter)
list_filters = list_handler(Filter)
delete_filter = delete_handler(Filter)
