"""Solution versions: where training happens, and GetSolutionMetrics."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from personalize_mock.exceptions import PersonalizeMockWarning
from personalize_mock.resources import rules, trainings
from personalize_mock.resources.base import Resource, add, describes, find, find_active, lists
from personalize_mock.resources.durations import duration
from personalize_mock.resources.lifecycle import STOP, STOP_PENDING, JobFailed, begin, create
from personalize_mock.resources.recipes import find_recipe
from personalize_mock.resources.solutions import Solution
from personalize_mock.resources.tags import Tags, check_tags
from personalize_mock.simulation import Store
from personalize_mock.wire.errors import (
    InvalidInputException,
    NotImplementedException,
    ResourceAlreadyExistsException,
    ResourceInUseException,
)
from personalize_mock.wire.registry import operation

if TYPE_CHECKING:
    from personalize_mock.training import Trained

NO_SEARCH = "performHPO is kept, but nothing is searched yet: training takes the given or default hyperparameters."

# Recorded: 1.073 hours were billed for 20m08s.
BILLED_HOURS_PER_HOUR = 3.2

# Ours.
NOT_STOPPABLE = "Solution version {arn} is in state {status}; only pending or running versions can be stopped."
NO_METRICS = "Solution version {arn} is in state {status}; metrics exist for ACTIVE ones."
UPDATE_NOT_ALLOWED = "Recipe {recipe} does not support the training mode UPDATE."
UPDATE_NEEDS_FULL = "Solution {arn} has no ACTIVE solution version that was trained with FULL."
NOT_FOR_USERS = "The training mode AUTOTRAIN is the service's own. Provide FULL or UPDATE."


@dataclass(kw_only=True)
class SolutionVersion(Resource):
    """A solution version; what it shows of its solution is copied when it is made.

    Attributes:
        trained: the model, its metrics and the data that serving needs; from IN_PROGRESS on.
        training_hours: billed hours, shown when training has succeeded.
    """

    PATH = "solution-version"
    PLURAL = "solutionVersions"
    LIFECYCLES = (create(effect="train", finish="bill"), STOP, STOP_PENDING)

    solution_arn: str
    dataset_group_arn: str
    recipe_arn: str | None
    perform_hpo: bool
    perform_auto_ml: bool
    perform_incremental_update: bool | None = None
    event_type: str | None = None
    solution_config: Mapping[str, Any] | None = None
    training_mode: str = "FULL"
    training_type: str = "MANUAL"
    training_hours: float | None = None
    trained: "Trained | None" = None

    @property
    def variant(self) -> str:
        """The recipe's name: recipes take their time."""
        return (self.recipe_arn or "").rpartition("/")[2]

    def train(self, store: Store) -> None:
        """Trains on the data as it is when training begins."""
        from personalize_mock.recipes.base import Untrainable
        from personalize_mock.training import train

        recipe = find_recipe(self.recipe_arn or "")
        order = trainings.order(
            store, recipe, self.dataset_group_arn, config=self.solution_config or {}, event_type=self.event_type
        )
        try:
            self.trained = train(order, trainings.sources(store, self.dataset_group_arn))
        except Untrainable as failure:
            raise JobFailed(str(failure)) from None

    def bill(self, store: Store) -> None:
        """Shows what the training cost, as a multiple of the time that it took."""
        hours = duration(store, self, "create", stages=3) / 3600
        self.training_hours = max(0.001, round(BILLED_HOURS_PER_HOUR * hours, 3))


