"""Demo data: 60 users, 96 well-known films and 1800 interactions of the last ninety days.

`mock.load` uses it if it is called without data. Every user likes two genres and mostly watches films of these genres.
"""

import re
from typing import Any

import numpy as np

from personalize_mock.loading.films import FILMS, USERS

DAY = 86_400
PERIOD = 90 * DAY
EACH = 30  # interactions of each user
LIKED = 12.0  # times as likely as another film
NOT_IN_IDS = re.compile(r"[^a-z0-9]+")

Source = dict[str, list[Any]]


def demo_data(*, now: int, domain: str | None) -> dict[str, Source]:
    """Return the demo data as a dictionary of columns for each argument of `mock.load`, such as "interactions".

    Args:
        now: End of the ninety days in epoch seconds. All interactions are before it.
        domain: ECOMMERCE, VIDEO_ON_DEMAND or None. For ECOMMERCE, the genres are in the column CATEGORY_L1, and the
            event types are Purchase and View instead of Watch and Click.
    """
    rows = [line.split("|") for line in FILMS.splitlines()]
    ids = [NOT_IN_IDS.sub("-", title.lower()).strip("-") for title, *_ in rows]
    genres = [set(row[2:]) for row in rows]
    rng = np.random.default_rng(0)
    shop = domain == "ECOMMERCE"
    items: Source = {
        "ITEM_ID": ids,
        "TITLE": [title for title, *_ in rows],
        "CATEGORY_L1" if shop else "GENRES": ["|".join(row[2:]) for row in rows],
        "PRICE": np.round(np.exp(rng.normal(2.0, 0.5, size=len(rows))), 2).tolist(),
        "CREATION_TIMESTAMP": [(int(year) - 1970) * 31_556_952 for _, year, *_ in rows],
    }
    users: Source = {
        "USER_ID": list(USERS),
        "AGE": rng.integers(16, 80, size=len(USERS)).tolist(),
        "MEMBERSHIP": rng.choice(["Free", "Basic", "Premium"], size=len(USERS)).tolist(),
    }
    events = ("Purchase", "View") if shop else ("Watch", "Click")
    return {"interactions": _interactions(rng, ids, genres, events, now=now), "items": items, "users": users}


def _interactions(
    rng: np.random.Generator, ids: list[str], genres: list[set[str]], events: tuple[str, str], *, now: int
) -> Source:
    names = sorted(set().union(*genres))
    popularity = rng.permutation(len(ids)) + 5.0
    rows = []
    for user in USERS:
        liked = set(rng.choice(names, size=2, replace=False).tolist())
        weights = np.array([LIKED ** len(liked & of_film) for of_film in genres]) / popularity
        films = rng.choice(len(ids), size=EACH, replace=False, p=weights / weights.sum()).tolist()
        times = np.sort(rng.integers(PERIOD, size=EACH)).tolist()
        watched = (rng.random(EACH) < 0.7).tolist()  # noqa: PLR2004  # the share of the first event type
        rows += [
            (now - PERIOD + time, user, ids[film], events[0] if is_watched else events[1])
            for film, time, is_watched in zip(films, times, watched, strict=True)
        ]
    columns = zip(*sorted(rows), strict=True)
    return dict(zip(("TIMESTAMP", "USER_ID", "ITEM_ID", "EVENT_TYPE"), map(list, columns), strict=True))
