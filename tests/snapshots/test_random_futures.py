"""Random calls before and after snapshots: a restored state has the same future, and no future changes a snapshot.

An isolated mock is such a future, too: whatever is called in it, the mock around it does not notice.
"""

from itertools import cycle
from random import Random

import pytest
from botocore.exceptions import ClientError
from stateful import sequences
from stateful.engine import Setup
from stateful.lockstep import Lockstep
from stateful.model import ACCOUNT, REGION
from stateful.random_requests import JUMPS, REQUESTS, WEIGHTS

from personalize_mock import mock_personalize
from personalize_mock.data import put_log
from personalize_mock.snapshots.copying import copied
from personalize_mock.snapshots.snapshot import STATE_OPTIONS, restore, take
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


def one_step(mock, seconds, operation, request):
    """Return the outcome of a jump and a call, and the state of the mock after them."""
    mock.clock.jump(seconds)
    try:
        outcome = mock.call(operation, account=ACCOUNT, region=REGION, **request)
    except ClientError as error:
        outcome = str(error)
    return outcome, mock.clock.now(), mock.clock.upcoming(), mock.journal.transitions(), len(mock.journal)


@pytest.mark.parametrize("seed", range(5))
def test_an_isolated_mock_changes_nothing_in_the_mock_around_it(seed):
    lockstep, random = simulation_with_a_past(seed)
    snapshot = take(lockstep.simulation)
    steps, others = random_future(lockstep, random), random_future(lockstep, random)
    options = {name: getattr(snapshot.options, name) for name in STATE_OPTIONS}
    with mock_personalize(clock="2024-05-01", autojump=False, **options) as alone:
        alone.restore(snapshot)
        expected = [one_step(alone, *step) for step in steps]

    with mock_personalize(clock="2024-05-01", autojump=False, **options) as outer:
        outer.restore(snapshot)
        with mock_personalize(isolated=True, clock="2030-01-01", **options) as inner:
            inner.restore(snapshot)
            outcomes = []
            for step, other in zip(steps, cycle(others)):
                one_step(inner, *other)
                outcomes.append(one_step(outer, *step))
    assert outcomes == expected


def random_use(random, films):
    """Return random events of a few users and requests for their recommendations, as functions of a mock."""
    users, items = ["ada", "bob", "new", "newer"], ["alien", "brazil", "heat"]

    def put(user, item, number):
        event = {"eventType": "Watch", "itemId": item, "sentAt": 1_714_521_600 + number}
        request = {"trackingId": films.tracking_id, "sessionId": user, "userId": user, "eventList": [event]}
        return lambda mock: mock.call("PutEvents", **request)

    def ask(user):
        request = {"campaignArn": films.campaign_arn, "userId": user}
        filters = random.choice([{}, {"filterArn": films.filter_arns["unseen"]}])
        return lambda mock: mock.call("GetRecommendations", **request, **filters)

    return [
        put(random.choice(users), random.choice(items), number) if random.random() < 0.6 else ask(random.choice(users))
        for number in range(30)
    ]


@pytest.mark.parametrize("seed", range(4))
def test_events_of_one_future_are_unknown_in_all_others(seed, monkeypatch):
    monkeypatch.setattr(put_log, "COPIED", 2)  # so that the futures share the records of the past
    random = Random(seed)
    with mock_personalize(clock="2024-05-01", autojump=False) as mock:
        films = mock.load(filters={"unseen": 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("Watch")'})
        for step in random_use(random, films):
            step(mock)
        state = mock.snapshot()
        futures = [random_use(random, films) for _ in range(3)]
        expected = {}
        for turn in range(9):
            index = turn if turn < len(futures) else random.randrange(len(futures))
            mock.restore(state)
            outcomes = []
            for step in futures[index]:
                outcomes.append(step(mock))
                if random.random() < 0.2:
                    mock.restore(mock.snapshot())
            assert outcomes == expected.setdefault(index, outcomes)
        assert len({repr(outcomes) for outcomes in expected.values()}) == 3
