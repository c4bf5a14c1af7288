"""Solution versions, which are the trained models of a solution."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from personalize_mock.resources import model_selection, training_inputs
from personalize_mock.resources.catalogue import RecipeEntry
from personalize_mock.resources.core import durations, messages, quotas
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

NO_METRICS = "Cannot get metrics for solution since it is not in ACTIVE state."  # recorded 2022-12
# Ours.
NOT_STOPPABLE = (
    "Solution version {arn} has the status {status}. Only versions in CREATE PENDING or CREATE IN_PROGRESS can be "
    "stopped."
)
UPDATE_NOT_ALLOWED = "Recipe {recipe} does not support the training mode UPDATE. Provide FULL."
UPDATE_NEEDS_FULL = (
    "The training mode UPDATE needs an ACTIVE solution version that was trained with FULL. Solution {arn} has none. "
    "Train one with FULL first."
)
NOT_FOR_USERS = "The training mode AUTOTRAIN is reserved for automatic training. Provide FULL or UPDATE."


@dataclass(kw_only=True)
class SolutionVersion(Resource):
    """A solution version. It copies its configuration from the solution when it is created.

    Attributes:
        training_hours: The number of training hours that are billed. None until the training has succeeded.
        tuned_hpo_params: All hyperparameters of the algorithm after HPO or AutoML, else None. They have the names that
            requests use, so they can be used in another request.
        fitted_model: The model, its metrics and the data needed to serve it. None until the training starts.
        selected_model: The recipe and hyperparameters of the model. Responses show them once the training has
            succeeded.
        data_version_at_training: The version of the data when the training started. None before the training starts and
            after it was stopped.
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
        """The name of the recipe, or `performAutoML` with AutoML. The duration of the training depends on this name."""
        return durations.AUTO_ML if self.perform_auto_ml else (self.recipe_arn or "").rpartition("/")[2]

    @property
    def recipe(self) -> RecipeEntry:
        """The catalogue entry of the recipe. With AutoML, it is known only when the version is ACTIVE."""
        return find_recipe(self.recipe_arn or "")

    @property
    def config(self) -> Config:
        """The solutionConfig to train with. Empty for AutoML, which uses only the autoMLConfig."""
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
    """Answer a CreateSolutionVersion request, and start the training. The solution must be ACTIVE."""
    solution = find_active(store, Solution, solution_arn)
    _check_mode(store, solution, training_mode)
    _check_trainable(solution)
    check_tags(tags)
    for version in store.select(SolutionVersion, name=name):
        raise ResourceAlreadyExistsException(messages.ALREADY_EXISTS.format(arn=version.arn))
    quotas.check_quota(store, "solution_versions_in_flight")
    return add_version(store, solution, name=name, training_mode=training_mode, tags=tags)


def add_version(
    store: Store,
    solution: Solution,
    *,
    name: str | None = None,
    training_mode: str = "FULL",
    training_type: str = "MANUAL",
    tags: Tags = (),
) -> SolutionVersion:
    """Add a solution version with the current configuration of a solution, and start its training.

    Args:
        store: The resources of one account and region.
        solution: The solution that the version belongs to.
        name: The name of the version, or None for a name derived from its ARN.
        training_mode: FULL or UPDATE.
        training_type: MANUAL, or AUTOMATIC for scheduled training. The mock assumes that AUTOMATIC versions have the
            training mode FULL, not AUTOTRAIN.
        tags: The tags of the version.
    """
    arn = _new_arn(store, solution)
    version = SolutionVersion(
        arn=arn,
        name=name or arn.partition(":solution/")[2],
        solution_arn=solution.arn,
        dataset_group_arn=solution.dataset_group_arn,
        recipe_arn=solution.recipe_arn,
        perform_hpo=solution.perform_hpo or solution.perform_auto_ml,  # recorded 2019-07
        perform_auto_ml=solution.perform_auto_ml,
        perform_incremental_update=solution.perform_incremental_update,
        event_type=solution.event_type,
        solution_config=_shown_config(solution),
        training_mode=training_mode,
        training_type=training_type,
        tags=tags,
    )
    solution.latest_solution_version = version
    return add(store, version)


