"""Random calls from eight threads. Afterwards the state is one that some serial order of the calls would leave."""

from collections import Counter
from random import Random
from threading import Barrier, Thread

import pytest
from stateful import sequences
from stateful.engine import START, Setup
from stateful.lockstep import REFERENCES, Lockstep
from stateful.model import ACCOUNT, REGION, Model
from stateful.random_requests import JUMPS, REQUESTS, WEIGHTS
from stateful.resource_types import QUOTAS, RESOURCE_TYPES
from stateful.timeline import FAILED, ModelResource

from personalize_mock.wire.dispatch import dispatch
from personalize_mock.wire.errors import ServiceError
from personalize_mock.wire.model import modelled_errors, operation_by_name

THREADS, CALLS = 8, 150
COUNTED = [
    resource_type for resource_type, (_, _, _, what) in QUOTAS.items() if what == "all" and resource_type != "Campaign"
]  # campaigns can change their group
COMMON = {"ValidationException", "AccessDeniedException"}


class KnownState(Model):
    """What a thread knows of the service, as a model for random requests."""

    def refresh(self, store, resource_type):
        listed = _call(store, resource_type.listing, {})[resource_type.plural]
        described = [
            _call(store, f"Describe{resource_type.name}", {resource_type.arn: entry[resource_type.arn]})
            for entry in listed
        ]
        known = [
            self._resource(resource_type, response[resource_type.member])
            for response in described
            if response is not None
        ]
        self.resources[resource_type.name] = {resource.arn: resource for resource in known}

    def _resource(self, resource_type, shown):
        facts = {"domain": shown.get("domain"), "bulk": True, "type": "INTERACTIONS"}
        return ModelResource(resource_type.name, shown[resource_type.arn], shown, facts)


class Caller:
    """Calls of one thread, and the unexpected errors it got."""

    def __init__(self, lockstep, seed):
        self.store, self.clock = lockstep.store, lockstep.clock
        self.random = Random(seed)
        self.known = KnownState(START, quotas={}, factor=1.0)
        self.counts = Counter()
        self.errors = []

    def run(self, barrier):
        barrier.wait()
        try:
            for _ in range(CALLS):
                self._step()
        except Exception as error:  # noqa: BLE001  # a 500, or an error that is not modelled
            self.errors.append(repr(error))

    def _step(self):
        pick = sequences.picker(self.random)
        if not pick(range(6)):
            self.clock.jump(pick(JUMPS))
        self.known.refresh(self.store, pick(list(RESOURCE_TYPES.values())))
        (operation,) = self.random.choices(list(WEIGHTS), list(WEIGHTS.values()))
        answered = _call(self.store, operation, REQUESTS[operation](pick, self.known))
        self.counts[operation, answered is not None] += 1


def _call(store, operation, request):
    """Return the response, or None for an error of the model."""
    modelled = operation_by_name(operation)
    try:
        return dispatch(store, modelled, request)
    except ServiceError as refusal:
        if refusal.code not in modelled_errors(modelled) | COMMON:
            raise
        return None


@pytest.fixture(
    scope="module", params=[Setup(small_quotas=True), Setup(small_quotas=False, autojump=True)], ids=["few", "autojump"]
)
def called(request):
    """Return the engine after all calls, and the callers."""
    lockstep = Lockstep(request.param)
    sequences.campaign_and_tracker(lockstep)
    callers = [Caller(lockstep, seed) for seed in range(THREADS)]
    barrier = Barrier(THREADS)
    threads = [Thread(target=caller.run, args=(barrier,)) for caller in callers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return lockstep, callers


def _expected_entries(lockstep, resource_type):
    lockstep.clock.autojump = False
    return _call(lockstep.store, resource_type.listing, {})[resource_type.plural]


def test_no_thread_sees_an_error_that_is_not_modelled(called):
    _, callers = called

    assert [caller.errors for caller in callers] == [[]] * THREADS


def test_creations_and_deletions_are_accepted_and_rejected(called):
    _, callers = called
    ended = {(operation[:6], accepted) for caller in callers for operation, accepted in caller.counts}

    assert {(word, accepted) for word in ("Create", "Delete") for accepted in (True, False)} <= ended


@pytest.mark.parametrize("resource_type", RESOURCE_TYPES.values(), ids=list(RESOURCE_TYPES))
def test_lists_agree_with_descriptions(called, resource_type):
    lockstep, _ = called
    entries = _expected_entries(lockstep, resource_type)

    assert len({entry[resource_type.arn] for entry in entries}) == len(entries)
    for entry in entries:
        described = _call(
            lockstep.store, f"Describe{resource_type.name}", {resource_type.arn: entry[resource_type.arn]}
        )[resource_type.member]
        assert {name: described.get(name) for name in entry} == entry


@pytest.mark.parametrize(("resource_type", "member", "target"), REFERENCES)
def test_no_resource_references_a_missing_one(called, resource_type, member, target):
    lockstep, _ = called
    for entry in _expected_entries(lockstep, RESOURCE_TYPES[resource_type]):
        described = _call(
            lockstep.store,
            f"Describe{resource_type}",
            {RESOURCE_TYPES[resource_type].arn: entry[RESOURCE_TYPES[resource_type].arn]},
        )
        assert lockstep.store.resource(described[RESOURCE_TYPES[resource_type].member][member]) is not None, target


@pytest.mark.parametrize("resource_type", COUNTED)
def test_quotas_are_never_exceeded(called, resource_type):
    lockstep, _ = called
    name, limit, per, _ = QUOTAS[resource_type]
    entries = [
        entry for entry in _expected_entries(lockstep, RESOURCE_TYPES[resource_type]) if entry.get("status") != FAILED
    ]
    groups = Counter(_member(lockstep, resource_type, entry, per) for entry in entries)
    assert max(groups.values(), default=0) <= lockstep.setup.quotas.get(name, limit)


def _member(lockstep, resource_type, entry, per):
    if per is None:
        return None
    return lockstep.store.resource(entry[RESOURCE_TYPES[resource_type].arn]).dataset_group_arn


def test_the_journal_is_in_order(called):
    lockstep, _ = called
    instants = [record.at for record in lockstep.simulation.journal]

    assert instants == sorted(instants)


def test_every_call_is_in_the_journal_once(called):
    lockstep, callers = called
    made = sum(count for caller in callers for count in caller.counts.values())

    assert len(lockstep.simulation.journal.calls()) > made > 0
    assert lockstep.store.account == ACCOUNT
    assert lockstep.store.region == REGION
