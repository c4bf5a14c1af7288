"""Generator of the synthetic data set: a video shop with users, films and interactions.

Users and films are points in a latent space in which each genre has its own axis. A user watches films that are near,
and popular films more often than others. Sometimes the next film is a neighbour of the last one. The schemas fit a
custom dataset group and a domain dataset group of the domain VIDEO_ON_DEMAND.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from personalize_mock.synthetic.text import (
    GENRES,
    INTERACTIONS,
    ITEMS,
    USERS,
    avro_schema,
    csv_text,
    genre_text,
    ids,
    titles,
)

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]

DAY = 86_400
END = 1_719_705_600  # 2024-06-30 00:00 UTC; the last interaction is at most one day later
PERIOD = 180 * DAY
CATALOGUE_AGE = 12 * 365 * DAY
DIMENSIONS = len(GENRES)  # each genre has its own axis
NEIGHBOURS = 8
AFFINITY = 10.0  # log of the preference for a film in the user's direction over a film at a right angle to it
SKEW = 1.0  # popularity is proportional to rank ** -SKEW
FOLLOW = 0.35  # probability that the next film is a neighbour of the last
NEW_SESSION = 0.3  # probability that an interaction begins a session
TWO_GENRES = 0.5  # share of films that may have a second genre
NEW_FILMS = 0.25  # share of films that are released within the period
WATCH = 0.7  # share of Watch among the interactions; the others are Click
BLOCK = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticData:
    """Three data sets as CSV text with a header, and their Avro schemas.

    Attributes:
        interactions: USER_ID, ITEM_ID, EVENT_TYPE (Watch or Click), EVENT_VALUE (the share watched, empty for a Click)
            and TIMESTAMP (epoch seconds), oldest first.
        items: ITEM_ID, TITLE, GENRES (one or two, joined with `|`), CREATION_TIMESTAMP (epoch seconds), PRICE
            (log-normal, slightly higher for popular films) and ROYALTY (independent of all other columns).
        users: USER_ID, AGE and MEMBERSHIP (Free, Basic or Premium).
        interactions_schema: The schema of `interactions`. Pass `json.dumps` of it to CreateSchema.
        items_schema: The schema of `items`.
        users_schema: The schema of `users`.
    """

    interactions: str
    items: str
    users: str
    interactions_schema: dict[str, Any]
    items_schema: dict[str, Any]
    users_schema: dict[str, Any]


def generate(*, seed: int = 0, users: int = 1000, items: int = 1500, interactions: int = 50_000) -> SyntheticData:
    """Generate a video shop with the given numbers of users, items and interactions.

    A recommender can learn from the data: users prefer some genres, films have neighbours, popularity is skewed.

    Example:
        >>> data = generate(seed=1, users=50, items=80, interactions=2000)
        >>> print(data.users.splitlines()[0])
        USER_ID,AGE,MEMBERSHIP

    Args:
        seed: The seed of all randomness. Equal arguments give equal data.
        users: The number of users, at least 1. Each has at least two interactions if there are enough.
        items: The number of items, at least 1.
        interactions: The number of interactions. A user rarely meets an item twice.

    Raises:
        ValueError: A number is too small.
    """
    if users < 1 or items < 1 or interactions < 0:
        raise ValueError(
            f"{users=}, {items=}, {interactions=}: use at least one user, at least one item and no negative number of "
            "interactions."
        )
    rng = np.random.default_rng(seed)
    films = _films(rng, items)
    people = _people(rng, users, interactions)
    return _to_text(films, people, _interactions(rng, films, people))


def _to_text(films: _Films, people: _People, interactions: _Interactions) -> SyntheticData:
    return SyntheticData(
        interactions=csv_text(
            tuple(INTERACTIONS),
            ids("u", interactions.user),
            ids("f", interactions.item),
            interactions.event_type,
            interactions.event_value,
            interactions.timestamp.tolist(),
        ),
        items=csv_text(
            tuple(ITEMS),
            ids("f", np.arange(len(films.titles))),
            films.titles,
            films.genres,
            films.released.tolist(),
            films.price.tolist(),
            films.royalty.tolist(),
        ),
        users=csv_text(tuple(USERS), ids("u", np.arange(len(people.age))), people.age.tolist(), people.membership),
        interactions_schema=avro_schema("Interactions", INTERACTIONS),
        items_schema=avro_schema("Items", ITEMS),
        users_schema=avro_schema("Users", USERS),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Films:
    vectors: Floats  # [items, DIMENSIONS], unit length
    log_popularity: Floats  # [items]
    released: Ints
    genres: list[str]
    titles: list[str]
    price: Floats
    royalty: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class _People:
    vectors: Floats  # [users, DIMENSIONS], unit length
    joined: Ints
    counts: Ints  # [users], numbers of interactions
    age: Ints
    membership: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Interactions:
    user: Ints
    item: Ints
    timestamp: Ints
    event_type: list[str]
    event_value: list[str]


def _films(rng: np.random.Generator, count: int) -> _Films:
    first, second = rng.integers(len(GENRES), size=(2, count))
    second = np.where(rng.random(count) < TWO_GENRES, second, first)
    axes = np.eye(DIMENSIONS)
    vectors = _unit(0.7 * axes[first] + 0.3 * axes[second] + rng.normal(scale=0.2, size=(count, DIMENSIONS)))
    log_popularity = -SKEW * np.log1p(rng.permutation(count))
    new = rng.random(count) < NEW_FILMS
    new[np.argmax(log_popularity)] = False  # so that one film can always be watched
    age = np.where(new, rng.integers(PERIOD, size=count), PERIOD + rng.integers(CATALOGUE_AGE, size=count))
    standardized = (log_popularity - log_popularity.mean()) / (log_popularity.std() or 1.0)
    return _Films(
        vectors=vectors,
        log_popularity=log_popularity,
        released=(END - age) // DAY * DAY,
        genres=[genre_text(a, b) for a, b in zip(first.tolist(), second.tolist(), strict=True)],
        titles=titles(rng, first.tolist()),
        price=np.round(np.exp(2.0 + 0.1 * standardized + rng.normal(scale=0.5, size=count)), 2),
        royalty=np.round(rng.uniform(0.05, 2.0, size=count), 2),
    )


def _people(rng: np.random.Generator, count: int, interactions: int) -> _People:
    age = np.clip(np.round(rng.gamma(6.0, 6.0, size=count) + 12), 16, 90).astype(np.int64)
    age_effect = rng.normal(scale=0.8, size=len(GENRES))  # how much older users prefer each genre
    preferences = rng.normal(scale=2.5, size=(count, len(GENRES))) + np.outer((age - 45) / 20, age_effect)
    shares = np.exp(preferences) / np.exp(preferences).sum(axis=1, keepdims=True)
    activity = rng.lognormal(sigma=0.8, size=count)
    minimum = 2 if interactions >= 2 * count else 0
    counts = minimum + rng.multinomial(interactions - minimum * count, activity / activity.sum())
    loyalty = activity + rng.exponential(scale=1.0, size=count)
    levels = np.searchsorted(np.quantile(loyalty, (0.4, 0.75)), loyalty)
    return _People(
        vectors=_unit(shares + rng.normal(scale=0.1, size=(count, DIMENSIONS))),
        joined=END - PERIOD + rng.integers(PERIOD * 3 // 5, size=count),
        counts=counts,
        age=age,
        membership=[("Free", "Basic", "Premium")[level] for level in levels.tolist()],
    )


def _interactions(rng: np.random.Generator, films: _Films, people: _People) -> _Interactions:
    user = np.repeat(np.arange(len(people.counts)), people.counts)
    timestamp = _timestamps(rng, user, people.joined)
    item = _items(rng, films, people, timestamp)
    fit = (people.vectors[user] * films.vectors[item]).sum(axis=1)
    is_watch = rng.random(len(user)) < WATCH
    share = np.round(np.clip(0.55 + 0.35 * fit + rng.normal(scale=0.15, size=len(user)), 0.02, 1.0), 2)
    order = np.lexsort((user, timestamp))
    return _Interactions(
        user=user[order],
        item=item[order],
        timestamp=timestamp[order],
        event_type=["Watch" if watch else "Click" for watch in is_watch[order].tolist()],
        event_value=[
            str(value) if watch else ""
            for value, watch in zip(share[order].tolist(), is_watch[order].tolist(), strict=True)
        ],
    )


def _timestamps(rng: np.random.Generator, user: Ints, joined: Ints) -> Ints:
    """Return the times of interactions sorted by user and time: sessions, mostly in the evening."""
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


def _items(rng: np.random.Generator, films: _Films, people: _People, timestamp: Ints) -> Ints:
    """Return the film of each interaction. Interactions are sorted by user and time."""
    neighbours = _neighbours(films.vectors).tolist()
    released = films.released.tolist()
    most_popular = int(np.argmax(films.log_popularity))
    items: list[int] = []
    for vector, count in zip(people.vectors, people.counts.tolist(), strict=True):
        scores = AFFINITY * (films.vectors @ vector) + films.log_popularity + rng.gumbel(size=len(released))
        favourites = [*_top(scores, 2 * count + 20), most_popular]
        steps = np.where(rng.random(count) < FOLLOW, rng.integers(NEIGHBOURS, size=count), -1)
        times = timestamp[len(items) : len(items) + count]
        items += _walk(favourites, steps.tolist(), times.tolist(), neighbours, released)
    return np.array(items, dtype=np.int64)


def _walk(
    favourites: list[int], steps: list[int], times: list[int], neighbours: list[list[int]], released: list[int]
) -> list[int]:
    """Return the films of one user: at each step a neighbour of the last film, or (-1) the next favourite."""
    walk: list[int] = []
    seen: set[int] = set()
    remaining = favourites.copy()
    for step, now in zip(steps, times, strict=True):
        film = neighbours[walk[-1]][step] if walk and step >= 0 else -1
        if film < 0 or film in seen or released[film] > now:
            film = _pop_unseen(remaining, seen, released, now)
        if film < 0:  # the user has seen all released films and starts again
            seen.clear()
            remaining = favourites.copy()
            film = _pop_unseen(remaining, seen, released, now)
        walk.append(film)
        seen.add(film)
    return walk


def _pop_unseen(remaining: list[int], seen: set[int], released: list[int], now: int) -> int:
    """Remove and return the first unseen film of `remaining` that is released, or -1."""
    for position, film in enumerate(remaining):
        if film not in seen and released[film] <= now:
            del remaining[position]
            return film
    return -1


def _neighbours(vectors: Floats) -> Ints:
    """Return int64[items, NEIGHBOURS], the films nearest to each film. In tiny catalogues they repeat."""
    count = len(vectors)
    distinct = min(NEIGHBOURS, max(count - 1, 1))
    blocks = []
    for start in range(0, count, BLOCK):
        similarity = vectors[start : start + BLOCK] @ vectors.T
        rows = np.arange(len(similarity))
        similarity[rows, start + rows] = -np.inf
        blocks.append(np.argpartition(-similarity, distinct - 1, axis=1)[:, :distinct])
    nearest = np.concatenate(blocks)
    return np.tile(nearest, -(-NEIGHBOURS // distinct))[:, :NEIGHBOURS]


def _top(scores: Floats, count: int) -> list[int]:
    """Return the indices of the largest scores, best first."""
    count = min(count, len(scores))
    top = np.argpartition(-scores, count - 1)[:count]
    best: list[int] = top[np.argsort(-scores[top])].tolist()
    return best


def _unit(vectors: Floats) -> Floats:
    unit: Floats = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit
