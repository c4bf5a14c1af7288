"""Random filters, and how they are written."""

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
    """Fields of some datasets."""
    return st.builds(
        lambda dataset, name: FieldName(dataset=dataset, name=name.upper()), st.sampled_from(datasets), names
    )


def conditions(*datasets):
    """Conditions on fields of some datasets."""
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


def filters():
    """Filters as they can be read, whether they mean something or not."""
    anything = conditions(*DATASETS)
    every = st.lists(anything, min_size=1, max_size=3).map(tuple)
    parts = st.builds(
        FilterRule,
        verb=st.sampled_from(["INCLUDE", "EXCLUDE"]),
        target=st.sampled_from(["ItemID", "UserID", "ActionID"]),
        any_of=st.lists(every, min_size=1, max_size=3).map(tuple),
        user_conditions=st.one_of(st.just(()), every),
        column=st.just(1),
    )
    return st.lists(parts, min_size=1, max_size=3).map(lambda found: FilterExpression(rules=tuple(found)))


def written(tree):
    """The text of a filter."""
    return " | ".join(_expression(expression) for expression in tree.rules)


def _expression(expression):
    where = " OR ".join(" AND ".join(map(_condition, every)) for every in expression.any_of)
    after_if = " AND ".join(map(_condition, expression.user_conditions))
    return f"{expression.verb} {expression.target} WHERE {where}" + (f" IF {after_if}" if after_if else "")


def _condition(condition):
    operator = condition.operator.replace("_", " ")
    operands = ", ".join(map(_operand, condition.operands))
    listed = operator.endswith("IN") and not isinstance(condition.operands[0], FieldName)
    return f"{_operand(condition.field)} {operator} " + (f"({operands})" if listed else operands)


def _operand(operand):
    if isinstance(operand, FieldName):
        return f"{DATASETS[operand.dataset]}.{operand.name}"
    if isinstance(operand, NumberLiteral):
        return f"{operand.value:f}"
    if isinstance(operand, Placeholder):
        return f"${operand.name}"
    quote = "'" if '"' in operand.value else '"'
    return f"{quote}{operand.value}{quote}"
