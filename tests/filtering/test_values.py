import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize_mock.filtering.errors import InvalidValues
from personalize_mock.filtering.values import event_type_key, parse_number, split_values

unquoted = st.text(st.characters(exclude_characters='"'))


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('"Comedy"', ("Comedy",)),
        ('"Comedy","Drama"', ("Comedy", "Drama")),
        (' "Comedy" ,\t"Drama" ', ("Comedy", "Drama")),
        ('"Candy, nuts", "a|b"', ("Candy, nuts", "a|b")),
        ('" kept "', (" kept ",)),
        ('""', ("",)),
        ("1465413032", ("1465413032",)),
        ('"1614000000"', ("1614000000",)),
        ("Comedy, Drama", ("Comedy", "Drama")),
        ('"Japan購入"', ("Japan購入",)),
        ("", ()),
        ('"a",', ("a",)),
    ],
)
def test_values_are_quoted_or_bare_and_separated_by_commas(text, values):
    assert split_values(text, name="G") == values


@pytest.mark.parametrize("text", ['"', '"a', 'a"', '"a"b', '"a""b"', '"a" "b"', ',"'])
def test_unbalanced_quotes_are_refused_with_the_name_of_the_parameter(text):
    with pytest.raises(
        InvalidValues, match=r"filterValues of the parameter GENRE are malformed\. Write"
    ):  # the values are sensitive
        split_values(text, name="GENRE")


@pytest.mark.parametrize("text", [f'{" " * 200_000}"', f'"a"{" " * 200_000}"', f'{" ," * 100_000}"'])
def test_many_blanks_take_linear_time(text):
    with pytest.raises(InvalidValues):  # trying all ways would take minutes
        split_values(text, name="GENRE")


@given(st.lists(unquoted))
def test_quoted_values_are_kept_unchanged(values):
    assert split_values(",".join(f'"{value}"' for value in values), name="G") == tuple(values)


@given(st.text('", a'))
def test_any_text_is_split_or_refused(text):
    try:
        split_values(text, name="G")
    except InvalidValues:
        assert '"' in text


@pytest.mark.parametrize(
    ("text", "value"), [("9", 9.0), (" -1.5 ", -1.5), ("1e3", 1000.0), ("nan", None), ("1_000", None), ("", None)]
)
def test_numbers_are_decimal(text, value):
    assert parse_number(text) == value


def test_event_types_ignore_case_and_for_actions_also_blanks_and_underscores():
    assert event_type_key("Add_To_Cart", dataset="INTERACTIONS") == "add_to_cart"
    assert event_type_key("NOT_TAKEN", dataset="ACTION_INTERACTIONS") == event_type_key(
        "Not Taken", dataset="ACTION_INTERACTIONS"
    )
