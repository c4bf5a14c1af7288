"""aws-personalized-ranking and -v2: the order of given items for a user; nothing is explored."""

from typing import ClassVar

from personalize_mock.recipes.personal.exploration import Policy
from personalize_mock.recipes.personal.hyperparameters import Hyperparameters
from personalize_mock.recipes.personal.user_personalization import UserPersonalization


class PersonalizedRanking(UserPersonalization):
    """aws-personalized-ranking: the given items are the eligible ones, and the softmax is over them."""

    exploration: ClassVar[Policy | None] = None


class PersonalizedRankingV2(PersonalizedRanking):
    """aws-personalized-ranking-v2."""

    known: ClassVar[frozenset[str]] = frozenset(("apply_recency_bias",))
    default: ClassVar[Hyperparameters] = Hyperparameters(max_user_history_length_percentile=1.0)
