"""One sequence: the engine and the model side by side, compared after every step."""

import copy
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from botocore import xform_name
from stateful import rules_data, rules_deletions, rules_jobs, rules_runtime, rules_serving, rules_training
from stateful.comparing import Summary, alike
from stateful.engine import START, Setup
from stateful.kinds import KINDS, NAMELESS, Kind
from stateful.model import ACCOUNT, REGION, RULES, Model, Refusals, Request
from stateful.timeline import ACTIVE, FAILURES, Thing

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
)  # they fill the table


class Walk:
    """An engine and a model that go the same way.

    Attributes:
        steps: what was done so far; `replay` does it again.
        counts: calls, refusals and transitions, by `(what, name)`.
    """

    def __init__(self, setup: Setup, counts: Counter[tuple[str, str]] | None = None) -> None:
        self.setup = setup
        self.simulation = setup.simulation()
        self.store = self.simulation.store(ACCOUNT, REGION)
        self.model = Model(START, quotas=setup.quotas, factor=setup.factor)
        self.model.trained = self._trained
        self.model.peek = lambda arn, name: getattr(self.store.resource(arn), name)
        self.counts = Counter() if counts is None else counts
        self.steps: list[tuple[Any, ...]] = []
        self._read = 0
        self._reader: Reader | None = None

    @property
    def clock(self) -> Any:
        return self.simulation.clock

    def jump(self, seconds: float) -> None:
        self.steps.append(("jump", seconds))
        self.clock.jump(seconds)
        self._meet(catch_up=True)

    def call(self, operation: str, **request: Any) -> None:
        """Calls an operation, of which the model knows how it must end."""
        self.steps.append(("call", operation, request))
        self._catch_up()
        if operation.startswith("Describe"):
            self._describe(KINDS[operation.removeprefix("Describe")], *request.values())
            return
        refuse = Refusals()
        arguments = {xform_name(name): copy.deepcopy(value) for name, value in request.items()}
        accepted = RULES[operation](self.model, refuse, **arguments)
        before = self._state() if refuse.must or refuse.may else None
        moment = self.clock.timestamp()
        response, error = self._answer(operation, request)
        if error is None:
            assert not refuse.must, f"{operation} was accepted, but must be refused: {refuse.must}"
            assert accepted is not None
            self.counts["accepted", operation] += 1
            accepted(response)
        else:
            assert error in refuse.must | refuse.may, f"{operation}: {error}, expected {refuse.must or 'no refusal'}"
            assert not refuse.before(error), f"{operation}: {error}, expected {refuse.before(error)} before"
            unchanged = self.clock.timestamp() > moment or self._state() == before
            assert unchanged, f"a refused {operation} changed something"
        self._meet()

    def list_all(self, name: str, size: int | None = None, parent: str | None = None) -> None:
        """Lists a kind, page by page if a page's size is given."""
        self.steps.append(("list_all", name, size, parent))
        self._catch_up()
        kind = KINDS[name]
        narrowed = {} if parent is None or kind.parent is None else {kind.parent: parent}
        if size is None:
            found, _ = self._page(kind, narrowed)
        else:
            with self._standing():
                found = list(self._pages(kind, narrowed, size))
        expected = self._entries(kind, narrowed)
        assert found == expected, f"{kind.listing}: {found} instead of {expected}"

    def hide(self, kind: str) -> None:
        """A file of S3 goes, or comes back."""
        self.steps.append(("hide", kind))
        for hidden in (self.model.hidden, self.simulation.environment.hidden):
            hidden.symmetric_difference_update([kind])

    def read_on(self, name: str, size: int) -> None:
        """Reads one more page of a list that is read slowly, while things come and go."""
        self.steps.append(("read_on", name, size))
        self._catch_up()
        if self._reader is None:
            self._reader = Reader(kind=KINDS[name], size=size, there=list(self.model.things[name].values()), seen=[])
        reader = self._reader
        with self._standing():
            entries, reader.token = self._page(reader.kind, {}, size=reader.size, token=reader.token)
        reader.seen += [entry[reader.kind.arn] for entry in entries]
        if reader.token is None:
            self._reader = None
            self.counts["lists read slowly", reader.kind.name] += 1
            assert all(reader.seen.count(thing.arn) == 1 for thing in reader.there if not thing.gone)

    def bad_token(self, name: str, other: str) -> None:
        """A token of another list is none of this one's."""
        self.steps.append(("bad_token", name, other))
        self._catch_up()
        with self._standing():
            _, token = self._page(KINDS[other], {}, size=1)
            asked = {"nextToken": token if token and name != other else "nonsense"}
            assert self._answer(KINDS[name].listing, asked)[1] == "InvalidNextToken"

    def look_at_everything(self) -> None:
        """Lists agree with describes and both with the model, and whatever is named is there."""
        self._catch_up()
        with self._standing():
            for kind in KINDS.values():
                entries, token = self._page(kind, {})
                assert token is None
                assert entries == self._entries(kind, {})
                for entry in entries:
                    self._describe(kind, entry[kind.arn])
        self._check_references()

    def _check_references(self) -> None:
        """Jobs outlive what they were made for; nothing else does."""
        for kind, member, target in REFERENCES:
            for thing in self.model.all(kind):
                assert self.store.resource(thing.shown[member]) is not None, f"{thing.arn} names no {target}"

    def _answer(self, operation: str, request: Request) -> tuple[dict[str, Any], str | None]:
        asked = operation_by_name(operation)
        assert asked is not None
        self.counts["calls", operation] += 1
        try:
            return dict(dispatch(self.store, asked, copy.deepcopy(request))), None
        except ServiceError as refusal:
            error = refusal.code.removesuffix("Exception")
            self.counts["refusals", error] += 1
            self.counts[f"refusals {operation}", error] += 1
            return {}, error

    def _describe(self, kind: Kind, arn: str) -> None:
        response, error = self._answer(f"Describe{kind.name}", {kind.arn: arn})
        self._meet()
        thing = self.model.get(kind.name, arn)
        assert error == ("ResourceNotFound" if thing is None else None)
        if thing is not None:
            found = response[kind.member]
            expected = self._shown(thing, found)
            assert alike(found, expected), f"Describe{kind.name}: {found} instead of {expected}"

    def _shown(self, thing: Thing, found: dict[str, Any]) -> dict[str, Any]:
        """What Describe must show; what the model does not foresee is only asked to be there."""
        shown = dict(thing.shown)
        if thing.kind == "SolutionVersion" and thing.status == ACTIVE:
            shown["trainingHours"] = ...
        if (thing.status or "").startswith("UPDATE"):
            moving = {name: shown[name] for name in ("status", "lastUpdatedDateTime")}
            shown["latestDatasetUpdate"] = shown["latestDatasetUpdate"] | moving
        if thing.status == "COMPLETED":
            shown["numDeleted"] = ...
        if thing.kind == "Recommender" and not (thing.status or "").startswith(("CREATE", "DELETE")):
            shown["modelMetrics"] = found.get("modelMetrics")
        if thing.kind == "Solution" and "newest" in thing.facts:
            version = self.model.things["SolutionVersion"][thing.facts["newest"]]
            shown["latestSolutionVersion"] = self._summary(KINDS["SolutionVersion"], version)
        return {name: value for name, value in shown.items() if value is not None}

    def _entries(self, kind: Kind, narrowed: Request) -> list[dict[str, Any]]:
        """What List must show."""
        entries = [self._summary(kind, thing) for thing in self.model.all(kind.name, **narrowed)]
        return entries[::-1] if kind.newest_first else entries

    def _summary(self, kind: Kind, thing: Thing) -> dict[str, Any]:
        dates = ("creationDateTime", "lastUpdatedDateTime")
        members = {kind.arn, *dates, "status", *kind.summary} | (set() if kind.name in NAMELESS else {"name"})
        return Summary({name: thing.shown[name] for name in members if name in thing.shown})

    def _page(
        self, kind: Kind, narrowed: Request, *, size: int | None = None, token: str | None = None
    ) -> tuple[list[Any], str | None]:
        paging = {"maxResults": size, "nextToken": token}
        asked = {**narrowed, **{name: value for name, value in paging.items() if value is not None}}
        response, error = self._answer(kind.listing, asked)
        self._meet()
        parent = narrowed.get("solutionArn")
        unknown = kind.name == "SolutionVersion" and parent and self.model.get("Solution", parent) is None
        assert error == ("ResourceNotFound" if unknown else None)
        page = response.get(kind.plural, [])
        assert len(page) <= (size or 100)
        return page, response.get("nextToken")

    def _pages(self, kind: Kind, narrowed: Request, size: int) -> Iterator[Any]:
        token: str | None = None
        while True:
            page, token = self._page(kind, narrowed, size=size, token=token)
            yield from page
            if token is None:
                return
            assert len(page) == size

    def _standing(self) -> "_Standing":
        return _Standing(self.clock)

    def _trained(self, solution: str) -> str:
        """The version that the engine has made by itself at the model's instant."""
        for record in islice(self.simulation.journal, self._read, None):
            made = isinstance(record, Transition) and record.status == "CREATE PENDING" and record.at == self.model.now
            if made and record.arn.startswith(f"{solution}/") and record.arn not in self.model.ever:
                return record.arn
        raise AssertionError(f"{solution} should be trained by itself at {self.model.now - START}")

    def _catch_up(self) -> None:
        self.clock.catch_up()
        self._meet(catch_up=True)

    def _meet(self, *, catch_up: bool = False) -> None:
        """Brings the model to the engine's instant; the same must have happened on the way."""
        now = self.clock.timestamp()
        if catch_up or now > self.model.now:
            self.model.advance(now)
        new = [record for record in islice(self.simulation.journal, self._read, None) if isinstance(record, Transition)]
        self._read = len(self.simulation.journal)
        happened = [(record.at, record.arn, record.status) for record in new]
        expected, self.model.transitions = self.model.transitions, []
        assert happened == sorted(happened, key=lambda each: each[0])
        happened, expected = (sorted(each, key=lambda each: each[:2]) for each in (happened, expected))
        assert happened == expected, f"statuses {happened} instead of {expected}"
        for record in new:
            assert bool(record.failure_reason) == (record.status in FAILURES)
            self.counts["transitions", str(record.status)] += 1

    def _state(self) -> Any:
        """All that a call could change, comparable."""
        found = {arn: _flat(resource) for kind in self.store._resources.values() for arn, resource in kind.items()}
        journal = [record for record in self.simulation.journal if isinstance(record, Transition)]
        store = self.store
        return found, self.clock.upcoming(), len(journal), dict(store._counts), store._added, len(store.recommendations)


# Jobs and versions that are gone with their solution aside, what a thing names is there.
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
    """Somebody who reads a list slowly."""

    kind: Kind
    size: int
    there: list[Thing]
    seen: list[str]
    token: str | None = None


class _Standing:
    """Keeps looking from moving the clock."""

    def __init__(self, clock: Any) -> None:
        self._clock, self._autojump = clock, clock.autojump

    def __enter__(self) -> None:
        self._clock.autojump = False

    def __exit__(self, *_: object) -> None:
        self._clock.autojump = self._autojump


def _flat(resource: Any) -> dict[str, Any]:
    """The attributes of a resource, without what it keeps for itself; its parts that change are copied."""
    values = {name: value for name, value in vars(resource).items() if name[0] != "_"}
    for name in _PARTS:
        if values.get(name) is not None:
            values[name] = copy.copy(values[name])
    return values


_PARTS = (
    "lifecycle_state",
    "replacement",
    "metrics",
    "latest_solution_update",
    "latest_campaign_update",
    "latest_recommender_update",
)
