"""Comparison of a recorded answer with the answer of the mock.

Members, their types and their values must be equal, except times, ids and scores, which differ from run to run. Metrics
and lists of items may differ within a tolerance. `statuses.py` compares statuses, because they depend on the time of
the call.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

from personalize_mock.recording.differences import ComparedList, ComparedMetric, DifferenceKind, Findings, Tolerance
from personalize_mock.recording.ids import IdTranslation, is_id, shape_of_id, without_random_part
from personalize_mock.recording.item_lists import ITEM_LISTS, ids_of, overlap, rank_correlation
from personalize_mock.recording.reader import RecordedCall

METRICS = {"metrics", "modelMetrics"}
NOT_COMPARED = {"status", "score", "nextToken"}
HOURS = "trainingHours"


class AnswerComparison:
    """Comparison of the recorded answer to a call with the mock's answer.

    Args:
        call: The recorded call.
        ids: The translation of recorded ids to those of the mock.
        tolerance: The limits within which values count as equal.
        findings: Receives the differences, and the lists and metrics that were compared.
    """

    def __init__(self, call: RecordedCall, ids: IdTranslation, tolerance: Tolerance, findings: Findings) -> None:
        self._ids = ids
        self._tolerance = tolerance
        self._findings = findings
        self._line, self._operation = call.line, call.operation.name

    def compare(self, recorded: dict[str, Any], replayed: dict[str, Any]) -> None:
        """Compare the answers, and add the differences to the findings.

        Args:
            recorded: The recorded answer.
            replayed: The answer of the mock to the same call.
        """
        self._structure(recorded, replayed, "")

    def _add(self, kind: DifferenceKind, where: str, recorded: object, mock: object) -> None:
        texts = {"recorded": str(recorded), "mock": str(mock)}
        self._findings.add(kind, line=self._line, operation=self._operation, where=where, **texts)

    def _structure(self, recorded: dict[str, Any], replayed: dict[str, Any], path: str) -> None:
        # Other members exist in other statuses, so they are compared only if the status is the same.
        if recorded.get("status") == replayed.get("status"):
            self._members(recorded, replayed, path)
        for name, value in recorded.items():
            if name in replayed:
                self._value(value, replayed[name], f"{path}{name}", name)

    def _members(self, recorded: dict[str, Any], replayed: dict[str, Any], path: str) -> None:
        """Add a difference for each member that only one of two structures has.

        Args:
            recorded: The structure in the recorded answer.
            replayed: The structure at the same place in the answer of the mock.
            path: The beginning of the member names in the report, such as "campaign.".
        """
        for name in sorted(recorded.keys() ^ replayed.keys()):
            if name == "nextToken":
                continue
            if name in recorded:
                self._add("missing member", f"{path}{name}", type_name(recorded[name]), "absent")
            else:
                self._add("extra member", f"{path}{name}", "absent", type_name(replayed[name]))

    def _value(self, recorded: Any, replayed: Any, where: str, member: str) -> None:
        kinds = type_name(recorded), type_name(replayed)
        if kinds[0] != kinds[1]:
            self._add("type", where, *kinds)
        elif member in METRICS and isinstance(recorded, dict):
            self._metrics(recorded, replayed, where)
        elif member in ITEM_LISTS:
            self._items(recorded, replayed, where)
        elif isinstance(recorded, dict):
            self._structure(recorded, replayed, f"{where}.")
        elif isinstance(recorded, list):
            self._list(recorded, replayed, f"{where}[]")
        elif member not in NOT_COMPARED and not member.endswith("DateTime"):
            self._leaf(recorded, replayed, where, member)

    def _leaf(self, recorded: Any, replayed: Any, where: str, member: str) -> None:
        if is_id(member):
            same = shape_of_id(recorded) == shape_of_id(replayed) and self._ids.translate(recorded) == replayed
        elif member == HOURS:
            same = self._tolerance.allows_duration(recorded * 3600, replayed * 3600)
        elif isinstance(recorded, str):
            old, new = self._ids.translate_text(recorded), replayed
            same = old == new or (member == "name" and without_random_part(old) == without_random_part(new))
        else:
            same = recorded == replayed
        if not same:
            kinds: dict[str, DifferenceKind] = {"failureReason": "message", HOURS: "duration"}
            kind = kinds.get(member, "value")
            self._add(kind, where, shown(recorded), shown(replayed))

    def _metrics(self, recorded: dict[str, Any], replayed: dict[str, Any], where: str) -> None:
        self._members(recorded, replayed, f"{where}.")
        for name in sorted(recorded.keys() & replayed.keys()):
            pair = recorded[name], replayed[name]
            kinds = [*map(type_name, pair)]
            if kinds != ["number", "number"]:
                self._add("type", f"{where}.{name}", *kinds)
                continue
            self._findings.metrics.append(ComparedMetric(line=self._line, name=name, recorded=pair[0], mock=pair[1]))
            if not self._tolerance.allows_metric(*pair):
                self._add("metric", f"{where}.{name}", *pair)

    def _items(self, recorded: list[Any], replayed: list[Any], where: str) -> None:
        first, second = ids_of(recorded), ids_of(replayed)
        if len(recorded) != len(replayed):
            self._add("length", where, len(recorded), len(replayed))
        share, correlation, limit = overlap(first, second), rank_correlation(first, second), self._tolerance
        self._findings.lists.append(ComparedList(line=self._line, overlap=share, rank_correlation=correlation))
        if share < limit.overlap:
            self._add("overlap", where, "a list", f"a list with an overlap below {limit.overlap:g}")
        if correlation is not None and correlation < limit.correlation:
            self._add("order", where, "a list", f"a list with a rank correlation below {limit.correlation:g}")
        self._entries(recorded, replayed, f"{where}[].")

    def _entries(self, recorded: list[Any], replayed: list[Any], path: str) -> None:
        """Compare which members the entries of two lists of items have, and the types of these members.

        Args:
            recorded: The entries of the recorded list.
            replayed: The entries of the list of the mock.
            path: The beginning of the member names in the report, such as "itemList[].".
        """
        if not recorded or not replayed:
            return
        types = [dict(_members_of(entries)) for entries in (recorded, replayed)]
        self._members(types[0], types[1], path)
        for name, value in types[0].items():
            kinds = type_name(value), type_name(types[1].get(name, value))
            if kinds[0] != kinds[1]:
                self._add("type", f"{path}{name}", *kinds)

    def _list(self, recorded: list[Any], replayed: list[Any], where: str) -> None:
        """Compare two lists element by element. Elements are matched by ARN, or by position if they have none.

        Args:
            recorded: The recorded list.
            replayed: The list of the mock.
            where: The name of the list in the report, such as "campaigns[]".
        """
        identity = partial(_identity, ids=self._ids)
        old, new = (dict(map(identity, enumerate(values))) for values in (recorded, replayed))
        for key in {**old, **new}:
            if key in old and key in new:
                self._value(old[key], new[key], where, "")
            elif key in old and (not isinstance(key, str) or self._is_expected(key)):
                self._add("missing element", where, shown(key) if isinstance(key, str) else len(old), len(new))
            elif key in new:
                self._add("extra element", where, len(old), shown(key) if isinstance(key, str) else len(new))

    def _is_expected(self, arn: str) -> bool:
        """Return whether a resource in a recorded list must also be in the list of the mock.

        Resources that come with the service, such as recipes, and resources created in the replay are expected.

        Args:
            arn: The ARN that the resource has in the mock.
        """
        return arn in self._ids.seen or ":::" in arn


def type_name(value: Any) -> str:
    """Return the name of the type of a JSON value, such as "number" or "structure"."""
    names = {bool: "boolean", int: "number", float: "number", str: "string", list: "list", dict: "structure"}
    return names.get(type(value), "null")


def shown(value: Any) -> str:
    """Return a value as text for a report, shortened to at most 300 characters."""
    text = str(value)
    return text if len(text) <= 300 else f"{text[:297]}..."  # noqa: PLR2004  # about three lines


def _members_of(entries: list[Any]) -> Iterator[tuple[str, Any]]:
    return ((name, value) for entry in entries if isinstance(entry, dict) for name, value in entry.items())


def _identity(numbered: tuple[int, Any], *, ids: IdTranslation) -> tuple[object, Any]:
    """Return a list element with the key by which it is matched: its ARN in the mock, or its position without an ARN.

    Args:
        numbered: The position of the element in the list, and the element.
        ids: The translation of recorded ids to those of the mock.

    Returns:
        The key and the element.
    """
    position, element = numbered
    arn = None
    if isinstance(element, dict):
        arn = next((value for name, value in element.items() if name.endswith("Arn") and isinstance(value, str)), None)
    return (position if arn is None else ids.translate(arn)), element
