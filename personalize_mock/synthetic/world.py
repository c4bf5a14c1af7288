"""Films and users of the synthetic data set, and the times of the interactions.

Each user and each film has a vector in a latent space with one axis per genre. Users prefer films with similar vectors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from personalize_mock.synthetic.modes import DAY, Behaviour
from personalize_mock.synthetic.text import GENRES, genre_text, titles

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]

END = 1_719_705_600  # 2024-06-30 00:00 UTC; the last interaction is at most one day later
CATALOGUE_AGE = 12 * 365 * DAY
DIMENSIONS = len(GENRES)  # each genre has its own axis
NEW_SESSION = 0.3  # probability that an interaction begins a new session
TWO_GENRES = 0.5  # share of films that may have a second genre
NEW_FILMS = 0.25  # share of films that are released within the simulated period


@dataclass(frozen=True, slots=True, kw_only=True)
class Films:
    """All films of the synthetic data set.

    Attributes:
        vectors: float64[n_films, DIMENSIONS], latent vectors of unit length.
        log_popularity: float64[n_films], the natural logarithm of each film's popularity, up to a constant.
        released: int64[n_films], release times in epoch seconds.
        genres: The genres of each film, such as `Action|Comedy`.
        titles: The title of each film.
        price: float64[n_films], prices, which are slightly higher for popular films.
        royalty: float64[n_films], royalties, which are independent of everything else.
    """

    vectors: Floats
    log_popularity: Floats
    released: Ints
    genres: list[str]
    titles: list[str]
    price: Floats
    royalty: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """All users of the synthetic data set.

    Attributes:
        vectors: float64[n_users, DIMENSIONS], latent vectors of unit length.
        joined: int64[n_users], times from which users are active, in epoch seconds.
        counts: int64[n_users], the number of interactions of each user.
        age: int64[n_users], ages in years.
        membership: The membership of each user: Free, Basic or Premium.
    """

    vectors: Floats
    joined: Ints
    counts: Ints
    age: Ints
    membership: list[str]


def make_films(rng: np.random.Generator, count: int, behaviour: Behaviour) -> Films:
    """Generate `count` films. Some are released within the simulated period, and the rest before it.

    Args:
        rng: Source of randomness.
        count: Number of films.
        behaviour: How users behave in the chosen mode of `generate`.
    """
    first, second = rng.integers(len(GENRES), size=(2, count))
    second = np.where(rng.random(count) < TWO_GENRES, second, first)
    axes = np.eye(DIMENSIONS)
    vectors = unit(0.7 * axes[first] + 0.3 * axes[second] + rng.normal(scale=0.2, size=(count, DIMENSIONS)))
    log_popularity = -behaviour.skew * np.log1p(rng.permutation(count))
    new = rng.random(count) < NEW_FILMS
    new[np.argmax(log_popularity)] = False  # so that one film can always be watched
    period = behaviour.period
    age = np.where(new, rng.integers(period, size=count), period + rng.integers(CATALOGUE_AGE, size=count))
    standardized = (log_popularity - log_popularity.mean()) / (log_popularity.std() or 1.0)
    return Films(
        vectors=vectors,
        log_popularity=log_popularity,
        released=(END - age) // DAY * DAY,
        genres=[genre_text(a, b) for a, b in zip(first.tolist(), second.tolist(), strict=True)],
        titles=titles(rng, first.tolist()),
        price=np.round(np.exp(2.0 + 0.1 * standardized + rng.normal(scale=0.5, size=count)), 2),
        royalty=np.round(rng.uniform(0.05, 2.0, size=count), 2),
    )


def make_people(rng: np.random.Generator, count: int, interactions: int, behaviour: Behaviour) -> People:
    """Generate `count` users, and distribute a total of `interactions` interactions among them.

    Args:
        rng: Source of randomness.
        count: Number of users.
        interactions: Number of interactions of all users together.
        behaviour: The parameters of the mode.
    """
    age = np.clip(np.round(rng.gamma(6.0, 6.0, size=count) + 12), 16, 90).astype(np.int64)
    age_effect = rng.normal(scale=0.8, size=len(GENRES))  # how much older users prefer each genre
    preferences = rng.normal(scale=2.5, size=(count, len(GENRES))) + np.outer((age - 45) / 20, age_effect)
    shares = np.exp(preferences) / np.exp(preferences).sum(axis=1, keepdims=True)
    activity = rng.lognormal(sigma=0.8, size=count)
    minimum = 2 if interactions >= 2 * count else 0
    counts = minimum + rng.multinomial(interactions - minimum * count, activity / activity.sum())
    loyalty = activity + rng.exponential(scale=1.0, size=count)
    levels = np.searchsorted(np.quantile(loyalty, (0.4, 0.75)), loyalty)
    return People(
        vectors=unit(shares + rng.normal(scale=0.1, size=(count, DIMENSIONS))),
        joined=END - behaviour.period + rng.integers(behaviour.period * 3 // 5, size=count),
        counts=counts,
        age=age,
        membership=[("Free", "Basic", "Premium")[level] for level in levels.tolist()],
    )


def make_timestamps(rng: np.random.Generator, user: Ints, joined: Ints) -> Ints:
    """Generate the times of interactions. Users have sessions of several interactions, mostly in the evening.

    Args:
        rng: Source of randomness.
        user: int64[n_interactions], the index of the user of each interaction, in ascending order.
        joined: int64[n_users], times from which users are active, in epoch seconds.

    Returns:
        Times in epoch seconds, int64[n_interactions], ascending within each user.
    """
    count = len(user)
    begins = rng.random(count) < NEW_SESSION
    begins[np.flatnonzero(np.diff(user, prepend=-1))] = True
    first = np.flatnonzero(begins)
    start = joined[user[first]] + rng.random(len(first)) * (END - joined[user[first]])
    hour = np.clip(rng.normal(20.0, 3.0, size=len(first)), 0.0, 23.9)
    evening = np.maximum(start // DAY * DAY + hour * 3600, joined[user[first]])
    elapsed = np.cumsum(np.where(begins, 0.0, rng.exponential(900.0, size=count)))
    session = np.cumsum(begins) - 1
    time = np.minimum(evening[session] + elapsed - elapsed[first][session], END + DAY).astype(np.int64)
    ordered: Ints = time[np.lexsort((time, user))]
    return ordered


def unit(vectors: Floats) -> Floats:
    """Return a copy of a matrix with each row scaled to a length of 1."""
    unit_vectors: Floats = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit_vectors
