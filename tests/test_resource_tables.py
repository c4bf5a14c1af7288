"""Lookups by attributes, which must find the same resources as a scan of all resources."""

from collections.abc import Callable
from random import Random

import pytest
from stateful import sequences
from stateful.engine import Setup
from stateful.lockstep import Lockstep
from stateful.model import ACCOUNT, REGION
from stateful.random_requests import JUMPS, REQUESTS, WEIGHTS
from test_interrupts import Interrupt, InterruptAt

from personalize_mock.resources.core.deletion import BLOCKERS
from personalize_mock.resources.core.resource import Resource
from personalize_mock.simulation import Store
from personalize_mock.snapshots.snapshot import restore, take
from personalize_mock.undo_log import Transaction
from personalize_mock.wire.dispatch import dispatch
from personalize_mock.wire.errors import ServiceError
from personalize_mock.wire.model import operation_by_name

LOOKUPS = {
    ("Campaign", ("dataset_group_arn", "has_failed")),
    ("Solution", ("dataset_group_arn", "has_failed")),
    ("SolutionVersion", ("solution_arn", "status")),
    ("DatasetImportJob", ("is_running",)),
    ("DatasetImportJob", ("dataset_arn", "status")),
    *((blocker.type_name, (blocker.attribute,)) for blockers in BLOCKERS.values() for blocker in blockers),
}


def check_lookups(store: Store) -> None:
    """Compare all lookups for values that occur, and those for all resources of a type, with scans."""
    for type_name, attributes in {*LOOKUPS, *((type_name, ()) for type_name, _ in LOOKUPS)}:
        scanned: dict[tuple, list[int]] = {}
        for resource in store.by_type_name(type_name).values():
            values = tuple(getattr(resource, name) for name in attributes)
            scanned.setdefault(values, []).append(id(resource))
        found = {
            values: list(map(id, store.select_by_type_name(type_name, **dict(zip(attributes, values, strict=True)))))
            for values in {*scanned, *_indexed_values(store, type_name, attributes)}
        }
        assert found == scanned, f"{type_name} by {attributes}"


def _indexed_values(store: Store, type_name: str, attributes: tuple[str, ...]) -> list[tuple]:
    store.select_by_type_name(type_name, **dict.fromkeys(attributes))
    return [*store._tables._indices[type_name][attributes]._groups]


@pytest.mark.parametrize("seed", range(10))
def test_lookups_equal_scans_after_random_calls_interrupts_and_restores(seed):
    random = Random(seed)
    pick = sequences.picker(random)
    lockstep = Lockstep(Setup(small_quotas=False, factor=pick((0.0, 0.3, 1.0))))
    sequences.OPENINGS[seed % len(sequences.OPENINGS)](lockstep)
    simulation, store = lockstep.simulation, lockstep.store
    snapshot = take(simulation)
    possible = [name for name in WEIGHTS if sequences.is_possible(lockstep.model, name)]
    for operation in random.choices(possible, [WEIGHTS[name] for name in possible], k=60):
        request, line = REQUESTS[operation](pick, lockstep.model), random.randrange(1, 600)
        try:
            with InterruptAt(line if random.random() < 0.3 else 10**9):
                simulation.clock.jump(pick(JUMPS))
                dispatch(simulation.store(ACCOUNT, REGION), operation_by_name(operation), request)
        except (Interrupt, ServiceError):
            simulation.clock.recover()
        check_lookups(store)
        if random.random() < 0.1:
            restore(simulation, snapshot)
            check_lookups(store)


class Thing(Resource):
    ARN_TYPE = "thing"
    LIST_MEMBER = "things"


@pytest.fixture
def store() -> Store:
    return Setup().simulation().store(ACCOUNT, REGION)


def things(store: Store, *names: str) -> list[Thing]:
    made = [Thing(arn=store.arn("thing", name), name="same") for name in names]
    for thing in made:
        store.add(thing)
    return made


def test_a_resource_that_returns_to_its_old_values_keeps_its_place(store: Store):
    first, second = things(store, "a", "b")
    for status in ("ACTIVE", "DELETE PENDING", "ACTIVE"):
        for thing in (second, first):
            thing.status = status
            store.update_indices(thing)
        assert list(store.select(Thing, status=status)) == [first, second]


def undo(change: Callable[[], None]) -> None:
    """Make a change in a transaction that fails."""

    def fail() -> None:
        change()
        raise Interrupt

    with pytest.raises(Interrupt), Transaction():
        fail()


def test_an_undone_removal_keeps_the_order_of_creation(store: Store):
    first, second, third = things(store, "a", "b", "c")

    def remove() -> None:
        store.remove(second)
        assert list(store.select(Thing, name="same")) == [first, third]

    undo(remove)

    assert list(store.all(Thing).values()) == list(store.select(Thing, name="same")) == [first, second, third]


def test_an_undone_addition_after_a_removal_leaves_no_trace(store: Store):
    (first,) = things(store, "a")

    def replace() -> None:
        things(store, "b")
        store.remove(first)

    undo(replace)

    assert list(store.all(Thing).values()) == list(store.select(Thing)) == [first]


def test_a_resource_is_found_by_the_old_value_of_an_attribute_whose_change_is_undone(store: Store):
    (thing,) = things(store, "a")

    def change() -> None:
        thing.status = "ACTIVE"
        store.update_indices(thing)
        assert list(store.select(Thing, status="ACTIVE")) == [thing]

    undo(change)

    assert list(store.select(Thing, status="ACTIVE")) == []
    assert list(store.select(Thing, status=None)) == [thing]


def test_a_removed_resource_is_not_found_again_when_it_changes(store: Store):
    (thing,) = things(store, "a")
    store.remove(thing)
    thing.status = "ACTIVE"
    store.update_indices(thing)

    assert list(store.select(Thing, status="ACTIVE")) == []
