"""A video shop that never was: users, films and events with the structure that a recommender can find.

Users and films are points in a small taste space in which each genre is a cluster. A user meets films that
are near, and popular ones more often than others; part of the time the next film is one near the last. The
schemas fit a custom dataset group and one of the domain VIDEO_ON_DEMAND.
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
END = 1_719_705_600  # 2024-06-30 00:00 UTC; the last event is at most a day later
PERIOD = 180 * DAY
CATALOGUE_AGE = 12 * 365 * DAY
DIMENSIONS = len(GENRES)  # each genre has its axis
NEIGHBOURS = 8
TASTE = 10.0  # how much more a film in the user's taste is met than one at a right angle to it, as a logarithm
SKEW = 1.0  # popularity falls with the rank to this power
FOLLOW = 0.35  # how often the next film is near the last
NEW_SESSION = 0.3
TWO_GENRES = 0.5  # the share of films that may have a second genre
NEW_FILMS = 0.25  # the share that is released within the period
WATCH = 0.7  # the share of events that are Watch; the others are Click
BLOCK = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticData:
    """Three data sets as CSV text with a header, and the Avro schemas that they fit.

    Attributes:
        interactions: USER_ID, ITEM_ID, EVENT_TYPE (Watch, Click), EVENT_VALUE (the share watched, empty for a
            Click) and TIMESTAMP (epoch seconds), oldest first.
        items: ITEM_ID, TITLE, GENRES (one or two, joined with `|`), CREATION_TIMESTAMP (epoch seconds), PRICE
            (log-normal, slightly higher for popular films) and ROYALTY (independent of everything else).
        users: USER_ID, AGE and MEMBERSHIP (Free, Basic, Premium).
    """

    interactions: str
    items: str
    users: str
    interactions_schema: dict[str, Any]
    items_schema: dict[str, Any]
    users_schema: dict[str, Any]


def generate(*, seed: int = 0, users: int = 1000, items: int = 1500, interactions: int = 50_000) -> SyntheticData:
    """A video shop with exactly so many users, items and interactions.

    Args:
        seed: of all randomness; the same arguments give the same text.
        users: at least 1; one without interactions is possible when there are fewer than two for each.
        items: at least 1.
        interactions: at least 0; a user seldom meets a film twice.

    Raises:
        ValueError: a number is too small.
    """
    if users < 1 or items < 1 or interactions < 0:
        raise ValueError("a shop needs at least one user, one item and no negative number of interactions")
    rng = np.random.default_rng(seed)
    films = _films(rng, items)
    people = _people(rng, users, interactions)
    return _written(films, people, _events(rng, films, people))


def _written(films: _Films, people: _People, events: _Events) -> SyntheticData:
    return SyntheticData(
        interactions=csv_text(
            tuple(INTERACTIONS),
            ids("u", events.user),
            ids("f", events.item),
            events.kind,
            events.value,
            events.time.tolist(),
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
    taste: Floats  # [items, DIMENSIONS], about unit length
    appeal: Floats  # [items], logarithm of popularity
    released: Ints
    genres: list[str]
    titles: list[str]
    price: Floats
    royalty: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class _People:
    taste: Floats  # [users, DIMENSIONS], unit length
    joined: Ints
    events: Ints  # [users], how many
    age: Ints
    membership: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Events:
    user: Ints
    item: Ints
    time: Ints
    kind: list[str]
    value: list[str]


def _films(rng: np.random.Generator, count: int) -> _Films:
    first, second = rng.integers(len(GENRES), size=(2, count))
    second = np.where(rng.random(count) < TWO_GENRES, second, first)
    axes = np.eye(DIMENSIONS)
    taste = _unit(0.7 * axes[first] + 0.3 * axes[second] + rng.normal(scale=0.2, size=(count, DIMENSIONS)))
    appeal = -SKEW * np.log1p(rng.permutation(count))
    new = rng.random(count) < NEW_FILMS
    new[np.argmax(appeal)] = False  # there is always one that can be watched
    age = np.where(new, rng.integers(PERIOD, size=count), PERIOD + rng.integers(CATALOGUE_AGE, size=count))
    liking = (appeal - appeal.mean()) / (appeal.std() or 1.0)
    return _Films(
        taste=taste,
        appeal=appeal,
        released=(END - age) // DAY * DAY,
        genres=[genre_text(a, b) for a, b in zip(first.tolist(), second.tolist(), strict=True)],
        titles=titles(rng, first.tolist()),
        price=np.round(np.exp(2.0 + 0.1 * liking + rng.normal(scale=0.5, size=count)), 2),
        royalty=np.round(rng.uniform(0.05, 2.0, size=count), 2),
    )


def _people(rng: np.random.Generator, count: int, interactions: int) -> _People:
    age = np.clip(np.round(rng.gamma(6.0, 6.0, size=count) + 12), 16, 90).astype(np.int64)
    leaning = rng.normal(scale=0.8, size=len(GENRES))  # of the old, by genre
    wishes = rng.normal(scale=2.5, size=(count, len(GENRES))) + np.outer((age - 45) / 20, leaning)
    shares = np.exp(wishes) / np.exp(wishes).sum(axis=1, keepdims=True)
    zeal = rng.lognormal(sigma=0.8, size=count)
    least = 2 if interactions >= 2 * count else 0
    events = least + rng.multinomial(interactions - least * count, zeal / zeal.sum())
    rank = zeal + rng.exponential(scale=1.0, size=count)
    levels = np.searchsorted(np.quantile(rank, (0.4, 0.75)), rank)
    return _People(
        taste=_unit(shares + rng.normal(scale=0.1, size=(count, DIMENSIONS))),
        joined=END - PERIOD + rng.integers(PERIOD * 3 // 5, size=count),
        events=events,
        age=age,
        membership=[("Free", "Basic", "Premium")[level] for level in levels.tolist()],
    )


def _events(rng: np.random.Generator, films: _Films, people: _People) -> _Events:
    user = np.repeat(np.arange(len(people.events)), people.events)
    time = _times(rng, user, people.joined)
    item = _items(rng, films, people, time)
    fit = (people.taste[user] * films.taste[item]).sum(axis=1)
    watch = rng.random(len(user)) < WATCH
    share = np.round(np.clip(0.55 + 0.35 * fit + rng.normal(scale=0.15, size=len(user)), 0.02, 1.0), 2)
    order = np.lexsort((user, time))
    return _Events(
        user=user[order],
        item=item[order],
        time=time[order],
        kind=["Watch" if watched else "Click" for watched in watch[order].tolist()],
        value=[
            str(value) if watched else ""
            for value, watched in zip(share[order].tolist(), watch[order].tolist(), strict=True)
        ],
    )


def _times(rng: np.random.Generator, user: Ints, joined: Ints) -> Ints:
    """Times of events sorted by user: sessions, most of them in the evening, with minutes between events."""
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


def _items(rng: np.random.Generator, films: _Films, people: _People, time: Ints) -> Ints:
    """The film of each event; events are sorted by user and time."""
    near = _neighbours(films.taste).tolist()
    released = films.released.tolist()
    evergreen = int(np.argmax(films.appeal))
    walks: list[int] = []
    for taste, count in zip(people.taste, people.events.tolist(), strict=True):
        liking = TASTE * (films.taste @ taste) + films.appeal + rng.gumbel(size=len(released))
        wishes = [*_best(liking, 2 * count + 20), evergreen]
        steps = np.where(rng.random(count) < FOLLOW, rng.integers(NEIGHBOURS, size=count), -1)
        times = time[len(walks) : len(walks) + count]
        walks += _walk(wishes, steps.tolist(), times.tolist(), near, released)
    return np.array(walks, dtype=np.int64)


def _walk(
    wishes: list[int], steps: list[int], times: list[int], near: list[list[int]], released: list[int]
) -> list[int]:
    """One user's films: that neighbour of the last film which the step names, else the next wish."""
    walk: list[int] = []
    seen: set[int] = set()
    waiting = wishes.copy()
    for step, now in zip(steps, times, strict=True):
        film = near[walk[-1]][step] if walk and step >= 0 else -1
        if film < 0 or film in seen or released[film] > now:
            film = _take(waiting, seen, released, now)
        if film < 0:  # all that is out is seen: once more from the start
            seen.clear()
            waiting = wishes.copy()
            film = _take(waiting, seen, released, now)
        walk.append(film)
        seen.add(film)
    return walk


