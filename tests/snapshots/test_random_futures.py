"""Random calls before and after snapshots: a restored state has the same future, and no future changes a snapshot."""

from random import Random

import pytest
from stateful import sequences
from stateful.engine import Setup
from stateful.lockstep import Lockstep
from stateful.model import ACCOUNT, REGION
from stateful.random_requests import JUMPS, REQUESTS, WEIGHTS

from personalize_mock.snapshots.copying import copied
from personalize_mock.snapshots.snapshot import restore, take
from personalize_mock.wire.dispatch import dispatch
from personalize_mock.wire.errors import ServiceError
from personalize_mock.wire.model import operation_by_name

PAST, FUTURE = 25, 40


def simulation_with_a_past(seed):
    """Return a lockstep after an opening and random steps, and a random generator."""
    random = Random(seed)
    pick = sequences.picker(random)
    lockstep = Lockstep(Setup(small_quotas=False, factor=pick((0.0, 0.3, 1.0))))
    sequences.OPENINGS[seed % len(sequences.OPENINGS)](lockstep)
    for _ in range(PAST):
        sequences.STEPS[sequences._random_step(random, lockstep)](lockstep, pick)
    return lockstep, random


def random_future(lockstep, random):
    """Return random jumps and requests about what exists at the moment."""
    pick = sequences.picker(random)
    operations = random.choices(list(WEIGHTS), list(WEIGHTS.values()), k=FUTURE)
    possible = [name for name in operations if sequences.is_possible(lockstep.model, name)]
    return [(pick(JUMPS), name, REQUESTS[name](pick, lockstep.model)) for name in possible]


def run(simulation, steps):
    """Return the outcome of steps, and the state after them."""
    outcomes = []
    for seconds, operation, request in steps:
        simulation.clock.jump(seconds)
        try:
            outcomes.append(dispatch(simulation.store(ACCOUNT, REGION), operation_by_name(operation), request))
        except ServiceError as error:
            outcomes.append((error.code, str(error)))
    clock = simulation.clock
    return outcomes, clock.timestamp(), clock.upcoming(), simulation.journal.transitions(), simulation.requests


def contents(simulation):
    return [(key, copied(store.state().resources)) for key, store in sorted(simulation._stores.items())]


@pytest.mark.parametrize("seed", range(20))
def test_a_restored_snapshot_has_the_same_future_and_is_not_changed_by_it(seed):
    lockstep, random = simulation_with_a_past(seed)
    original = lockstep.simulation
    snapshot = take(original)
    steps = random_future(lockstep, random)
    before = contents(original)

    first = run(original, steps)
    restore(original, snapshot)
    assert contents(original) == before
    other = lockstep.setup.simulation()
    other.environment.missing_files |= lockstep.files.missing_files
    restore(other, snapshot)

    assert run(other, steps) == first
    assert contents(original) == before
    assert run(original, random_future(lockstep, random)) != first
    restore(original, snapshot)
    assert run(original, steps) == first
