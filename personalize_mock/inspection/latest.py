"""Report of the latest calls and status changes, which is shown when a test fails.

The test did not cause the calls and status changes that happened during `mock.load` or that come with a restored
snapshot. The report counts these calls without listing them, and omits these status changes.
"""

from collections import Counter
from collections.abc import Sequence

from personalize_mock.inspection.summary import plural
from personalize_mock.journal import Call, Journal, Measurement, Transition

SHOWN = 15  # of the calls, and of the status changes


def latest_events(journal: Journal) -> str:
    """Return the latest 15 calls and the latest 15 status changes in a journal, oldest first, one per line.

    Those from `mock.load` or a restored snapshot are not listed. The first line has the numbers of calls and status
    changes. The result is "" if there is nothing to list.
    """
    records = [record for record in journal if not isinstance(record, Measurement)]
    own = [record for record in records if not record.is_loading]
    calls = sum(isinstance(record, Call) for record in own)
    loading = sum(isinstance(record, Call) for record in records) - calls
    loaded = f", {plural(loading, 'call')} of mock.load" if loading else ""
    counts = f"{plural(calls, 'call')}{loaded} and {plural(len(own) - calls, 'status change')}"
    return "\n".join([f"{counts}; the latest:", *map(str, _latest_of_each(own))]) if own else ""


def _latest_of_each(records: Sequence[Call | Transition]) -> list[Call | Transition]:
    """Return the latest 15 calls and the latest 15 status changes among records, oldest first."""
    newer: Counter[type] = Counter()
    latest = []
    for record in reversed(records):
        if newer[type(record)] < SHOWN:
            latest.append(record)
        newer[type(record)] += 1
    return latest[::-1]


def report_of(journals: Sequence[Journal]) -> str:
    """Return the latest calls and status changes in several journals, with a blank line between two journals.

    Journals without calls and status changes of the test itself are left out.
    """
    return "\n\n".join(filter(None, map(latest_events, journals)))
