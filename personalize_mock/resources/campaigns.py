"""Campaigns: a solution version that answers at the runtime."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from personalize_mock.resources import rules
from personalize_mock.resources.base import (
    Resource,
    add,
    check_free,
    deletes,
    describes,
    find,
    find_active,
    lists,
)
from personalize_mock.resources.catalogue import RecipeEntry
from personalize_mock.resources.lifecycle import DELETE, begin, create, is_moving, update
from personalize_mock.resources.recipes import find_recipe
from personalize_mock.resources.solution_checks import check_value
from personalize_mock.resources.solution_versions import SolutionVersion
from personalize_mock.resources.solutions import Solution
from personalize_mock.resources.tags import Tags, check_tags
from personalize_mock.simulation import Store
from personalize_mock.wire.errors import (
    InvalidInputException,
    ResourceInUseException,
    ResourceNotFoundException,
)
from personalize_mock.wire.registry import operation

Config = Mapping[str, Any]

LATEST = "/$LATEST"
_EXPLORATION = {
    "explorationWeight": "exploration_weight",
    "explorationItemAgeCutOff": "exploration_item_age_cut_off",
}

# Ours.
NO_CAMPAIGN = "Recipe {recipe} cannot be deployed in a campaign."
LATEST_NEEDS_SYNC = "A solutionVersionArn that ends in /$LATEST needs syncWithLatestSolutionVersion."
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
    """

    PATH = "campaign"
    PLURAL = "campaigns"
    LIFECYCLES = (create(), DELETE, update("latest_campaign_update", finish="apply"))

    solution_version_arn: str
    min_provisioned_tps: int = 1
    campaign_config: Config = field(default_factory=dict)
    latest_campaign_update: CampaignUpdate | None = None
    wanted: Config = field(default_factory=dict)
    dataset_group_arn: str

    @property
    def solution_arn(self) -> str:
        """The solution that its version belongs to."""
        return self.solution_version_arn.rpartition("/")[0]

    @property
    def wanted_solution_arn(self) -> str:
        """The solution that it is being moved to."""
        return str(self.wanted.get("solution_version_arn", "")).rpartition("/")[0]

    def apply(self, store: Store) -> None:
        """Ends an update: the campaign takes what was wanted."""
        del store
        for name, value in self.wanted.items():
            setattr(self, name, value)
        self.wanted = {}


@operation
def create_campaign(
    store: Store,
    *,
    name: str,
    solution_version_arn: str,
    min_provisioned_tps: int = 1,
    campaign_config: Config | None = None,
    tags: Tags = (),
) -> Campaign:
    """CreateCampaign; `<solutionArn>/$LATEST` stands for the newest ACTIVE version."""
    config = campaign_config or {}
    version = _version(store, solution_version_arn, config)
    _check_config(_recipe(version), config)
    check_tags(tags)
    arn = store.arn(Campaign.PATH, name)
    check_free(store, Campaign, arn)
    rules.check_quota(store, "campaigns_per_group", within=version.dataset_group_arn)
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


@operation
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
    if is_moving(campaign) or campaign.status not in ("ACTIVE", "CREATE FAILED"):
        raise ResourceInUseException(NOT_UPDATABLE.format(arn=campaign_arn))
    config = campaign.campaign_config if campaign_config is None else campaign_config
    version = _version(store, solution_version_arn or campaign.solution_version_arn, config)
    _check_config(_recipe(version), config)
    wanted = {
        "solution_version_arn": version.arn,
        "min_provisioned_tps": min_provisioned_tps or campaign.min_provisioned_tps,
        "campaign_config": config,
        "dataset_group_arn": version.dataset_group_arn,
    }
    if all(getattr(campaign, name) == value for name, value in wanted.items()):
        raise InvalidInputException(NOTHING_NEW.format(arn=campaign_arn))
    now = store.clock.timestamp()
    campaign.wanted = wanted
    campaign.last_updated_date_time = now
    campaign.latest_campaign_update = CampaignUpdate(solution_version_arn=version.arn, creation_date_time=now)
    begin(store, campaign, "update")
    return campaign


def _version(store: Store, arn: str, config: Config) -> SolutionVersion:
    """The ACTIVE version of an ARN, of a solution that is not being deleted; a bare solution's ARN is none."""
    if not arn.endswith(LATEST):
        version = find_active(store, SolutionVersion, arn)
        find_active(store, Solution, version.solution_arn)
        return version
    if not config.get("syncWithLatestSolutionVersion"):
        raise InvalidInputException(LATEST_NEEDS_SYNC)
    solution = find_active(store, Solution, arn.removesuffix(LATEST))
    versions = [each for each in store.all(SolutionVersion).values() if each.solution_arn == solution.arn]
    active = [each for each in versions if each.status == "ACTIVE"]
    if not versions:
        raise ResourceNotFoundException(rules.not_found(SolutionVersion.kind(), arn))
    if not active:
        raise ResourceInUseException(rules.NOT_ACTIVE.format(arn=arn))
    return active[-1]


def _recipe(version: SolutionVersion) -> RecipeEntry:
    return find_recipe(version.recipe_arn or "")


def _check_config(recipe: RecipeEntry, config: Config) -> None:
    if not recipe.campaign:
        raise InvalidInputException(NO_CAMPAIGN.format(recipe=recipe.name))
    exploration = config.get("itemExplorationConfig")
    if exploration and not recipe.item_exploration_config:
        raise InvalidInputException(f"Recipe {recipe.name} does not support itemExplorationConfig.")
    known = recipe.parameters("campaign")
    for name, value in (exploration or {}).items():
        if _EXPLORATION.get(name) not in known:
            raise InvalidInputException(f"itemExplorationConfig has no {name}. Provide {' or '.join(_EXPLORATION)}.")
        check_value(known[_EXPLORATION[name]], value)
    if config.get("rankingInfluence") and not recipe.ranking_influence:
        raise InvalidInputException(f"Recipe {recipe.name} does not support rankingInfluence.")


describe_campaign = describes(Campaign)
list_campaigns = lists(Campaign)
delete_campaign = deletes(Campaign)
