"""Documented rules of solutions, solution versions and automatic training."""

from collections.abc import Callable
from typing import Any

from stateful import samples
from stateful.model import Accepted, ExpectedErrors, Model, rule
from stateful.rules_data import Response, optional
from stateful.timeline import ACTIVE, PENDING, RUNNING, ModelResource, Stage, creation

HOUR, DAY = 3600.0, 86_400.0
TOLERANCE = 0.001


@rule("CreateSolution")
def create_solution(
    model: Model,
    refuse: ExpectedErrors,
    *,
    name: str,
    dataset_group_arn: str,
    recipe_arn: str,
    perform_auto_training: bool = True,
    solution_config: dict[str, Any] | None = None,
) -> Accepted:
    arn = model.arn("solution", name)
    model.require(refuse, "DatasetGroup", dataset_group_arn)
    refuse("ResourceNotFound", when=recipe_arn == samples.UNKNOWN_RECIPE)
    refuse("InvalidInput", when=recipe_arn not in (*samples.SOLUTION_RECIPES, samples.UNKNOWN_RECIPE))
    interactions = model.all("Dataset", datasetGroupArn=dataset_group_arn, datasetType="INTERACTIONS")
    refuse("InvalidInput", when=not any(dataset.facts["revision"] for dataset in interactions))
    refuse("ResourceAlreadyExists", when=model.get("Solution", arn))
    refuse("LimitExceeded", when=model.quota_reached("Solution", dataset_group_arn))

    def accepted(response: Response) -> None:
        assert response == {"solutionArn": arn}
        shown = {"name": name, "datasetGroupArn": dataset_group_arn, "recipeArn": recipe_arn}
        flags = {"performHPO": False, "performAutoML": False, "performAutoTraining": perform_auto_training}
        config = optional(solutionConfig=solution_config)
        planned = lambda: schedule_training(model, model.resources["Solution"][arn])  # noqa: E731  # named for readability
        model.add("Solution", arn, {**shown, **flags, **config}, finish=planned)

    return accepted


@rule("UpdateSolution")
def update_solution(
    model: Model,
    refuse: ExpectedErrors,
    *,
    solution_arn: str,
    perform_auto_training: bool | None = None,
    solution_update_config: dict[str, Any] | None = None,
) -> Accepted:
    solution = model.require(refuse, "Solution", solution_arn)
    refuse("ResourceInUse", when=solution and solution.changing)
    refuse("InvalidInput", when=perform_auto_training is None and not solution_update_config)

    def accepted(response: Response) -> None:
        assert response == {"solutionArn": solution_arn}
        assert solution is not None
        wanted = optional(performAutoTraining=perform_auto_training, solutionUpdateConfig=solution_update_config)
        part = solution.shown["latestSolutionUpdate"] = {**wanted, "creationDateTime": model.now}

        def apply() -> None:
            before = _interval_days(solution)
            solution.shown.update(optional(performAutoTraining=perform_auto_training))
            if solution_update_config:
                kept = solution.shown.get("solutionConfig", {})
                solution.shown["solutionConfig"] = {**kept, **solution_update_config}
            if _interval_days(solution) != before:
                schedule_training(model, solution)

        model.follow(solution, creation(model.seconds("Solution", ".update"), finish=apply), part)

    return accepted


def schedule_training(model: Model, solution: ModelResource) -> None:
    """Schedule the first training within an hour unless a version is created before, then regular ones (documented)."""
    model.cancel(solution, "again")
    model.cancel(solution, "first")
    if solution.shown["performAutoTraining"]:
        model.schedule(solution, "first", HOUR, lambda: _first_training(model, solution))


def _first_training(model: Model, solution: ModelResource) -> None:
    versions = model.all("SolutionVersion", solutionArn=solution.arn, trainingType="MANUAL")
    _schedule_next(model, solution)
    if not any(version.shown["creationDateTime"] >= model.now - HOUR - TOLERANCE for version in versions):
        _train_automatically(model, solution)


def _next_training(model: Model, solution: ModelResource) -> None:
    """Train if there are new interactions since the last training (documented)."""
    _schedule_next(model, solution)
    versions = model.all("SolutionVersion", solutionArn=solution.arn)
    seen = [version.facts["data_version"] for version in versions if version.facts["data_version"] is not None]
    if (
        not any(version.status == PENDING for version in versions)
        and _data_version(model, solution) != (seen or [()])[-1]
    ):
        _train_automatically(model, solution)


def _interval_days(solution: ModelResource) -> int:
    """Return the days between two scheduled trainings, or 0. Only another number restarts the schedule."""
    schedule = solution.shown.get("solutionConfig", {}).get("autoTrainingConfig", {}).get("schedulingExpression")
    days = 7 if schedule is None else int(schedule.removeprefix("rate(").split()[0])
    return days if solution.shown["performAutoTraining"] else 0


def _schedule_next(model: Model, solution: ModelResource) -> None:
    model.schedule(solution, "again", _interval_days(solution) * DAY, lambda: _next_training(model, solution))


def _train_automatically(model: Model, solution: ModelResource) -> None:
    ready = all(
        _revisions(model, solution, dataset_type)
        for dataset_type in _REQUIRED_TYPES.get(solution.shown["recipeArn"], _ITEMS)
    )
    if solution.status == ACTIVE and ready and not model.quota_reached("SolutionVersion"):
        add_version(model, solution, model.automatic_version(solution.arn), training_type="AUTOMATIC")


