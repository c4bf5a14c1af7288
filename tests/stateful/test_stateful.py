"""Random sequences of calls, jumps and deletions never part the engine from the model of what is documented."""

from collections import Counter
from random import Random

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from stateful import going
from stateful.asking import ASKING
from stateful.walk import Walk

LENGTH = 50
PROFILE = settings(
    max_examples=40,
    stateful_step_count=LENGTH,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


class Service(RuleBasedStateMachine):
    """The engine beside the model; each move of `going` is a rule."""

    @initialize(data=st.data())
    def begin(self, data):
        pick = _picker(data)
        self.walk = Walk(going.setup(pick))
        pick(going.OPENINGS)(self.walk)

    def teardown(self):
        if hasattr(self, "walk"):
            self.walk.look_at_everything()


def _picker(data):
    return lambda options: data.draw(st.sampled_from(options))


def _rule(move):
    def step(self, data):
        going.MOVES[move](self.walk, _picker(data))

    step.__name__ = move.replace(" ", "_")
    return rule(data=st.data())(step)


for _move, _weight in going.MOVE_WEIGHTS.items():
    for _turn in range(1 + _weight // 5):
        setattr(Service, f"{_move.replace(' ', '_')}_{_turn}", _rule(_move))

Service.TestCase.settings = PROFILE
test_whatever_is_done_the_engine_follows_the_documents = Service.TestCase


@pytest.mark.parametrize("part", range(6))
def test_seeded_sequences_reach_deeper(part):
    for seed in range(part * 20, part * 20 + 20):
        going.go(seed, LENGTH)


def test_each_operation_is_accepted_and_refused_in_some_sequence():
    counts = Counter()
    for seed in range(200):
        going.go(seed, LENGTH, counts)

    asked = [operation for operation in ASKING if not operation.startswith("Describe")]
    assert [operation for operation in asked if not counts["accepted", operation]] == []
    assert [operation for operation in asked if counts["accepted", operation] == counts["calls", operation]] == [
        "ListMetricAttributionMetrics"
    ]


def test_a_sequence_can_be_replayed():
    walk = going.go(1, LENGTH)

    again = going.replay(walk.setup, walk.steps)

    assert [record.at for record in again.simulation.journal] == [record.at for record in walk.simulation.journal]


def test_two_sequences_of_one_seed_are_one():
    assert going.go(7, LENGTH).steps == going.go(7, LENGTH).steps


def test_a_picker_chooses_everything():
    pick = going.picker(Random(0))

    assert {pick(range(5)) for _ in range(100)} == set(range(5))
