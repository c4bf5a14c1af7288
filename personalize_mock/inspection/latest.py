"""The latest calls and status changes, as a failed test shows them."""

from collections.abc import Sequence

from personalize_mock.inspection.summary import plural
from personalize_mock.journal import Journal

SHOWN = 15  # of the calls, and of the status changes


def latest_events(journal: Journal) -> str:
    """Return the latest calls and status changes of a simulation, in order, one per line.

    Calls made by `mock.load` are counted in the first line but not listed.
    """
    calls = journal.calls()
    transitions = journal.transitions()
    loading = len(journal.calls(loading=True)) - len(calls)
    shown = {id(record) for record in [*calls[-SHOWN:], *transitions[-SHOWN:]]}
    lines = [str(record) for record in journal if id(record) in shown]
    loaded = f", {plural(loading, 'call')} of mock.load" if loading else ""
    return "\n".join(
        [f"{plural(len(calls), 'call')}{loaded} and {plural(len(transitions), 'status change')}; the latest:", *lines]
    )


def report_of(journals: Sequence[Journal]) -> str:
    """Return the latest calls and status changes of all simulations that have any."""
    return "\n\n".join(latest_events(journal) for journal in journals if len(journal))
