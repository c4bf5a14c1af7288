"""Lifespans of resources, and the scale of the timeline that shows them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log1p

from personalize_mock.journal import Transition
from personalize_mock.resources.core.resource import FINAL_STATUSES

SHOWN = 40  # resources in the timeline
GAP_UNIT = 20.0  # seconds; longer gaps between two status changes grow with the logarithm of their length
TICK_DISTANCE = 0.13  # of the width of the timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A period during which a resource has the same status.

    Attributes:
        status: The status, such as "CREATE IN_PROGRESS".
        start: The start of the span, in epoch seconds.
        end: The end of the span, in epoch seconds.
    """

    status: str
    start: float
    end: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifespan:
    """The statuses of a resource over time.

    Attributes:
        arn: The ARN of the resource.
        spans: The periods of the statuses, oldest first. Between deletion and a new creation there is a gap.
        failure_reason: The reason for the latest failure of the resource, or None if it has never failed.
    """

    arn: str
    spans: tuple[Span, ...]
    failure_reason: str | None

    @property
    def arn_type(self) -> str:
        """The type of the resource in its ARN, such as "dataset-group". For a solution version, it is "solution"."""
        return self.arn.rpartition(":")[2].partition("/")[0]

    @property
    def name(self) -> str:
        """The part of the ARN after the type, such as "films" or "films/0a1b2c3d"."""
        return self.arn.rpartition(":")[2].partition("/")[2]

    @property
    def unsettled(self) -> list[Span]:
        """The spans in which the resource was being created, changed or deleted."""
        return [span for span in self.spans if span.status not in FINAL_STATUSES]


def lifespans(transitions: Iterable[Transition], *, end: float) -> list[Lifespan]:
    """Return the lifespans of all resources that have or had a status, in the order of their creation.

    Args:
        transitions: The status changes of a simulation, oldest first.
        end: The time at which the current status of each existing resource is taken to end, in epoch seconds.
    """
    by_arn: dict[str, list[Transition]] = {}
    for transition in transitions:
        by_arn.setdefault(transition.arn, []).append(transition)
    return [_lifespan(arn, changes, end=end) for arn, changes in by_arn.items()]


def _lifespan(arn: str, changes: Sequence[Transition], *, end: float) -> Lifespan:
    ends = [*(change.at for change in changes[1:]), end]
    spans = [
        Span(status=change.status, start=change.at, end=max(change.at, until))
        for change, until in zip(changes, ends, strict=True)
        if change.status is not None
    ]
    reasons = [change.failure_reason for change in changes if change.failure_reason]
    return Lifespan(arn=arn, spans=tuple(spans), failure_reason=reasons[-1] if reasons else None)


def shown_lifespans(resources: Sequence[Lifespan]) -> list[Lifespan]:
    """Select at most 40 lifespans for the timeline, and return them in the order given.

    If there are more, lifespans with a failure are preferred, and then the newest ones.

    Args:
        resources: The lifespans of all resources, in the order of their creation.
    """
    ranked = sorted(range(len(resources)), key=lambda index: (resources[index].failure_reason is None, -index))
    return [resources[index] for index in sorted(ranked[:SHOWN])]


class TimeScale:
    """Scale that maps instants to positions on the timeline, from 0 at the left to 1 at the right.

    The distance between two neighbouring instants grows with the logarithm of the time between them, so that seconds
    remain visible beside weeks.

    Args:
        instants: The starts and ends of all spans, in epoch seconds.
    """

    def __init__(self, instants: Iterable[float]) -> None:
        self._instants = sorted(set(instants))
        steps = [
            log1p((after - before) / GAP_UNIT)
            for before, after in zip(self._instants, self._instants[1:], strict=False)
        ]
        total, position = sum(steps) or 1.0, 0.0
        self._positions = dict.fromkeys(self._instants[:1], 0.0)
        for instant, step in zip(self._instants[1:], steps, strict=True):
            position += step
            self._positions[instant] = min(1.0, position / total)

    @property
    def start(self) -> float:
        """The earliest instant on the scale, in epoch seconds, or 0 if the scale has none."""
        return self._instants[0] if self._instants else 0.0

    def position(self, instant: float) -> float:
        """Return the position, from 0 to 1, of an instant that was given to the constructor."""
        return self._positions[instant]

    def ticks(self) -> list[tuple[float, float]]:
        """Return the ticks of the scale, as pairs of a position from 0 to 1 and the seconds since the start.

        An instant gets no tick if its label would overlap the previous label.
        """
        ticks: list[tuple[float, float]] = []
        for instant in self._instants:
            position = self.position(instant)
            if not ticks or position - ticks[-1][0] >= TICK_DISTANCE:
                ticks.append((position, instant - self.start))
        return ticks
