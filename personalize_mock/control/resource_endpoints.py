"""HTTP endpoints that load data into a mock in a server, and that save and restore the state of the mock."""

from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

from personalize_mock.control.endpoint import ENDPOINTS, JsonObject, Rows
from personalize_mock.control.endpoints import ACCOUNT, REGION
from personalize_mock.exceptions import PersonalizeMockError
from personalize_mock.loading.load import ARGUMENTS, load
from personalize_mock.loading.transfer import loaded_as_json
from personalize_mock.simulation import Simulation
from personalize_mock.snapshots.snapshot import Snapshot, restore, take
from personalize_mock.wire.direct import call, check_caller

_snapshots: "WeakKeyDictionary[Simulation, dict[str, Snapshot]]" = WeakKeyDictionary()


@ENDPOINTS.add("POST", "/load")
def load_data(
    simulation: Simulation,
    *,
    interactions: str | Rows | JsonObject | None = None,
    items: str | Rows | JsonObject | None = None,
    users: str | Rows | JsonObject | None = None,
    actions: str | Rows | JsonObject | None = None,
    action_interactions: str | Rows | JsonObject | None = None,
    recipe: str | None = None,
    config: JsonObject | None = None,
    objective: Rows | None = None,
    domain: str | None = None,
    recommenders: Rows | None = None,
    filters: JsonObject | None = None,
    schemas: JsonObject | None = None,
    name: str | None = None,
    minimums: bool = False,
    account: str = ACCOUNT,
    region: str = REGION,
) -> dict[str, Any]:
    """Create an ACTIVE campaign or ACTIVE recommenders from data (rows, columns, CSV or s3://), or from demo data.

    The members of the request are the arguments of `MockPersonalize.load`. Paths of files are refused.
    """
    check_caller(account, region)
    sources = zip(ARGUMENTS, (interactions, items, users, actions, action_interactions), strict=True)
    settings: dict[str, Any] = {"domain": domain, "recipe": recipe, "recommenders": recommenders, "config": config}
    settings |= {"objective": None if objective is None else tuple(objective), "filters": filters}
    store = simulation.store(account, region)
    data = {argument: _without_paths(argument, source) for argument, source in sources if source is not None}
    options: dict[str, Any] = {"name": name, "schemas": schemas, "minimums": minimums, "settings": settings}
    return loaded_as_json(load(store, partial(call, store), data, **options))


@ENDPOINTS.add("POST", "/snapshots")
def take_snapshot(simulation: Simulation) -> dict[str, Any]:
    """Keep a snapshot of the mock's current state on the server, and return the `id` of the snapshot."""
    kept = _snapshots.setdefault(simulation, {})
    snapshot = take(simulation)
    identifier = str(max(map(int, kept), default=0) + 1)
    kept[identifier] = snapshot
    return {"id": identifier, "snapshot": repr(snapshot)}


@ENDPOINTS.add("GET", "/snapshots")
def list_snapshots(simulation: Simulation) -> dict[str, Any]:
    """Return the `snapshots` that the server keeps: a description of each saved state, by the id of the snapshot."""
    return {"snapshots": {identifier: repr(snapshot) for identifier, snapshot in _kept(simulation).items()}}


@ENDPOINTS.add("POST", "/snapshots/{id}/restore")
def restore_snapshot(simulation: Simulation, *, id: str) -> dict[str, Any]:  # noqa: A002  # the name in the path
    """Restore the mock's state from the snapshot with the given `id`, and return this id. S3 objects do not change."""
    restore(simulation, _snapshot(simulation, id))
    return {"id": id}


@ENDPOINTS.add("DELETE", "/snapshots/{id}")
def drop_snapshot(simulation: Simulation, *, id: str) -> dict[str, Any]:  # noqa: A002  # the name in the path
    """Delete the snapshot with the given `id` from the server, and return this id."""
    _snapshot(simulation, id)
    del _snapshots[simulation][id]
    return {"id": id}


@ENDPOINTS.add("POST", "/reset")
def reset(simulation: Simulation) -> dict[str, Any]:
    """Delete all resources of Personalize, scheduled events, rules and the journal, and return `"status": "ok"`.

    The clock keeps its time.
    """
    simulation.reset()
    return {"status": "ok"}


def _kept(simulation: Simulation) -> dict[str, Snapshot]:
    return _snapshots.get(simulation, {})


def _snapshot(simulation: Simulation, identifier: str) -> Snapshot:
    kept = _kept(simulation)
    if identifier not in kept:
        known = ", ".join(kept) or "none"
        raise PersonalizeMockError(
            f"There is no snapshot {identifier!r} on the server. The ids of its snapshots are: {known}. Take one "
            "with POST /snapshots."
        )
    return kept[identifier]


def _without_paths(argument: str, source: Any) -> Any:
    """Return data for `POST /load` unchanged, or raise PersonalizeMockError if it is the path of a file.

    Requests must not read files of the server.

    Args:
        argument: The member of the request that has the data, such as "interactions".
        source: The data.
    """
    if isinstance(source, str) and not source.startswith("s3://") and "\n" not in source and "\r" not in source:
        raise PersonalizeMockError(
            f"{argument}={source!r}: neither CSV text nor the location of an object in S3. Send rows, columns, the "
            "text of a CSV file, or s3://bucket/key. The server does not read files by their paths."
        )
    return source
