"""Modes of the synthetic data set: what users do differently in each of them."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Mode: TypeAlias = Literal["films", "repeats", "sparse", "drift", "trend"]

DAY = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """Parameters of one mode.

    Attributes:
        users: Number of users unless the caller gives one.
        items: Number of films unless the caller gives one.
        interactions: Number of interactions unless the caller gives one.
        period: Seconds from the first interaction to the last.
        skew: The popularity of a film is proportional to its rank to the power of minus this number.
        follow: Probability that the next film is a neighbour of the last one.
        repeats: Mean probability that a user returns to a film that they know.
        phases: Number of parts of the period. Interests and popularity differ between them.
        bursts: Share of the films that are in fashion once within the period.
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
    """Return the parameters of a mode.

    Raises:
        ValueError: There is no such mode.
    """
    if mode not in BEHAVIOURS:
        raise ValueError(f"mode={mode!r}: use one of {', '.join(map(repr, BEHAVIOURS))}.")
    return BEHAVIOURS[mode]
