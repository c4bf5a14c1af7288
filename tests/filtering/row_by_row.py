"""Reference evaluator of filters: it tests one row after the other and follows the guide, not the compiled filter.

A filter is a target and a chain of rules. A rule is a tuple of a verb, groups of comparisons (any of them must hold),
and the comparisons after IF.
"""

from dataclasses import dataclass
from typing import Any

IDS = [f"i{number}" for number in range(8)]
CATEGORICAL = ("GENRES", "CATEGORY", "MEMBERSHIP", "MEMBERSHIP_LEVEL")
STRINGS = (*CATEGORICAL, "BRAND", "EVENT_TYPE")
EVENTS = ("Interactions", "Action_Interactions")
ORDER = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


class RefusedError(Exception):
    pass


@dataclass(frozen=True)
class Comparison:
    """A condition. On its right are literals, a parameter or a field of the current item."""

    dataset: str
    field: str
    operator: str
    literals: tuple[Any, ...] = ()
    parameter: str = ""
    item: str = ""


@dataclass(frozen=True)
class Request:
    user: Any
    item: Any
    by_event_type: Any
    values: Any


def right_values(comparison, request):
    """Return the strings or the numbers on the right-hand side."""
    if comparison.item:
        if request.item is None:
            raise RefusedError
        value = request.item.get(comparison.item)
        return set() if value is None else categories(comparison.item, value)
    raw = request.values[comparison.parameter] if comparison.parameter else comparison.literals
    if comparison.operator != "IN" and comparison.parameter and len(raw) != 1:
        raise RefusedError
    return {str(value) for value in raw} if comparison.field in STRINGS else {number(value) for value in raw}


def number(value):
    try:
        return float(value)
    except ValueError:
        raise RefusedError from None


def categories(field, value):
    return {category for category in value.split("|") if category} if field in CATEGORICAL else {value}


def holds_for_row(comparison, row, request):
    value = row.get(comparison.field)
    right = right_values(comparison, request)
    if comparison.operator in ORDER:
        return value is not None and any(ORDER[comparison.operator](value, other) for other in right)
    matches = value is not None and bool(categories(comparison.field, value) & right)
    return matches if comparison.operator in ("IN", "=") else not matches


def holds_for_events(comparison, item_id, request):
    right = {event_type_key(value, comparison.dataset) for value in right_values(comparison, request)}
    keys = {event_type_key(name, comparison.dataset) for name, ids in request.by_event_type.items() if item_id in ids}
    matches = bool(keys) if "*" in right else bool(keys & right)
    return matches if comparison.operator in ("IN", "=") else not matches


def event_type_key(event_type, dataset):
    """Return the key of an event type. Those of actions have several spellings."""
    return event_type.lower() if dataset == "Interactions" else event_type.lower().replace("_", "").replace(" ", "")


def is_effective(rule, request):
    verb, any_of, user_conditions = rule
    comparisons = [comparison for group in (*any_of, user_conditions) for comparison in group]
    if any(comparison.parameter and comparison.parameter not in request.values for comparison in comparisons):
        if verb == "INCLUDE":
            raise RefusedError
        return False
    if not all(holds_for_row(comparison, request.user or {}, request) for comparison in user_conditions):
        return False
    return all(right_values(comparison, request) is not None for group in any_of for comparison in group)


def matches(rule, item_id, rows, request):
    return any(all(holds(comparison, item_id, rows, request) for comparison in group) for group in rule[1])


def holds(comparison, item_id, rows, request):
    if comparison.dataset in EVENTS:
        return holds_for_events(comparison, item_id, request)
    return holds_for_row(comparison, rows.get(item_id, {}), request)


def expected_mask(chain, rows, request):
    effective = [rule for rule in chain if is_effective(rule, request)]
    including = [rule for rule in effective if rule[0] == "INCLUDE"]
    excluding = [rule for rule in effective if rule[0] == "EXCLUDE"]
    return [
        (not including or any(matches(rule, item_id, rows, request) for rule in including))
        and not any(matches(rule, item_id, rows, request) for rule in excluding)
        for item_id in IDS
    ]


def to_text(target, chain):
    return " | ".join(
        f"{verb} {target} WHERE {' OR '.join(' AND '.join(map(condition, group)) for group in any_of)}"
        + (f" IF {' AND '.join(map(condition, user_conditions))}" if user_conditions else "")
        for verb, any_of, user_conditions in chain
    )


def condition(comparison):
    left = f"{comparison.dataset}.{comparison.field} {comparison.operator}"
    if comparison.item:
        return f"{left} CurrentItem.{comparison.item}"
    right = f"${comparison.parameter}" if comparison.parameter else ", ".join(map(quoted, comparison.literals))
    return f"{left} ({right})" if comparison.operator.endswith("IN") else f"{left} {right}"


def quoted(value):
    return f'"{value}"' if isinstance(value, str) else str(value)


def to_filter_values(values):
    return {name: ",".join(map(quoted, values_of_one)) for name, values_of_one in values.items()}
