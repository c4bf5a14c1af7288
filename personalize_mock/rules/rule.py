"""A rule, and its methods that declare what happens to the calls to which it applies."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from personalize_mock.exceptions import PersonalizeMockError
from personalize_mock.rules.call_matcher import CallMatcher
from personalize_mock.rules.declared import bare_response, delay, failing_job, failure, held_job, is_hold
from personalize_mock.rules.item_lists import Entry, recommended
from personalize_mock.rules.matching import short_repr
from personalize_mock.rules.outcomes import Outcome
from personalize_mock.rules.responses import returned
from personalize_mock.rules.steps import When, new_step

if TYPE_CHECKING:
    from typing_extensions import Unpack


class Rule(CallMatcher):
    """Declaration of what happens to certain calls to one operation. `mock.on` returns it.

    The methods that declare an outcome return the rule, so that they can be chained:

        mock.on("GetRecommendations").raises("ThrottlingException", times=2).recommends("a", "b")

    Outcomes are used in order. An outcome without `times=` is used for one call if another outcome follows, and for all
    further calls if it is the last. A rule without an outcome only counts calls.

    Each of these methods also takes the keyword arguments `times`, `after` and `every`, which choose calls: `times=2`
    applies the outcome to two calls, `after=3` skips three calls first, and `every=3` applies it to every third call.
    Skipped calls go to older rules and then to the mocked service.

    Attributes:
        calls: The calls to which the rule was applied, oldest first.
    """

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
        """Make the call fail with a service error or an exception of the HTTP client.

        botocore retries throttling, server errors and lost connections as usual. The pauses between its attempts take
        no real time.

            mock.on("GetRecommendations").raises("ThrottlingException", times=2)
            mock.on("CreateCampaign").raises("LimitExceededException", "Too many campaigns.")
            mock.on("PutEvents").raises(botocore.exceptions.ReadTimeoutError)

        Args:
            error: The code of an error that the operation or any AWS service can return, or the class or an instance of
                an exception of botocore or urllib3.
            message: The message of the service's error, or None for a default message.
            **when: `times`, `after` and `every` choose the calls, as the class explains.

        Raises:
            PersonalizeMockError: The operation cannot return this error, or the exception cannot be created.
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
            PersonalizeMockError: The status is not an integer from 300 to 599, or the body is neither a string nor
                bytes.
        """
        return self._add("responds", [status], when, partial(bare_response, status, body))

    def delays(self, seconds: float, **when: "Unpack[When]") -> "Rule":
        """Delay the call in simulated time. It then goes to older rules and the mocked service.

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
        """Let the call succeed, but make the resource or job that it creates or updates fail.

        The final status is CREATE FAILED, for example. This applies to imports, exports, trainings, campaigns,
        recommenders, filters, batch jobs, deletion jobs and everything else that has a status. The work itself, such as
        a training, is not done.

            mock.on("CreateSolutionVersion").fails_job("Out of luck")

        Args:
            reason: The `failureReason`.
            **when: `times`, `after` and `every` choose the calls, as the class explains. Calls that the service refuses
                do not count.

        Raises:
            PersonalizeMockError: The operation begins nothing that can fail, or the reason is empty or not a string.
        """
        return self._add("fails_job", [reason], when, partial(failing_job, self._operation, reason))

    def holds(self, status: str, **when: "Unpack[When]") -> "Rule":
        """Let the call succeed, but keep the created or changed resource in a status until `release` is called.

            held = mock.on("CreateCampaign").holds("CREATE IN_PROGRESS")
            ...
            held.release()

        Args:
            status: The status, such as "CREATE PENDING" or "CREATE IN_PROGRESS".
            **when: `times`, `after` and `every` choose the calls, as the class explains. Calls that the service refuses
                do not count.

        Raises:
            PersonalizeMockError: The resource does not pass through this status after a call to the operation.
        """
        return self._add("holds", [status], when, partial(held_job, self._operation, status, self._number))

    def release(self) -> None:
        """Release all resources that this rule holds in a status, and hold no more resources.

        Raises:
            PersonalizeMockError: The rule does not declare `holds`, or its mock has ended.
        """
        if not any(is_hold(step.outcome) for step in self._steps):
            raise PersonalizeMockError(
                f"{self}: this rule does not hold resources in a status, so there is nothing to release. Declare it "
                "with .holds('CREATE IN_PROGRESS')."
            )
        if not self._release(self._number):
            raise PersonalizeMockError(
                f"{self}: the mock has ended, so there is nothing left to release. Call release() before the mock ends."
            )
        self.is_released = True

    def _add(
        self, name: str, arguments: Sequence[Any], when: Mapping[str, Any], make: Callable[..., Outcome]
    ) -> "Rule":
        """Add an outcome, and return the rule.

        Args:
            name: The name of the method that declares the outcome.
            arguments: The arguments of this method, for messages.
            when: The keyword arguments `times`, `after` and `every`, which choose calls.
            make: Function that checks the arguments and returns the outcome. Its argument `where` is the declaration
                as text.
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
