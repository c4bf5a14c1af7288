"""Eight threads call one mock at random; afterwards it holds what a service that was called in some order would."""

from collections import Counter
from random import Random
from threading import Barrier, Thread

import pytest
from stateful import going
from stateful.asking import ASKING, JUMPS, WEIGHTS
from stateful.engine import START, Setup
from stateful.kinds import KINDS, QUOTAS
from stateful.model import ACCOUNT, REGION, Model
from stateful.timeline import FAILED, Thing
from stateful.walk import REFERENCES, Walk

from personalize_mock.wire.dispatch import dispatch
from personalize_mock.wire.errors import ServiceError
from personalize_mock.wire.model import modelled_errors, operation_by_name

THREADS, CALLS = 8, 150
COUNTED = [kind for kind, (_, _, _, what) in QUOTAS.items() if what == "all" and kind != "Campaign"]  # those can move
COMMON = {"ValidationException", "AccessDeniedException"}


class Sight(Model):
    """What a thread has seen last of one kind, in the shape in which requests are made up."""

    def look(self, store, kind):
        listed = _call(store, kind.listing, {})[kind.plural]
        described = [_call(store, f"Describe{kind.name}", {kind.arn: entry[kind.arn]}) for entry in listed]
        found = [self._seen(kind, each[kind.member]) for each in described if each is not None]
        self.things[kind.name] = {thing.arn: thing for thing in found}

    def _seen(self, kind, shown):
        facts = {"domain": shown.get("domain"), "bulk": True, "type": "INTERACTIONS"}
        return Thing(kind.name, shown[kind.arn], shown, facts)


class Caller:
    """A thread's part: what it did, and what it may not have seen."""

    def __init__(self, walk, seed):
        self.store, self.clock = walk.store, walk.clock
        self.random = Random(seed)
        self.sight = Sight(START, quotas={}, factor=1.0)
        self.counts = Counter()
        self.wrong = []

    def run(self, barrier):
        barrier.wait()
        try:
            for _ in range(CALLS):
                self._step()
        except Exception as error:  # noqa: BLE001  # a 500, or an error that is not modelled
            self.wrong.append(repr(error))

    def _step(self):
        pick = going.picker(self.random)
        if not pick(range(6)):
            self.clock.jump(pick(JUMPS))
        self.sight.look(self.store, pick(list(KINDS.values())))
        (operation,) = self.random.choices(list(WEIGHTS), list(WEIGHTS.values()))
        answered = _call(self.store, operation, ASKING[operation](pick, self.sight))
        self.counts[operation, answered is not None] += 1


def _call(store, operation, request):
    """The response, or None if it is refused as modelled."""
    asked = operation_by_name(operation)
    try:
        return dispatch(store, asked, request)
    except ServiceError as refusal:
        if refusal.code not in modelled_errors(asked) | COMMON:
            raise
        return None


@pytest.fixture(scope="module", params=[Setup(few=True), Setup(few=False, autojump=True)], ids=["few", "autojump"])
def called(request):
    """A walk through whose engine the threads have gone, and they."""
    walk = Walk(request.param)
    going.deployed(walk)
    callers = [Caller(walk, seed) for seed in range(THREADS)]
    barrier = Barrier(THREADS)
    threads = [Thread(target=caller.run, args=(barrier,)) for caller in callers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return walk, callers


def _entries(walk, kind):
    walk.clock.autojump = False
    return _call(walk.store, kind.listing, {})[kind.plural]


def test_no_thread_sees_an_error_that_is_not_modelled(called):
    _, callers = called

    assert [caller.wrong for caller in callers] == [[]] * THREADS


def test_creations_and_deletions_are_accepted_and_refused(called):
    _, callers = called
    ended = {(operation[:6], accepted) for caller in callers for operation, accepted in caller.counts}

    assert {(word, accepted) for word in ("Create", "Delete") for accepted in (True, False)} <= ended


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_lists_agree_with_describes(called, kind):
    walk, _ = called
    entries = _entries(walk, kind)

    assert len({entry[kind.arn] for entry in entries}) == len(entries)
    for entry in entries:
        described = _call(walk.store, f"Describe{kind.name}", {kind.arn: entry[kind.arn]})[kind.member]
        assert {name: described.get(name) for name in entry} == entry


@pytest.mark.parametrize(("kind", "member", "target"), REFERENCES)
def test_nothing_names_what_is_not_there(called, kind, member, target):
    walk, _ = called
    for entry in _entries(walk, KINDS[kind]):
        described = _call(walk.store, f"Describe{kind}", {KINDS[kind].arn: entry[KINDS[kind].arn]})
        assert walk.store.resource(described[KINDS[kind].member][member]) is not None, target


@pytest.mark.parametrize("kind", COUNTED)
def test_there_are_never_more_than_there_may_be(called, kind):
    walk, _ = called
    name, limit, per, _ = QUOTAS[kind]
    entries = [entry for entry in _entries(walk, KINDS[kind]) if entry.get("status") != FAILED]
    groups = Counter(_member(walk, kind, entry, per) for entry in entries)
    assert max(groups.values(), default=0) <= walk.setup.quotas.get(name, limit)


def _member(walk, kind, entry, per):
    if per is None:
        return None
    return walk.store.resource(entry[KINDS[kind].arn]).dataset_group_arn


def test_the_journal_is_in_order(called):
    walk, _ = called
    instants = [record.at for record in walk.simulation.journal]

    assert instants == sorted(instants)


def test_every_call_is_in_the_journal_once(called):
    walk, callers = called
    made = sum(count for caller in callers for count in caller.counts.values())

    assert len(walk.simulation.journal.calls()) > made > 0
    assert walk.store.account == ACCOUNT
    assert walk.store.region == REGION
