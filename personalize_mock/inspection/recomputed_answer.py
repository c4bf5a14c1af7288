"""Answers of the three recommendation operations, recomputed to explain them without changing the simulation."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from personalize_mock.recipes.base import Candidates
from personalize_mock.runtime import answers, operations
from personalize_mock.runtime.entries import Entry
from personalize_mock.runtime.request import RecommendationRequest
from personalize_mock.runtime.serving_context import ServingContext
from personalize_mock.simulation import Store
from personalize_mock.wire.direct import named_operation
from personalize_mock.wire.input import handler_arguments

TITLES = ("TITLE", "NAME")  # names of columns with titles, or their endings after a _


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RecomputedAnswer:
    """A recomputed answer, with the request, the model and the candidates that it was computed from.

    Attributes:
        serving: The model and data that answered the request.
        request: The request, after validation.
        member: The member of the response that holds the entries, such as "itemList".
        id_member: The member of an entry that holds the id: `itemId` or `actionId`.
        dataset_type: The type of the dataset that describes the entries: ITEMS or ACTIONS.
        entries: The entries of the response.
        candidates: The items or actions that the model ranked, as a mask or as indices. None if it ranked all of them.
        filtered_out: The ids that filters removed, best first. For a ranking, they are in the order of the inputList.
    """

    serving: ServingContext
    request: RecommendationRequest
    member: str
    id_member: str = "itemId"
    dataset_type: str = "ITEMS"
    entries: Sequence[Entry]
    candidates: Candidates | None
    filtered_out: Sequence[str]

    @property
    def ids(self) -> tuple[str, ...]:
        """The item or action ids of the entries, in the order of the answer."""
        return tuple(entry[self.id_member] for entry in self.entries)

    def titles(self) -> dict[str, str]:
        """Return the titles of the entries by id, from a column of the dataset such as TITLE, NAME or MOVIE_TITLE.

        Entries without a title are left out.
        """
        rows = self.serving.rows(self.dataset_type)
        names = [] if rows is None else [field.name for field in rows.fields]
        name = next((name for name in names if name.upper().rpartition("_")[2] in TITLES), None)
        if rows is None or name is None:
            return {}
        found = {id_: rows.row(id_) for id_ in self.ids}
        values = {id_: rows.value(row, name) for id_, row in found.items() if row >= 0}
        return {id_: str(value) for id_, value in values.items() if value is not None}


def answer_again(store: Store, operation: str, params: Mapping[str, Any]) -> RecomputedAnswer:
    """Compute the answer to a recommendation request again.

    Args:
        store: The resources of the account and region that got the request.
        operation: "GetRecommendations", "GetPersonalizedRanking" or "GetActionRecommendations".
        params: The members of the request.

    Raises:
        ServiceError: The service would refuse the request now.
    """
    return OPERATIONS[operation](store, handler_arguments(named_operation(operation), params))


def _recommendations(store: Store, members: Mapping[str, Any]) -> RecomputedAnswer:
    serving, request = operations.item_request(store, **members)
    mask = answers.candidate_mask(serving, request, request.filter)
    return RecomputedAnswer(
        serving=serving,
        request=request,
        member="itemList",
        entries=answers.recommended_entries(serving, request),
        candidates=mask,
        filtered_out=_filtered_out(serving, request, mask),
    )


def _ranking(store: Store, members: Mapping[str, Any]) -> RecomputedAnswer:
    serving, request = operations.ranking_request(store, **members)
    ranking_request = answers.to_ranking_request(serving, request, members["input_list"])
    passed = set(ranking_request.ids)
    return RecomputedAnswer(
        serving=serving,
        request=request,
        member="personalizedRanking",
        entries=answers.ranked_entries(serving, ranking_request),
        candidates=ranking_request.indices,
        filtered_out=[id_ for id_ in dict.fromkeys(members["input_list"]) if id_ not in passed],
    )


def _actions(store: Store, members: Mapping[str, Any]) -> RecomputedAnswer:
    serving, request = operations.action_request(store, **members)
    mask = answers.action_mask(serving, request)
    return RecomputedAnswer(
        serving=serving,
        request=request,
        member="actionList",
        id_member="actionId",
        dataset_type="ACTIONS",
        entries=answers.action_entries(serving, request),
        candidates=mask,
        filtered_out=_filtered_out(serving, request, mask),
    )


def _filtered_out(serving: ServingContext, request: RecommendationRequest, mask: Any) -> Sequence[str]:
    """Rank without filters, and return the ids in this ranking that the filters remove, best first.

    Args:
        serving: The model and data that answer the request.
        request: The request, which names the filters.
        mask: True for each item or action that passes the filters, or None if there are no filters.
    """
    if mask is None:
        return ()
    query = serving.model_query(request.user_id, request.item_id, request.context)
    unfiltered = serving.fitted_model.model.rank(query, n=request.count).indices
    return serving.fitted_model.ids.at(unfiltered[~mask[unfiltered]])


OPERATIONS: Mapping[str, Callable[[Store, Mapping[str, Any]], RecomputedAnswer]] = {
    "GetRecommendations": _recommendations,
    "GetPersonalizedRanking": _ranking,
    "GetActionRecommendations": _actions,
}
