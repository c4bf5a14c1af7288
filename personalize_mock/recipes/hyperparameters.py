"""The hyperparameters of aws-user-personalization, and what they mean for a factor model.

Names and defaults are those of the service (reference: recipes). They were made for a recurrent network; the
meaning given to each here is ours.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from personalize_mock.data.matrix import Events


@dataclass(frozen=True, slots=True, kw_only=True)
class Hyperparameters:
    """What one training is told.

    Attributes:
        hidden_dimension: The number of factors.
        bptt: How many of a user's newest events the user's factors are made of.
        recency_mask: Whether newer events of a history weigh more.
        min_user_history_length_percentile: Users with shorter histories are dropped from training.
        max_user_history_length_percentile: Users with longer histories are dropped from training.
    """

    hidden_dimension: int = 149
    bptt: int = 32
    recency_mask: bool = True
    min_user_history_length_percentile: float = 0.0
    max_user_history_length_percentile: float = 0.99

    def kept(self, events: Events) -> Events:
        """The events of users whose history length lies within the two percentiles.

        The percentiles are lengths that occur, the upper one rounded up, the lower one down: among fewer
        than a hundred users the default drops nobody.
        """
        lengths = events.lengths()
        if not len(lengths):
            return events
        low = np.quantile(lengths, self.min_user_history_length_percentile, method="lower")
        high = np.quantile(lengths, self.max_user_history_length_percentile, method="higher")
        within = (lengths >= low) & (lengths <= high)
        return events if within.all() else events.take(within[events.user])


def parse(config: Mapping[str, str]) -> Hyperparameters:
    """Read the strings of the wire; absent ones have their default, unknown ones are ignored.

    Raises:
        ValueError: if a value is no number.
    """
    return Hyperparameters(**{name: _READ[name](text) for name, text in config.items() if name in _READ})


def _truth(text: str) -> bool:
    return text.strip().lower() == "true"


_READ: dict[str, Callable[[str], Any]] = {
    "hidden_dimension": int,
    "bptt": int,
    "recency_mask": _truth,
    "min_user_history_length_percentile": float,
    "max_user_history_length_percentile": float,
}
