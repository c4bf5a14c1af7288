import numpy as np

from personalize_mock.recipes.personal.user_state import UserStates, states_of_queries


def array(*numbers, dtype=np.int32):
    return np.array(numbers, dtype=dtype)


def states_of(*uses):
    """Return a state for each argument. User i has seen item i, and all numbers of vector and relevance are i."""
    users = range(len(uses))
    values = np.repeat(np.arange(len(uses), dtype=np.float32)[:, None], 4, axis=1)
    return UserStates(
        seen=[array(user) for user in users],
        vectors=values,
        rules=[(array(user), array(0.5, dtype=np.float32)) for user in users],
        relevance=values.copy(),
        seen_relevance=[array(9, dtype=np.float32) for _ in users],
        uses=uses,
    )


def test_a_state_is_repeated_for_each_query_of_its_user():
    seen = [state.seen.tolist() for state in states_of_queries([states_of(2, 1), states_of(1, 3)])]
    assert seen == [[0], [0], [1], [0], [1], [1], [1]]


def test_a_user_who_has_seen_nothing_has_no_vector():
    states = UserStates(seen=[array()], vectors=np.zeros((1, 4)), rules=[(array(), array())], uses=[1])
    assert states.vector(0) is None
    assert states.state(0).vector is None


def test_a_block_has_a_state_for_each_query():
    blocks = list(states_of(1, 3, 1, 1).split(2))
    assert [block.relevance[:, 0].tolist() for block in blocks] == [[0, 1], [1, 1], [2, 3]]
    assert [block.vectors[:, 0].tolist() for block in blocks] == [[0, 1], [1, 1], [2, 3]]
    assert [[int(seen[0]) for seen in block.seen] for block in blocks] == [[0, 1], [1, 1], [2, 3]]


def test_changes_of_the_relevance_in_a_block_do_not_reach_other_queries_of_the_user():
    for block in states_of(1, 3, 1).split(2):
        assert block.relevance[:, 0].tolist() == block.vectors[:, 0].tolist()
        np.add(block.relevance, 100, out=block.relevance)


def test_states_that_are_used_once_share_the_memory_of_their_relevance():
    states = states_of(1, 1, 1)
    assert all(np.shares_memory(block.relevance, states.relevance) for block in states.split(2))


def test_seen_items_get_the_relevance_learnt_from_repeats():
    relevance = states_of(1, 1).placed_relevance()
    assert relevance.tolist() == [[9, 0, 0, 0], [1, 9, 1, 1]]
