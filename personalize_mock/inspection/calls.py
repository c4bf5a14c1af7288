"""Lists of calls, with assertions that have the names of those in unittest.mock."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from personalize_mock.exceptions import PersonalizeMockError
from personalize_mock.journal import Call, Journal, call_text
from personalize_mock.rules.matching import is_condition, mismatch
from personalize_mock.rules.values import to_json
from personalize_mock.wire.direct import named_operation
from personalize_mock.wire.model import Operation

SHOWN = 10  # calls in a message


class Calls(list[Call]):
    """List of calls to Personalize, oldest first, with assertion methods. `mock.calls` returns it.

        mock.calls("PutEvents", userId="u1").assert_called_once()
        mock.calls("DeleteCampaign").assert_not_called()
        mock.calls("GetRecommendations").assert_called_with(userId="u1", numResults=5)
        assert mock.calls("GetRecommendations").last.error is None

    Later calls are not added to the list. A failed assertion raises AssertionError, and its message shows the calls
    that were made. Keyword arguments are expected members of a request, as in `mock.on`. The request may have further
    members.
    """

    def __init__(self, calls: Iterable[Call], *, wanted: "Wanted", others: Iterable[Call]) -> None:
        super().__init__(calls)
        self._wanted = wanted
        self._others = list(others)

    @property
    def called(self) -> bool:
        """Whether there is at least one call."""
        return bool(self)

    @property
    def call_count(self) -> int:
        """The number of calls. Each retry by botocore counts as a call."""
        return len(self)

    @property
    def first(self) -> Call:
        """The oldest call. If there are no calls, AssertionError is raised."""
        self.assert_called()
        return self[0]

    @property
    def last(self) -> Call:
        """The latest call. If there are no calls, AssertionError is raised."""
        self.assert_called()
        return self[-1]

    def assert_called(self) -> None:
        """Assert that there is at least one call."""
        if not self:
            raise AssertionError(f"{self._wanted} was not called. {self._made_instead()}")

    def assert_not_called(self) -> None:
        """Assert that there are no calls."""
        if self:
            times = _times(len(self))
            raise AssertionError(f"{self._wanted} was called {times}, but should not have been called:{_listed(self)}")

    def assert_called_once(self) -> None:
        """Assert that there is exactly one call."""
        self.assert_call_count(1)

    def assert_call_count(self, count: int) -> None:
        """Assert that there are exactly `count` calls."""
        if count and not self:
            self.assert_called()
        if len(self) != count:
            raise AssertionError(f"{self._wanted} was called {_times(len(self))}, not {_times(count)}:{_listed(self)}")

    def assert_called_with(self, **members: Any) -> None:
        """Assert that the request of the latest call has these members.

        Args:
            **members: The expected value of each member, as in `mock.on`. A dictionary may omit keys of the actual
                value. A function gets the actual value and returns whether it is accepted. None means that the
                request must lack the member.

        Raises:
            AssertionError: There are no calls, or the request of the latest call does not match.
            PersonalizeMockError: The operation has no such member, or a value has the wrong type.
        """
        wanted = self._wanted.narrowed(members)
        reason = wanted.mismatch(self.last)
        if reason is not None:
            raise AssertionError(f"{wanted} is not the latest call: {reason}. The calls were:{_listed(self)}")

    def assert_called_once_with(self, **members: Any) -> None:
        """Assert that there is exactly one call, and that its request has these members.

        `assert_called_with` describes the arguments.
        """
        self.assert_called_once()
        self.assert_called_with(**members)

    def assert_any_call(self, **members: Any) -> None:
        """Assert that the request of at least one call has these members.

        `assert_called_with` describes the arguments.
        """
        wanted = self._wanted.narrowed(members)
        if not any(wanted.mismatch(call) is None for call in self):
            self.assert_called()
            raise AssertionError(f"{wanted} was not called. The calls were:{_listed(self)}")

    def _made_instead(self) -> str:
        same = [call for call in self._others if call.operation == self._wanted.name]
        if same:
            lines = [f"{call}: {self._wanted.mismatch(call)}" for call in same[-SHOWN:]]
            return f"The latest calls of {self._wanted.name} do not match:{_bullets(lines)}"
        counts = Counter(call.operation for call in self._others)
        made = ", ".join(f"{name} ({count})" for name, count in counts.items())
        return f"Calls that were made: {made or 'none'}."


class Wanted:
    """Condition that selects calls by their operation and the members of their requests.

    Args:
        operation: The operation, or None for all operations.
        members: The expected members of requests by name, as in `Calls.assert_called_with`. They require an operation.
    """

    def __init__(self, operation: Operation | None, members: Mapping[str, Any]) -> None:
        if members and operation is None:
            raise PersonalizeMockError(
                f"mock.calls({next(iter(members))}=...): the operation is missing. Write it first, for example "
                f"mock.calls('PutEvents', {next(iter(members))}=...)."
            )
        self._operation = operation
        where = f"mock.calls({self.name!r})"
        self._members = operation and to_json(operation.input, members, where=where, keeps=is_condition)

    def __str__(self) -> str:
        return call_text(self.name, self._members) if self._members else self.name

    @property
    def name(self) -> str:
        """The name of the operation, or "Any operation" if calls of all operations are selected."""
        return self._operation.name if self._operation else "Any operation"

    def narrowed(self, members: Mapping[str, Any]) -> "Wanted":
        """Return a new condition that also expects `members`. They replace expected members of the same name."""
        return Wanted(self._operation, {**(self._members or {}), **members})

    def mismatch(self, call: Call) -> str | None:
        """Return the reason why a call does not meet the condition as text, or None if it meets the condition."""
        if self._operation is None:
            return None
        if call.operation != self.name:
            return "this call is to another operation"
        return mismatch(self._members, call.params)


def find_calls(journal: Journal, operation_name: str | None, members: Mapping[str, Any]) -> Calls:
    """Return the calls to an operation whose requests have the given members.

    If no members are given, return all calls to the operation.

    Args:
        journal: The log of calls.
        operation_name: The name of the operation in the API, or None for all operations.
        members: The expected members of the requests by name, as in `Calls.assert_called_with`.

    Raises:
        PersonalizeMockError: The operation or a member does not exist, a value has the wrong type, or there are members
            but no operation.
    """
    wanted = Wanted(None if operation_name is None else named_operation(operation_name), members)
    fitting: list[Call] = []
    others: list[Call] = []
    for call in journal.calls():
        (fitting if wanted.mismatch(call) is None else others).append(call)
    return Calls(fitting, wanted=wanted, others=others)


def _listed(calls: list[Call]) -> str:
    earlier = [f"({len(calls) - SHOWN} earlier calls)"] if len(calls) > SHOWN else []
    return _bullets([*earlier, *map(str, calls[-SHOWN:])])


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _bullets(lines: Iterable[str]) -> str:
    return "".join(f"\n  - {line}" for line in lines)
