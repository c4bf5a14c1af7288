"""What is documented of solutions, their versions and what is trained by itself."""

from collections.abc import Callable
from typing import Any

from stateful import texts
from stateful.model import Accepted, Model, Refusals, rule
from stateful.rules_data import Response, optional
from stateful.timeline import ACTIVE, PENDING, RUNNING, Stage, Thing, creation

HOUR, DAY = 3600.0, 86_400.0
MOMENT = 0.001


@rule("CreateSolution")
def create_solution(
    model: Model,
    refuse: Refusals,
    *,
    name: str,
    dataset_group_arn: str,
    recipe_arn: str,
    perform_auto_training: bool = True,
    solution_config: dict[str, Any] | None = None,
) -> Accepted:
    arn = model.arn("solution", name)
    model.needs(refuse, "DatasetGroup", dataset_group_arn)
    refuse("ResourceNotFound", when=recipe_arn == texts.NO_RECIPE)
    refuse("InvalidInput", when=recipe_arn not in (*texts.SOLVABLE, texts.NO_RECIPE))
    refuse("ResourceAlreadyExists", when=model.get("Solution", arn))
    refuse("LimitExceeded", when=model.full("Solution", dataset_group_arn))

    def accepted(response: Response) -> None:
        assert response == {"solutionArn": arn}
        shown = {"name": name, "datasetGroupArn": dataset_group_arn, "recipeArn": recipe_arn}
        flags = {"performHPO": False, "performAutoML": False, "performAutoTraining": perform_auto_training}
        config = optional(solutionConfig=solution_config)
        planned = lambda: plan(model, model.things["Solution"][arn])  # noqa: E731  # an effect, named
        model.add("Solution", arn, {**shown, **flags, **config}, finish=planned)

    return accepted


@rule("UpdateSolution")
def update_solution(
    model: Model,
    refuse: Refusals,
    *,
    solution_arn: str,
    perform_auto_training: bool | None = None,
    solution_update_config: dict[str, Any] | None = None,
) -> Accepted:
    solution = model.needs(refuse, "Solution", solution_arn)
    refuse("ResourceInUse", when=solution and solution.moving)
    refuse("InvalidInput", when=perform_auto_training is None and not solution_update_config)

    def accepted(response: Response) -> None:
        assert response == {"solutionArn": solution_arn}
        assert solution is not None
        wanted = optional(performAutoTraining=perform_auto_training, solutionUpdateConfig=solution_update_config)
        part = solution.shown["latestSolutionUpdate"] = {**wanted, "creationDateTime": model.now}

        def apply() -> None:
            before = _days(solution)
            solution.shown.update(optional(performAutoTraining=perform_auto_training))
            if solution_update_config:
                kept = solution.shown.get("solutionConfig", {})
                solution.shown["solutionConfig"] = {**kept, **solution_update_config}
            if _days(solution) != before:
                plan(model, solution)

        model.follow(solution, creation(model.seconds("Solution", ".update"), finish=apply), part)

    return accepted


def plan(model: Model, solution: Thing) -> None:
    """Documented: the first training within an hour, unless somebody trains before, then on a schedule."""
    model.never(solution, "again")
    model.never(solution, "first")
    if solution.shown["performAutoTraining"]:
        model.later(solution, "first", HOUR, lambda: _first(model, solution))


def _first(model: Model, solution: Thing) -> None:
    versions = model.all("SolutionVersion", solutionArn=solution.arn, trainingType="MANUAL")
    _plan_next(model, solution)
    if not any(each.shown["creationDateTime"] >= model.now - HOUR - MOMENT for each in versions):
        _train(model, solution)


def _again(model: Model, solution: Thing) -> None:
    """Documented: only if there are new interactions since the last training."""
    _plan_next(model, solution)
    versions = model.all("SolutionVersion", solutionArn=solution.arn)
    seen = [each.facts["seen"] for each in versions if each.facts["seen"] is not None]
    if not any(each.status == PENDING for each in versions) and _seen(model, solution) != (seen or [()])[-1]:
        _train(model, solution)


def _days(solution: Thing) -> int:
    """The days between two trainings of a schedule, 0 if there is none; only another number begins it anew."""
    schedule = solution.shown.get("solutionConfig", {}).get("autoTrainingConfig", {}).get("schedulingExpression")
    days = 7 if schedule is None else int(schedule.removeprefix("rate(").split()[0])
    return days if solution.shown["performAutoTraining"] else 0


def _plan_next(model: Model, solution: Thing) -> None:
    model.later(solution, "again", _days(solution) * DAY, lambda: _again(model, solution))


def _train(model: Model, solution: Thing) -> None:
    ready = all(_revised(model, solution, kind) for kind in _NEEDS.get(solution.shown["recipeArn"], _ITEMS))
    if solution.status == ACTIVE and ready and not model.full("SolutionVersion"):
        add_version(model, solution, model.trained(solution.arn), training_type="AUTOMATIC")


