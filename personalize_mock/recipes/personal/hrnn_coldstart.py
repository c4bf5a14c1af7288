"""Recipe aws-hrnn-coldstart, a legacy recipe that recommends new items to users."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from personalize_mock.data.id_map import UNKNOWN
from personalize_mock.recipes.base import TrainingData, TrainingFailed
from personalize_mock.recipes.objective import Objective
from personalize_mock.recipes.personal.exploration import ExplorationPolicy, exploration_candidates
from personalize_mock.recipes.personal.hyperparameters import Hyperparameters
from personalize_mock.recipes.personal.model import Personalization
from personalize_mock.recipes.personal.user_personalization import HYPERPARAMETERS, UserPersonalization

EXPLORATION_PROBABILITY = 0.1  # as often as aws-user-personalization by default; not from the service
COLD_ITEMS = range(100, 80_001)
# Developer guide, "HRNN-Coldstart recipe (legacy)" (2024), says that the training fails, but not with which message.
WRONG_NUMBER_OF_COLD_ITEMS = (
    "Dataset has {count} cold items; aws-hrnn-coldstart needs {fewest} to {most}. "
    "Change cold_start_max_interactions, cold_start_max_duration or the items."
)


@dataclass(frozen=True, kw_only=True)
class HrnnColdstart(UserPersonalization):
    """Recipe aws-hrnn-coldstart, which explores new items. Its hyperparameters define which items are new."""

    hyperparameters: frozenset[str] = HYPERPARAMETERS | {
        "cold_start_max_interactions",
        "cold_start_max_duration",
        "cold_start_relative_from",
    }
    context: bool = False
    depends_on_time: ClassVar[bool] = True  # if cold_start_relative_from is currentTime

    def fit(
        self, data: TrainingData, *, config: Mapping[str, str], objective: Objective | None, seed: int
    ) -> Personalization:
        """Fit a model to training data; see `Recipe.fit` for the arguments.

        Raises:
            TrainingFailed: There are fewer than 100 or more than 80,000 items that the hyperparameters define as new.
        """
        _check_cold_items(data, self.policy(self.read(config)))
        return super().fit(data, config=config, objective=objective, seed=seed)

    def policy(self, hyperparameters: Hyperparameters) -> ExplorationPolicy:
        """Return the exploration rules that the `cold_start_*` hyperparameters define."""
        return ExplorationPolicy(
            fewer_interactions_than=hyperparameters.cold_start_max_interactions + 1,
            age_cut_off=hyperparameters.cold_start_max_duration,
            probability=EXPLORATION_PROBABILITY,
            age_until="training" if hyperparameters.cold_start_relative_from == "currentTime" else "newest interaction",
        )


def _check_cold_items(data: TrainingData, policy: ExplorationPolicy) -> None:
    no_factors = np.empty((0, 0), dtype=np.float32)
    position_of_item = np.append(np.where(data.interactions.warm, 0, UNKNOWN), UNKNOWN).astype(np.int32)
    candidates = exploration_candidates(
        data, policy=policy, warm_items=position_of_item[:0], position_of_item=position_of_item, factors=no_factors
    )
    assert policy.age_cut_off is not None  # noqa: S101  # it is a hyperparameter of this recipe
    count = len(candidates.cold_items(policy.age_cut_off))
    if count not in COLD_ITEMS:
        text = WRONG_NUMBER_OF_COLD_ITEMS.format(count=count, fewest=COLD_ITEMS[0], most=COLD_ITEMS[-1])
        raise TrainingFailed(text)
