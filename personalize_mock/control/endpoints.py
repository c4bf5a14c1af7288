"""HTTP endpoints for the clock, calls, journal, explanations and report of a mock in a server, and for its health."""

from typing import Any

from personalize_mock.control.encoding import clock_as_json, journal_as_json, record_as_json
from personalize_mock.control.endpoint import ENDPOINTS, JsonObject
from personalize_mock.exceptions import PersonalizeMockError
from personalize_mock.inspection.calls import find_calls
from personalize_mock.inspection.explain import explain
from personalize_mock.inspection.summary import summary
from personalize_mock.simulation import Simulation
from personalize_mock.waiting import wait
from personalize_mock.wire.direct import call_with_json, check_caller

ACCOUNT, REGION = "123456789012", "us-east-1"
TITLE = "Amazon Personalize, simulated"


@ENDPOINTS.add("GET", "/")
def list_endpoints(simulation: Simulation) -> dict[str, Any]:
    """Return a summary of the mock's `state`, its `options`, and descriptions of all control `endpoints`."""
    paths = [
        {"method": endpoint.method, "path": endpoint.path, "summary": endpoint.summary, "members": endpoint.members}
        for endpoint in ENDPOINTS
    ]
    options = {name: dict(value) if hasattr(value, "items") else value for name, value in _options(simulation)}
    with simulation.lock:  # no call may add resources meanwhile
        state = summary(simulation, is_active=True)
    return {"state": state, "options": options, "endpoints": paths}


@ENDPOINTS.add("GET", "/health")
def health(simulation: Simulation) -> dict[str, Any]:
    """Return `"status": "ok"` and the simulated time (`timestamp`), even while a long call is running."""
    return {"status": "ok", "timestamp": simulation.clock.peek()}


@ENDPOINTS.add("GET", "/clock")
def show_clock(simulation: Simulation) -> dict[str, Any]:
    """Return the simulated clock: `now`, `timestamp`, `rate`, `autojump`, and the scheduled events (`upcoming`).

    `rate` is in simulated seconds per second. `autojump` says whether repeated Describe calls move the clock.
    """
    return clock_as_json(simulation.clock)


@ENDPOINTS.add("POST", "/clock")
def change_clock(simulation: Simulation, *, rate: float | None = None, autojump: bool | None = None) -> dict[str, Any]:
    """Set the `rate` or the `autojump` of the simulated clock, and return the clock as `GET /clock` does.

    Args:
        simulation: The simulation, which holds the mock's state.
        rate: Simulated seconds per second, or None to leave the rate unchanged.
        autojump: Whether repeated Describe calls move the clock, or None to leave this unchanged.
    """
    if rate is None and autojump is None:
        raise PersonalizeMockError('POST /clock needs "rate" or "autojump". Send {"rate": 60}, for example.')
    if rate is not None:
        simulation.clock.rate = rate
    if autojump is not None:
        simulation.clock.autojump = autojump
    return clock_as_json(simulation.clock)


@ENDPOINTS.add("POST", "/clock/jump")
def jump(
    simulation: Simulation,
    *,
    seconds: float | None = None,
    minutes: float = 0,
    hours: float = 0,
    days: float = 0,
    weeks: float = 0,
) -> dict[str, Any]:
    """Move the simulated clock forward, run the events that become due, and return the clock as `GET /clock` does.

    The length of the jump is the sum of all arguments.
    """
    simulation.clock.jump(seconds, minutes=minutes, hours=hours, days=days, weeks=weeks)
    return clock_as_json(simulation.clock)


@ENDPOINTS.add("POST", "/clock/jump_to")
def jump_to(simulation: Simulation, *, instant: str | float) -> dict[str, Any]:
    """Move the clock forward to a time in ISO 8601 or epoch seconds, and return the clock as `GET /clock` does."""
    simulation.clock.jump_to(instant)
    return clock_as_json(simulation.clock)


@ENDPOINTS.add("POST", "/clock/freeze")
def freeze(simulation: Simulation) -> dict[str, Any]:
    """Stop the simulated clock, so that only jumps and Describe calls move it. Return it as `GET /clock` does."""
    simulation.clock.freeze()
    return clock_as_json(simulation.clock)


@ENDPOINTS.add("POST", "/wait")
def wait_for(simulation: Simulation, *, arn: str) -> dict[str, Any]:
    """Move the clock until a resource has a final status, and return this `status`, or null if the resource is gone."""
    return {"status": wait(simulation, arn)}


@ENDPOINTS.add("POST", "/call")
def call(
    simulation: Simulation,
    *,
    operation: str,
    params: JsonObject | None = None,
    account: str = ACCOUNT,
    region: str = REGION,
) -> dict[str, Any]:
    """Call an operation of Personalize without an AWS signature, and return its response, with times in epoch seconds.

    Args:
        simulation: The simulation, which holds the mock's state.
        operation: The name of the operation, such as "CreateSchema".
        params: The members of the request, or None if it has none.
        account: The id of the calling account.
        region: The region to call.
    """
    check_caller(account, region)
    return call_with_json(simulation.store(account, region), operation, params or {})


@ENDPOINTS.add("GET", "/calls")
def list_calls(simulation: Simulation, *, operation: str | None = None) -> dict[str, Any]:
    """Return all `calls` to Personalize, oldest first, or only those to one operation such as CreateSchema."""
    return {"calls": [record_as_json(each) for each in find_calls(simulation.journal, operation, {})]}


@ENDPOINTS.add("POST", "/calls")
def find(simulation: Simulation, *, operation: str | None = None, members: JsonObject | None = None) -> dict[str, Any]:
    """Return the `calls` to Personalize whose requests have the given members, oldest first.

    Args:
        simulation: The simulation, which holds the mock's state.
        operation: The name of the called operation. None for all operations.
        members: The members that a request must have, with their values. None for all requests.
    """
    return {"calls": [record_as_json(each) for each in find_calls(simulation.journal, operation, members or {})]}


@ENDPOINTS.add("GET", "/journal")
def journal(simulation: Simulation) -> dict[str, Any]:
    """Return the `records` of the journal, which are calls, status changes and published metrics, oldest first."""
    return {"records": journal_as_json(simulation.journal)}


@ENDPOINTS.add("POST", "/explain")
def explain_answer(simulation: Simulation, *, recommendation_id: str) -> dict[str, Any]:
    """Return an explanation of why the response with the given `recommendation_id` contains its items."""
    return explain(simulation, recommendation_id).as_dict()


@ENDPOINTS.add("GET", "/report")
def report(simulation: Simulation, *, title: str = TITLE) -> dict[str, Any]:
    """Return an HTML page that reports calls, resources and models under a `title`, as the member `html`."""
    from personalize_mock.report.facts import collect
    from personalize_mock.report.page import page

    with simulation.lock:  # no call may add resources meanwhile
        facts = collect(simulation)
    return {"html": page(facts, title=title)}


def _options(simulation: Simulation) -> list[tuple[str, Any]]:
    from dataclasses import fields

    return [(each.name, getattr(simulation.options, each.name)) for each in fields(simulation.options)]
