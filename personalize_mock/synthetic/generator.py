"""Generator of the synthetic data set, with the users, films and interactions of an online video shop.

The schemas are valid for custom dataset groups and for domain dataset groups of the domain VIDEO_ON_DEMAND.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from personalize_mock.synthetic.choices import choose_films
from personalize_mock.synthetic.modes import Behaviour, Mode, behaviour_of
from personalize_mock.synthetic.text import INTERACTIONS, ITEMS, USERS, avro_schema, csv_text, ids
from personalize_mock.synthetic.world import Films, Ints, People, make_films, make_people, make_timestamps

WATCH = 0.7  # share of Watch among the interactions; the others are Click


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticData:
    """Interactions, items and users as CSV texts with a header line, and the Avro schema of each.

    Attributes:
        interactions: USER_ID, ITEM_ID, EVENT_TYPE (Watch or Click), EVENT_VALUE (the share watched, empty for a Click)
            and TIMESTAMP (epoch seconds), oldest first.
        items: ITEM_ID, TITLE, GENRES (one or two, joined with `|`), CREATION_TIMESTAMP (epoch seconds), PRICE
            (log-normal, slightly higher for popular films) and ROYALTY (independent of all other columns).
        users: USER_ID, AGE and MEMBERSHIP (Free, Basic or Premium).
        interactions_schema: The Avro schema of `interactions`. CreateSchema takes it as `json.dumps(...)`.
        items_schema: The Avro schema of `items`.
        users_schema: The Avro schema of `users`.
    """

    interactions: str
    items: str
    users: str
    interactions_schema: dict[str, Any]
    items_schema: dict[str, Any]
    users_schema: dict[str, Any]


def generate(
    *,
    seed: int = 0,
    mode: Mode = "films",
    users: int | None = None,
    items: int | None = None,
    interactions: int | None = None,
) -> SyntheticData:
    """Generate users, items and interactions of an online video shop over half a year.

    A recommender can learn from the data: users prefer certain genres, similar films are watched one after the other,
    and a few films are very popular. The mode can add other patterns:

    - `"films"`: No other pattern. Users rarely watch the same item twice.
    - `"repeats"`: Users come back to items, as they do in shops or with music. In more than 40 % of the interactions,
      the user returns to an earlier item, mostly a recent one. Some users do so more often than others.
    - `"sparse"`: There are many users and items, with a mean of four interactions per user. Most items have few
      interactions.
    - `"drift"`: The interests of users and the popularity of items change within the half year.
    - `"trend"`: The data covers two weeks instead of half a year. One item in 25 comes into fashion: its interactions
      increase for one to four days and then decrease for as long.

    Example:
        >>> data = generate(seed=1, users=50, items=80, interactions=2000)
        >>> print(data.users.splitlines()[0])
        USER_ID,AGE,MEMBERSHIP

    Args:
        seed: Seed of the random number generator. Equal arguments give equal data.
        mode: The name of one of the modes above.
        users: The number of users, at least 1. Each user has at least two interactions if `interactions` is large
            enough. The default is 1000, or 8000 for `"sparse"`.
        items: The number of items, at least 1. The default is 1500, or 4000 for `"sparse"`.
        interactions: The number of interactions. The default is 50,000, or 32,000 for `"sparse"`.

    Raises:
        ValueError: A number is too small, or the mode does not exist.
    """
    behaviour = behaviour_of(mode)
    users = behaviour.users if users is None else users
    items = behaviour.items if items is None else items
    interactions = behaviour.interactions if interactions is None else interactions
    _check_numbers(users=users, items=items, interactions=interactions)
    rng = np.random.default_rng(seed)
    films = make_films(rng, items, behaviour)
    people = make_people(rng, users, interactions, behaviour)
    return _to_text(films, people, _interactions(rng, films, people, behaviour))


def _check_numbers(*, users: int, items: int, interactions: int) -> None:
    if users < 1 or items < 1 or interactions < 0:
        raise ValueError(
            f"{users=}, {items=}, {interactions=}: users and items must be at least 1, and interactions must not be "
            "negative."
        )


def _to_text(films: Films, people: People, interactions: _Interactions) -> SyntheticData:
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
class _Interactions:
    user: Ints
    item: Ints
    timestamp: Ints
    event_type: list[str]
    event_value: list[str]


def _interactions(rng: np.random.Generator, films: Films, people: People, behaviour: Behaviour) -> _Interactions:
    user = np.repeat(np.arange(len(people.counts)), people.counts)
    timestamp = make_timestamps(rng, user, people.joined)
    item = choose_films(rng, films, people, timestamp, behaviour)
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