def _take(waiting: list[int], seen: set[int], released: list[int], now: int) -> int:
    """Takes the first film out of `waiting` that is out and not seen; -1 if there is none."""
    for place, film in enumerate(waiting):
        if film not in seen and released[film] <= now:
            del waiting[place]
            return film
    return -1


def _neighbours(taste: Floats) -> Ints:
    """int64[items, NEIGHBOURS]: the films nearest to each film but itself; in tiny catalogues they repeat."""
    count = len(taste)
    wanted = min(NEIGHBOURS, max(count - 1, 1))
    blocks = []
    for start in range(0, count, BLOCK):
        closeness = taste[start : start + BLOCK] @ taste.T
        rows = np.arange(len(closeness))
        closeness[rows, start + rows] = -np.inf
        blocks.append(np.argpartition(-closeness, wanted - 1, axis=1)[:, :wanted])
    nearest = np.concatenate(blocks)
    return np.tile(nearest, -(-NEIGHBOURS // wanted))[:, :NEIGHBOURS]


def _best(values: Floats, count: int) -> list[int]:
    """The positions of the largest values, best first."""
    count = min(count, len(values))
    top = np.argpartition(-values, count - 1)[:count]
    best: list[int] = top[np.argsort(-values[top])].tolist()
    return best


def _unit(vectors: Floats) -> Floats:
    unit: Floats = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit
