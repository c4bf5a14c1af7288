"""Recommenders, which train and serve models for the use cases of a domain."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from personalize_mock.resources.catalogue import RecipeEntry
from personalize_mock.resources.core import quotas
from personalize_mock.resources.core.crud import (
    add,
    check_absent,
    delete_handler,
    describe_handler,
    find,
    find_active,
    list_handler,
    raise_in_use,
)
from personalize_mock.resources.core.lifecycle import (
    DELETE,
    STOP_SERVING,
    begin,
    cancel_effect,
    create,
    is_moving,
    schedule_effect,
    start,
    update,
)
from personalize_mock.resources.core.resource import Resource
from personalize_mock.resources.dataset_groups import DatasetGroup
from personalize_mock.resources.datasets import SchemaVersions, schema_versions
from personalize_mock.resources.hyperparameter_checks import check_exploration
from personalize_mock.resources.recipes import find_recipe
from personalize_mock.resources.recommendation_ids import arn_digits
from personalize_mock.resources.solution_checks import check_training_data
from personalize_mock.resources.tags import Tags, check_tags
from personalize_mock.simulation import Store
from personalize_mock.wire.errors import InvalidInputException
from personalize_mock.wire.registry import handler

if TYPE_CHECKING:
    from personalize_mock.training.fit import FittedModel

Config = Mapping[str, Any]

TRAINING_INTERVAL = 7 * 86_400  # seconds; developer guide, "Maintaining recommendation relevance" (2025)

# Ours.
NO_DOMAIN = (
    "Dataset group {group} belongs to no domain. Provide a dataset group of the domain ECOMMERCE or VIDEO_ON_DEMAND."
)
WRONG_DOMAIN = (
    "Dataset group {group} belongs to the domain {domain}, but recipe {recipe} does not. "
    "Provide a recipe of this domain."
)
NO_CHANGE = "Recommender {arn} already has this configuration. Change at least one value."
WRONG_STATE = "The status of recommender {arn} must be {needed}, but it is {status}."


@dataclass(kw_only=True)
class RecommenderUpdate:
    """The latest update of a recommender, which DescribeRecommender shows.

    Attributes:
        recommender_config: The recommender's new configuration.
        schema_versions: How often each dataset's schema had been replaced when the update was requested.
    """

    recommender_config: Config
    creation_date_time: float
    schema_versions: SchemaVersions
    status: str | None = None
    last_updated_date_time: float = 0.0
    failure_reason: str | None = None


@dataclass(kw_only=True)
class Recommender(Resource):
    """A recommender. While an update is running, the recommender serves the old configuration.

    Attributes:
        recommender_config: The configuration as it was sent, without defaults.
        fitted_model: The model, its metrics and the data needed to serve it. None until the training starts.
        pending_model: The model that a running update has trained and that will replace `fitted_model`, or None.
        schema_versions: How often each dataset's schema had been replaced when the training columns were last
            configured.
    """

    ARN_TYPE = "recommender"
    LIST_MEMBER = "recommenders"
    LIFECYCLES = (
        create(effect="train", finish="start_refreshing"),
        DELETE,
        STOP_SERVING,
        start(finish="start_refreshing"),
        update("latest_recommender_update", effect="train_update", finish="apply_update"),
    )

    dataset_group_arn: str
    recipe_arn: str
    recommender_config: Config = field(default_factory=dict)
    latest_recommender_update: RecommenderUpdate | None = None
    fitted_model: "FittedModel | None" = None
    pending_model: "FittedModel | None" = None
    schema_versions: SchemaVersions

    @property
    def recipe(self) -> RecipeEntry:
        """The catalogue entry of the recommender's recipe."""
        return find_recipe(self.recipe_arn)

    @property
    def recipe_name(self) -> str:
        """The name of the recipe. The duration of the training depends on it."""
        return self.recipe_arn.rpartition("/")[2]

    @property
    def id_digits(self) -> str:
        """The six hexadecimal digits at the end of recommendation ids that identify this recommender."""
        return arn_digits(self.arn)

    @property
    def model_metrics(self) -> Mapping[str, float] | None:
        """The offline metrics of the model by name. None if there are none, and during creation and deletion."""
        hidden = (self.status or "").startswith(("CREATE", "DELETE"))
        return None if self.fitted_model is None or hidden else self.fitted_model.metrics or None


