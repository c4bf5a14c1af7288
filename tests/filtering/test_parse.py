import sys

import pytest
from filtering.cases import ALL_MEANINGLESS, ALL_VALID, BAD_SYMBOLS
from filtering.trees import expressions, to_text
from hypothesis import given
from hypothesis import strategies as st

from personalize_mock.filtering.errors import InvalidFilter
from personalize_mock.filtering.parse import parse_expression
from personalize_mock.filtering.syntax import Condition, FieldName, NumberLiteral, Placeholder, StringLiteral


def rules(text):
    return parse_expression(text).rules


def conditions(text):
    return list(parse_expression(f"INCLUDE ItemID WHERE {text}").conditions)


def refusal(text):
    with pytest.raises(InvalidFilter) as refused:
        parse_expression(text)
    return str(refused.value), refused.value.column


@pytest.mark.parametrize("expression", ALL_VALID + [expression for expression, _ in ALL_MEANINGLESS])
def test_well_formed_expressions_are_parsed(expression):
    assert parse_expression(expression).rules


@pytest.mark.parametrize("expression", BAD_SYMBOLS)
def test_malformed_expressions_are_refused_with_the_symbol(expression):
    assert refusal(expression)[0].startswith(f"Invalid input symbol: {BAD_SYMBOLS[expression]}. ")


def test_an_error_has_the_column():
    message, column = refusal('INCLUDE ItemID WHERE Items.GENRE LIKE "com%"')
    assert message == "Invalid input symbol: LIKE. Expected IN, NOT IN or a comparison at column 34."
    assert column == 34


def test_placeholders_with_not_in_get_the_documented_message():
    message, column = refusal("EXCLUDE ItemID WHERE Items.GENRE NOT IN ($GENRE)")
    assert message == "Invalid input symbol: $GENRE. Placeholders are not allowed with NOT_IN operator."
    assert column == 42


def test_a_condition_has_a_field_an_operator_and_operands():
    genre, price = FieldName(dataset="ITEMS", name="GENRE"), FieldName(dataset="ITEMS", name="PRICE")
    assert conditions("""items.genre in ("a", 'b "c"') AND Items.PRICE >= -1.5 AND Items.PRICE < ($Most)""") == [
        Condition(field=genre, operator="IN", operands=(StringLiteral(value="a"), StringLiteral(value='b "c"'))),
        Condition(field=price, operator=">=", operands=(NumberLiteral(value=-1.5),)),
        Condition(field=price, operator="<", operands=(Placeholder(name="Most"),)),
    ]


def test_fields_of_the_current_item_need_no_parentheses():
    (condition,) = conditions("Items.GENRE NOT IN CurrentItem.genre")
    assert condition.operator == "NOT_IN"
    assert condition.operands == (FieldName(dataset="CURRENT_ITEM", name="GENRE"),)


def test_a_quoted_placeholder_is_a_placeholder_and_a_quoted_price_is_not():
    assert conditions('Items.A IN ("$G")') == conditions("Items.A IN ($G)")
    assert conditions('Items.A IN ("$5", "$ G", "$")')[0].operands == (
        StringLiteral(value="$5"),
        StringLiteral(value="$ G"),
        StringLiteral(value="$"),
    )


def test_and_binds_tighter_than_or():
    (rule,) = rules("INCLUDE ItemID WHERE Items.A = 1 OR Items.B = 1 AND Items.C = 1 OR Items.D = 1")
    assert [[condition.field.name for condition in group] for group in rule.any_of] == [["A"], ["B", "C"], ["D"]]


def test_a_pipe_inside_a_string_does_not_separate_rules():
    assert len(rules('INCLUDE ItemID WHERE Items.A IN ("a | b")|EXCLUDE ItemID WHERE Items.A = 1')) == 2


def test_if_belongs_to_its_own_rule():
    first, second = rules(
        "EXCLUDE ItemID WHERE Items.A = 1 IF CurrentUser.B > 1 AND CurrentUser.C < 2 | EXCLUDE ItemID WHERE Items.A = 2"
    )
    assert [condition.field.name for condition in first.user_conditions] == ["B", "C"]
    assert second.user_conditions == ()


def test_rules_know_their_placeholders():
    first, second = rules("INCLUDE ItemID WHERE Items.A = $a IF CurrentUser.B = $B | EXCLUDE ItemID WHERE Items.A = 1")
    assert first.placeholders == {"a", "B"}
    assert second.placeholders == set()


def test_curly_quotes_get_a_hint():
    message, column = refusal("INCLUDE ItemID WHERE Items.A IN (“a”)")
    assert message == (
        "Invalid input symbol: “. Curly quotes cannot enclose a string (column 34); write straight quotes instead."
    )
    assert column == 34


def test_an_invisible_symbol_is_shown_by_its_code_point():
    assert refusal("INCLUDE\u00a0ItemID")[0].startswith(
        "Invalid input symbol: U+00A0. Unexpected character at column 8;"
    )
    assert refusal("\ufeffINCLUDE ItemID")[0].startswith(
        "Invalid input symbol: U+FEFF. Unexpected character at column 1;"
    )


def test_a_long_symbol_is_shortened_in_the_message():
    assert len(refusal("x" * 2500)[0]) < 150


@given(expressions())
def test_every_tree_is_parsed_back_from_its_text(tree):
    assert parse_expression(to_text(tree)) == tree


@given(st.text())
def test_any_text_is_parsed_or_refused(text):
    check_parsed_or_refused(text)


WORDS = (
    *("INCLUDE", "EXCLUDE", "ItemID", "WHERE", "IF", "AND", "OR", "NOT", "IN", "Items", "CurrentItem", "CurrentUser"),
    *(".", "(", ")", ",", "|", "=", "<", ">", "!", "$", '"', "'", "-", "1", "$G", '"a"', "Items.A", "Items.A = 1", " "),
)


@given(st.lists(st.sampled_from(WORDS)).map(" ".join))
def test_any_sequence_of_words_is_parsed_or_refused(text):
    check_parsed_or_refused(text)
    check_parsed_or_refused(f"INCLUDE ItemID WHERE Items.A = 1 {text}")


def check_parsed_or_refused(text):
    error = parse_error(text)
    if error is not None:
        assert 1 <= error.column <= len(text) + 1
        assert str(error).startswith("Invalid input symbol: ")


def parse_error(text):
    try:
        parse_expression(text)
    except InvalidFilter as error:
        return error
    return None


PREFIXES = ("", "INCLUDE ItemID WHERE ", "INCLUDE ItemID WHERE Items.A IN (", "INCLUDE ItemID WHERE Items.A = ")
HOSTILE = ("(", ")", "AND ", '"', "'", "|", "$", "-", "1", ".", " ", '"",', "Items.A = 1 AND ", "1 OR Items.A = ", "(1")


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("piece", HOSTILE)
def test_the_time_is_linear_in_the_length_of_hostile_texts(prefix, piece):
    text = prefix + piece * 2500
    assert calls(text[:2500]) <= 2 * calls(text[:1250]) + 100  # for the error and the prefix


def calls(text):
    """Count the calls of Python and C functions while a text is parsed."""
    count = 0

    def called(_frame, event, _argument):
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(called)
    try:
        parse_error(text)
    finally:
        sys.setprofile(before)
    return count
