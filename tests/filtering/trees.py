"""Random filter expressions and their text."""

from hypothesis import strategies as st

from personalize_mock.filtering.syntax import (
    Condition,
    FieldName,
    FilterExpression,
    FilterRule,
    NumberLiteral,
    Placeholder,
    StringLiteral,
)

DATASETS = {
    "ITEMS": "Items",
    "INTERACTIONS": "Interactions",
    "USERS": "Users",
    "ACTIONS": "Actions",
    "ACTION_INTERACTIONS": "Action_Interactions",
    "CURRENT_USER": "CurrentUser",
    "CURRENT_ITEM": "CurrentItem",
}

names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,9}", fullmatch=True)
numbers = st.one_of(st.integers(-99, 99), st.floats(-99, 99).map(lambda x: round(x, 3))).map(
    lambda value: NumberLiteral(value=float(value))
)
strings = st.text(max_size=5).filter(lambda text: not ('"' in text and "'" in text) and text[:1] != "$")
texts = strings.map(lambda value: StringLiteral(value=value))
placeholders = names.map(lambda name: Placeholder(name=name))


def fields(*datasets):
    """Return a strategy for fields of some datasets."""
    return st.builds(
        lambda dataset, name: FieldName(dataset=dataset, name=name.upper()), st.sampled_from(datasets), names
    )


def conditions(*datasets):
    """Return a strategy for conditions on fields of some datasets."""
    item = fields("CURRENT_ITEM").map(lambda field: (field,))
    strings = st.lists(texts, min_size=1, max_size=3).map(tuple)
    parameter = placeholders.map(lambda name: (name,))
    scalar = st.one_of(numbers, texts, placeholders).map(lambda value: (value,))
    operands = {"IN": strings | parameter | item, "NOT_IN": strings | item}
    return st.sampled_from(["IN", "NOT_IN", "=", "!=", "<", "<=", ">", ">="]).flatmap(
        lambda operator: st.builds(
            lambda field, right: Condition(field=field, operator=operator, operands=right),
            fields(*datasets),
            operands.get(operator, scalar | item),
        )
    )


def expressions():
    """Return a strategy for well-formed expressions, meaningful or not."""
    groups = st.lists(conditions(*DATASETS), min_size=1, max_size=3).map(tuple)
    rules = st.builds(
        FilterRule,
        verb=st.sampled_from(["INCLUDE", "EXCLUDE"]),
        target=st.sampled_from(["ItemID", "UserID", "ActionID"]),
        any_of=st.lists(groups, min_size=1, max_size=3).map(tuple),
        user_conditions=st.one_of(st.just(()), groups),
        column=st.just(1),
    )
    return st.lists(rules, min_size=1, max_size=3).map(lambda rules: FilterExpression(rules=tuple(rules)))


def to_text(expression):
    """Return the text of an expression."""
    return " | ".join(map(_rule, expression.rules))


def _rule(rule):
    where = " OR ".join(" AND ".join(map(_condition, group)) for group in rule.any_of)
    after_if = " AND ".join(map(_condition, rule.user_conditions))
    return f"{rule.verb} {rule.target} WHERE {where}" + (f" IF {after_if}" if after_if else "")


def _condition(condition):
    operator = condition.operator.replace("_", " ")
    operands = ", ".join(map(_operand, condition.operands))
    needs_parentheses = operator.endswith("IN") and not isinstance(condition.operands[0], FieldName)
    return f"{_operand(condition.field)} {operator} " + (f"({operands})" if needs_parentheses else operands)


def _operand(operand):
    if isinstance(operand, FieldName):
        return f"{DATASETS[operand.dataset]}.{operand.name}"
    if isinstance(operand, NumberLiteral):
        return f"{operand.value:f}"
    if isinstance(operand, Placeholder):
        return f"${operand.name}"
    quote = "'" if '"' in operand.value else '"'
    return f"{quote}{operand.value}{quote}"