_ITEMS = ("INTERACTIONS",)
_NEEDS = {texts.ACTING: ("INTERACTIONS", "ACTIONS")}  # what must have data, by recipe
_TELLING = {texts.ACTING: ("INTERACTIONS", "ACTION_INTERACTIONS")}  # what being new calls for a training


def _seen(model: Model, solution: Thing) -> tuple[object, ...]:
    """The interactions that a training of a solution would see; nothing if there are none."""
    kinds = _TELLING.get(solution.shown["recipeArn"], _ITEMS)
    return tuple(found for kind in kinds for found in _revised(model, solution, kind))


def _revised(model: Model, solution: Thing, kind: str) -> list[tuple[Thing, int]]:
    """The dataset of a type and how often data came, if any did."""
    data = model.all("Dataset", datasetGroupArn=solution.shown["datasetGroupArn"], datasetType=kind)
    return [(each, each.facts["revision"]) for each in data if each.facts["revision"]]


@rule("CreateSolutionVersion")
def create_solution_version(
    model: Model, refuse: Refusals, *, solution_arn: str, name: str | None = None, training_mode: str = "FULL"
) -> Accepted:
    solution = model.needs(refuse, "Solution", solution_arn)
    refuse("InvalidInput", when=training_mode != "FULL")  # none of the recipes here can be updated
    refuse("ResourceAlreadyExists", when=name and model.all("SolutionVersion", name=name))
    refuse("LimitExceeded", when=model.full("SolutionVersion"))

    def accepted(response: Response) -> None:
        assert solution is not None
        assert response.keys() == {"solutionVersionArn"}
        add_version(model, solution, response["solutionVersionArn"], name=name)

    return accepted


def add_version(
    model: Model, solution: Thing, arn: str, *, name: str | None = None, training_type: str = "MANUAL"
) -> None:
    """A version is made of a solution, and its training begins."""
    assert arn.startswith(f"{solution.arn}/")
    copied = ("datasetGroupArn", "recipeArn", "performHPO", "performAutoML", "solutionConfig")
    shown = {key: solution.shown[key] for key in copied if key in solution.shown}
    own = {"name": name or arn.partition(":solution/")[2], "solutionArn": solution.arn}
    training = {"trainingMode": "FULL", "trainingType": training_type}
    facts: dict[str, Any] = {"seen": None}

    def run() -> bool:
        facts["seen"] = _seen(model, solution)
        return not has_data(model, solution.shown["datasetGroupArn"], *_NEEDS.get(shown["recipeArn"], _ITEMS))

    def finish() -> None:
        for campaign in model.all("Campaign", solutionArn=solution.arn):
            campaign.facts["notice"]()

    solution.facts["newest"] = model.fresh(arn)
    model.add("SolutionVersion", arn, {**shown, **own, **training}, facts, run=run, finish=finish)


def has_data(model: Model, group: str, *kinds: str) -> bool:
    """Whether a group has data, of interactions if nothing else is named, that can be trained on."""
    found = [model.all("Dataset", datasetGroupArn=group, datasetType=kind) for kind in kinds or _ITEMS]
    return all(any(each.facts["usable"] for each in datasets) for datasets in found)


def newest_active(model: Model, solution: str) -> Thing | None:
    """The newest ACTIVE version of a solution."""
    return next(iter(reversed(model.all("SolutionVersion", solutionArn=solution, status=ACTIVE))), None)


@rule("StopSolutionVersionCreation")
def stop_solution_version_creation(model: Model, refuse: Refusals, *, solution_version_arn: str) -> Accepted:
    version = model.get("SolutionVersion", solution_version_arn)
    refuse("ResourceNotFound", when=version is None)
    refuse("InvalidInput", "ResourceInUse", when=version and not version.coming)

    def accepted(response: Response) -> None:
        assert response == {}
        assert version is not None
        version.facts["seen"] = None
        stopping = Stage("CREATE STOPPING")
        stopped = Stage("CREATE STOPPED", model.seconds("SolutionVersion", ".stop"))
        model.follow(version, [stopping, stopped] if version.status == RUNNING else [Stage("CREATE STOPPED")])

    return accepted


@rule("GetSolutionMetrics")
def get_solution_metrics(model: Model, refuse: Refusals, *, solution_version_arn: str) -> Callable[[Response], None]:
    version = model.get("SolutionVersion", solution_version_arn)
    refuse("ResourceNotFound", when=version is None)
    refuse("InvalidInput", "ResourceInUse", when=version and version.status != ACTIVE)

    def accepted(response: Response) -> None:
        assert response["solutionVersionArn"] == solution_version_arn
        assert all(0 <= value <= 1 for value in response["metrics"].values())

    return accepted
