"""Campaigns: a solution version that answers at the runtime."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from personalize_mock.resources.catalogue import RecipeEntry
from personalize_mock.resources.core import messages, quotas
from personalize_mock.resources.core.crud import (
    add,
    check_absent,
    check_active,
    delete_handler,
    describe_handler,
    find,
    list_handler,
    raise_in_use,
)
from personalize_mock.resources.core.effects import effect
from personalize_mock.resources.core.lifecycle import (
    DELETE,
    begin,
    cancel_effect,
    create,
    is_moving,
    schedule_effect,
    update,
)
from personalize_mock.resources.core.resource import Resource
from personalize_mock.resources.model_refresh import refresh_interval
from personalize_mock.resources.recipes import find_recipe
from personalize_mock.resources.solution_checks import check_exploration
from personalize_mock.resources.solution_version_training import refresh_model
from personalize_mock.resources.solution_versions import SolutionVersion, latest_active_version
from personalize_mock.resources.solutions import Solution
from personalize_mock.resources.tags import Tags, check_tags
from personalize_mock.simulation import Store
from personalize_mock.wire.errors import InvalidInputException, ResourceNotFoundException
from personalize_mock.wire.registry import handler

Config = Mapping[str, Any]

LATEST = "/$LATEST"
SYNC = "syncWithLatestSolutionVersion"

# Ours.
NO_CAMPAIGN = "Recipe {recipe} cannot be deployed in a campaign."
LATEST_NEEDS_SYNC = "A solutionVersionArn that ends in /$LATEST needs syncWithLatestSolutionVersion."
SYNC_NEEDS_LATEST = "syncWithLatestSolutionVersion needs a solutionVersionArn that ends in /$LATEST."
NOTHING_NEW = "Campaign {arn} already has this configuration. Provide a value to change."
NOT_UPDATABLE = "Campaign {arn} cannot be updated now; it must be ACTIVE or CREATE FAILED and not being updated."


@dataclass(kw_only=True)
class CampaignUpdate:
    """What UpdateCampaign is doing; as recorded it shows the version and, unlike its structure, nothing more."""

    solution_version_arn: str
    creation_date_time: float
    status: str | None = None
    last_updated_date_time: float = 0.0
    failure_reason: str | None = None


@dataclass(kw_only=True)
class Campaign(Resource):
    """A campaign; while it is being updated it serves as before.

    Attributes:
        wanted: what the running update will change.
        period: seconds between two updates of its version, None if it gets none.
    """

    ARN_TYPE = "campaign"
    LIST_MEMBER = "campaigns"
    LIFECYCLES = (create(finish="serve"), DELETE, update("latest_campaign_update", finish="apply_update"))

    solution_version_arn: str
    min_provisioned_tps: int = 1
    campaign_config: Config = field(default_factory=dict)
    latest_campaign_update: CampaignUpdate | None = None
    wanted: Config = field(default_factory=dict)
    dataset_group_arn: str
    period: float | None = None

    @property
    def solution_arn(self) -> str:
        """The solution that its version belongs to."""
        return self.solution_version_arn.rpartition("/")[0]

    @property
    def wanted_solution_arn(self) -> str:
        """The solution that it is being moved to."""
        return str(self.wanted.get("solution_version_arn", "")).rpartition("/")[0]

    @property
    def follows(self) -> bool:
        """Whether it moves on to newer versions of its solution by itself."""
        return bool(self.campaign_config.get(SYNC))


@effect(Campaign)
def apply_update(store: Store, campaign: Campaign) -> None:
    """Ends an update: the campaign takes what was wanted."""
    for name, value in campaign.wanted.items():
        setattr(campaign, name, value)
    campaign.wanted = {}
    serve(store, campaign)


@effect(Campaign)
def serve(store: Store, campaign: Campaign) -> None:
    """Begins what happens by itself while it serves; what has begun goes on unless its period changes."""
    version = store.all(SolutionVersion)[campaign.solution_version_arn]
    period = refresh_interval(_recipe(version), version.config)
    if period is None:
        cancel_effect(store, campaign, "refresh")
    elif period != campaign.period:
        schedule_effect(store, campaign, "refresh", delay=period)
    campaign.period = period
    schedule_following(store, campaign)


@effect(Campaign)
def schedule_following(store: Store, campaign: Campaign) -> None:
    """There may be a newer version of its solution: it moves on in a moment, if it was told to."""
    if campaign.follows:
        schedule_effect(store, campaign, "follow_latest_version", delay=0)


@effect(Campaign)
def refresh(store: Store, campaign: Campaign) -> None:
    """Brings the version that it serves up to date."""
    assert campaign.period is not None  # noqa: S101  # else nothing would be planned
    schedule_effect(store, campaign, "refresh", delay=campaign.period)
    if campaign.status == "ACTIVE":
        refresh_model(store, store.all(SolutionVersion)[campaign.solution_version_arn])


@effect(Campaign)
def follow_latest_version(store: Store, campaign: Campaign) -> None:
    """Moves on to the newest version of its solution, if it is not being changed already."""
    version = latest_active_version(store, campaign.solution_arn)
    newer = version is not None and version.ordinal > store.all(SolutionVersion)[campaign.solution_version_arn].ordinal
    if version is not None and newer and campaign.status == "ACTIVE" and not is_moving(campaign):
        _begin_update(store, campaign, {"solution_version_arn": version.arn})


@handler
def create_campaign(
    store: Store,
    *,
    name: str,
    solution_version_arn: str,
    min_provisioned_tps: int = 1,
    campaign_config: Config | None = None,
    tags: Tags = (),
) -> Campaign:
    """CreateCampaign; `<solutionArn>/$LATEST` stands for the newest ACTIVE version, and what follows it names it so."""
    config = campaign_config or {}
    version = _ready(store, *_found(store, solution_version_arn))
    _check_sync(solution_version_arn, config, asked=config)
    _check_config(_recipe(version), config)
    check_tags(tags)
    arn = store.arn(Campaign.ARN_TYPE, name)
    check_absent(store, Campaign, arn)
    quotas.check_quota(store, "campaigns_per_group", within=version.dataset_group_arn)
    campaign = Campaign(
        arn=arn,
        name=name,
        solution_version_arn=version.arn,
        min_provisioned_tps=min_provisioned_tps,
        campaign_config=config,
        dataset_group_arn=version.dataset_group_arn,
        tags=tags,
    )
    return add(store, campaign)


@handler
def update_campaign(
    store: Store,
    *,
    campaign_arn: str,
    solution_version_arn: str | None = None,
    min_provisioned_tps: int | None = None,
    campaign_config: Config | None = None,
) -> Campaign:
    """UpdateCampaign; the new values show and serve when the update is done."""
    campaign = find(store, Campaign, campaign_arn)
    asked = solution_version_arn or campaign.solution_version_arn
    found = _found(store, asked)
    if is_moving(campaign) or campaign.status not in ("ACTIVE", "CREATE FAILED"):
        raise_in_use(store, campaign, NOT_UPDATABLE.format(arn=campaign_arn))
    config = campaign.campaign_config if campaign_config is None else campaign_config
    version = _ready(store, *found)
    if solution_version_arn is not None or not campaign.follows:
        _check_sync(asked, config, asked=campaign_config or {})
    _check_config(_recipe(version), config)
    wanted = {
        "solution_version_arn": version.arn,
        "min_provisioned_tps": min_provisioned_tps or campaign.min_provisioned_tps,
        "campaign_config": config,
        "dataset_group_arn": version.dataset_group_arn,
    }
    if all(getattr(campaign, name) == value for name, value in wanted.items()):
        raise InvalidInputException(NOTHING_NEW.format(arn=campaign_arn))
    _begin_update(store, campaign, wanted)
    return campaign


def _begin_update(store: Store, campaign: Campaign, wanted: Config) -> None:
    now = store.clock.timestamp()
    campaign.wanted = wanted
    campaign.last_updated_date_time = now
    campaign.latest_campaign_update = CampaignUpdate(
        solution_version_arn=wanted["solution_version_arn"], creation_date_time=now
    )
    begin(store, campaign, "update")


def _found(store: Store, arn: str) -> tuple[Solution, SolutionVersion]:
    """The solution and the version of an ARN; where no version is ACTIVE, `/$LATEST` is the one that was made last."""
    if not arn.endswith(LATEST):
        version = find(store, SolutionVersion, arn)
        return find(store, Solution, version.solution_arn), version
    solution = find(store, Solution, arn.removesuffix(LATEST))
    latest = latest_active_version(store, solution.arn) or solution.latest_solution_version
    if latest is None:
        raise ResourceNotFoundException(messages.not_found(SolutionVersion.label(), arn))
    return solution, find(store, SolutionVersion, latest.arn)


def _ready(store: Store, solution: Solution, version: SolutionVersion) -> SolutionVersion:
    """The version that `_found` found, if it is ACTIVE, as its solution must be."""
    check_active(store, version, solution)
    return version


def _check_sync(arn: str, config: Config, *, asked: Config) -> None:
    """Refuses the one of following the latest version and of naming it without the other (documented).

    Args:
        arn: the solutionVersionArn.
        config: the campaign's configuration as it will be.
        asked: what the request says of it.
    """
    if arn.endswith(LATEST) and not config.get(SYNC):
        raise InvalidInputException(LATEST_NEEDS_SYNC)
    if asked.get(SYNC) and not arn.endswith(LATEST):
        raise InvalidInputException(SYNC_NEEDS_LATEST)


def _recipe(version: SolutionVersion) -> RecipeEntry:
    return find_recipe(version.recipe_arn or "")


def _check_config(recipe: RecipeEntry, config: Config) -> None:
    if not recipe.campaign:
        raise InvalidInputException(NO_CAMPAIGN.format(recipe=recipe.name))
    check_exploration(recipe, config.get("itemExplorationConfig"))
    if config.get("rankingInfluence") and not recipe.ranking_influence:
        raise InvalidInputException(f"Recipe {recipe.name} does not support rankingInfluence.")


describe_campaign = describe_handler(Campaign)
_list = list_handler(Campaign)


@handler
def list_campaigns(store: Store, *, solution_arn: str | None = None, **paging: Any) -> Mapping[str, Any]:
    """ListCampaigns; as recorded, the ARN of a version lists too: here all campaigns of its solution."""
    if solution_arn is None:
        return cast("Mapping[str, Any]", _list(store, **paging))
    version = store.all(SolutionVersion).get(solution_arn)
    solution = solution_arn if version is None else version.solution_arn
    return cast("Mapping[str, Any]", _list(store, solution_arn=solution, **paging))


delete_campaign = delete_handler(Campaign)
