"""Data classes for personalize-runtime requests that have passed all checks.

This module does not import NumPy, so that modules that only need these classes can be imported quickly.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from personalize_mock.resources.filters import Filter


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFilter:
    """A filter and the values that a request passes to it.

    Attributes:
        filter: The filter, or None to allow everything.
        values: The filterValues of the request, by the names of the filter's placeholders.
    """

    filter: Filter | None = None
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """A promotion in a GetRecommendations request, which reserves a share of the list for items that pass a filter.

    Attributes:
        name: The name of the promotion. Promoted items have it as their `promotionName` in the response.
        percent: The share of the list that is reserved for promoted items, from 1 to 100 percent.
        filter: The filter that promoted items must pass.
    """

    name: str
    percent: int
    filter: RequestFilter


@dataclass(frozen=True, slots=True, kw_only=True)
class RecommendationRequest:
    """A request for item recommendations, action recommendations or a personalized ranking.

    Attributes:
        user_id: The userId, or None if the request has none.
        item_id: The itemId, or None if the recipe does not use one.
        context: The contextual metadata, by field name.
        count: The maximum number of items or actions to return.
        filter: The filter for items or actions that are not promoted.
        promotion: The promotion, or None if the request has none.
        metadata_columns: The columns of the Items dataset to return with each item.
    """

    user_id: str | None = None
    item_id: str | None = None
    context: Mapping[str, str] = field(default_factory=dict)
    count: int
    filter: RequestFilter = field(default_factory=RequestFilter)
    promotion: Promotion | None = None
    metadata_columns: Sequence[str] = ()
