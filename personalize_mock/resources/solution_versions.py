"""Solution versions: where training happens, and GetSolutionMetrics."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from personalize_mock.resources import model_selection, training_inputs
from personalize_mock.resources.core import messages, quotas
from personalize_mock.resources.core.crud import add, describe_handler, find, find_active, list_handler, raise_in_use
from personalize_mock.resources.core.lifecycle import STOP, STOP_PENDING, begin, create, record_effect_poll
from personalize_mock.resources.core.resource import Resource
from personalize_mock.resources.recipes import find_recipe
from personalize_mock.resources.solutions import Solution
from personalize_mock.resources.tags import Tags, check_tags
from personalize_mock.simulation import Store
from personalize_mock.wire.errors import (
    InvalidInputException,
    NotImplementedException,
    ResourceAlreadyExistsException,
)
from personalize_mock.wire.registry import handler

if TYPE_CHECKING:
    from personalize_mock.training.fit import FittedModel

Config = Mapping[str, Any]

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
        training_hours: billed hours, shown when training has succeeded.
        tuned_hpo_params: all hyperparameters of the algorithm, shown when a search for some has succeeded; their names
            are those of the request, so that they can be sent again.
        fitted_model: the model, its metrics and the data that serving needs; from IN_PROGRESS on.
        selected_model: The recipe and hyperparameters of the training, which are shown when it has succeeded.
        data_version_at_training: The data when the training began; None before, and after a stop.
    """

    ARN_TYPE = "solution-version"
    LIST_MEMBER = "solutionVersions"
    LIFECYCLES = (create(effect="train", finish="publish"), STOP, STOP_PENDING)

    solution_arn: str
    dataset_group_arn: str
    recipe_arn: str | None
    perform_hpo: bool
    perform_auto_ml: bool
    perform_incremental_update: bool | None = None
    event_type: str | None = None
    solution_config: Config | None = None
    training_mode: str = "FULL"
    training_type: str = "MANUAL"
    training_hours: float | None = None
    tuned_hpo_params: Mapping[str, Any] | None = None
    fitted_model: "FittedModel | None" = None
    selected_model: model_selection.SelectedModel | None = None
    data_version_at_training: training_inputs.DataVersion | None = None

    @property
    def recipe_name(self) -> str:
        """The recipe's name: recipes take their time."""
        return (self.recipe_arn or "").rpartition("/")[2]

    @property
    def config(self) -> Config:
        """The configuration that counts for training: none with AutoML."""
        return {} if self.perform_auto_ml else self.solution_config or {}


@handler
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
    check_tags(tags)
    for version in store.all(SolutionVersion).values():
        if version.name == name:
            raise ResourceAlreadyExistsException(messages.ALREADY_EXISTS.format(arn=version.arn))
    quotas.check_quota(store, "solution_versions_in_flight")
    return new_version(store, solution, name=name, training_mode=training_mode, tags=tags)


def new_version(
    store: Store,
    solution: Solution,
    *,
    name: str | None = None,
    training_mode: str = "FULL",
    training_type: str = "MANUAL",
    tags: Tags = (),
) -> SolutionVersion:
    """Makes a version of a solution as it is now, and begins its training.

    That automatic versions show the training mode FULL, not AUTOTRAIN, is inferred.
    """
    arn = _new_arn(store, solution)
    version = SolutionVersion(
        arn=arn,
        name=name or arn.partition(":solution/")[2],
        solution_arn=solution.arn,
        dataset_group_arn=solution.dataset_group_arn,
        recipe_arn=solution.recipe_arn,
        perform_hpo=solution.perform_hpo,
        perform_auto_ml=solution.perform_auto_ml,
        perform_incremental_update=solution.perform_incremental_update,
        event_type=solution.event_type,
        solution_config=solution.solution_config,
        training_mode=training_mode,
        training_type=training_type,
        tags=tags,
    )
    solution.latest_solution_version = version
    return add(store, version)


