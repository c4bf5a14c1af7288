"""Snapshots of the state of a simulation, and functions that take and restore them."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any
from weakref import ref

from personalize_mock.exceptions import PersonalizeMockError
from personalize_mock.hooks import Interceptor
from personalize_mock.journal import Journal, Measurement, Record
from personalize_mock.simulation import Options, Simulation, StoreState
from personalize_mock.snapshots.copying import copied
from personalize_mock.timing.clock_state import ClockState, set_state, state_of

if TYPE_CHECKING:
    from os import PathLike

# The options on which the state of a simulation depends. The others may differ where a snapshot is restored.
STATE_OPTIONS = ("seed", "strict", "minimum_interactions", "durations", "quotas", "check_permissions", "pending")
Location = tuple[str, str]  # account and region


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Snapshot:
    """The state of a mock at one moment, which `mock.restore` brings back any number of times.

    `mock.snapshot` returns one. Later calls do not change it, and it takes little memory, because it shares models and
    tables with the mock. It contains the resources, their data, the clock, scheduled events, the journal, the rules and
    all counters, so calls after a restore give the same results each time. Objects in S3, roles in IAM and everything
    else that belongs to moto are not part of it.

    Attributes:
        options: The options of the mock.
        clock: The state of the clock.
        stores: The resources and counters by account and region.
        journal: A copy of the journal.
        requests: The number of request ids generated so far.
        interceptor: The rules of the mock, or None if it has none.
        interceptor_state: The state of the rules, such as the number of times each was applied; None if there are none.
        origin: A weak reference to the simulation, or None if the snapshot was loaded from a file.
    """

    options: Options
    clock: ClockState
    stores: Mapping[Location, StoreState]
    journal: Journal
    requests: int
    interceptor: Interceptor | None = None
    interceptor_state: Any = None
    origin: "ref[Simulation] | None" = None

    def __repr__(self) -> str:
        now = datetime.fromtimestamp(self.clock.instant, tz=timezone.utc).isoformat(timespec="seconds")
        counts = Counter[str]()
        for store in self.stores.values():
            counts.update({name: len(by_arn) for name, by_arn in store.resources.items() if by_arn})
        shown = [f"{count} {name}" for name, count in counts.items()]
        return f"<Snapshot at {now}: {', '.join(shown) or 'no resources'}>"

    def save(self, path: "str | PathLike[str]") -> None:
        """Write the snapshot to a file, for `load_snapshot`.

        Args:
            path: The path of the file, which is replaced if it exists.

        Raises:
            PersonalizeMockError: `path` is not a path, or the snapshot has something that a file cannot hold: rules,
                the output of a running batch job, or a request that is nested hundreds of levels deep.
        """
        from personalize_mock.snapshots.files import PARTS, write

        if not isinstance(path, (str, os.PathLike)) or not str(path):
            raise PersonalizeMockError(
                f"save({path!r}): not a path. Write the path of a file, such as 'world.snapshot'."
            )
        if self.interceptor_state:
            raise PersonalizeMockError(
                "The snapshot has rules, which a file cannot hold. Call mock.snapshot() before you declare rules with "
                "mock.on."
            )
        stores = {location: replace(store, cache={}) for location, store in self.stores.items()}
        write({**{name: getattr(self, name) for name in PARTS}, "stores": stores}, path)

    def belongs_to(self, simulation: Simulation) -> bool:
        """Return whether the snapshot was taken from the given simulation."""
        return self.origin is not None and self.origin() is simulation

    @property
    def records(self) -> tuple[Record, ...]:
        """The records in the snapshot's copy of the journal, oldest first."""
        return tuple(self.journal)

    @cached_property
    def loading_journal(self) -> Journal:
        """The journal for a restore in another mock, with calls and status changes marked as made by `mock.load`.

        `journal.calls` and the reports of failed tests leave out records with this mark.
        """
        return Journal(
            record if isinstance(record, Measurement) else replace(record, is_loading=True) for record in self.journal
        )


