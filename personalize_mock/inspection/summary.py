"""Short description of a simulation: its time, its calls, and its resources by type and status."""

from collections import Counter

from personalize_mock.journal import time_text
from personalize_mock.simulation import Simulation


def summary(simulation: Simulation, *, is_active: bool) -> str:
    """Return a line such as "at 2024-05-01 00:00:00 UTC: 2 calls; 1 schema, 2 campaigns (1 ACTIVE, 1 CREATE FAILED)".

    Args:
        simulation: The simulation to describe.
        is_active: Whether the simulation is still running. If not, the line starts with "(ended)" instead of the time.
    """
    resources = [_one_type(label, statuses) for label, statuses in resources_by_type(simulation).items()]
    return f"{state(simulation, is_active=is_active)}: {count_of_calls(simulation)}; {', '.join(resources) or 'empty'}"


def state(simulation: Simulation, *, is_active: bool) -> str:
    """Return the simulated time, such as "at 2024-05-01 00:00:00 UTC", or "(ended)" if `is_active` is False.

    Args:
        simulation: The simulation whose clock is read.
        is_active: Whether the simulation is still running.
    """
    return f"at {time_text(simulation.clock.timestamp())} UTC" if is_active else "(ended)"


def count_of_calls(simulation: Simulation) -> str:
    """Return the number of API calls as text, such as "1 call". Calls that `mock.load` made are not counted."""
    return plural(len(simulation.journal.calls()), "call")


def resources_by_type(simulation: Simulation) -> dict[str, Counter[str | None]]:
    """Return the number of resources by type, such as "campaign", and by status.

    Resources without a status, such as schemas, are counted under None.
    """
    counts: dict[str, Counter[str | None]] = {}
    for store in simulation.stores():
        for resource in store.resources():
            counts.setdefault(resource.label(), Counter())[resource.status] += 1
    return counts


def plural(count: int, noun: str) -> str:
    """Return a count and a noun, which gets an "s" unless the count is 1, such as "2 campaigns"."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _one_type(label: str, statuses: Counter[str | None]) -> str:
    total = plural(statuses.total(), label)
    if len(statuses) == 1:
        return f"{total} {next(iter(statuses)) or ''}".rstrip()
    return f"{total} ({', '.join(f'{count} {status}' for status, count in statuses.items())})"
