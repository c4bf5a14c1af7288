"""Formatting of durations, and the time that a client would have waited for resources on AWS."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from personalize_mock.report.timeline import Lifespan
from personalize_mock.resources.core.durations import usual_duration
from personalize_mock.resources.core.resource import Resource

UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))
# Types in the order in which a client creates them. Resources of the types in one row are created at the same time.
CREATION_ORDER = (
    ("dataset-group",),
    ("dataset",),
    ("dataset-import-job", "event-tracker"),
    ("solution-version", "recommender"),
    ("campaign", "filter", "metric-attribution"),
    ("batch-inference-job", "batch-segment-job", "dataset-export-job", "data-deletion-job"),
)


def duration_text(seconds: float) -> str:
    """Return a duration as text in its two largest units, such as "2 h 14 min"."""
    rounded = round(seconds)
    for (size, unit), (smaller, smaller_unit) in pairwise(UNITS):
        if rounded >= size:
            count, rest = rounded // size, rounded % size // smaller
            return f"{count} {unit} {rest} {smaller_unit}" if rest else f"{count} {unit}"
    return f"{rounded} s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The time that a client of the real service would wait for status changes.

    Attributes:
        simulated: Seconds of simulated time in which at least one resource was being created, changed or deleted.
        skipped: Seconds that the real service usually takes to create the resources whose creation took no simulated
            time, because of `mock.load` or the option `durations`.
    """

    simulated: float
    skipped: float

    @property
    def seconds(self) -> float:
        """The total waiting time in seconds: `simulated` plus `skipped`."""
        return self.simulated + self.skipped


def waiting(lives: Sequence[Lifespan], resources: Iterable[Resource]) -> Waiting:
    """Return the time that a client of the real service would wait for the resources of a simulation.

    Args:
        lives: The lifespans of all resources, including deleted ones.
        resources: The resources that exist now.
    """
    spans = [(span.start, span.end) for life in lives for span in life.unsettled]
    moved = {life.arn for life in lives if any(span.end > span.start for span in life.unsettled)}
    return Waiting(
        simulated=_covered(spans), skipped=_usual([resource for resource in resources if resource.arn not in moved])
    )


def _usual(resources: Sequence[Resource]) -> float:
    """Return the seconds that the real service usually takes to create resources.

    `CREATION_ORDER` lists resource types. Resources with types in the same row are assumed to be created in parallel,
    after those of the previous row.
    """
    steps = [
        [usual_duration(resource) for resource in resources if resource.ARN_TYPE in types and resource.status]
        for types in CREATION_ORDER
    ]
    return sum(max(step, default=0.0) for step in steps)


def _covered(spans: Iterable[tuple[float, float]]) -> float:
    """Return the seconds that spans cover, counting overlaps once. Spans are pairs of a start and an end in seconds."""
    total, reached = 0.0, float("-inf")
    for start, end in sorted(spans):
        total += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return total
