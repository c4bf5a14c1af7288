"""A rule: the calls that it takes, and what happens to them."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from personalize_mock.exceptions import PersonalizeMockError
from personalize_mock.journal import Call
from personalize_mock.rules.declared import bare_response, delay, failing_job, failure, held_job, is_hold
from personalize_mock.rules.item_lists import Entry, recommended
from personalize_mock.rules.matching import mismatch, short_repr
from personalize_mock.rules.outcomes import Outcome, Pass
from personalize_mock.rules.responses import returned
from personalize_mock.rules.steps import Position, Step, When, advance, choose, new_step
from personalize_mock.wire.model import Operation

if TYPE_CHECKING:
    from typing_extensions import Unpack

KEPT_MISSES = 10  # calls that a rule did not take and that the message about an unused rule lists


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Decision of a rule about a call of its operation.

    Attributes:
        outcome: What happens to the call, or None if the rule does not take it.
        reason: Why the rule does not take the call, or None if it does.
        matches: Whether the call has the members that the rule names, so that it counts for `after` and `every`.
    """

    outcome: Outcome | None = None
    reason: str | None = None
    matches: bool = True


class Rule:
    """Declaration of what happens to certain calls of one operation. `mock.on` returns it.

    The methods that declare an outcome return the rule, so that they can be chained:

        mock.on("GetRecommendations").raises("ThrottlingException", times=2).recommends("a", "b")

    Outcomes are used in order. One without `times=` is used for one call if another outcome follows, and for all
    further calls if it is the last. A rule without an outcome only counts calls.

    Each of these methods also takes the keyword arguments `times`, `after` and `every`, which choose calls: `times=2`
    is for two calls, `after=3` lets three calls pass first, and `every=3` is for every third call. Calls that pass the
    rule go on to older rules and then to the mocked service.

    Attributes:
        calls: The calls that the rule has taken, oldest first.
        optional: Whether the rule may stay unused.
        position: The position in the outcomes.
        is_released: Whether `release` has been called.
        misses: Why the rule did not take the latest calls of its operation.
        place: The file and line of the declaration.
    """

    def __init__(
        self,
        operation: Operation,
        members: Mapping[str, Any],
        *,
        number: int,
        optional: bool,
        place: str,
        release: Callable[[int], None],
    ) -> None:
        self.calls: list[Call] = []
        self.optional = optional
        self.position = Position()
        self.is_released = False
        self.misses: deque[str] = deque(maxlen=KEPT_MISSES)
        self.place = place
        self._operation, self._members, self._number, self._release = operation, members, number, release
        self._steps: list[Step] = []
        shown = [repr(operation.name), *(f"{name}={short_repr(value)}" for name, value in members.items())]
        self._text = f"mock.on({', '.join(shown)})"

    def __repr__(self) -> str:
        return self._text

    @property
    def operation(self) -> str:
        """The name of the operation, such as "GetRecommendations"."""
        return self._operation.name

    @property
    def called(self) -> bool:
        """Whether the rule has taken a call."""
        return bool(self.calls)

    @property
    def call_count(self) -> int:
        """The number of calls that the rule has taken. botocore's retries count as calls."""
        return len(self.calls)

    def recommends(self, *entries: Entry, **when: "Unpack[When]") -> "Rule":
        """Answer with a list of recommendations. The campaign or recommender need not exist.

        The response has a new `recommendationId`, and no more entries than `numResults` asks for.

            mock.on("GetRecommendations", userId="42").recommends("a", "b")
            mock.on("GetPersonalizedRanking").recommends(("a", 0.9), ("b", 0.1))
            mock.on("GetRecommendations").recommends({"itemId": "a", "metadata": {"genre": "drama"}})

        Args:
            *entries: Ids, pairs of an id and its score, or dictionaries with members of an entry. Best first.
            **when: `times`, `after` and `every` choose the calls, as the class explains.

        Raises:
            PersonalizeMockError: The operation recommends nothing, or its response cannot have such an entry.
        """
        return self._add("recommends", entries, when, partial(recommended, self._operation, entries))

    def returns(self, response: Mapping[str, Any], **when: "Unpack[When]") -> "Rule":
        """Answer with a response of your own. The request must be valid, but resources in it need not exist.

            mock.on("DescribeCampaign").returns({"campaign": {"status": "ACTIVE", "minProvisionedTPS": 5}})

        Args:
            response: The members of the response, named and typed as boto3 returns them.
            **when: `times`, `after` and `every` choose the calls, as the class explains.

        Raises:
            PersonalizeMockError: The response of the operation cannot have such a member or value.
        """
        return self._add("returns", [response], when, partial(returned, self._operation, response))

    def raises(self, error: Any, message: str | None = None, **when: "Unpack[When]") -> "Rule":
        """Make the call fail: with an error of the service, or with an exception of the HTTP client.

        botocore retries throttling, server errors and lost connections as always. The pauses between its attempts take
        no real time.

            mock.on("GetRecommendations").raises("ThrottlingException", times=2)
            mock.on("CreateCampaign").raises("LimitExceededException", "Too many campaigns.")
            mock.on("PutEvents").raises(botocore.exceptions.ReadTimeoutError)

        Args:
            error: The code of an error that the operation or any AWS service can return, or the class or an instance of
                an exception of botocore or urllib3.
            message: The message of the service's error. None uses a default.
            **when: `times`, `after` and `every` choose the calls, as the class explains.

        Raises:
            PersonalizeMockError: The operation has no such error.
        """
        arguments = [error] if message is None else [error, message]
        return self._add("raises", arguments, when, partial(failure, self._operation, error, message))

    def responds(self, status: int, body: bytes | str = b"", **when: "Unpack[When]") -> "Rule":
        """Answer with a bare HTTP status, as a load balancer in front of the service does.

            mock.on("GetRecommendations").responds(503, times=1)

        Args:
            status: An HTTP status from 300 to 599.
            body: The body of the response.
            **when: `times`, `after` and `every` choose the calls, as the class explains.

        Raises:
            PersonalizeMockError: The status is not one of an error or redirection.
        """
        return self._add("responds", [status], when, partial(bare_response, status, body))

    def delays(self, seconds: float, **when: "Unpack[When]") -> "Rule":
        """Let the call take simulated time. It then goes on to older rules and the mocked service.

        If the delay is longer than the client's `read_timeout` (60 seconds by default), the simulated clock moves by
        the timeout, the service does not see the call, and botocore gets a ReadTimeoutError, which it retries.

            mock.on("GetRecommendations").delays(3)

        Args:
            seconds: The delay in simulated seconds.
            **when: `times`, `after` and `every` choose the calls, as the class explains.

        Raises:
            PersonalizeMockError: The delay is not a number from 0 to 1e9.
        """
        return self._add("delays", [seconds], when, partial(delay, seconds))

    def fails_job(self, reason: str, **when: "Unpack[When]") -> "Rule":
        """Let the call succeed, and let what it creates or updates end in CREATE FAILED.

        This applies to imports, exports, trainings, campaigns, recommenders, filters, batch jobs, deletion jobs and
        everything else that has a status. The work itself, such as a training, is left out.

            mock.on("CreateSolutionVersion").fails_job("Out of luck")

        Args:
            reason: The `failureReason`.
            **when: `times`, `after` and `every` choose the calls, as the class explains. Refused calls do not count.

        Raises:
            PersonalizeMockError: The operation begins nothing that can fail, or the reason is empty or not a string.
        """
        return self._add("fails_job", [reason], when, partial(failing_job, self._operation, reason))

    def holds(self, status: str, **when: "Unpack[When]") -> "Rule":
        """Let the call succeed, and let what it begins stay in a status until `release` is called.

            held = mock.on("CreateCampaign").holds("CREATE IN_PROGRESS")
            ...
            held.release()

        Args:
            status: The status, such as "CREATE PENDING" or "CREATE IN_PROGRESS".
            **when: `times`, `after` and `every` choose the calls, as the class explains. Refused calls do not count.

        Raises:
            PersonalizeMockError: The operation begins nothing that passes through this status.
        """
        return self._add("holds", [status], when, partial(held_job, self._operation, status, self._number))

    def release(self) -> None:
        """Let everything that this rule holds go on, and hold nothing from now on.

        Raises:
            PersonalizeMockError: The rule holds nothing by its declaration, or its mock has ended.
        """
        if not any(is_hold(step.outcome) for step in self._steps):
            raise PersonalizeMockError(
                f"{self}: it has nothing to release. Declare .holds('CREATE IN_PROGRESS') first."
            )
        self.is_released = True
        self._release(self._number)

    def judge(self, operation: Operation, params: Mapping[str, Any]) -> Verdict | None:
        """Return whether the rule takes a call, or None if the call is one of another operation.

        Args:
            operation: The called operation.
            params: Members of the request, as JSON types.
        """
        if operation is not self._operation:
            return None
        reason = mismatch(self._members, params)
        if reason is not None:
            return Verdict(reason=reason, matches=False)
        chosen = choose(self._steps, self.position)
        if isinstance(chosen, str):
            return Verdict(reason=chosen)
        return Verdict(outcome=Pass() if self.is_released and is_hold(chosen) else chosen)

    def record(self, call: Call, verdict: Verdict) -> None:
        """Record a call of the rule's operation, and what the rule has decided about it."""
        if verdict.outcome is not None:
            self.calls.append(call)
        elif verdict.reason is not None:
            self.misses.append(verdict.reason)
        if verdict.matches:
            self.position = advance(self._steps, self.position, applied=verdict.outcome is not None)

    def _add(
        self, name: str, arguments: Sequence[Any], when: Mapping[str, Any], make: Callable[..., Outcome]
    ) -> "Rule":
        """Add an outcome.

        Args:
            name: The name of the method that declares it.
            arguments: The arguments of this method, for messages.
            when: The keyword arguments that choose calls.
            make: Function that checks the arguments and returns the outcome. Its argument `where` is the declaration.
        """
        shown = [*map(short_repr, arguments), *(f"{key}={value!r}" for key, value in when.items())]
        text = f"{self._text}.{name}({', '.join(shown)})"
        try:
            self._steps.append(new_step(make(where=text), when, where=text))
        except PersonalizeMockError:
            self.optional = True  # nothing can use it, and this error says more
            raise
        self._text = text
        return self
