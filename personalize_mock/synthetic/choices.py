"""The film of each interaction: how users choose.

A user chooses films that are near, and popular films more often than others. Sometimes the next film is a neighbour of
the last one. Depending on the mode, users return to films that they know, change their interests, or follow a fashion.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from personalize_mock.synthetic.modes import DAY, Behaviour
from personalize_mock.synthetic.world import END, Films, Floats, Ints, People, unit

NEIGHBOURS = 8
AFFINITY = 10.0  # log of the preference for a film in the user's direction over a film at a right angle to it
FADING = 0.8  # log of the popularity that a film loses with each phase before or after its best one
BURST_DAYS = (1.0, 4.0)  # a fashion grows for some time between these, then shrinks for as long
BURST_HEIGHT = 0.04  # mean height, as a share of all other interactions
RETURN_BACK = (0.5, 0.05)  # parameters of the geometric distributions of how many interactions a user goes back
RETURN_RECENT = 0.7  # share of the first of these distributions
RETURN_SPREAD = 10.0  # larger numbers make users more alike in how often they return
NO_FILM = -1
BLOCK = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """One interaction before its film is known.

    Attributes:
        time: Epoch seconds.
        phase: Index of the part of the simulated period that contains `time`.
        neighbour: Which neighbour of the previous film to choose; -1 for none.
        back: How many interactions ago the user chose the film to watch again; 0 for none.
        fashion: A film in fashion; -1 for none.
    """

    time: int
    phase: int
    neighbour: int
    back: int
    fashion: int


def choose_films(rng: np.random.Generator, films: Films, people: People, timestamp: Ints, behaviour: Behaviour) -> Ints:
    """Return the film of each interaction. Interactions are sorted by user and time."""
    chooser = _Chooser(films)
    interests = _interests(rng, people.vectors, behaviour.phases)
    popularity = _popularity(rng, films.log_popularity, behaviour.phases)
    phase = np.clip(
        (timestamp - END) // (behaviour.period // behaviour.phases) + behaviour.phases, 0, len(popularity) - 1
    )
    fashion = _fashion(rng, films, timestamp, behaviour)
    back = _returns(rng, people.counts, behaviour.repeats)
    chosen: list[int] = []
    for user, count in enumerate(people.counts.tolist()):
        favourites = [
            chooser.favourites(rng, vectors[user], log_popularity, count)
            for vectors, log_popularity in zip(interests, popularity, strict=True)
        ]
        neighbour = np.where(rng.random(count) < behaviour.follow, rng.integers(NEIGHBOURS, size=count), -1)
        own = slice(len(chosen), len(chosen) + count)
        columns = (timestamp[own], phase[own], neighbour, back[own], fashion[own])
        steps = [
            _Step(time=time, phase=part, neighbour=near, back=known, fashion=film)
            for time, part, near, known, film in zip(*(column.tolist() for column in columns), strict=True)
        ]
        chosen += chooser.walk(favourites, steps)
    return np.array(chosen, dtype=np.int64)


class _Chooser:
    """Choices among the films of a catalogue."""

    def __init__(self, films: Films) -> None:
        self.vectors = films.vectors
        self.released: list[int] = films.released.tolist()
        self.neighbours: list[list[int]] = _neighbours(films.vectors).tolist()
        self.most_popular = int(np.argmax(films.log_popularity))

    def favourites(self, rng: np.random.Generator, vector: Floats, log_popularity: Floats, count: int) -> list[int]:
        """Return a random list of films that suit a user, best first, for `count` interactions."""
        scores = AFFINITY * (self.vectors @ vector) + log_popularity + rng.gumbel(size=len(self.released))
        return [*_top(scores, 2 * count + 20), self.most_popular]

    def walk(self, favourites: list[list[int]], steps: list[_Step]) -> list[int]:
        """Return the films of one user.

        Args:
            favourites: The favourites of each phase, best first.
            steps: The user's interactions, oldest first.
        """
        walk: list[int] = []
        seen: set[int] = set()
        remaining = [films.copy() for films in favourites]
        for step in steps:
            film = self._return(walk, step) if step.back else self._proposed(walk, seen, step)
            if film == NO_FILM:
                film = self._pop_unseen(remaining[step.phase], seen, step.time)
            if film == NO_FILM:  # the user has seen all released films and starts again
                seen.clear()
                remaining = [films.copy() for films in favourites]
                film = self._pop_unseen(remaining[step.phase], seen, step.time)
            walk.append(film)
            seen.add(film)
        return walk

    @staticmethod
    def _return(walk: list[int], step: _Step) -> int:
        """Return a film that the user knows; in a short history, one that is less far back."""
        return walk[-1 - (step.back - 1) % len(walk)] if walk else NO_FILM

    def _proposed(self, walk: list[int], seen: set[int], step: _Step) -> int:
        """Return a film in fashion or a neighbour of the last film, if the user can watch it for the first time."""
        film = step.fashion
        if film == NO_FILM and walk and step.neighbour >= 0:
            film = self.neighbours[walk[-1]][step.neighbour]
        return NO_FILM if film in seen or film == NO_FILM or self.released[film] > step.time else film

    def _pop_unseen(self, remaining: list[int], seen: set[int], now: int) -> int:
        """Remove and return the first unseen film of `remaining` that is released, or -1."""
        for position, film in enumerate(remaining):
            if film not in seen and self.released[film] <= now:
                del remaining[position]
                return film
        return NO_FILM


def _interests(rng: np.random.Generator, vectors: Floats, phases: int) -> list[Floats]:
    """Return the vectors of the users in each phase: on the way from `vectors` to those of other users."""
    if phases == 1:
        return [vectors]
    last = vectors[rng.permutation(len(vectors))]
    return [unit((1 - share) * vectors + share * last) for share in np.linspace(0, 1, phases)]


def _popularity(rng: np.random.Generator, log_popularity: Floats, phases: int) -> list[Floats]:
    """Return the log popularity of the films in each phase: highest in the best phase of each film."""
    if phases == 1:
        return [log_popularity]
    best = rng.integers(phases, size=len(log_popularity))
    return [log_popularity - FADING * np.abs(phase - best) for phase in range(phases)]


def _fashion(rng: np.random.Generator, films: Films, timestamp: Ints, behaviour: Behaviour) -> Ints:
    """Return for each interaction the film in fashion to choose, int64[n], -1 for none."""
    fashion = np.full(len(timestamp), NO_FILM)
    count = round(behaviour.bursts * len(films.titles))
    if not count:
        return fashion
    items = rng.choice(len(films.titles), size=count, replace=False)
    shortest, longest = np.log(BURST_DAYS).tolist()
    rise = DAY * np.exp(rng.uniform(shortest, longest, size=count))
    peak = np.maximum(END - rng.integers(behaviour.period, size=count), films.released[items]) + rise
    height = rng.gamma(2.0, BURST_HEIGHT / 2, size=count)
    share = rng.random(len(timestamp))
    for start in range(0, len(timestamp), BLOCK):
        block = slice(start, start + BLOCK)
        closeness = 1 - np.abs(timestamp[block, None] - peak) / rise
        strength = np.cumsum(height * np.maximum(0, closeness), axis=1)
        pick = (strength <= share[block, None] * (1 + strength[:, -1:])).sum(axis=1)
        fashion[block] = np.where(pick < count, items[np.minimum(pick, count - 1)], NO_FILM)
    return fashion


def _returns(rng: np.random.Generator, counts: Ints, repeats: float) -> Ints:
    """Return how many interactions each interaction goes back for a film that the user knows, int64[n], 0 for none."""
    total = int(counts.sum())
    if not repeats:
        return np.zeros(total, dtype=np.int64)
    rates = rng.beta(RETURN_SPREAD * repeats, RETURN_SPREAD * (1 - repeats), size=len(counts))
    recent, distant = (rng.geometric(parameter, size=total) for parameter in RETURN_BACK)
    back = np.where(rng.random(total) < RETURN_RECENT, recent, distant)
    return np.where(rng.random(total) < np.repeat(rates, counts), back, 0)


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
