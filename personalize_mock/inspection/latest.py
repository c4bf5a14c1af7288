"""Report of the latest calls and status changes, which is shown when a test fails.

Calls that `mock.load` made, or that come with a restored snapshot, are counted but not listed, because the test did not
make them. Such status changes are left out.
"""

from collections.abc import Sequence

from personalize_mock.inspection.summary import plural
from personalize_mock.journal import Journal

SHOWN = 15  # of the calls, and of the status changes


def latest_events(journal: Journal) -> str:
    """Return the latest 15 calls and the latest 15 status changes in a journal, oldest first, one per line.

    The first line counts all calls and status changes. The result is "" if there are none to list.
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
    """Return the results of `latest_events` for several journals, separated by blank lines, without empty results."""
    return "\n\n".join(filter(None, map(latest_events, journals)))
