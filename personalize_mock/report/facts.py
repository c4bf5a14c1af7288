"""Facts about a simulation that its report shows, collected at one moment."""

from collections.abc import Sequence
from dataclasses import dataclass

from personalize_mock.journal import Call
from personalize_mock.report.durations import Waiting, waiting
from personalize_mock.report.models import TrainedModel, trained_models
from personalize_mock.report.timeline import Lifespan, lifespans
from personalize_mock.report.usage import Amount, billed_amounts
from personalize_mock.simulation import Simulation


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Facts about a simulation that its report shows.

    Attributes:
        start: The time of the first call or status change, in epoch seconds.
        end: The simulated time at which the facts were collected, in epoch seconds.
        calls: The calls, oldest first, without those of `mock.load`.
        resources: The number of resources that exist.
        lives: The lifespans of all resources that have or had a status, in the order of their creation.
        models: The trained solution versions and recommenders.
        waiting: The time that a client of the real service would have waited for status changes.
        amounts: The usage that the real service would have billed.
        seed: The random seed of the simulation.
    """

    start: float
    end: float
    calls: Sequence[Call]
    resources: int
    lives: Sequence[Lifespan]
    models: Sequence[TrainedModel]
    waiting: Waiting
    amounts: Sequence[Amount]
    seed: int

    @property
    def errors(self) -> list[Call]:
        """The calls that failed."""
        return [call for call in self.calls if call.error is not None]


def collect(simulation: Simulation) -> Facts:
    """Collect the facts about a simulation without changing it or its journal."""
    with simulation.lock, simulation.clock.during_call():
        end = simulation.clock.timestamp()
        lives = lifespans(simulation.journal.transitions(), end=end)
        resources = [resource for store in simulation.stores() for resource in store.resources()]
        calls = simulation.journal.calls()
        starts = [call.at for call in calls[:1]] + [life.spans[0].start for life in lives[:1] if life.spans]
        return Facts(
            start=min(starts, default=end),
            end=end,
            calls=calls,
            resources=len(resources),
            lives=lives,
            models=trained_models(simulation),
            waiting=waiting(lives, resources),
            amounts=billed_amounts(simulation, lives),
            seed=simulation.options.seed,
        )
