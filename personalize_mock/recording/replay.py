"""Replay of recorded calls: the same calls, made to the mock.

Before each call, the simulated clock moves to the time at which the call was recorded. A resource may need more time in
the mock than it did in the service. If the recorded answer shows that the service had finished a change that is still
pending in the mock, the clock moves on until no change is pending, and the call is made again.
"""

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from personalize_mock.exceptions import PersonalizeMockError
from personalize_mock.recording.ids import IdTranslation, account_in
from personalize_mock.recording.reader import RecordedCall, RecordedError
from personalize_mock.recording.statuses import FINAL, statuses_in
from personalize_mock.resources.core.lifecycle import is_moving
from personalize_mock.simulation import Simulation, Store
from personalize_mock.waiting import wait
from personalize_mock.wire.dispatch import dispatch
from personalize_mock.wire.errors import ServiceError
from personalize_mock.wire.model import http_status

NOT_FOUND = "ResourceNotFoundException"
NOT_MOCKED = {  # errors that depend on the caller or the load of the service
    *("ThrottlingException", "TooManyRequestsException", "ServiceUnavailableException", "InternalServerException"),
    *("ExpiredTokenException", "UnrecognizedClientException", "InvalidSignatureException", "InvalidClientTokenId"),
    *("MissingAuthenticationTokenException", "IncompleteSignatureException", "OptInRequired", "RequestExpired"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedOutcome:
    """The outcome of a replayed call.

    Attributes:
        params: The members of the request, with the ids of the mock.
        answer: The members of the mock's answer, or None if the call failed or was not replayed.
        error: The error of the mock, or None if the call succeeded or was not replayed.
        skipped: The reason why the call was not replayed, or None.
    """

    params: dict[str, Any]
    answer: dict[str, Any] | None = None
    error: RecordedError | None = None
    skipped: str | None = None


class Replay:
    """Replay of one recording in a simulation.

    Args:
        simulation: The simulation, without resources.
        account: The id of the account that gets the calls that contain no ARN of Personalize.

    Attributes:
        ids: The translation of recorded ids to those of the mock.
    """

    def __init__(self, simulation: Simulation, account: str) -> None:
        self._simulation = simulation
        self._account = account
        self.ids = IdTranslation()

    def store(self, call: RecordedCall) -> Store:
        """Return the store that holds the resources of the account and region that a recorded call belongs to."""
        account = account_in(call.params, call.answer) or self._account
        return self._simulation.store(account, call.region)

    def run(self, call: RecordedCall) -> ReplayedOutcome:
        """Make a recorded call to the mock, unless it must be skipped, and return the outcome."""
        params = self.ids.translate(call.params)
        reason = self._reason_to_skip(call, params)
        if reason is not None:
            return ReplayedOutcome(params=params, skipped=reason)
        clock = self._simulation.clock
        clock.jump_to(max(call.at, clock.timestamp()))
        outcome = self._dispatch(call, params)
        if _is_ahead(call, outcome) and self._settle():
            outcome = self._dispatch(call, params)
        if outcome.answer is not None:
            self.ids.learn(call.answer, outcome.answer)
            self.ids.notice(outcome.answer)
        return outcome

    def _reason_to_skip(self, call: RecordedCall, params: dict[str, Any]) -> str | None:
        error = call.error
        if error is not None and error.status is None and error.code.endswith("Error"):
            return f"there was no answer ({error.code})"
        if error is not None and (error.code in NOT_MOCKED or (error.status or 0) >= 500):  # noqa: PLR2004  # HTTP
            return f"the error depends on the caller or the load ({error.code})"
        unknown = self.ids.unknown(params) if error is None else None
        return None if unknown is None else f"the mock has no {unknown}"

    def _dispatch(self, call: RecordedCall, params: dict[str, Any]) -> ReplayedOutcome:
        try:
            answer = json.loads(json.dumps(dispatch(self.store(call), call.operation, params)))  # as on the wire
            return ReplayedOutcome(params=params, answer=answer)
        except ServiceError as error:
            status = error.status or http_status(call.operation.service, error.code)
            return ReplayedOutcome(
                params=params, error=RecordedError(code=error.code, message=str(error), status=status)
            )

    def _settle(self) -> bool:
        """Advance the simulated clock until no resource is being created, changed or deleted.

        Return False if there was nothing to wait for.
        """
        moving = [each.arn for store in self._simulation.stores() for each in store.resources() if is_moving(each)]
        for arn in moving:
            with suppress(PersonalizeMockError):  # it has failed, which the comparison of statuses reports
                wait(self._simulation, arn)
        return bool(moving)


def _is_ahead(call: RecordedCall, outcome: ReplayedOutcome) -> bool:
    """Return whether the recorded service had finished a change that may still be pending in the mock.

    Args:
        call: The recorded call.
        outcome: The outcome of the same call to the mock.
    """
    if call.error is not None:
        return call.error.code == NOT_FOUND and outcome.error is None
    if outcome.error is not None:
        return True
    recorded, mocked = statuses_in(call.answer or {}), statuses_in(outcome.answer or {})
    common = recorded.keys() & mocked.keys()
    return any(recorded[key]["status"] in FINAL and mocked[key]["status"] not in FINAL for key in common)
