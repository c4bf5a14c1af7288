"""Choice of the film for each interaction in the synthetic data set.

Users prefer popular films and films whose vectors are similar to their own. Sometimes they choose a neighbour of the
previous film, which is one of the films most similar to it. Depending on the mode, users also watch films again, change
their interests or choose films that are in fashion.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from personalize_mock.synthetic.modes import DAY, Behaviour
from personalize_mock.synthetic.world import END, Films, Floats, Ints, People, unit

NEIGHBOURS = 8
AFFINITY = 10.0  # log of the preference for a film in the user's direction over a film at a right angle to it
FADING = 0.8  # log popularity that a film loses with each phase before or after the phase in which it is most popular
BURST_DAYS = (1.0, 4.0)  # bounds of the number of days for which a fashion grows; it shrinks for as long
BURST_HEIGHT = 0.04  # mean height of the peak of a fashion, as a share of all other interactions
RETURN_BACK = (0.5, 0.05)  # parameters of two geometric distributions of the number of interactions to go back
RETURN_RECENT = 0.7  # probability of the first of these distributions
RETURN_SPREAD = 10.0  # with larger numbers, users differ less in how often they watch films again
NO_FILM = -1
BLOCK = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """An interaction of a user for which no film has been chosen yet.

    Attributes:
        time: The time of the interaction, in epoch seconds.
        phase: Index of the phase that contains `time`. The simulated period is divided into equal phases.
        neighbour: Index of the film to choose in the list of films most similar to the previous film, or -1 if the film
            is chosen in another way.
        back: If the user watches a film again, how many interactions ago it was watched; otherwise 0.
        fashion: If the user chooses a film because it is in fashion, the index of this film; otherwise -1.
    """

    time: int
    phase: int
    neighbour: int
    back: int
    fashion: int


def choose_films(rng: np.random.Generator, films: Films, people: People, timestamp: Ints, behaviour: Behaviour) -> Ints:
    """Choose the film of each interaction.

    Args:
        rng: Source of randomness.
        films: The catalogue.
        people: The users, with the number of interactions of each.
        timestamp: int64[n_interactions], times in epoch seconds, sorted by user and then by time.
        behaviour: How users behave in the chosen mode of `generate`.

    Returns:
        The index of the film of each interaction, int64[n_interactions].
    """
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
    """Selector of films for the interactions of one user at a time.

    Args:
        films: The catalogue.
    """

    def __init__(self, films: Films) -> None:
        self.vectors = films.vectors
        self.released: list[int] = films.released.tolist()
        self.neighbours: list[list[int]] = _neighbours(films.vectors).tolist()
        self.most_popular = int(np.argmax(films.log_popularity))

    def favourites(self, rng: np.random.Generator, vector: Floats, log_popularity: Floats, count: int) -> list[int]:
        """Draw a random list of films that suit a user, best first.

        Args:
            rng: Source of randomness.
            vector: float64[DIMENSIONS], the user's vector.
            log_popularity: float64[n_films], the log popularity of the films.
            count: Number of interactions of the user. The list has about twice as many films.
        """
        scores = AFFINITY * (self.vectors @ vector) + log_popularity + rng.gumbel(size=len(self.released))
        return [*_top(scores, 2 * count + 20), self.most_popular]

    def walk(self, favourites: list[list[int]], steps: list[_Step]) -> list[int]:
        """Choose a film for each interaction of one user.

        Args:
            favourites: For each phase of the simulated period, the indices of the films that suit the user, best first.
            steps: The user's interactions, oldest first.
        """
        walk: list[int] = []
        seen: set[int] = set()
        remaining = [films.copy() for films in favourites]
        for step in steps:
            film = self._film_to_repeat(walk, step) if step.back else self._proposed(walk, seen, step)
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
    def _film_to_repeat(walk: list[int], step: _Step) -> int:
        """Return the film that the user watched `step.back` interactions ago.

        If the user has fewer interactions, counting starts again at the latest one. If there are none, return -1.

        Args:
            walk: The indices of the films that the user has watched, oldest first.
            step: The interaction for which a film is chosen.
        """
        return walk[-1 - (step.back - 1) % len(walk)] if walk else NO_FILM

    def _proposed(self, walk: list[int], seen: set[int], step: _Step) -> int:
        """Return the film in fashion or the neighbour of the previous film that a step refers to.

        The result is -1 if the step refers to neither, or if the film is in `seen` or has not been released yet.

        Args:
            walk: The indices of the films that the user has watched, oldest first.
            seen: The indices of films that the user is not to choose.
            step: The interaction for which a film is chosen.
        """
        film = step.fashion
        if film == NO_FILM and walk and step.neighbour >= 0:
            film = self.neighbours[walk[-1]][step.neighbour]
        return NO_FILM if film in seen or film == NO_FILM or self.released[film] > step.time else film

    def _pop_unseen(self, remaining: list[int], seen: set[int], now: int) -> int:
        """Remove the first film that the user can watch from a list and return it, or return -1 if there is none.

        Args:
            remaining: The indices of films that suit the user, best first.
            seen: The indices of films that the user is not to choose.
            now: The time of the interaction in epoch seconds. Only films released by then can be watched.
        """
        for position, film in enumerate(remaining):
            if film not in seen and self.released[film] <= now:
                del remaining[position]
                return film
        return NO_FILM


def _interests(rng: np.random.Generator, vectors: Floats, phases: int) -> list[Floats]:
    """Return the interest vectors of all users in each phase of the simulated period.

    The interests of each user drift from the user's own vector to that of a randomly assigned user, one step per phase.
    With a single phase, they do not change.

    Args:
        rng: Source of randomness.
        vectors: float64[n_users, DIMENSIONS], the vectors of the users.
        phases: Number of phases.
    """
    if phases == 1:
        return [vectors]
    last = vectors[rng.permutation(len(vectors))]
    return [unit((1 - share) * vectors + share * last) for share in np.linspace(0, 1, phases)]


def _popularity(rng: np.random.Generator, log_popularity: Floats, phases: int) -> list[Floats]:
    """Return the log popularity of all films in each phase of the simulated period.

    If there are several phases, each film is most popular in one of them, which is chosen at random.

    Args:
        rng: Source of randomness.
        log_popularity: float64[n_films], the log popularity of the films at their peak.
        phases: Number of phases.
    """
    if phases == 1:
        return [log_popularity]
    best = rng.integers(phases, size=len(log_popularity))
    return [log_popularity - FADING * np.abs(phase - best) for phase in range(phases)]


def _fashion(rng: np.random.Generator, films: Films, timestamp: Ints, behaviour: Behaviour) -> Ints:
    """Decide in which interactions users choose a film because it is in fashion.

    Args:
        rng: Source of randomness.
        films: The catalogue.
        timestamp: int64[n_interactions], times in epoch seconds.
        behaviour: The parameters of the mode.

    Returns:
        int64[n_interactions], the index of the film in fashion, or -1 where the film is chosen in another way.
    """
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
    """Decide in which interactions users watch a film again.

    Args:
        rng: Source of randomness.
        counts: int64[n_users], the number of interactions of each user.
        repeats: Mean probability that a user watches a film again.

    Returns:
        int64[n_interactions], how many interactions ago the user watched the film, or 0 where no film is watched again.
    """
    total = int(counts.sum())
    if not repeats:
        return np.zeros(total, dtype=np.int64)
    rates = rng.beta(RETURN_SPREAD * repeats, RETURN_SPREAD * (1 - repeats), size=len(counts))
    recent, distant = (rng.geometric(parameter, size=total) for parameter in RETURN_BACK)
    back = np.where(rng.random(total) < RETURN_RECENT, recent, distant)
    return np.where(rng.random(total) < np.repeat(rates, counts), back, 0)


def _neighbours(vectors: Floats) -> Ints:
    """Find the films whose vectors are most similar to the vector of each film.

    Returns:
        Indices of films, int64[n_films, NEIGHBOURS], in no particular order. If there are too few films, indices are
        repeated.
    """
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
    """Return the indices of the `count` largest scores, best first."""
    count = min(count, len(scores))
    top = np.argpartition(-scores, count - 1)[:count]
    best: list[int] = top[np.argsort(-scores[top])].tolist()
    return best
