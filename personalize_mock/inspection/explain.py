"""Explanation of an answer, computed by ranking the items for the same request again.

The simulation and its log of calls stay as they are, so an explanation has no effect on the rest of the test.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from personalize_mock.exceptions import PersonalizeMockError
from personalize_mock.inspection.explanation import ChosenBy, Explanation, ItemExplanation, answer_id
from personalize_mock.inspection.recomputed_answer import RecomputedAnswer, answer_again
from personalize_mock.journal import Call
from personalize_mock.recipes.base import RankingParts
from personalize_mock.rules.rule_book import rule_that_took
from personalize_mock.runtime.request import RecommendationRequest
from personalize_mock.runtime.serving_context import ServingContext
from personalize_mock.simulation import Simulation, Store
from personalize_mock.wire.errors import ServiceError

NEAREST = 3
NO_PARTS = (
    "The scores of the recipe {recipe} cannot be divided into relevance and objective, so this explanation shows only "
    "the scores."
)
NO_HISTORY = (
    "The user has no history. Relevance therefore comes from the popularity of the items, and from the context of the "
    "request and the attributes of the user if there are any."
)
CHANGED = (
    "The data, the time or the model has changed since the answer was given. "
    "This explains the list that the same request gets now."
)
PARTS = (
    "The nearest items of the history are those with the most similar factors. The ranking also uses association "
    "rules, recency and popularity, but this explanation does not show their shares."
)
PROMOTED = "Promoted items are at random positions, and their scores compare them only with each other."


def explain(simulation: Simulation, answer: Mapping[str, Any] | str) -> Explanation:
    """Explain an answer of GetRecommendations, GetPersonalizedRanking or GetActionRecommendations.

    Args:
        simulation: The simulation that gave the answer.
        answer: The answer, or its recommendationId.

    Raises:
        PersonalizeMockError: The mock has given no such answer, a rule (`mock.on`) gave it, its campaign or recommender
            is not ACTIVE, or its request fails now.
    """
    identifier = answer_id(answer)
    with simulation.lock, simulation.clock.during_call():
        call = _call(simulation, identifier)
        store = simulation.store(call.account, call.region)
        return _explanation(store, identifier, answer, _recomputed(store, call))


def _call(simulation: Simulation, identifier: str) -> Call:
    calls = simulation.journal.calls()
    call = next((call for call in reversed(calls) if call.recommendation_id == identifier), None)
    if call is None:
        raise PersonalizeMockError(
            f"explain({identifier!r}): no answer of this mock has this recommendationId. Pass an answer of "
            "get_recommendations, get_personalized_ranking or get_action_recommendations that this mock has given."
        )
    rule = rule_that_took(simulation, call)
    if rule is not None:
        raise PersonalizeMockError(
            f"explain({identifier!r}): the rule {rule} answered this call, so there is no ranking to explain. "
            "Pass an answer that does not come from a rule."
        )
    return call


def _recomputed(store: Store, call: Call) -> RecomputedAnswer:
    arn = call.params.get("campaignArn") or call.params.get("recommenderArn")
    resource = store.resource(str(arn))
    if resource is None or resource.status != "ACTIVE":
        status = "no longer exists" if resource is None else f"is {resource.status}"
        raise PersonalizeMockError(
            f"The answer cannot be explained, because {arn} {status}. Explain answers while it is ACTIVE."
        )
    try:
        return answer_again(store, call.operation, call.params)
    except ServiceError as error:
        raise PersonalizeMockError(f"The answer cannot be explained, because its request now fails: {error}") from None


def _explanation(
    store: Store, identifier: str, answer: Mapping[str, Any] | str, again: RecomputedAnswer
) -> Explanation:
    serving, request = again.serving, again.request
    parts, titles = _parts(again), again.titles()
    is_current = _is_current(store, identifier, answer, again)
    return Explanation(
        recommendation_id=identifier,
        arn=serving.resource.arn,
        recipe=serving.recipe.name,
        user_id=request.user_id,
        item_id=request.item_id,
        items=tuple(_item(again, index, parts, titles) for index in range(len(again.entries))),
        filtered_out=tuple(again.filtered_out),
        is_current=is_current,
        notes=tuple(_notes(serving, request, parts, is_current=is_current)),
    )


def _is_current(store: Store, identifier: str, answer: Mapping[str, Any] | str, again: RecomputedAnswer) -> bool:
    """Return whether a recomputed answer lists the same items or actions as the original one.

    If the original list is not known, return True. This is so for actions if `answer` is only a recommendationId.

    Args:
        store: The resources and latest recommendations of the account and region.
        identifier: The recommendationId of the original answer.
        answer: The original answer, or its recommendationId.
        again: The recomputed answer.
    """
    listed = answer.get(again.member) if isinstance(answer, Mapping) else None
    if listed is not None:
        return tuple(entry.get(again.id_member) for entry in listed) == again.ids
    return store.recommendations.get(identifier, again.ids) == again.ids


def _parts(again: RecomputedAnswer) -> RankingParts | None:
    serving, request = again.serving, again.request
    query = serving.model_query(request.user_id, request.item_id, request.context)
    indices = serving.fitted_model.ids.indices(again.ids)
    return serving.fitted_model.model.ranking_parts(query, indices, n=request.count, candidates=again.candidates)


def _item(
    again: RecomputedAnswer, index: int, parts: RankingParts | None, titles: Mapping[str, str]
) -> ItemExplanation:
    entry, known = again.entries[index], dict[str, Any]()
    if parts is not None and not np.isnan(parts.relevance[index]):
        relevance, objective = float(parts.relevance[index]), float(parts.objective[index])
        total = abs(relevance) + abs(objective)
        share = abs(objective) / total if total else 0.0
        nearest = _nearest(again.serving, parts, index)
        known = {"relevance": relevance, "objective": objective, "objective_share": share, "nearest": nearest}
    explored = parts is not None and bool(parts.explored[index])
    id_ = entry[again.id_member]
    return ItemExplanation(
        item_id=id_,
        title=titles.get(id_),
        position=index + 1,
        score=entry.get("score"),
        chosen_by=_chosen_by(entry, explored=explored, is_known=id_ in again.serving.fitted_model.ids),
        **known,
    )


def _chosen_by(entry: Mapping[str, Any], *, explored: bool, is_known: bool) -> ChosenBy:
    if not is_known:
        return "request"
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


def _notes(
    serving: ServingContext, request: RecommendationRequest, parts: RankingParts | None, *, is_current: bool
) -> list[str]:
    notes = [] if is_current else [CHANGED]
    if parts is None:
        notes.append(NO_PARTS.format(recipe=serving.recipe.name))
    else:
        notes.append(PARTS if len(parts.history) else NO_HISTORY)
    return notes if request.promotion is None else [*notes, PROMOTED]
