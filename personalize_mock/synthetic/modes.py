"""Modes of the synthetic data set. The simulated users behave differently in each mode."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Mode: TypeAlias = Literal["films", "repeats", "sparse", "drift", "trend"]

DAY = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """Parameters of a mode of the synthetic data set.

    Attributes:
        users: Default number of users.
        items: Default number of films.
        interactions: Default number of interactions.
        period: Length of the simulated period, in seconds.
        skew: Exponent of the films' popularity: the film with rank r has a popularity proportional to `r ** -skew`.
        follow: Probability that a user chooses a film similar to the previous one.
        repeats: Mean probability that a user watches a film again.
        phases: Number of equal phases of the period. The interests of users and the popularity of films change from
            phase to phase.
        bursts: Share of the films that come into fashion once within the period.
    """

    users: int = 1000
    items: int = 1500
    interactions: int = 50_000
    period: int = 180 * DAY
    skew: float = 1.0
    follow: float = 0.35
    repeats: float = 0.0
    phases: int = 1
    bursts: float = 0.0


BEHAVIOURS: dict[Mode, Behaviour] = {
    "films": Behaviour(),
    "repeats": Behaviour(repeats=0.6),
    "sparse": Behaviour(users=8000, items=4000, interactions=32_000, skew=0.7, follow=0.5),
    "drift": Behaviour(phases=6),
    "trend": Behaviour(period=14 * DAY, bursts=0.04),
}


def behaviour_of(mode: Mode) -> Behaviour:
    """Return the parameters of the mode with the given name.

    Raises:
        ValueError: The mode does not exist.
    """
    if mode not in BEHAVIOURS:
        raise ValueError(f"mode={mode!r}: unknown mode. Use one of {', '.join(map(repr, BEHAVIOURS))}.")
    return BEHAVIOURS[mode]