@operation
def create_solution_version(
    store: Store,
    *,
    solution_arn: str,
    name: str | None = None,
    training_mode: str = "FULL",
    tags: Tags = (),
) -> SolutionVersion:
    """CreateSolutionVersion."""
    solution = find_active(store, Solution, solution_arn)
    _check_mode(store, solution, training_mode)
    _check_trainable(solution)
    if solution.perform_hpo:
        warnings.warn(NO_SEARCH, PersonalizeMockWarning, stacklevel=2)
    check_tags(tags)
    if any(version.name == name for version in store.all(SolutionVersion).values()):
        raise ResourceAlreadyExistsException(rules.ALREADY_EXISTS.format(arn=name))
    rules.check_quota(store, "solution_versions_in_flight")
    arn = _new_arn(store, solution)
    version = SolutionVersion(
        arn=arn,
        name=name or arn.partition(":solution/")[2],
        solution_arn=solution_arn,
        dataset_group_arn=solution.dataset_group_arn,
        recipe_arn=solution.recipe_arn,
        perform_hpo=solution.perform_hpo,
        perform_auto_ml=solution.perform_auto_ml,
        perform_incremental_update=solution.perform_incremental_update,
        event_type=solution.event_type,
        solution_config=solution.solution_config,
        training_mode=training_mode,
        tags=tags,
    )
    solution.latest_solution_version = version
    return add(store, version)


@operation
def stop_solution_version_creation(store: Store, *, solution_version_arn: str) -> None:
    """StopSolutionVersionCreation: what is pending stops at once, what is running stops in a while."""
    version = find(store, SolutionVersion, solution_version_arn)
    if version.status not in ("CREATE PENDING", "CREATE IN_PROGRESS"):
        raise InvalidInputException(NOT_STOPPABLE.format(arn=version.arn, status=version.status))
    version.trained = None
    begin(store, version, "stop" if version.status == "CREATE IN_PROGRESS" else "stop pending")


@operation
def get_solution_metrics(store: Store, *, solution_version_arn: str) -> Mapping[str, Any]:
    """GetSolutionMetrics, of ACTIVE versions only."""
    version = find(store, SolutionVersion, solution_version_arn)
    if version.status != "ACTIVE" or version.trained is None:
        raise ResourceInUseException(NO_METRICS.format(arn=version.arn, status=version.status))
    return {"solutionVersionArn": version.arn, "metrics": version.trained.metrics}


def list_solution_versions(store: Store, *, solution_arn: str | None = None, **paging: Any) -> Mapping[str, Any]:
    """ListSolutionVersions; the one list that knows whether its parent exists."""
    if solution_arn is not None:
        find(store, Solution, solution_arn)
        paging["solution_arn"] = solution_arn
    listed: Mapping[str, Any] = _list(store, **paging)
    return listed


def _check_mode(store: Store, solution: Solution, mode: str) -> None:
    if mode == "AUTOTRAIN":
        raise InvalidInputException(NOT_FOR_USERS)
    if mode == "FULL" or solution.recipe_arn is None:
        return
    recipe = find_recipe(solution.recipe_arn)
    if not recipe.training_mode_update:
        raise InvalidInputException(UPDATE_NOT_ALLOWED.format(recipe=recipe.name))
    versions = store.all(SolutionVersion).values()
    if not any(
        (each.solution_arn, each.status, each.training_mode) == (solution.arn, "ACTIVE", "FULL") for each in versions
    ):
        raise InvalidInputException(UPDATE_NEEDS_FULL.format(arn=solution.arn))
    raise NotImplementedException("personalize_mock does not train in mode UPDATE yet; use FULL.")


def _check_trainable(solution: Solution) -> None:
    from personalize_mock.recipes.registry import RECIPES

    name = (solution.recipe_arn or "").rpartition("/")[2]
    if name not in RECIPES:
        what = f"the recipe {name}" if name else "with performAutoML"
        raise NotImplementedException(f"personalize_mock does not train {what} yet; it trains {' and '.join(RECIPES)}.")


def _new_arn(store: Store, solution: Solution) -> str:
    """A version's ARN ends in eight hexadecimal digits, which look random on the real service and never return."""
    taken = store.all(SolutionVersion)
    while True:
        ordinal = store.count(f"version {solution.arn}")
        arn = f"{solution.arn}/{store.digest('version', solution.arn, ordinal)[:8]}"
        if arn not in taken:
            return arn


describe_solution_version = describes(SolutionVersion)
_list = lists(SolutionVersion)
operation(list_solution_versions)
