"""Serving context: the model, configuration and current data that answer requests."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.accumulators import A, Accumulators
from personalize_mock.data.action_interactions import NO_ACTION_HISTORY, ActionHistory
from personalize_mock.data.dataset_table import DatasetTable
from personalize_mock.data.rows_by_id import RowsById
from personalize_mock.data.tables import FieldValue
from personalize_mock.data.timelines import ActionTimeline, ItemTimeline
from personalize_mock.recipes.base import NO_INDICES, Exploration, Query
from personalize_mock.resources.campaigns import Campaign
from personalize_mock.resources.catalogue import Hyperparameter, RecipeEntry
from personalize_mock.resources.datasets import Dataset, dataset_of
from personalize_mock.resources.recommenders import Recommender
from personalize_mock.resources.solution_versions import SolutionVersion
from personalize_mock.simulation import Store
from personalize_mock.training.fit import FittedModel
from personalize_mock.training.request import TrainingRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class ServingContext:
    """The model, configuration and current data for answering one request or running one batch job.

    Attributes:
        store: The resources of one account and region.
        resource: The campaign, the recommender or, in a batch job, the solution version.
        recipe: The recipe of the model.
        fitted_model: The model and the data from its training.
        config: The campaignConfig, recommenderConfig or batchInferenceJobConfig.
    """

    store: Store
    resource: Campaign | Recommender | SolutionVersion
    recipe: RecipeEntry
    fitted_model: FittedModel
    config: Mapping[str, Any]
    _datasets: dict[str, Dataset | None] = field(default_factory=dict, init=False, repr=False)
    _explorations: list[Exploration | None] = field(default_factory=list, init=False, repr=False)

    @property
    def requires_item(self) -> bool:
        """Whether the recipe requires an itemId. Other recipes ignore the itemId of a request."""
        return "itemId" in self.recipe.required_ids

    def dataset(self, dataset_type: str) -> Dataset | None:
        """Return the dataset of a type, such as "ITEMS", in the resource's dataset group, or None if there is none."""
        if dataset_type not in self._datasets:
            self._datasets[dataset_type] = dataset_of(self.store, self.resource.dataset_group_arn, dataset_type)
        return self._datasets[dataset_type]

    def rows(self, dataset_type: str) -> RowsById | None:
        """Return the current rows of the Items, Users or Actions dataset, or None if it is empty or does not exist."""
        dataset = self.dataset(dataset_type)
        table = dataset.contents.data if dataset is not None else None
        if dataset is None or table is None:
            return None
        rows = DatasetTable(table=table, schema=dataset.parsed_schema)
        return self.store.cached(dataset.arn, "rows", (table,), lambda: RowsById(rows))

    def model_query(self, user_id: str | None, item_id: str | None, context: Mapping[str, str]) -> Query:
        """Return the query with which the model ranks candidates for a user, an item and contextual metadata."""
        item_ids, user = self.fitted_model.interactions.items, self.fitted_model.user(user_id)
        history, live = self._history(user_id, user)
        return Query(
            history=history,
            live=live,
            user=user,
            item=-1 if item_id is None else item_ids.index(item_id),
            context=context if self.recipe.contextual_metadata else {},
            user_attributes=self._user_attributes(user_id),
            exploration=self._exploration(user_id),
            influence=self.config.get("rankingInfluence", {}),
            now=self.store.clock.timestamp(),
            action_history=self._action_history(user_id),
        )

    def _user_attributes(self, user_id: str | None) -> Mapping[str, FieldValue]:
        """Return the attributes that the user had in the Users dataset when the model was trained, by column.

        Later changes of the dataset take effect when the model is trained again.
        """
        users = self.fitted_model.data.users
        if user_id is None or users is None or not self.recipe.uses_user_metadata:
            return {}
        rows = self.store.cached(self.resource.arn, "users", (users.table,), lambda: RowsById(users.dataset))
        return rows.values(user_id) or {}

    def _history(self, user_id: str | None, user: int) -> tuple[NDArray[np.int32], int]:
        """Return the item indices of a user's interactions, and how many of these are events sent after the training.

        The interactions in the training data come first, oldest first. If the recipe supports real-time
        personalization, they are followed by the events sent since then. Refreshing the model does not reset the count.

        Args:
            user_id: The userId of the request, or None.
            user: The index of the user in the training data, or -1.
        """
        trained = self.fitted_model.interactions.history(user) if user >= 0 else NO_INDICES
        dataset = self.dataset("INTERACTIONS")
        if user_id is None or dataset is None or not self.recipe.realtime_personalization:
            return trained, 0
        # Events of sessions without a user are not used for training, so an updated model does not contain them.
        first = self.fitted_model.training_request
        request = self.fitted_model.request if user >= 0 else first
        if dataset.contents.put_count <= min(request.put_count, first.put_count):
            return trained, 0
        put = self._put_items(dataset, user_id, request)
        live = put if request is first else self._put_items(dataset, user_id, first)
        return (np.concatenate((trained, put.items())) if len(put) else trained), len(live)

    def _put_items(self, dataset: Dataset, user_id: str, request: TrainingRequest) -> ItemTimeline:
        """Return the items of the events that PutEvents has sent for a user since a training or refresh of the model.

        Events that the configuration of the model excludes, for example by their event type, are left out.

        Args:
            dataset: The Interactions dataset.
            user_id: The userId of the request.
            request: The request of this training or refresh. Events that arrived before it are left out.
        """
        ids, accepts = self.fitted_model.interactions.items, self.fitted_model.request.config.events.accepts
        timelines: Accumulators[ItemTimeline] = self._accumulators("item timelines", dataset)
        return dataset.contents.accumulated(
            timelines, user_id, lambda: ItemTimeline(ids, accepts), after=request.put_count
        )

    def _accumulators(self, name: str, dataset: Dataset) -> Accumulators[A]:
        """Return the cached values that requests accumulate from the events of users, such as their histories.

        The cache is valid while the model and the imported data stay the same.

        Args:
            name: The name of the cached values, such as "item timelines".
            dataset: The dataset with the events.
        """
        inputs = (self.fitted_model, *dataset.contents.sources)
        accumulators: Accumulators[A] = self.store.cached(self.resource.arn, name, inputs, Accumulators)
        return accumulators

    def _action_history(self, user_id: str | None) -> ActionHistory:
        """Return the user's interactions with actions. The result is empty if the model does not rank actions."""
        if self.fitted_model.model.ranks != "actions" or user_id is None:
            return NO_ACTION_HISTORY
        dataset = self.dataset("ACTION_INTERACTIONS")
        if dataset is None:
            return NO_ACTION_HISTORY
        ids, contents = self.fitted_model.ids, dataset.contents
        timelines: Accumulators[ActionTimeline] = self._accumulators("action timelines", dataset)
        return contents.accumulated(
            timelines, user_id, lambda: ActionTimeline(ids, contents.imported_interactions(user_id))
        ).history()

    def _exploration(self, user_id: str | None) -> Exploration | None:
        """Return the exploration settings for a user, or None if the model does not explore.

        The seed of the random choices depends only on the dataset group and the user, so it is the same in all
        campaigns of the group.
        """
        if not self.fitted_model.model.explores:
            return None
        if not self._explorations:
            self._explorations.append(self._exploration_settings())
        settings = self._explorations[0]
        if settings is None:
            return None
        seed = self.store.seed("exploration", self.resource.dataset_group_arn, user_id)
        return Exploration(weight=settings.weight, age_cut_off=settings.age_cut_off, seed=seed)

    def _exploration_settings(self) -> Exploration | None:
        """Return the exploration settings for all users, with 0 as seed, or None if the recipe does not explore."""
        if not self.recipe.exploration:
            return None
        config, known = self.config.get("itemExplorationConfig", {}), _campaign_parameters(self.recipe)

        def setting(name: str, member: str, default: float) -> float:
            """Return the value of a parameter in the itemExplorationConfig, or else the default value.

            Args:
                name: The name of the parameter in the recipe.
                member: The name of the parameter in the itemExplorationConfig.
                default: The value if the recipe has no such parameter. Otherwise, the recipe defines the default.
            """
            return float(config.get(member, known[name].default)) if name in known else default

        return Exploration(
            weight=setting("exploration_weight", "explorationWeight", 1.0),
            age_cut_off=setting("exploration_item_age_cut_off", "explorationItemAgeCutOff", 30.0),
            seed=0,
        )


@cache
def _campaign_parameters(recipe: RecipeEntry) -> Mapping[str, Hyperparameter]:
    """Return the parameters of a recipe that a campaign can set, by name."""
    return recipe.parameters("campaign")
