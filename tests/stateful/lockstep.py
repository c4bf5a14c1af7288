"""Engine and model in lockstep: every step runs in both, and the results are compared."""

import copy
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, cast

from botocore import xform_name
from stateful import rules_data, rules_deletions, rules_jobs, rules_runtime, rules_serving, rules_training
from stateful.comparison import Summary, matches
from stateful.engine import START, Files, Setup
from stateful.model import ACCOUNT, REGION, RULES, ExpectedErrors, Model, Request
from stateful.resource_types import NAMELESS, RESOURCE_TYPES, ResourceType
from stateful.timeline import ACTIVE, FAILURES, ModelResource

from personalize_mock.journal import Transition
from personalize_mock.wire.dispatch import dispatch
from personalize_mock.wire.errors import ServiceError
from personalize_mock.wire.model import operation_by_name

IMPORTED = (
    rules_data,
    rules_deletions,
    rules_jobs,
    rules_runtime,
    rules_serving,
    rules_training,
)  # importing them fills the rule table


class Lockstep:
    """An engine and a model that run the same steps.

    Attributes:
        steps: Steps so far, for `replay`.
        counts: Number of calls, errors and transitions, by `(topic, name)`.
    """

    def __init__(self, setup: Setup, counts: Counter[tuple[str, str]] | None = None) -> None:
        self.setup = setup
        self.simulation = setup.simulation()
        self.files = cast(Files, self.simulation.environment)
        self.store = self.simulation.store(ACCOUNT, REGION)
        self.model = Model(START, quotas=setup.quotas, factor=setup.factor)
        self.model.automatic_version = self._automatic_version
        self.model.read_attribute = lambda arn, name: getattr(self.store.resource(arn), name)
        self.counts = Counter() if counts is None else counts
        self.steps: list[tuple[Any, ...]] = []
        self._records_read = 0
        self._reader: Reader | None = None

    @property
    def clock(self) -> Any:
        return self.simulation.clock

    def jump(self, seconds: float) -> None:
        self.steps.append(("jump", seconds))
        self.clock.jump(seconds)
        self._synchronize(catch_up=True)

    def call(self, operation: str, **request: Any) -> None:
        """Call an operation and check that it succeeds or fails as the model expects."""
        self.steps.append(("call", operation, request))
        self._catch_up()
        if operation.startswith("Describe"):
            self._describe(RESOURCE_TYPES[operation.removeprefix("Describe")], *request.values())
            return
        refuse = ExpectedErrors()
        arguments = {xform_name(name): copy.deepcopy(value) for name, value in request.items()}
        accepted = RULES[operation](self.model, refuse, **arguments)
        before = self._snapshot() if refuse.must or refuse.may else None
        moment = self.clock.timestamp()
        response, error = self._dispatch(operation, request)
        if error is None:
            assert not refuse.must, f"{operation} was accepted, expected {refuse.must}"
            assert accepted is not None
            self.counts["accepted", operation] += 1
            accepted(response)
        else:
            assert error in refuse.must | refuse.may, f"{operation}: {error}, expected {refuse.must or 'no error'}"
            assert not refuse.before(error), f"{operation}: {error}, expected {refuse.before(error)} first"
            unchanged = self.clock.timestamp() > moment or self._snapshot() == before
            assert unchanged, f"a rejected {operation} changed the state"
        self._synchronize()

    def list_all(self, name: str, size: int | None = None, parent: str | None = None) -> None:
        """List the resources of a type, page by page if a page size is given."""
        self.steps.append(("list_all", name, size, parent))
        self._catch_up()
        resource_type = RESOURCE_TYPES[name]
        narrowed = {} if parent is None or resource_type.parent is None else {resource_type.parent: parent}
        if size is None:
            actual, _ = self._page(resource_type, narrowed)
        else:
            with self._stopped_clock():
                actual = list(self._pages(resource_type, narrowed, size))
        expected = self._expected_entries(resource_type, narrowed)
        assert actual == expected, f"{resource_type.listing}: {actual} instead of {expected}"

    def toggle_file(self, name: str) -> None:
        """Remove a file from S3, or restore it."""
        self.steps.append(("toggle_file", name))
        for missing in (self.model.missing_files, self.files.missing_files):
            missing.symmetric_difference_update([name])

    def read_next_page(self, name: str, size: int) -> None:
        """Read one more page of a list, while resources are created and deleted between the pages."""
        self.steps.append(("read_next_page", name, size))
        self._catch_up()
        if self._reader is None:
            self._reader = Reader(
                resource_type=RESOURCE_TYPES[name],
                size=size,
                present=list(self.model.resources[name].values()),
                seen=[],
            )
        reader = self._reader
        with self._stopped_clock():
            entries, reader.token = self._page(reader.resource_type, {}, size=reader.size, token=reader.token)
        reader.seen += [entry[reader.resource_type.arn] for entry in entries]
        if reader.token is None:
            self._reader = None
            self.counts["lists read page by page", reader.resource_type.name] += 1
            assert all(reader.seen.count(resource.arn) == 1 for resource in reader.present if not resource.deleted)

    def check_bad_token(self, name: str, other: str) -> None:
        """Check that a list rejects the token of another list."""
        self.steps.append(("check_bad_token", name, other))
        self._catch_up()
        with self._stopped_clock():
            _, token = self._page(RESOURCE_TYPES[other], {}, size=1)
            token_request = {"nextToken": token if token and name != other else "nonsense"}
            assert self._dispatch(RESOURCE_TYPES[name].listing, token_request)[1] == "InvalidNextToken"

    def check_everything(self) -> None:
        """Compare all lists and descriptions with the model, and check that referenced resources exist."""
        self._catch_up()
        with self._stopped_clock():
            for resource_type in RESOURCE_TYPES.values():
                entries, token = self._page(resource_type, {})
                assert token is None
                assert entries == self._expected_entries(resource_type, {})
                for entry in entries:
                    self._describe(resource_type, entry[resource_type.arn])
        self._check_references()

    def _check_references(self) -> None:
        """Check that every resource but jobs references existing resources."""
        for resource_type, member, target in REFERENCES:
            for resource in self.model.all(resource_type):
                assert self.store.resource(resource.shown[member]) is not None, f"{resource.arn} names no {target}"

    def _dispatch(self, operation: str, request: Request) -> tuple[dict[str, Any], str | None]:
        modelled = operation_by_name(operation)
        assert modelled is not None
        self.counts["calls", operation] += 1
        try:
            return dict(dispatch(self.store, modelled, copy.deepcopy(request))), None
        except ServiceError as refusal:
            error = refusal.code.removesuffix("Exception")
            self.counts["errors", error] += 1
            self.counts[f"errors of {operation}", error] += 1
            return {}, error

    def _describe(self, resource_type: ResourceType, arn: str) -> None:
        response, error = self._dispatch(f"Describe{resource_type.name}", {resource_type.arn: arn})
        self._synchronize()
        resource = self.model.get(resource_type.name, arn)
        assert error == ("ResourceNotFound" if resource is None else None)
        if resource is not None:
            actual = response[resource_type.member]
            expected = self._expected_description(resource, actual)
            assert matches(actual, expected), f"Describe{resource_type.name}: {actual} instead of {expected}"

    def _expected_description(self, resource: ModelResource, actual: dict[str, Any]) -> dict[str, Any]:
        """Return the expected description. Values that the model does not know are `...`."""
        shown = dict(resource.shown)
        if resource.resource_type == "SolutionVersion" and resource.status == ACTIVE:
            shown["trainingHours"] = ...
        if (resource.status or "").startswith("UPDATE"):
            changing = {name: shown[name] for name in ("status", "lastUpdatedDateTime")}
            shown["latestDatasetUpdate"] = shown["latestDatasetUpdate"] | changing
        if resource.status == "COMPLETED":
            shown["numDeleted"] = ...
        if resource.resource_type == "Recommender" and not (resource.status or "").startswith(("CREATE", "DELETE")):
            shown["modelMetrics"] = actual.get("modelMetrics")
        if resource.resource_type == "Solution" and "newest" in resource.facts:
            version = self.model.resources["SolutionVersion"][resource.facts["newest"]]
            shown["latestSolutionVersion"] = self._summary(RESOURCE_TYPES["SolutionVersion"], version)
        return {name: value for name, value in shown.items() if value is not None}

    def _expected_entries(self, resource_type: ResourceType, narrowed: Request) -> list[dict[str, Any]]:
        """Return the expected entries of a list."""
        entries = [
            self._summary(resource_type, resource) for resource in self.model.all(resource_type.name, **narrowed)
        ]
        return entries[::-1] if resource_type.newest_first else entries

    def _summary(self, resource_type: ResourceType, resource: ModelResource) -> dict[str, Any]:
        dates = ("creationDateTime", "lastUpdatedDateTime")
        members = {resource_type.arn, *dates, "status", *resource_type.summary} | (
            set() if resource_type.name in NAMELESS else {"name"}
        )
        return Summary({name: resource.shown[name] for name in members if name in resource.shown})

    def _page(
        self, resource_type: ResourceType, narrowed: Request, *, size: int | None = None, token: str | None = None
    ) -> tuple[list[Any], str | None]:
        paging = {"maxResults": size, "nextToken": token}
        page_request = {**narrowed, **{name: value for name, value in paging.items() if value is not None}}
        response, error = self._dispatch(resource_type.listing, page_request)
        self._synchronize()
        parent = narrowed.get("solutionArn")
        unknown = resource_type.name == "SolutionVersion" and parent and self.model.get("Solution", parent) is None
        assert error == ("ResourceNotFound" if unknown else None)
        page = response.get(resource_type.plural, [])
        assert len(page) <= (size or 100)
        return page, response.get("nextToken")

    def _pages(self, resource_type: ResourceType, narrowed: Request, size: int) -> Iterator[Any]:
        token: str | None = None
        while True:
            page, token = self._page(resource_type, narrowed, size=size, token=token)
            yield from page
            if token is None:
                return
            assert len(page) == size

    def _stopped_clock(self) -> "_StoppedClock":
        return _StoppedClock(self.clock)

    def _automatic_version(self, solution: str) -> str:
        """Return the ARN of the version that the engine has created automatically at the model's time."""
        for record in islice(self.simulation.journal, self._records_read, None):
            created = (
                isinstance(record, Transition) and record.status == "CREATE PENDING" and record.at == self.model.now
            )
            if created and record.arn.startswith(f"{solution}/") and record.arn not in self.model.used_ids:
                return record.arn
        raise AssertionError(f"{solution} is not trained automatically at {self.model.now - START}")

    def _catch_up(self) -> None:
        self.clock.catch_up()
        self._synchronize(catch_up=True)

    def _synchronize(self, *, catch_up: bool = False) -> None:
        """Advance the model to the engine's time, and compare the transitions."""
        now = self.clock.timestamp()
        if catch_up or now > self.model.now:
            self.model.advance(now)
        new = [
            record
            for record in islice(self.simulation.journal, self._records_read, None)
            if isinstance(record, Transition)
        ]
        self._records_read = len(self.simulation.journal)
        happened = [(record.at, record.arn, record.status) for record in new]
        expected, self.model.transitions = self.model.transitions, []
        assert happened == sorted(happened, key=lambda entry: entry[0])
        happened, expected = (sorted(entries, key=lambda entry: entry[:2]) for entries in (happened, expected))
        assert happened == expected, f"statuses {happened} instead of {expected}"
        for record in new:
            assert bool(record.failure_reason) == (record.status in FAILURES)
            self.counts["transitions", str(record.status)] += 1

    def _snapshot(self) -> Any:
        """Return everything that a call can change, for comparison."""
        state = {resource.arn: _attributes(resource) for resource in self.store.resources()}
        journal = [record for record in self.simulation.journal if isinstance(record, Transition)]
        store = self.store
        return state, self.clock.upcoming(), len(journal), dict(store._counts), store._added, len(store.recommendations)


