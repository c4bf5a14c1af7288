"""aws-hrnn, aws-hrnn-metadata and aws-hrnn-coldstart, the recipes before aws-user-personalization."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from personalize_mock.data.id_map import UNKNOWN
from personalize_mock.recipes.base import TrainingData, TrainingFailed
from personalize_mock.recipes.objective import Objective
from personalize_mock.recipes.personal.exploration import Policy, exploration_candidates
from personalize_mock.recipes.personal.hyperparameters import Hyperparameters, parse
from personalize_mock.recipes.personal.model import Personalization
from personalize_mock.recipes.personal.user_personalization import UserPersonalization

EXPLORED_SHARE = 0.1
COLD_ITEMS = range(100, 80_001)
# Ours: that training fails is documented, the text is not.
NOT_SO_MANY_COLD_ITEMS = "Dataset has {count} cold items; aws-hrnn-coldstart needs {fewest} to {most}."


class Hrnn(UserPersonalization):
    """aws-hrnn: interactions alone count."""

    default: ClassVar[Hyperparameters] = Hyperparameters(hidden_dimension=43)
    exploration: ClassVar[Policy | None] = None
    contextual: ClassVar[bool] = False
    kinds: ClassVar[bool] = False
    themes: ClassVar[bool] = False


class HrnnMetadata(UserPersonalization):
    """aws-hrnn-metadata: context, the Users and the Items dataset count too."""

    default: ClassVar[Hyperparameters] = Hyperparameters(hidden_dimension=43)
    exploration: ClassVar[Policy | None] = None


class HrnnColdstart(UserPersonalization):
    """aws-hrnn-coldstart: its hyperparameters say which items are explored.

    How often is ours: as often as aws-user-personalization does by default.
    """

    known: ClassVar[frozenset[str]] = UserPersonalization.known | {
        "cold_start_max_interactions",
        "cold_start_max_duration",
        "cold_start_relative_from",
    }
    contextual: ClassVar[bool] = False

    def fit(
        self, data: TrainingData, *, config: Mapping[str, str], objective: Objective | None, seed: int
    ) -> Personalization:
        """Train; see `Recipe.fit`.

        Raises:
            Untrainable: there are not between 100 and 80,000 cold items.
        """
        _check_cold_items(data, self.policy(parse(config, known=self.known, default=self.default)))
        return super().fit(data, config=config, objective=objective, seed=seed)

    def policy(self, hyperparameters: Hyperparameters) -> Policy:
        """Items with at most so many events that are at most so old."""
        return Policy(
            fewer_than=hyperparameters.cold_start_max_interactions + 1,
            age_cut_off=hyperparameters.cold_start_max_duration,
            share=EXPLORED_SHARE,
            counted_from="now" if hyperparameters.cold_start_relative_from == "currentTime" else "newest",
        )


def _check_cold_items(data: TrainingData, policy: Policy) -> None:
    nothing = np.empty((0, 0), dtype=np.float32)
    row_of = np.append(np.where(data.interactions.warm, 0, UNKNOWN), UNKNOWN).astype(np.int32)
    new = exploration_candidates(data, policy=policy, row_of=row_of, known=row_of[:0], factors=nothing)
    assert policy.age_cut_off is not None  # noqa: S101  # it is a hyperparameter here
    count = len(new.younger_than(policy.age_cut_off))
    if count not in COLD_ITEMS:
        text = NOT_SO_MANY_COLD_ITEMS.format(count=count, fewest=COLD_ITEMS[0], most=COLD_ITEMS[-1])
        raise TrainingFailed(text)
