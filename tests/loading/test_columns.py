"""Conversion of the values of a column."""

import pytest

from personalize_mock import PersonalizeMockError
from personalize_mock.loading.columns import Columns
from personalize_mock.loading.values import Unfit, as_text


def columns(*user_ids: object) -> Columns:
    return Columns(argument="interactions", values={"USER_ID": user_ids}, given={"USER_ID": "user"})


def converted(convert, *values):
    return columns(*values).converted("USER_ID", values, convert)


def test_a_text_that_occurs_in_several_rows_is_converted_once():
    texts = []

    assert converted(lambda text: texts.append(text) or text.upper(), "a", "b", "a", "a") == ["A", "B", "A", "A"]
    assert sorted(texts) == ["a", "b"]


def test_a_missing_value_among_texts_is_converted_too():
    assert converted(lambda text: text or "none", "a", None, "a", None) == ["a", "none", "a", "none"]


def test_equal_values_of_different_types_keep_their_types():
    assert converted(as_text, *[1, True, 1.5, 0, False]) == ["1", "true", "1.5", "0", "false"]


@pytest.mark.parametrize("values", [("a", "bad", "b", "bad"), (1, "bad", 2, "bad")])
def test_the_first_row_with_an_unfit_value_is_named(values):
    def convert(value):
        if value == "bad":
            raise Unfit("bad")
        return value

    with pytest.raises(PersonalizeMockError, match=r"^interactions, row 2 \{'user': 'bad'\}: the value of user is bad"):
        converted(convert, *values)