def latest_active_version(store: Store, solution_arn: str, *, mode: str | None = None) -> SolutionVersion | None:
    """Return the newest ACTIVE version of a solution, or None.

    Args:
        store: The resources of one account and region.
        solution_arn: The ARN of the solution.
        mode: The training mode that the version must have, or None for any mode.
    """
    filters = {} if mode is None else {"training_mode": mode}
    versions = store.select(SolutionVersion, solution_arn=solution_arn, status="ACTIVE", **filters)
    return versions[-1] if versions else None


def is_trainable(solution: Solution) -> bool:
    """Return whether the mock implements all recipes of a solution."""
    return not _not_implemented(solution)


@handler
def stop_solution_version_creation(store: Store, *, solution_version_arn: str) -> None:
    """Answer a StopSolutionVersionCreation request.

    A version in CREATE PENDING stops at once. A version in CREATE IN_PROGRESS takes a while to stop.
    """
    version = find(store, SolutionVersion, solution_version_arn)
    if version.status not in ("CREATE PENDING", "CREATE IN_PROGRESS"):
        raise InvalidInputException(NOT_STOPPABLE.format(arn=version.arn, status=version.status))
    version.fitted_model = version.data_version_at_training = None
    begin(store, version, "stop" if version.status == "CREATE IN_PROGRESS" else "stop pending")


@handler
def get_solution_metrics(store: Store, *, solution_version_arn: str) -> Mapping[str, Any]:
    """Answer a GetSolutionMetrics request with the offline metrics of an ACTIVE solution version."""
    version = find(store, SolutionVersion, solution_version_arn)
    if version.status != "ACTIVE" or version.fitted_model is None:
        raise_in_use(store, version, NO_METRICS)
    return {"solutionVersionArn": version.arn, "metrics": version.fitted_model.metrics}


def list_solution_versions(store: Store, *, solution_arn: str | None = None, **paging: Any) -> Mapping[str, Any]:
    """Answer a ListSolutionVersions request.

    Unlike other List operations, it checks that the solution exists. If a test repeatedly lists the versions of a
    solution that has none yet, the mock assumes that the test waits for the first automatic training, and the simulated
    clock jumps to the start of this training.
    """
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
    full = latest_active_version(store, solution.arn, mode="FULL")
    arn = solution.recipe_arn or (full.recipe_arn if full else None)
    if arn is not None and not find_recipe(arn).training_mode_update:
        raise InvalidInputException(UPDATE_NOT_ALLOWED.format(recipe=find_recipe(arn).name))
    if full is None:
        raise InvalidInputException(UPDATE_NEEDS_FULL.format(arn=solution.arn))


def _shown_config(solution: Solution) -> Config | None:
    config = solution.solution_config
    return model_selection.complete_config(config) if solution.perform_auto_ml else config


def _check_trainable(solution: Solution) -> None:
    names = " and ".join(_not_implemented(solution))
    if names:
        raise NotImplementedException(f"personalize_mock cannot train with {names} yet. Choose another recipe.")


def _not_implemented(solution: Solution) -> list[str]:
    """Return the names of the solution's recipes that the mock does not implement, for an error message."""
    from personalize_mock.recipes.registry import RECIPES

    recipes = model_selection.candidate_recipes(solution.recipe_arn, solution.solution_config)
    names = [recipe.name for recipe in recipes] or ["performAutoML"]
    return [name for name in names if name not in RECIPES]


def _new_arn(store: Store, solution: Solution) -> str:
    """Return an unused ARN for a new version of a solution.

    As recorded on the real service, it ends in eight hexadecimal digits that look random.
    """
    taken = store.all(SolutionVersion)
    while True:
        ordinal = store.next_number(f"version {solution.arn}")
        arn = f"{solution.arn}/{store.digest('version', solution.arn, ordinal)[:8]}"
        if arn not in taken:
            return arn


describe_solution_version = describe_handler(SolutionVersion)
_list = list_handler(SolutionVersion)
handler(list_solution_versions)
