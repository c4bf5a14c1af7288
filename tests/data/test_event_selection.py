from personalize_mock.data.event_selection import EventParameters, select_events
from personalize_mock.data.tables import Strings, Table

TYPES = ("view", "buy", "click", "buy")
EVENTS = Table(
    columns={
        "USER_ID": Strings.from_values(("u", "u", "v", None)),
        "ITEM_ID": Strings.from_values("abcd"),
        "EVENT_TYPE": Strings.from_values(TYPES),
        "EVENT_VALUE": Strings.from_values(("0.2", "0.9", None, "1")),
    },
    rows=4,
)


def selected(**members):
    rows, weights = select_events(EVENTS, **members)
    return rows.tolist(), None if weights is None else weights.tolist()


def test_all_rows_with_a_user_are_selected_with_equal_weights():
    assert selected() == ([0, 1, 2], None)


def test_an_event_type_or_a_threshold_selects_some_rows():
    assert selected(event_type="view") == ([0], None)
    assert selected(threshold=0.5) == ([1], None)
    assert selected(event_type="VIEW") == ([], None)
    assert selected(event_type="VIEW", any_case=True) == ([0], None)


def test_weights_have_a_mean_of_one_over_all_rows_and_select_the_rows_of_their_event_types():
    parameters = {"view": EventParameters(weight=1.0), "buy": EventParameters(weight=4.0)}
    assert selected(parameters=parameters) == ([0, 1], [1 / 3, 4 / 3])


def test_each_event_type_can_have_its_own_threshold():
    parameters = {"view": EventParameters(threshold=0.5), "buy": EventParameters(threshold=0.5)}
    assert selected(parameters=parameters) == ([1], [1.0])