@handler
def create_recommender(
    store: Store,
    *,
    name: str,
    dataset_group_arn: str,
    recipe_arn: str,
    recommender_config: Config | None = None,
    tags: Tags = (),
) -> Recommender:
    """Answer a CreateRecommender request, and schedule the first weekly training after the creation."""
    recipe = find_recipe(recipe_arn)
    group = find_active(store, DatasetGroup, dataset_group_arn)
    config = recommender_config or {}
    _check_domain(recipe, group)
    _check_config(store, recipe, dataset_group_arn, config)
    check_tags(tags)
    arn = store.arn(Recommender.ARN_TYPE, name)
    check_absent(store, Recommender, arn)
    quotas.check_quota(store, "recommenders")
    quotas.check_quota(store, "recommenders_per_group", within=dataset_group_arn)
    recommender = Recommender(
        arn=arn,
        name=name,
        dataset_group_arn=dataset_group_arn,
        recipe_arn=recipe_arn,
        recommender_config=config,
        schema_versions=schema_versions(store, dataset_group_arn),
        tags=tags,
    )
    add(store, recommender)
    schedule_effect(store, recommender, "retrain", delay=TRAINING_INTERVAL)
    return recommender


@handler
def update_recommender(store: Store, *, recommender_arn: str, recommender_config: Config) -> Recommender:
    """Answer an UpdateRecommender request.

    The new configuration replaces the old one when the update is done.
    """
    recommender = _find_in_status(store, recommender_arn, "ACTIVE")
    _check_config(store, recommender.recipe, recommender.dataset_group_arn, recommender_config)
    if recommender_config == recommender.recommender_config:
        raise InvalidInputException(NO_CHANGE.format(arn=recommender_arn))
    now = store.clock.timestamp()
    recommender.last_updated_date_time = now
    recommender.latest_recommender_update = RecommenderUpdate(
        recommender_config=recommender_config,
        creation_date_time=now,
        schema_versions=schema_versions(store, recommender.dataset_group_arn),
    )
    begin(store, recommender, "update")
    return recommender


@handler
def stop_recommender(store: Store, *, recommender_arn: str) -> Recommender:
    """Answer a StopRecommender request. The model is kept, so that StartRecommender can serve it again."""
    recommender = _find_in_status(store, recommender_arn, "ACTIVE")
    cancel_effect(store, recommender, "refresh")
    begin(store, recommender, "stop")
    return recommender


@handler
def start_recommender(store: Store, *, recommender_arn: str) -> Recommender:
    """Answer a StartRecommender request.

    The recommender is not retrained; it serves the model it had before it was stopped.
    """
    recommender = _find_in_status(store, recommender_arn, "INACTIVE")
    begin(store, recommender, "start")
    return recommender


def _find_in_status(store: Store, arn: str, needed: str) -> Recommender:
    """Return the recommender with the given ARN if it has the needed status and is not being changed.

    Raises:
        ResourceNotFoundException: There is no such recommender.
        ResourceInUseException: The recommender is being changed.
        InvalidInputException: The recommender has another status.
    """
    recommender = find(store, Recommender, arn)
    if is_moving(recommender):
        status = "ACTIVE with a running update" if recommender.status == "ACTIVE" else recommender.status
        raise_in_use(store, recommender, WRONG_STATE.format(arn=arn, status=status, needed=needed))
    if recommender.status != needed:
        raise InvalidInputException(WRONG_STATE.format(arn=arn, status=recommender.status, needed=needed))
    return recommender


def _check_domain(recipe: RecipeEntry, group: DatasetGroup) -> None:
    if group.domain is None:
        raise InvalidInputException(NO_DOMAIN.format(group=group.arn))
    if recipe.domain != group.domain:
        text = WRONG_DOMAIN.format(recipe=recipe.name, group=group.arn, domain=group.domain)
        raise InvalidInputException(text)


def _check_config(store: Store, recipe: RecipeEntry, group_arn: str, config: Config) -> None:
    check_exploration(recipe, config.get("itemExplorationConfig"))
    check_training_data(store, recipe, group_arn, config.get("trainingDataConfig", {}))


describe_recommender = describe_handler(Recommender)
list_recommenders = list_handler(Recommender)
delete_recommender = delete_handler(Recommender)