# Members that reference a resource which must exist.
REFERENCES = (
    ("Dataset", "schemaArn", "schema"),
    ("Dataset", "datasetGroupArn", "group"),
    ("EventTracker", "datasetGroupArn", "group"),
    ("Filter", "datasetGroupArn", "group"),
    ("Solution", "datasetGroupArn", "group"),
    ("Recommender", "datasetGroupArn", "group"),
    ("SolutionVersion", "solutionArn", "solution"),
    ("SolutionVersion", "datasetGroupArn", "group"),
    ("Campaign", "solutionVersionArn", "version"),
    ("MetricAttribution", "datasetGroupArn", "group"),
)


@dataclass(kw_only=True)
class Reader:
    """State of a list that is read page by page."""

    resource_type: ResourceType
    size: int
    present: list[ModelResource]
    seen: list[str]
    token: str | None = None


class _StoppedClock:
    """Context manager in which polls do not move the clock."""

    def __init__(self, clock: Any) -> None:
        self._clock, self._autojump = clock, clock.autojump

    def __enter__(self) -> None:
        self._clock.autojump = False

    def __exit__(self, *_: object) -> None:
        self._clock.autojump = self._autojump


def _attributes(resource: Any) -> dict[str, Any]:
    """Return the public attributes of a resource. Mutable parts are copied."""
    values = {name: value for name, value in vars(resource).items() if name[0] != "_"}
    for name in MUTABLE_PARTS:
        if values.get(name) is not None:
            values[name] = copy.copy(values[name])
    return values


MUTABLE_PARTS = (
    "lifecycle_state",
    "replacement",
    "metrics",
    "latest_solution_update",
    "latest_campaign_update",
    "latest_recommender_update",
)
