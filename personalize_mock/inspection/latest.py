"""The latest calls and status changes, as a failed test shows them.

What `mock.load` and restored snapshots have done is only counted, because the test has not done it.
"""

from collections.abc import Sequence

from personalize_mock.inspection.summary import plural
from personalize_mock.journal import Journal

SHOWN = 15  # of the calls, and of the status changes


def latest_events(journal: Journal) -> str:
    """Return the latest calls and status changes of a simulation, in order, one per line.

    The first line counts them. The text is empty if there are none.
    """
    calls = journal.calls()
    transitions = [transition for transition in journal.transitions() if not transition.is_loading]
    loading = len(journal.calls(loading=True)) - len(calls)
    shown = {id(record) for record in [*calls[-SHOWN:], *transitions[-SHOWN:]]}
    lines = [str(record) for record in journal if id(record) in shown]
    loaded = f", {plural(loading, 'call')} of mock.load" if loading else ""
    counts = f"{plural(len(calls), 'call')}{loaded} and {plural(len(transitions), 'status change')}"
    return "\n".join([f"{counts}; the latest:", *lines]) if lines else ""


def report_of(journals: Sequence[Journal]) -> str:
    """Return a report of the latest calls and status changes in the journals. Empty journals are left out."""
    return "\n\n".join(filter(None, map(latest_events, journals)))
