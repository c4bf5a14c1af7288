"""Hyperparameters of the recipes that recommend items to a user.

Names and defaults are those of the service (developer guide, "User-Personalization recipe" and the pages of the other
recipes, 2024). The service applies them to recurrent networks and transformers. The mock uses factor models instead, in
which the hyperparameters have a similar effect.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from personalize_mock.data.interaction_matrix import InteractionMatrix
from personalize_mock.recipes.percentile_filter import filter_users


@dataclass(frozen=True, slots=True, kw_only=True)
class Hyperparameters:
    """Hyperparameter values of a recipe that recommends items to a user.

    Attributes:
        hidden_dimension: Number of latent factors.
        bptt: Number of newest items of a user's history from which the user vector is computed. If the training data
            shows that preferences last long, the next 3 * bptt older items count a little.
        recency_mask: Whether newer items of a history weigh more. aws-user-personalization-v2 calls it
            apply_recency_bias.
        min_user_history_length_percentile: Percentile of history lengths, from 0 to 1. Users with shorter histories are
            left out of the training data.
        max_user_history_length_percentile: Percentile of history lengths, from 0 to 1. Users with longer histories are
            left out of the training data.
        cold_start_max_interactions: aws-hrnn-coldstart explores only items with at most this many interactions.
        cold_start_max_duration: aws-hrnn-coldstart explores only items of at most this age in days.
        cold_start_relative_from: The point in time from which aws-hrnn-coldstart counts ages back: latestItem (the
            newest interaction) or currentTime (the start of the training).
    """

    hidden_dimension: int = 149
    bptt: int = 32
    recency_mask: bool = True
    min_user_history_length_percentile: float = 0.0
    max_user_history_length_percentile: float = 0.99
    cold_start_max_interactions: int = 15
    cold_start_max_duration: float = 5.0
    cold_start_relative_from: str = "latestItem"

    @classmethod
    def from_config(
        cls, config: Mapping[str, str], *, names: Collection[str], defaults: "Hyperparameters | None" = None
    ) -> "Hyperparameters":
        """Parse the hyperparameters of an API request, whose values are strings.

        Args:
            config: The values by name of the hyperparameter.
            names: Names of the recipe's hyperparameters. Other names in `config` are ignored.
            defaults: Values of the hyperparameters that are missing in `config`. None takes the defaults of this class.

        Raises:
            ValueError: The value of a numeric hyperparameter is not a number.
        """
        known = {name: text for name, text in config.items() if name in names}
        values = {_FIELDS.get(name, name): _CONVERTERS[name](text) for name, text in known.items()}
        return replace(cls() if defaults is None else defaults, **values)

    def filter_users(self, interactions: InteractionMatrix) -> InteractionMatrix:
        """Drop the interactions of users whose history is shorter or longer than the percentile hyperparameters allow.

        Raises:
            TrainingFailed: No user is left.
        """
        return filter_users(
            interactions,
            lower=self.min_user_history_length_percentile,
            upper=self.max_user_history_length_percentile,
        )


def _read_boolean(text: str) -> bool:
    return text.strip().lower() == "true"


_FIELDS = {"apply_recency_bias": "recency_mask"}
_CONVERTERS: dict[str, Callable[[str], Any]] = {
    "hidden_dimension": int,
    "bptt": int,
    "recency_mask": _read_boolean,
    "apply_recency_bias": _read_boolean,
    "min_user_history_length_percentile": float,
    "max_user_history_length_percentile": float,
    "cold_start_max_interactions": int,
    "cold_start_max_duration": float,
    "cold_start_relative_from": str,
}
