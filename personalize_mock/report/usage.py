"""Usage that the real service would bill for a simulation, without prices, which differ by region and change."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from personalize_mock.report.durations import duration_text
from personalize_mock.report.timeline import Lifespan
from personalize_mock.resources.campaigns import Campaign
from personalize_mock.resources.datasets import Dataset
from personalize_mock.resources.recommenders import Recommender
from personalize_mock.resources.solution_versions import SolutionVersion
from personalize_mock.simulation import Simulation

REQUESTS = ("GetRecommendations", "GetPersonalizedRanking", "GetActionRecommendations")
PUTS = ("PutEvents", "PutUsers", "PutItems", "PutActions", "PutActionInteractions")


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """Amount of one kind of billed usage, such as training hours.

    Attributes:
        name: The kind of usage, such as "Training of solution versions".
        text: The amount, with its unit if it has one.
    """

    name: str
    text: str


def billed_amounts(simulation: Simulation, lives: Sequence[Lifespan]) -> list[Amount]:
    """Return the usage in a simulation that the real service would bill, such as training hours.

    The last entry is the number of requests that sent data, such as PutEvents.

    Args:
        simulation: The simulation whose calls and resources are counted.
        lives: The lifespans of its resources, which show how long campaigns and recommenders have been ACTIVE.
    """
    versions = [version for store in simulation.stores() for version in store.all(SolutionVersion).values()]
    rows = sum(dataset.contents.row_count for store in simulation.stores() for dataset in store.all(Dataset).values())
    hours = sum(version.training_hours or 0.0 for version in versions)
    calls = Counter(call.operation for call in simulation.journal.calls() if call.error is None)
    return [
        Amount(name="Rows of data in the datasets", text=f"{rows:,}"),
        Amount(name="Training of solution versions", text=f"{hours:,.2f} training hours, {len(versions)} versions"),
        Amount(name="Campaigns, by minProvisionedTPS", text=f"{_provisioned(simulation, lives):,.1f} TPS-hours"),
        Amount(name="Recommenders while ACTIVE", text=duration_text(_active(simulation, lives, Recommender))),
        Amount(name="Real-time requests", text=f"{sum(calls[name] for name in REQUESTS):,}"),
        Amount(name="Requests that send data", text=f"{sum(calls[name] for name in PUTS):,}"),
    ]


def _provisioned(simulation: Simulation, lives: Sequence[Lifespan]) -> float:
    """Return the sum of the TPS-hours of all existing campaigns.

    The TPS-hours of a campaign are its minProvisionedTPS times the hours for which it has been ACTIVE.

    Args:
        simulation: The simulation with the campaigns.
        lives: The lifespans of its resources.
    """
    seconds = _seconds_active(lives)
    return sum(
        seconds.get(campaign.arn, 0.0) * campaign.min_provisioned_tps / 3600
        for store in simulation.stores()
        for campaign in store.all(Campaign).values()
    )


def _active(simulation: Simulation, lives: Sequence[Lifespan], resource_type: type[Recommender]) -> float:
    seconds = _seconds_active(lives)
    return sum(seconds.get(arn, 0.0) for store in simulation.stores() for arn in store.all(resource_type))


def _seconds_active(lives: Sequence[Lifespan]) -> dict[str, float]:
    return {life.arn: sum(span.end - span.start for span in life.spans if span.status == "ACTIVE") for life in lives}
