"""The personal use cases of the domains: aws-user-personalization without hyperparameters and without scores."""

from typing import ClassVar

from personalize_mock.recipes.personal.hyperparameters import Hyperparameters
from personalize_mock.recipes.personal.model import Personalization
from personalize_mock.recipes.personal.user_personalization import UserPersonalization


class UnscoredPersonalization(Personalization):
    """A personalization whose rankings carry no scores."""

    __slots__ = ()
    scored: ClassVar[bool] = False


class RecommendedForYou(UserPersonalization):
    """aws-ecomm-recommended-for-you and aws-vod-top-picks."""

    model: ClassVar[type[Personalization]] = UnscoredPersonalization
    known: ClassVar[frozenset[str]] = frozenset()
    default: ClassVar[Hyperparameters] = Hyperparameters(max_user_history_length_percentile=1.0)
