"""Lists of items or actions that a rule returns as recommendations."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from personalize_mock.exceptions import PersonalizeMockError
from personalize_mock.rules.outcomes import Recommends
from personalize_mock.rules.responses import check_constraints
from personalize_mock.rules.values import to_json
from personalize_mock.wire.model import Operation

Entry: TypeAlias = "str | tuple[str, float] | Mapping[str, Any]"  # an id, an id with its score, members of an entry

_LISTS = {
    "GetRecommendations": ("itemList", "itemId"),
    "GetPersonalizedRanking": ("personalizedRanking", "itemId"),
    "GetActionRecommendations": ("actionList", "actionId"),
}


def recommended(operation: Operation, entries: Sequence[Entry], *, where: str) -> Recommends:
    """Return the outcome that answers a call with a list of recommendations.

    Args:
        operation: The operation to answer.
        entries: Ids, pairs of an id and its score, or dictionaries with members of an entry, best first.
        where: The declaration of the rule as text, which begins the error message.

    Raises:
        PersonalizeMockError: The operation recommends nothing, or its response cannot have such an entry.
    """
    if operation.name not in _LISTS or operation.output is None:
        raise PersonalizeMockError(
            f"{where}: {operation.name} returns no recommendations. Write .returns({{...}}) for its response, or "
            f"declare the list for one of {', '.join(_LISTS)}."
        )
    member, id_member = _LISTS[operation.name]
    shape = operation.output.members[member]
    members = [_members(entry, id_member, where) for entry in entries]
    body = to_json(shape, members, where=f"{where}: {member}")
    check_constraints(shape, body, where=where, path=member)
    _check_ids(body, id_member, where)
    return Recommends(member, id_member, body)


def _members(entry: Any, id_member: str, where: str) -> Mapping[str, Any]:
    if isinstance(entry, str):
        return {id_member: entry}
    if isinstance(entry, Mapping):
        return entry
    if isinstance(entry, tuple) and len(entry) == 2:  # noqa: PLR2004  # a pair
        return {id_member: entry[0], "score": entry[1]}
    hint = f"Write {str(entry)!r}." if isinstance(entry, int) else f"Write an id, (id, score) or {{{id_member!r}: id}}."
    if isinstance(entry, list):
        hint = "Write the entries as separate arguments: .recommends(*entries)."
    raise PersonalizeMockError(f"{where}: the entry {entry!r} is neither an id, a pair nor a dictionary. {hint}")


def _check_ids(body: Sequence[Mapping[str, Any]], id_member: str, where: str) -> None:
    ids = [entry.get(id_member) for entry in body]
    if None in ids:
        raise PersonalizeMockError(f"{where}: the entry {dict(body[ids.index(None)])!r} has no {id_member}. Add one.")
    repeated = next((id_ for position, id_ in enumerate(ids) if id_ in ids[:position]), None)
    if repeated is not None:
        raise PersonalizeMockError(
            f"{where}: the id {repeated!r} appears twice, but the service never repeats an id. Remove one of them."
        )