_ITEMS = ("INTERACTIONS",)
_REQUIRED_TYPES = {samples.NEXT_BEST_ACTION: ("INTERACTIONS", "ACTIONS")}  # dataset types that must have data
_TRIGGERING_TYPES = {
    samples.NEXT_BEST_ACTION: ("INTERACTIONS", "ACTION_INTERACTIONS")
}  # dataset types whose new data triggers a training


def _data_version(model: Model, solution: ModelResource) -> tuple[object, ...]:
    """Return a version of the interactions that a training would see, or an empty tuple."""
    dataset_types = _TRIGGERING_TYPES.get(solution.shown["recipeArn"], _ITEMS)
    return tuple(entry for dataset_type in dataset_types for entry in _revisions(model, solution, dataset_type))


def _revisions(model: Model, solution: ModelResource, dataset_type: str) -> list[tuple[ModelResource, int]]:
    """Return the datasets of a type that received data, with the number of times."""
    data = model.all("Dataset", datasetGroupArn=solution.shown["datasetGroupArn"], datasetType=dataset_type)
    return [(dataset, dataset.facts["revision"]) for dataset in data if dataset.facts["revision"]]


@rule("CreateSolutionVersion")
def create_solution_version(
    model: Model, refuse: ExpectedErrors, *, solution_arn: str, name: str | None = None, training_mode: str = "FULL"
) -> Accepted:
    solution = model.require(refuse, "Solution", solution_arn)
    refuse("InvalidInput", when=training_mode != "FULL")  # no recipe in `samples` supports UPDATE
    refuse("ResourceAlreadyExists", when=name and model.all("SolutionVersion", name=name))
    refuse("LimitExceeded", when=model.quota_reached("SolutionVersion"))

    def accepted(response: Response) -> None:
        assert solution is not None
        assert response.keys() == {"solutionVersionArn"}
        add_version(model, solution, response["solutionVersionArn"], name=name)

    return accepted


def add_version(
    model: Model, solution: ModelResource, arn: str, *, name: str | None = None, training_type: str = "MANUAL"
) -> None:
    """Create a version of a solution and start its training."""
    assert arn.startswith(f"{solution.arn}/")
    copied = ("datasetGroupArn", "recipeArn", "performHPO", "performAutoML", "solutionConfig")
    shown = {key: solution.shown[key] for key in copied if key in solution.shown}
    own = {"name": name or arn.partition(":solution/")[2], "solutionArn": solution.arn}
    training = {"trainingMode": "FULL", "trainingType": training_type}
    facts: dict[str, Any] = {"data_version": None}

    def run() -> bool:
        facts["data_version"] = _data_version(model, solution)
        return not has_data(model, solution.shown["datasetGroupArn"], *_REQUIRED_TYPES.get(shown["recipeArn"], _ITEMS))

    def finish() -> None:
        for campaign in model.all("Campaign", solutionArn=solution.arn):
            campaign.facts["follow"]()

    solution.facts["newest"] = model.new_id(arn)
    model.add("SolutionVersion", arn, {**shown, **own, **training}, facts, run=run, finish=finish)


def has_data(model: Model, group: str, *dataset_types: str) -> bool:
    """Return whether a group has usable data of the dataset types, by default of interactions."""
    by_type = [
        model.all("Dataset", datasetGroupArn=group, datasetType=dataset_type)
        for dataset_type in dataset_types or _ITEMS
    ]
    return all(any(dataset.facts["usable"] for dataset in datasets) for datasets in by_type)


def latest_active(model: Model, solution: str) -> ModelResource | None:
    """Return the newest ACTIVE version of a solution."""
    return next(iter(reversed(model.all("SolutionVersion", solutionArn=solution, status=ACTIVE))), None)


@rule("StopSolutionVersionCreation")
def stop_solution_version_creation(model: Model, refuse: ExpectedErrors, *, solution_version_arn: str) -> Accepted:
    version = model.get("SolutionVersion", solution_version_arn)
    refuse("ResourceNotFound", when=version is None)
    refuse("InvalidInput", "ResourceInUse", when=version and not version.creating)

    def accepted(response: Response) -> None:
        assert response == {}
        assert version is not None
        version.facts["data_version"] = None
        stopping = Stage("CREATE STOPPING")
        stopped = Stage("CREATE STOPPED", model.seconds("SolutionVersion", ".stop"))
        model.follow(version, [stopping, stopped] if version.status == RUNNING else [Stage("CREATE STOPPED")])

    return accepted


@rule("GetSolutionMetrics")
def get_solution_metrics(
    model: Model, refuse: ExpectedErrors, *, solution_version_arn: str
) -> Callable[[Response], None]:
    version = model.get("SolutionVersion", solution_version_arn)
    refuse("ResourceNotFound", when=version is None)
    refuse("InvalidInput", "ResourceInUse", when=version and version.status != ACTIVE)

    def accepted(response: Response) -> None:
        assert response["solutionVersionArn"] == solution_version_arn
        assert all(0 <= value <= 1 for value in response["metrics"].values())

    return accepted
