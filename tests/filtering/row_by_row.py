"""An evaluator that goes through the rows one by one, written from the guide and not from the plan.

A filter is a target and a chain of parts; a part is a verb, alternatives of comparisons, and the comparisons after IF.
"""

from dataclasses import dataclass
from typing import Any

IDS = [f"i{number}" for number in range(8)]
CATEGORICAL = ("GENRES", "CATEGORY", "MEMBERSHIP", "MEMBERSHIP_LEVEL")
TEXTS = (*CATEGORICAL, "BRAND", "EVENT_TYPE")
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
    """A condition; on its right are literals, a parameter, or a field of the current item."""

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


def wanted(each, request):
    """The texts, or the numbers, on the right-hand side."""
    if each.item:
        if request.item is None:
            raise RefusedError
        value = request.item.get(each.item)
        return set() if value is None else parts(each.item, value)
    raw = request.values[each.parameter] if each.parameter else each.literals
    if each.operator != "IN" and each.parameter and len(raw) != 1:
        raise RefusedError
    return {str(value) for value in raw} if each.field in TEXTS else {number(value) for value in raw}


def number(value):
    try:
        return float(value)
    except ValueError:
        raise RefusedError from None


def parts(field, value):
    return {part for part in value.split("|") if part} if field in CATEGORICAL else {value}


def holds(each, row, request):
    value = row.get(each.field)
    right = wanted(each, request)
    if each.operator in ORDER:
        return value is not None and any(ORDER[each.operator](value, other) for other in right)
    found = value is not None and bool(parts(each.field, value) & right)
    return found if each.operator in ("IN", "=") else not found


def happened(each, item_id, request):
    right = {kind(value, each.dataset) for value in wanted(each, request)}
    types = {kind(name, each.dataset) for name, ids in request.by_event_type.items() if item_id in ids}
    found = bool(types) if "*" in right else bool(types & right)
    return found if each.operator in ("IN", "=") else not found


def kind(event_type, dataset):
    """What an event type is told apart by; those of actions are written in several ways."""
    return event_type.lower() if dataset == "Interactions" else event_type.lower().replace("_", "").replace(" ", "")


def takes_part(part, request):
    verb, any_of, user_conditions = part
    comparisons = [each for every in (*any_of, user_conditions) for each in every]
    if any(each.parameter and each.parameter not in request.values for each in comparisons):
        if verb == "INCLUDE":
            raise RefusedError
        return False
    if not all(holds(each, request.user or {}, request) for each in user_conditions):
        return False
    return all(wanted(each, request) is not None for every in any_of for each in every)


def matches(part, item_id, rows, request):
    return any(
        all(
            happened(each, item_id, request) if each.dataset in EVENTS else holds(each, rows.get(item_id, {}), request)
            for each in every
        )
        for every in part[1]
    )


def by_rows(chain, rows, request):
    effective = [part for part in chain if takes_part(part, request)]
    included = [part for part in effective if part[0] == "INCLUDE"]
    excluded = [part for part in effective if part[0] == "EXCLUDE"]
    return [
        (not included or any(matches(part, item_id, rows, request) for part in included))
        and not any(matches(part, item_id, rows, request) for part in excluded)
        for item_id in IDS
    ]


# What the filter is, as text.


def text_of(target, chain):
    return " | ".join(
        f"{verb} {target} WHERE {' OR '.join(' AND '.join(map(condition, every)) for every in any_of)}"
        + (f" IF {' AND '.join(map(condition, user_conditions))}" if user_conditions else "")
        for verb, any_of, user_conditions in chain
    )


def condition(each):
    left = f"{each.dataset}.{each.field} {each.operator}"
    if each.item:
        return f"{left} CurrentItem.{each.item}"
    right = f"${each.parameter}" if each.parameter else ", ".join(map(quoted, each.literals))
    return f"{left} ({right})" if each.operator.endswith("IN") else f"{left} {right}"


def quoted(value):
    return f'"{value}"' if isinstance(value, str) else str(value)


def wire(values):
    return {name: ",".join(map(quoted, given_)) for name, given_ in values.items()}
