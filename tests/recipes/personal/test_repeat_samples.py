import numpy as np
import pytest

from personalize_mock.recipes.personal.repeat_samples import NEWEST, RepeatSamples
from personalize_mock.recipes.personal.repeats import SeenItems


@pytest.fixture
def samples_of(interactions_of):
    """Return a function that returns the samples of users with the given histories."""

    def samples(*histories):
        triples = [
            (f"u{user}", f"i{item:02}", 1000 + turn)
            for user, history in enumerate(histories)
            for turn, item in enumerate(history)
        ]
        return RepeatSamples.from_interactions(interactions_of(triples))

    return samples


def random_histories():
    rng = np.random.default_rng(0)
    return [rng.integers(0, 12, length) for length in (1, 2, 3, 9, 25, 40)]


def test_the_newest_interactions_of_each_user_except_the_first_are_samples(samples_of):
    samples = samples_of([1], [1, 2, 3], range(15))
    assert samples.samples.tolist() == [1, 2, *range(3 + 15 - NEWEST, 3 + 15)]


def test_a_sample_knows_the_history_before_it(samples_of):
    samples = samples_of([4, 7, 4, 4, 9])
    assert samples.distinct[samples.samples].tolist() == [1, 2, 2, 2]
    assert samples.occurrence[samples.samples].tolist() == [1, 2, 3, 1]
    assert samples.is_new.tolist() == [True, False, False, True]


def test_a_choice_offers_the_seen_items_of_the_history_before_it(samples_of):
    histories = [history.tolist() for history in random_histories()]
    choices = samples_of(*histories).choices()
    bounds = [*choices.starts.tolist(), len(choices.age)]
    number = 0
    for history in histories:
        for place in range(max(1, len(history) - NEWEST), len(history)):
            seen = SeenItems.from_history(np.array(history[:place], dtype=np.int32))
            if history[place] not in seen.items:
                continue
            rows = slice(bounds[number], bounds[number + 1])
            offered = sorted(zip(choices.age[rows].tolist(), choices.count[rows].tolist(), strict=True))
            assert offered == sorted(zip(seen.age.tolist(), seen.count.tolist(), strict=True))
            chosen = seen.items.searchsorted(history[place])
            assert choices.age[choices.chosen[number]] == seen.age[chosen]
            number += 1
    assert number == len(choices.starts) == len(choices.chosen) > 10
