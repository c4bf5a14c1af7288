"""The hyperparameters of the personal recipes, and what they mean for a factor model.

Names and defaults are those of the service (reference: recipes). They were made for recurrent networks and
transformers; the meaning given to each here is ours.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from personalize_mock.data.interaction_matrix import InteractionMatrix
from personalize_mock.recipes.percentile_filter import filter_users


@dataclass(frozen=True, slots=True, kw_only=True)
class Hyperparameters:
    """What one training is told.

    Attributes:
        hidden_dimension: The number of factors.
        bptt: How many of a user's newest events the user's factors are made of.
        recency_mask: Whether newer events of a history weigh more; apply_recency_bias on the wire of v2.
        min_user_history_length_percentile: Users with shorter histories are dropped from training.
        max_user_history_length_percentile: Users with longer histories are dropped from training.
        cold_start_max_interactions: Items with more events are not explored by aws-hrnn-coldstart.
        cold_start_max_duration: Nor are older ones, in days.
        cold_start_relative_from: What the age is counted back from, latestItem or currentTime.
    """

    hidden_dimension: int = 149
    bptt: int = 32
    recency_mask: bool = True
    min_user_history_length_percentile: float = 0.0
    max_user_history_length_percentile: float = 0.99
    cold_start_max_interactions: int = 15
    cold_start_max_duration: float = 5.0
    cold_start_relative_from: str = "latestItem"

    def kept(self, events: InteractionMatrix) -> InteractionMatrix:
        """Drop users with short or long histories; see `filter_users`."""
        return filter_users(
            events,
            lower=self.min_user_history_length_percentile,
            upper=self.max_user_history_length_percentile,
        )


DEFAULT = Hyperparameters()


def parse(config: Mapping[str, str], *, known: Collection[str], default: Hyperparameters = DEFAULT) -> Hyperparameters:
    """Read the strings of the wire.

    Args:
        config: What was sent.
        known: The names that the recipe has; others are ignored.
        default: What holds for names that were not sent.

    Raises:
        ValueError: if a value is no number.
    """
    sent = {name: text for name, text in config.items() if name in known}
    return replace(default, **{_FIELDS.get(name, name): _READ[name](text) for name, text in sent.items()})


def _truth(text: str) -> bool:
    return text.strip().lower() == "true"


_FIELDS = {"apply_recency_bias": "recency_mask"}
_READ: dict[str, Callable[[str], Any]] = {
    "hidden_dimension": int,
    "bptt": int,
    "recency_mask": _truth,
    "apply_recency_bias": _truth,
    "min_user_history_length_percentile": float,
    "max_user_history_length_percentile": float,
    "cold_start_max_interactions": int,
    "cold_start_max_duration": float,
    "cold_start_relative_from": str,
}
