import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize_mock.data.id_map import IdMap


@given(st.lists(st.text(max_size=5), unique=True))
def test_ids_map_to_indices_and_back(values):
    ids = IdMap(values)
    assert len(ids) == len(values)
    assert ids.at(ids.indices(values)) == values
    assert [ids[ids.index(value)] for value in values] == values


def test_an_unknown_id_has_the_index_minus_one():
    ids = IdMap(["a", "b"])
    assert ids.index("c") == -1
    assert ids.indices(["b", "c", "a"]).tolist() == [1, -1, 0]
    assert ids.indices([]).dtype == np.int32
    assert "a" in ids
    assert "c" not in ids


def test_an_id_that_occurs_twice_is_refused():
    with pytest.raises(ValueError, match="twice"):
        IdMap(["a", "a"])
