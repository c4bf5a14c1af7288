"""Explanation of an answer of GetRecommendations: its request is ranked again, and the parts of the ranking are kept.

Nothing is logged, counted or changed, so the explained test goes on as it would without it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from personalize_mock.exceptions import PersonalizeMockError
from personalize_mock.inspection.explanation import ChosenBy, Explanation, ItemExplanation, answer_id
from personalize_mock.journal import Call
from personalize_mock.recipes.base import RankingParts
from personalize_mock.rules.rule_book import rule_that_took
from personalize_mock.runtime.answers import candidate_mask, recommended_entries
from personalize_mock.runtime.operations import item_request
from personalize_mock.runtime.request import RecommendationRequest
from personalize_mock.runtime.serving_context import ServingContext
from personalize_mock.simulation import Simulation, Store
from personalize_mock.wire.direct import named_operation
from personalize_mock.wire.errors import ServiceError
from personalize_mock.wire.input import handler_arguments

OPERATION = "GetRecommendations"
NEAREST = 3
NO_PARTS = "{recipe} does not tell relevance, objective or similar items of the history."
NO_HISTORY = (
    "The user has no history, so relevance is popularity, and context and attributes of the user if there are any."
)
CHANGED = "Data, time or the model have changed since the answer: this is the list that the same request gets now."
PARTS = (
    "Similarity is that of the items' factors. The ranking also uses association rules, recency and popularity, whose "
    "parts are not told."
)
PROMOTED = "The place of promoted items is random, and their score is among themselves."


def explain(simulation: Simulation, answer: Mapping[str, Any] | str) -> Explanation:
    """Explain an answer of GetRecommendations.

    Args:
        simulation: The simulation that gave the answer.
        answer: The answer, or its recommendationId.

    Raises:
        PersonalizeMockError: There is no such answer, a rule has declared it, or its campaign or recommender is gone.
    """
    identifier = answer_id(answer)
    with simulation.lock, simulation.clock.during_call():
        call = _call(simulation, identifier)
        store = simulation.store(call.account, call.region)
        return _explanation(store, identifier, *_request(store, call))


def _call(simulation: Simulation, identifier: str) -> Call:
    calls = simulation.journal.calls()
    call = next((call for call in reversed(calls) if call.recommendation_id == identifier), None)
    if call is None:
        raise PersonalizeMockError(
            f"explain({identifier!r}): no answer of this mock has this recommendationId. Pass an answer of "
            "get_recommendations that this mock has given."
        )
    if call.operation != OPERATION:
        raise PersonalizeMockError(
            f"explain({identifier!r}): this is an answer of {call.operation}, and only those of {OPERATION} can be "
            "explained."
        )
    rule = rule_that_took(simulation, call)
    if rule is not None:
        raise PersonalizeMockError(f"explain({identifier!r}): {rule} took this call, so there is nothing to explain.")
    return call


def _request(store: Store, call: Call) -> tuple[ServingContext, RecommendationRequest]:
    arn = call.params.get("campaignArn") or call.params.get("recommenderArn")
    resource = store.resource(str(arn))
    if resource is None or resource.status != "ACTIVE":
        status = "no longer exists" if resource is None else f"is {resource.status}"
        raise PersonalizeMockError(f"The answer cannot be explained, because {arn} {status}.")
    try:
        return item_request(store, **handler_arguments(named_operation(OPERATION), call.params))
    except ServiceError as error:
        raise PersonalizeMockError(f"The answer cannot be explained, because its request now fails: {error}") from None


def _explanation(store: Store, identifier: str, serving: ServingContext, request: RecommendationRequest) -> Explanation:
    entries = recommended_entries(serving, request)
    ids = tuple(entry["itemId"] for entry in entries)
    parts = _parts(serving, request, ids)
    is_current = store.recommendations.get(identifier, ids) == ids
    return Explanation(
        recommendation_id=identifier,
        arn=serving.resource.arn,
        recipe=serving.recipe.name,
        user_id=request.user_id,
        item_id=request.item_id,
        items=tuple(_item(serving, entries[index], index, parts) for index in range(len(entries))),
        filtered_out=_filtered_out(serving, request),
        is_current=is_current,
        notes=tuple(_notes(serving, request, parts, is_current=is_current)),
    )


def _parts(serving: ServingContext, request: RecommendationRequest, ids: Sequence[str]) -> RankingParts | None:
    model, mask = serving.fitted_model.model, candidate_mask(serving, request, request.filter)
    query = serving.model_query(request.user_id, request.item_id, request.context)
    return model.ranking_parts(query, serving.fitted_model.ids.indices(list(ids)), n=request.count, candidates=mask)


def _item(serving: ServingContext, entry: Mapping[str, Any], index: int, parts: RankingParts | None) -> ItemExplanation:
    known: dict[str, Any] = {}
    if parts is not None and not np.isnan(parts.relevance[index]):
        relevance, objective = float(parts.relevance[index]), float(parts.objective[index])
        total = abs(relevance) + abs(objective)
        share = abs(objective) / total if total else 0.0
        nearest = _nearest(serving, parts, index)
        known = {"relevance": relevance, "objective": objective, "objective_share": share, "nearest": nearest}
    explored = parts is not None and bool(parts.explored[index])
    return ItemExplanation(
        item_id=entry["itemId"],
        position=index + 1,
        score=entry.get("score"),
        chosen_by=_chosen_by(entry, explored=explored),
        **known,
    )


def _chosen_by(entry: Mapping[str, Any], *, explored: bool) -> ChosenBy:
    if "promotionName" in entry:
        return "promotion"
    if explored:
        return "exploration"
    return "popularity" if entry.get("reason") == ["Popular item"] else "relevance"


def _nearest(serving: ServingContext, parts: RankingParts, index: int) -> tuple[tuple[str, float], ...]:
    similarity = parts.similarity[index]
    best = np.argsort(-similarity, kind="stable")[:NEAREST]
    ids = serving.fitted_model.interactions.items.at(parts.history[best])
    return tuple((id_, float(value)) for id_, value in zip(ids, similarity[best].tolist(), strict=True))


def _filtered_out(serving: ServingContext, request: RecommendationRequest) -> tuple[str, ...]:
    """Return the ids of the items that are in the unfiltered list and do not pass the filters, best first."""
    mask = candidate_mask(serving, request, request.filter)
    if mask is None:
        return ()
    query = serving.model_query(request.user_id, request.item_id, request.context)
    unfiltered = serving.fitted_model.model.rank(query, n=request.count).indices
    return tuple(serving.fitted_model.ids.at(unfiltered[~mask[unfiltered]]))


def _notes(
    serving: ServingContext, request: RecommendationRequest, parts: RankingParts | None, *, is_current: bool
) -> list[str]:
    notes = [] if is_current else [CHANGED]
    if parts is None:
        notes.append(NO_PARTS.format(recipe=serving.recipe.name))
    else:
        notes.append(PARTS if len(parts.history) else NO_HISTORY)
    return notes if request.promotion is None else [*notes, PROMOTED]
