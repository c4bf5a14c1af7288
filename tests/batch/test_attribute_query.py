from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize_mock.batch.attribute_query import InvalidItemAttributes, parse_item_attributes


def test_the_examples_of_the_guide_are_parsed():
    assert parse_item_attributes('ITEMS.genres = "Comedy" AND ITEMS.audience = "teen"') == (
        ("genres", "Comedy"),
        ("audience", "teen"),
    )
    assert parse_item_attributes('ITEMS.genres = "Comedy" AND ITEMS.genres = "Action"') == (
        ("genres", "Comedy"),
        ("genres", "Action"),
    )


def test_numbers_need_no_quotes():
    assert parse_item_attributes("ITEMS.YEAR = 1994 AND ITEMS.PRICE=-1.50") == (("YEAR", "1994"), ("PRICE", "-1.50"))


def test_case_and_blanks_are_ignored_outside_values():
    assert parse_item_attributes('  items . GENRES="A"and\tItems.L1  =  \'b "c"\'  ') == (
        ("GENRES", "A"),
        ("L1", 'b "c"'),
    )


def test_quoted_values_are_kept_unchanged():
    assert parse_item_attributes('ITEMS.G = " and = | ITEMS.x "') == (("G", " and = | ITEMS.x "),)
    assert parse_item_attributes('ITEMS.G = ""') == (("G", ""),)


@pytest.mark.parametrize(
    ("text", "column", "shown"),
    [
        ("", 1, "nothing"),
        ("   ", 4, "nothing"),
        ('genres = "Comedy"', 1, "genres"),
        ('USERS.genres = "Comedy"', 1, "USERS"),
        ("ITEMS.genres = Comedy", 1, "ITEMS"),
        ('ITEMS.genres = "Comedy', 1, "ITEMS"),
        ('ITEMS.genres != "Comedy"', 1, "ITEMS"),
        ("ITEMS.year = 19x", 1, "ITEMS"),
        ('ITEMS.genres = "Comedy" OR ITEMS.genres = "Action"', 25, "OR"),
        ('ITEMS.genres = "Comedy" AND', 28, "nothing"),
        ('ITEMS.genres = "Comedy" ANDITEMS.a = "b"', 25, "ANDITEMS"),
        ('ITEMS.genres = "Comedy" ITEMS.a = "b"', 25, "ITEMS"),
    ],
)
def test_an_error_has_the_column_and_says_what_to_write(text, column, shown):
    with pytest.raises(InvalidItemAttributes, match="Expected") as refusal:
        parse_item_attributes(text)
    assert f"at column {column}. Expected" in str(refusal.value)
    assert f"but found {shown}" in str(refusal.value)
    assert "AND" in str(refusal.value) or 'ITEMS.GENRES = "Comedy"' in str(refusal.value)


def test_an_error_shortens_long_text():
    with pytest.raises(InvalidItemAttributes) as refusal:
        parse_item_attributes("x" * 5000)
    assert len(str(refusal.value)) < 200


names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,20}", fullmatch=True)
values = st.text().filter(lambda text: '"' not in text)


@given(st.lists(st.tuples(names, values), min_size=1))
def test_every_list_of_conditions_is_parsed(pairs):
    assert parse_item_attributes(" AND ".join(f'ITEMS.{name} = "{value}"' for name, value in pairs)) == tuple(pairs)


@given(st.text())
def test_any_text_is_parsed_or_rejected(text):
    with suppress(InvalidItemAttributes):
        assert parse_item_attributes(text)
