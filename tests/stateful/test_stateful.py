"""Random sequences of calls, jumps and deletions in the engine and in the model of the documentation."""

from collections import Counter
from random import Random

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from stateful import sequences
from stateful.lockstep import Lockstep
from stateful.random_requests import REQUESTS

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
    """Engine and model. Each step of `sequences` is a rule."""

    @initialize(data=st.data())
    def begin(self, data):
        pick = _picker(data)
        self.lockstep = Lockstep(sequences.random_setup(pick))
        pick(sequences.OPENINGS)(self.lockstep)

    def teardown(self):
        if hasattr(self, "walk"):
            self.lockstep.check_everything()


def _picker(data):
    return lambda options: data.draw(st.sampled_from(options))


def _rule(move):
    def step(self, data):
        sequences.STEPS[move](self.lockstep, _picker(data))

    step.__name__ = move.replace(" ", "_")
    return rule(data=st.data())(step)


for _random_step, _weight in sequences.STEP_WEIGHTS.items():
    for _turn in range(1 + _weight // 5):
        setattr(Service, f"{_random_step.replace(' ', '_')}_{_turn}", _rule(_random_step))

Service.TestCase.settings = PROFILE
test_the_engine_agrees_with_the_model = Service.TestCase


@pytest.mark.parametrize("part", range(6))
def test_the_engine_agrees_with_the_model_in_seeded_sequences(part):
    for seed in range(part * 20, part * 20 + 20):
        sequences.run_sequence(seed, LENGTH)


def test_each_operation_is_accepted_and_rejected_in_some_sequence():
    counts = Counter()
    for seed in range(200):
        sequences.run_sequence(seed, LENGTH, counts)

    operations = [operation for operation in REQUESTS if not operation.startswith("Describe")]
    assert [operation for operation in operations if not counts["accepted", operation]] == []
    assert [operation for operation in operations if counts["accepted", operation] == counts["calls", operation]] == [
        "ListMetricAttributionMetrics"
    ]


def test_a_sequence_can_be_replayed():
    lockstep = sequences.run_sequence(1, LENGTH)

    again = sequences.replay(lockstep.setup, lockstep.steps)

    assert [record.at for record in again.simulation.journal] == [record.at for record in lockstep.simulation.journal]


def test_the_seed_determines_the_sequence():
    assert sequences.run_sequence(7, LENGTH).steps == sequences.run_sequence(7, LENGTH).steps


def test_a_picker_chooses_every_element():
    pick = sequences.picker(Random(0))

    assert {pick(range(5)) for _ in range(100)} == set(range(5))
