"""HTTP endpoints for the rules of a mock in a server. A rule says what happens to certain calls to Personalize."""

from collections.abc import Mapping
from typing import Any

from botocore import exceptions as botocore_errors

from personalize_mock.control.encoding import rule_as_json
from personalize_mock.control.endpoint import ENDPOINTS, JsonObject, Rows
from personalize_mock.exceptions import PersonalizeMockError, did_you_mean
from personalize_mock.rules.faults import is_fault
from personalize_mock.rules.rule import Rule
from personalize_mock.rules.rule_book import book_of, rules_of
from personalize_mock.rules.rule_book import end_rules as end
from personalize_mock.simulation import Simulation

OUTCOMES = ("recommends", "returns", "raises", "responds", "delays", "fails_job", "holds")
WHEN = ("times", "after", "every")
DETAILS = {"raises": "message", "responds": "body"}  # the second argument of an outcome
HTTP = "a control endpoint"


@ENDPOINTS.add("POST", "/rules")
def add_rule(
    simulation: Simulation,
    *,
    operation: str,
    members: JsonObject | None = None,
    outcomes: Rows | None = None,
    optional: bool = False,
    owner: str = HTTP,
    place: str = HTTP,
) -> dict[str, Any]:
    """Declare a rule with outcomes such as `{"recommends": ["a"], "times": 1}`, and return it with its `id`.

    A rule says what happens to certain calls to Personalize.

    Args:
        simulation: The simulation, which holds the mock's state.
        operation: The name of the operation to whose calls the rule applies, such as "GetRecommendations".
        members: The members that the request of such a call must have, with their values. None for all calls.
        outcomes: The outcomes, in the order in which they are used. Each is an object with a member that is named after
            a method of `Rule` and has the argument of this method.
        optional: Whether the rule may end without having been applied to a call.
        owner: Any name for the client that declares the rule. `POST /rules/end` ends all rules of one owner.
        place: The file and line that declare the rule, for the error message if it is never applied.
    """
    book = book_of(simulation)
    rule = book.add(owner, operation, members or {}, optional=optional, place=place)
    try:
        for outcome in outcomes or []:
            _declare(rule, outcome)
    except BaseException:
        book.remove(rule)
        raise
    return rule_as_json(rule)


@ENDPOINTS.add("GET", "/rules")
def list_rules(simulation: Simulation) -> dict[str, Any]:
    """Return all `rules`, oldest first, each with the calls to which it was applied."""
    return {"rules": [rule_as_json(rule) for rule in rules_of(simulation)]}


@ENDPOINTS.add("GET", "/rules/{id}")
def show_rule(simulation: Simulation, *, id: str) -> dict[str, Any]:  # noqa: A002  # the name in the path
    """Return the rule with the given `id`, and the calls to which it was applied."""
    return rule_as_json(_rule(simulation, id))


@ENDPOINTS.add("DELETE", "/rules/{id}")
def remove_rule(simulation: Simulation, *, id: str) -> dict[str, Any]:  # noqa: A002  # the name in the path
    """Remove the rule with the given `id`, and return it. It is not an error if the rule was never applied."""
    rule = _rule(simulation, id)
    book_of(simulation).remove(rule)
    return rule_as_json(rule)


@ENDPOINTS.add("POST", "/rules/{id}/outcomes")
def add_outcome(simulation: Simulation, *, id: str, outcome: JsonObject) -> dict[str, Any]:  # noqa: A002  # the name in the path
    """Add an outcome to the rule with the given `id`, and return the rule.

    The new outcome is used after the earlier outcomes of the rule. It has the same form as in `POST /rules`.
    """
    rule = _rule(simulation, id)
    _declare(rule, outcome)
    return rule_as_json(rule)


@ENDPOINTS.add("POST", "/rules/{id}/release")
def release_rule(simulation: Simulation, *, id: str) -> dict[str, Any]:  # noqa: A002  # the name in the path
    """Release the resources that the rule with the given `id` keeps in a status, and return the rule.

    The resources can then reach their next status, and the rule keeps no further ones.
    """
    rule = _rule(simulation, id)
    rule.release()
    return rule_as_json(rule)


@ENDPOINTS.add("POST", "/rules/end")
def end_rules(simulation: Simulation, *, owner: str = HTTP) -> dict[str, Any]:
    """Remove the rules of the given `owner`, and return `"status": "ok"`, or an error if one of them was never applied.

    Rules that were declared as optional need not be applied.
    """
    unused = end(simulation, owner)
    if unused is not None:
        raise unused
    return {"status": "ok"}


def _rule(simulation: Simulation, identifier: str) -> Rule:
    rules = {str(rule.number): rule for rule in rules_of(simulation)}
    if identifier not in rules:
        known = f"The declared rules are: {', '.join(rules)}." if rules else "No rules are declared."
        raise PersonalizeMockError(f"There is no rule {identifier!r}. {known} Declare a rule with POST /rules.")
    return rules[identifier]


def _declare(rule: Rule, outcome: Any) -> None:
    """Add an outcome such as `{"raises": "ThrottlingException", "message": "Slow down", "times": 2}` to a rule."""
    names = [name for name in OUTCOMES if isinstance(outcome, Mapping) and name in outcome]
    if len(names) != 1:
        raise PersonalizeMockError(
            f"{outcome!r} does not say what the rule does. Send an object with one of {', '.join(OUTCOMES)}, and "
            f"optionally {', '.join(WHEN)}, such as "
            '{"raises": "ThrottlingException", "times": 2}.'
        )
    (name,) = names
    known = [name, *WHEN, *([DETAILS[name]] if name in DETAILS else [])]
    for member in outcome:
        if member not in known:
            raise PersonalizeMockError(
                f"The outcome {outcome!r} cannot have the member {member!r}. {did_you_mean(member, known)}"
            )
    when = {member: outcome[member] for member in WHEN if member in outcome}
    getattr(rule, name)(*_arguments(name, outcome), **when)


def _arguments(name: str, outcome: Mapping[str, Any]) -> list[Any]:
    value = outcome[name]
    if name == "recommends":
        if not isinstance(value, list):
            raise PersonalizeMockError(
                f"recommends: {value!r} is not a list. Send a list of ids, of pairs of id and score, "
                "or of objects with an itemId."
            )
        return [tuple(entry) if isinstance(entry, list) else entry for entry in value]
    if name == "raises" and isinstance(value, str):
        value = _fault(value) or value
    details = outcome.get(DETAILS.get(name, ""))
    return [value] if details is None else [value, details]


def _fault(name: str) -> Any:
    """Return botocore's exception class with the given name, or None if it does not stand for a failed connection.

    A rule cannot send such an exception to the client. Instead, the server closes the connection.
    """
    error = getattr(botocore_errors, name, None)
    return error if isinstance(error, type) and is_fault(error) else None
