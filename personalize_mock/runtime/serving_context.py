"""What answers a request: a model, whoever it answers for, and the data of its group as they are now."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.action_interactions import NOTHING_DONE, ActionHistory
from personalize_mock.data.rows_by_id import RowsById
from personalize_mock.data.tables import FieldValue
from personalize_mock.recipes.base import Exploration, Query
from personalize_mock.resources.campaigns import Campaign
from personalize_mock.resources.catalogue import RecipeEntry
from personalize_mock.resources.datasets import Dataset, dataset_of
from personalize_mock.resources.recommenders import Recommender
from personalize_mock.resources.solution_versions import SolutionVersion
from personalize_mock.simulation import Store
from personalize_mock.training.fit import FittedModel

_EXPLORATION = {
    "exploration_weight": "explorationWeight",
    "exploration_item_age_cut_off": "explorationItemAgeCutOff",
}
KEYS = {"ITEMS": "ITEM_ID", "USERS": "USER_ID", "ACTIONS": "ACTION_ID"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServingContext:
    """What answers.

    Attributes:
        store: The account and region.
        resource: The campaign, the recommender or, of a batch job, the solution version.
        recipe: Its recipe.
        fitted_model: Its model.
        config: campaignConfig, recommenderConfig or batchInferenceJobConfig.
    """

    store: Store
    resource: Campaign | Recommender | SolutionVersion
    recipe: RecipeEntry
    fitted_model: FittedModel
    config: Mapping[str, Any]
    _datasets: dict[str, Dataset | None] = field(default_factory=dict, init=False, repr=False)
    _explored: list[Exploration | None] = field(default_factory=list, init=False, repr=False)

    @property
    def requires_item(self) -> bool:
        """Whether it is asked about an item; others take no notice of an itemId."""
        return "itemId" in self.recipe.required_ids

    def dataset(self, kind: str) -> Dataset | None:
        """The dataset of a type in its group, looked up once: a source answers at one instant."""
        if kind not in self._datasets:
            self._datasets[kind] = dataset_of(self.store, self.resource.dataset_group_arn, kind)
        return self._datasets[kind]

    def rows(self, kind: str) -> RowsById | None:
        """The rows of Items, Users or Actions as they are now, by id; None without any."""
        dataset = self.dataset(kind)
        table = dataset.contents.data if dataset is not None else None
        if dataset is None or table is None:
            return None
        fields = dataset.parsed_schema.fields
        return self.store.cached(dataset.arn, "rows", (table,), lambda: RowsById(table, key=KEYS[kind], fields=fields))

    def query(self, user_id: str | None, item_id: str | None, context: Mapping[str, str]) -> Query:
        """What the model is asked."""
        codes, user = self.fitted_model.interactions.items, self.fitted_model.user(user_id)
        return Query(
            history=self._history(user_id, user),
            user=user,
            item=-1 if item_id is None else codes.index(item_id),
            context=context if self.recipe.contextual_metadata else {},
            traits=self._traits(user_id),
            exploration=self._exploration(user_id),
            influence=self.config.get("rankingInfluence", {}),
            now=self.store.clock.timestamp(),
            action_history=self._action_history(user_id),
        )

    def _traits(self, user_id: str | None) -> Mapping[str, FieldValue]:
        """What the training knew of the user from Users, where the recipe uses it; later rows wait for another one."""
        users = self.fitted_model.data.users
        if user_id is None or users is None or not self.recipe.uses_user_metadata:
            return {}
        rows = self.store.cached(
            self.resource.arn,
            "users",
            (users.table,),
            lambda: RowsById(users.table, key=KEYS["USERS"], fields=users.fields),
        )
        return rows.values(user_id) or {}

    def _history(self, user_id: str | None, user: int) -> NDArray[np.int32]:
        """What the model knows of a user, and what came since by PutEvents where the recipe notices that."""
        known = self.fitted_model.history(user_id)
        dataset = self.dataset("INTERACTIONS")
        if user_id is None or dataset is None or not self.recipe.realtime_personalization:
            return known
        # Sessions that name no user are in no training: an update must not make them forgotten.
        request = self.fitted_model.request if user >= 0 else self.fitted_model.training_request
        live = dataset.contents.put_interactions(user_id, after=request.put_count)
        if not live:
            return known
        new = [each.item_id for each in live if self.fitted_model.request.config.events.accepts(each)]
        return np.concatenate((known, self.fitted_model.interactions.items.indices(new))) if new else known

    def _action_history(self, user_id: str | None) -> ActionHistory:
        """What a user did with actions, for models of actions."""
        if self.fitted_model.model.answers != "actions" or user_id is None:
            return NOTHING_DONE
        dataset = self.dataset("ACTION_INTERACTIONS")
        if dataset is None:
            return NOTHING_DONE
        done = dataset.contents.user_histories.for_user(user_id)
        return ActionHistory.from_ids(
            self.fitted_model.ids, action_ids=done.item_ids, event_types=done.event_types, timestamps=done.timestamps
        )

    def _exploration(self, user_id: str | None) -> Exploration | None:
        """How much is explored; the same user gets the same noise, whatever campaign of the group is asked."""
        if not self._explored:
            self._explored.append(self._how_much())
        how_much = self._explored[0]
        if how_much is None:
            return None
        seed = self.store.seed("exploration", self.resource.dataset_group_arn, user_id)
        return Exploration(weight=how_much.weight, age_cut_off=how_much.age_cut_off, seed=seed)

    def _how_much(self) -> Exploration | None:
        """How much is explored, whoever asks."""
        if not self.recipe.exploration:
            return None
        config, known = self.config.get("itemExplorationConfig", {}), self.recipe.parameters("campaign")
        given = {
            name: float(config.get(api_name, known[name].default))
            for name, api_name in _EXPLORATION.items()
            if name in known  # other recipes know by themselves
        }
        return Exploration(
            weight=given.get("exploration_weight", 1.0),
            age_cut_off=given.get("exploration_item_age_cut_off", 30.0),
            seed=0,
        )