def take(simulation: Simulation) -> Snapshot:
    """Return a snapshot of a simulation.

    Raises:
        PersonalizeMockError: A call is running in this thread.
    """
    with _between_calls(simulation):
        simulation.clock.catch_up()
        interceptor = simulation.interceptor
        return Snapshot(
            options=simulation.options,
            clock=state_of(simulation.clock),
            stores={(store.account, store.region): _copied(store.state()) for store in simulation.stores()},
            journal=simulation.journal.copy(),
            requests=simulation.requests,
            interceptor=interceptor,
            interceptor_state=None if interceptor is None else interceptor.state(),
            origin=ref(simulation),
        )


def restore(simulation: Simulation, snapshot: Snapshot) -> None:
    """Check a snapshot and restore its state in a simulation.

    Raises:
        PersonalizeMockError: `snapshot` is not a Snapshot, the options differ, or a call is running in this thread.
        UnusedRuleError: A rule that was never applied is dropped. The state has been restored nevertheless.
    """
    if not isinstance(snapshot, Snapshot):
        raise PersonalizeMockError(
            f"restore({snapshot!r}): not a snapshot. Write state = mock.snapshot() first, and then mock.restore(state)."
        )
    _check_options(simulation.options, snapshot.options)
    unused = bring_back(simulation, snapshot)
    if unused is not None:
        raise unused


def bring_back(simulation: Simulation, snapshot: Snapshot) -> Exception | None:
    """Restore the state of a snapshot in a simulation, without comparing the options of the two.

    Returns:
        An UnusedRuleError if this drops a rule that was never applied, otherwise None.

    Raises:
        PersonalizeMockError: A call is running in this thread.
    """
    with _between_calls(simulation):
        states = {location: _copied(state) for location, state in snapshot.stores.items()}
        journal = snapshot.journal if snapshot.belongs_to(simulation) else snapshot.loading_journal
        replace_state = partial(_replace_state, simulation, snapshot, states, journal.copy())
        unused = None
        try:
            unused = _restore_interceptor(simulation, snapshot)
            replace_state()
        except BaseException:
            _restore_interceptor(simulation, snapshot)  # an interrupt must not leave half of each state
            replace_state()
            raise
        return unused


@contextmanager
def checkpoint(simulation: Simulation) -> Iterator[Snapshot]:
    """Return a context manager that restores the current state of a simulation at the end of its block.

    The target of `as` is the snapshot of this state.
    """
    snapshot = take(simulation)
    try:
        yield snapshot
    except BaseException:
        bring_back(simulation, snapshot)
        raise
    unused = bring_back(simulation, snapshot)
    if unused is not None:
        raise unused


@contextmanager
def _between_calls(simulation: Simulation) -> Iterator[None]:
    clock = simulation.clock
    if clock.is_held():
        raise PersonalizeMockError(
            "A snapshot cannot be taken or restored while a call to Personalize is running in this thread. Do it "
            "before or after the call."
        )
    with clock.lock:
        clock.recover()
        yield


def _replace_state(
    simulation: Simulation, snapshot: Snapshot, states: Mapping[Location, StoreState], journal: Journal
) -> None:
    simulation.set_stores(states)
    set_state(simulation.clock, snapshot.clock)
    simulation.journal = journal
    simulation.requests = snapshot.requests
    simulation.override = None


def _copied(state: StoreState) -> StoreState:
    return StoreState(
        resources=copied(state.resources),
        added=state.added,
        counts=dict(state.counts),
        cache={arn: dict(entries) for arn, entries in state.cache.items()},
        recommendations=dict(state.recommendations),
    )


def _restore_interceptor(simulation: Simulation, snapshot: Snapshot) -> Exception | None:
    current, kept = simulation.interceptor, snapshot.interceptor
    if kept is not None and (kept is current or snapshot.belongs_to(simulation)):
        simulation.interceptor = kept
        return kept.restore(snapshot.interceptor_state)
    unused = None if current is None else current.restore(None)
    simulation.interceptor = None if kept is None else kept.copied_to(simulation, snapshot.interceptor_state)
    return unused


def _check_options(running: Options, taken: Options) -> None:
    for name in STATE_OPTIONS:
        ours, theirs = getattr(running, name), getattr(taken, name)
        if ours != theirs:
            shown = dict(theirs) if isinstance(theirs, Mapping) else theirs
            raise PersonalizeMockError(
                f"The snapshot was taken with {name}={shown!r}, but the active mock has {name}={ours!r}. Write "
                f"mock_personalize({name}={shown!r}) to restore it."
            )
