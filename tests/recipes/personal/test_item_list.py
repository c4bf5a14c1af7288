import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from personalize_mock.recipes.personal.item_list import ExploredItems, insert_explored


@given(st.integers(0, 12), st.integers(1, 12), st.sets(st.integers(0, 11)), st.integers(0, 20), st.integers(0, 4))
def test_inserting_explored_items_gives_the_longest_possible_list(length, n, places, new, shared):
    length = min(length, n)
    indices, relevance = np.arange(length, dtype=np.int32), -np.arange(length, dtype=np.float32)
    new_ones = np.concatenate((indices[:shared][::-1], 100 + np.arange(new))).astype(np.int32)
    places = np.array(sorted(place for place in places if place < n), dtype=np.int64)[: len(new_ones)]
    explored = ExploredItems(items=new_ones, places=places)
    mixed = insert_explored(explored, items=indices, relevance=relevance, n=n)
    listed, is_new = mixed.items, mixed.explored
    assert len(listed) == len(mixed.relevance) == len(is_new) == min(n, len(set(indices) | set(new_ones)))
    assert len(set(listed.tolist())) == len(listed)
    assert np.all(np.diff(mixed.relevance) <= 0)
    assert set(listed[~is_new]) <= set(indices)
    assert set(listed[is_new]) <= set(new_ones)
    inside = places[places < len(listed) - max(0, len(places) - np.count_nonzero(is_new))]
    if len(listed) == n:
        assert is_new[inside].all()