def newest(store: Store, solution_arn: str, *, mode: str | None = None) -> SolutionVersion | None:
    """The newest ACTIVE version of a solution, of a training mode if one is named, or None."""
    versions = list(store.all(SolutionVersion).values())
    own = (each for each in reversed(versions) if each.solution_arn == solution_arn and each.status == "ACTIVE")
    return next((each for each in own if mode in (None, each.training_mode)), None)


def is_trainable(solution: Solution) -> bool:
    """Whether there is a model for the recipe of a solution, or for all that AutoML may choose."""
    return not _untrainable(solution)


@handler
def stop_solution_version_creation(store: Store, *, solution_version_arn: str) -> None:
    """StopSolutionVersionCreation: what is pending stops at once, what is running stops in a while."""
    version = find(store, SolutionVersion, solution_version_arn)
    if version.status not in ("CREATE PENDING", "CREATE IN_PROGRESS"):
        raise InvalidInputException(NOT_STOPPABLE.format(arn=version.arn, status=version.status))
    version.fitted_model = version.data_version_at_training = None
    begin(store, version, "stop" if version.status == "CREATE IN_PROGRESS" else "stop pending")


@handler
def get_solution_metrics(store: Store, *, solution_version_arn: str) -> Mapping[str, Any]:
    """GetSolutionMetrics, of ACTIVE versions only."""
    version = find(store, SolutionVersion, solution_version_arn)
    if version.status != "ACTIVE" or version.fitted_model is None:
        raise_in_use(store, version, NO_METRICS.format(arn=version.arn, status=version.status))
    return {"solutionVersionArn": version.arn, "metrics": version.fitted_model.metrics}


def list_solution_versions(store: Store, *, solution_arn: str | None = None, **paging: Any) -> Mapping[str, Any]:
    """ListSolutionVersions; the one list that knows whether its parent exists, and may wait for its first training."""
    if solution_arn is not None:
        solution = find(store, Solution, solution_arn)
        if solution.latest_solution_version is None:
            record_effect_poll(store, solution, "train_first")
        paging["solution_arn"] = solution_arn
    listed: Mapping[str, Any] = _list(store, **paging)
    return listed


def _check_mode(store: Store, solution: Solution, mode: str) -> None:
    if mode == "AUTOTRAIN":
        raise InvalidInputException(NOT_FOR_USERS)
    if mode == "FULL":
        return
    full = newest(store, solution.arn, mode="FULL")
    arn = solution.recipe_arn or (full.recipe_arn if full else None)
    if arn is not None and not find_recipe(arn).training_mode_update:
        raise InvalidInputException(UPDATE_NOT_ALLOWED.format(recipe=find_recipe(arn).name))
    if full is None:
        raise InvalidInputException(UPDATE_NEEDS_FULL.format(arn=solution.arn))


def _check_trainable(solution: Solution) -> None:
    missing = _untrainable(solution)
    if missing:
        what = " and ".join(missing)
        raise NotImplementedException(f"personalize_mock does not train {what} yet. Choose another recipe.")


def _untrainable(solution: Solution) -> list[str]:
    """The recipes that a solution needs and that have no model."""
    from personalize_mock.recipes.registry import RECIPES

    if solution.recipe_arn is not None:
        names = [solution.recipe_arn.rpartition("/")[2]]
    else:
        names = [each.name for each in model_selection.auto_ml_recipes(solution.solution_config or {})] or [
            "with performAutoML"
        ]
    return [name for name in names if name not in RECIPES]


def _new_arn(store: Store, solution: Solution) -> str:
    """A version's ARN ends in eight hexadecimal digits, which look random on the real service and never return."""
    taken = store.all(SolutionVersion)
    while True:
        ordinal = store.next_number(f"version {solution.arn}")
        arn = f"{solution.arn}/{store.digest('version', solution.arn, ordinal)[:8]}"
        if arn not in taken:
            return arn


describe_solution_version = describe_handler(SolutionVersion)
_list = list_handler(SolutionVersion)
handler(list_solution_versions)
