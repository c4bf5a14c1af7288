import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from personalize_mock.recipes.numerics.candidates import are_candidates, as_mask, mean_count_below

COUNT = 20
subsets = st.sets(st.integers(0, COUNT - 1)).map(lambda items: np.array(sorted(items), dtype=np.int32))


def mask_of(indices, count=COUNT):
    mask = np.zeros(count, dtype=bool)
    mask[indices] = True
    return mask


@given(candidates=subsets, indices=st.lists(st.integers(0, COUNT - 1), max_size=30))
def test_a_mask_and_indices_contain_the_same_candidates(candidates, indices):
    indices = np.array(indices, dtype=np.int32)
    expected = [index in candidates for index in indices]
    assert are_candidates(indices, candidates).tolist() == expected
    assert are_candidates(indices, mask_of(candidates)).tolist() == expected


def test_a_mask_ignores_indices_that_the_model_does_not_know():
    candidates = np.array([1, 3, 5], dtype=np.int32)
    assert as_mask(candidates, count=4).tolist() == [False, True, False, True]
    assert as_mask(mask_of(candidates), count=4).tolist() == [False, True, False, True]


def test_the_mean_count_is_that_of_masks_and_indices():
    indices = np.arange(4, dtype=np.int32)
    assert mean_count_below([indices, mask_of(indices[:2])], 3.5)
    assert not mean_count_below([indices, mask_of(indices[:2])], 3)
    assert not mean_count_below([indices, None], COUNT)
