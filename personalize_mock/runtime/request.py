"""Values of a runtime request that passed its checks. They need no numpy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from personalize_mock.resources.filters import Filter


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFilter:
    """A filter and the values that a request passes to it.

    Attributes:
        filter: The filter, or None to allow everything.
        values: The request's filterValues.
    """

    filter: Filter | None = None
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """A promotion of GetRecommendations.

    Attributes:
        name: The promotionName of each promoted item.
        percent: The share of the list, from 1 to 100.
        filter: The filter that selects the promoted items.
    """

    name: str
    percent: int
    filter: RequestFilter


@dataclass(frozen=True, slots=True, kw_only=True)
class RecommendationRequest:
    """A request for items or actions, or for a ranking.

    Attributes:
        user_id: The userId.
        item_id: The itemId. None if the recipe takes none.
        context: The contextual metadata.
        count: The maximum number of entries.
        filter: The filter of the entries that are not promoted.
        promotion: The promotion, or None.
        metadata_columns: The columns of Items to return with each item.
    """

    user_id: str | None = None
    item_id: str | None = None
    context: Mapping[str, str] = field(default_factory=dict)
    count: int
    filter: RequestFilter = field(default_factory=RequestFilter)
    promotion: Promotion | None = None
    metadata_columns: Sequence[str] = ()
