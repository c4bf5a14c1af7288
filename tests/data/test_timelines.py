"""Timelines: the interactions of a user as arrays in order of their timestamps."""

from hypothesis import given
from hypothesis import strategies as st

from personalize_mock.data.id_map import IdMap
from personalize_mock.data.timelines import ActionTimeline, ItemTimeline
from personalize_mock.data.user_histories import Interaction

IDS = IdMap(["a", "b", "c"])


@given(st.lists(st.lists(st.tuples(st.sampled_from("abcx"), st.integers(-2, 3)), max_size=5)))
def test_items_are_sorted_by_timestamp_and_then_by_arrival(batches):
    timeline = ItemTimeline(IDS, lambda interaction: interaction.item_id != "c")
    interactions = [[Interaction(item, "Watch", at) for item, at in batch] for batch in batches]
    for batch in interactions:
        timeline.add(batch)

    accepted = [each for batch in interactions for each in batch if each.item_id != "c"]
    expected = sorted(accepted, key=lambda interaction: interaction.timestamp)
    assert timeline.items().tolist() == [IDS.index(each.item_id) for each in expected]
    assert len(timeline) == len(expected)


def test_new_events_do_not_change_items_read_before():
    timeline = ItemTimeline(IDS, lambda _: True)
    timeline.add([Interaction("a", None, 5)])
    items = timeline.items()
    timeline.add([Interaction("b", None, 1)])
    assert (items.tolist(), timeline.items().tolist()) == ([0], [1, 0])


def test_put_action_interactions_are_placed_among_imported_ones():
    timeline = ActionTimeline(IDS, [Interaction("a", "TAKEN", 10), Interaction("b", "Not taken", 20)])
    timeline.add([Interaction("x", None, 10), Interaction("c", "viewed", 15)])
    history = timeline.history()
    assert history.action.tolist() == [0, -1, 2, 1]
    assert history.event_type.tolist() == [0, -1, 2, 1]
    assert history.timestamp.tolist() == [10, 10, 15, 20]
