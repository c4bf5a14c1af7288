"""Campaigns, which deploy solution versions to serve recommendations."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

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
from personalize_mock.resources.core.lifecycle import (
    DELETE,
    begin,
    create,
    is_moving,
    update,
)
from personalize_mock.resources.core.resource import Resource
from personalize_mock.resources.hyperparameter_checks import check_exploration
from personalize_mock.resources.recommendation_ids import arn_digits
from personalize_mock.resources.solution_versions import SolutionVersion, latest_active_version
from personalize_mock.resources.solutions import Solution
from personalize_mock.resources.tags import Tags, check_tags
from personalize_mock.simulation import Store
from personalize_mock.wire.errors import InvalidInputException, ResourceNotFoundException
from personalize_mock.wire.registry import handler

if TYPE_CHECKING:
    from types_boto3_personalize.type_defs import CampaignConfigTypeDef

LATEST = "/$LATEST"
SYNC = "syncWithLatestSolutionVersion"

# Ours.
NO_CAMPAIGN = (
    "A solution version of recipe {recipe} cannot be deployed in a campaign. Use it in a batch segment job instead."
)
SYNC_NEEDS_LATEST = "syncWithLatestSolutionVersion needs a solutionVersionArn that ends in /$LATEST."
NO_CHANGE = "Campaign {arn} already has this configuration. Change at least one value."
NOT_UPDATABLE = "Campaign {arn} cannot be updated now. It must be ACTIVE or CREATE FAILED, without a running update."


@dataclass(kw_only=True)
class CampaignUpdate:
    """The latest update of a campaign, as DescribeCampaign shows it.

    Of the values that an update can change, it contains only the solutionVersionArn, as in responses recorded on the
    real service.
    """

    solution_version_arn: str
    creation_date_time: float
    status: str | None = None
    last_updated_date_time: float = 0.0
    failure_reason: str | None = None


@dataclass(kw_only=True)
class Campaign(Resource):
    """A campaign. While an update is running, the campaign serves the old configuration.

    Attributes:
        pending_changes: The new values of a running update, by attribute name.
        refresh_interval: The seconds between two refreshes of the deployed model. None if the model is never refreshed.
    """

    ARN_TYPE = "campaign"
    LIST_MEMBER = "campaigns"
    LIFECYCLES = (create(finish="serve"), DELETE, update("latest_campaign_update", finish="apply_update"))

    solution_version_arn: str
    min_provisioned_tps: int = 1
    campaign_config: "CampaignConfigTypeDef"
    latest_campaign_update: CampaignUpdate | None = None
    pending_changes: Mapping[str, Any] = field(default_factory=dict)
    dataset_group_arn: str
    refresh_interval: float | None = None

    @property
    def solution_arn(self) -> str:
        """The ARN of the solution whose version is deployed."""
        return self.solution_version_arn.rpartition("/")[0]

    @property
    def pending_solution_arn(self) -> str:
        """The ARN of the solution whose version a running update deploys, or "" if no update is running."""
        return str(self.pending_changes.get("solution_version_arn", "")).rpartition("/")[0]

    @property
    def id_digits(self) -> str:
        """The six hexadecimal digits at the end of recommendation ids that identify this campaign."""
        return arn_digits(self.arn)

    @property
    def follows_latest_version(self) -> bool:
        """Whether the campaign deploys newer versions of its solution automatically."""
        return bool(self.campaign_config.get(SYNC))


@handler
def create_campaign(
    store: Store,
    *,
    name: str,
    solution_version_arn: str,
    min_provisioned_tps: int = 1,
    campaign_config: "CampaignConfigTypeDef | None" = None,
    tags: Tags = (),
) -> Campaign:
    """Answer a CreateCampaign request.

    A solutionVersionArn of the form `<solutionArn>/$LATEST` selects the newest ACTIVE version of the solution.
    """
    config = campaign_config or {}
    version = _find_version(store, solution_version_arn)
    _check_deployable(store, version)
    _check_sync(solution_version_arn, config)
    _check_config(version.recipe, config)
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
    campaign_config: "CampaignConfigTypeDef | None" = None,
) -> Campaign:
    """Answer an UpdateCampaign request.

    The campaign keeps its old values until the update is done.
    """
    campaign = find(store, Campaign, campaign_arn)
    arn = solution_version_arn or campaign.solution_version_arn
    version = _find_version(store, arn)
    if is_moving(campaign) or campaign.status not in ("ACTIVE", "CREATE FAILED"):
        raise_in_use(store, campaign, NOT_UPDATABLE.format(arn=campaign_arn))
    config = campaign.campaign_config if campaign_config is None else campaign_config
    _check_deployable(store, version)
    if solution_version_arn is not None or not campaign.follows_latest_version:
        _check_sync(arn, campaign_config or {})
    _check_config(version.recipe, config)
    changes = {
        "solution_version_arn": version.arn,
        "min_provisioned_tps": min_provisioned_tps or campaign.min_provisioned_tps,
        "campaign_config": config,
        "dataset_group_arn": version.dataset_group_arn,
    }
    if all(getattr(campaign, name) == value for name, value in changes.items()):
        raise InvalidInputException(NO_CHANGE.format(arn=campaign_arn))
    begin_update(store, campaign, changes)
    return campaign


def begin_update(store: Store, campaign: Campaign, changes: Mapping[str, Any]) -> None:
    """Start an update of a campaign.

    Args:
        store: The resources of one account and region.
        campaign: The campaign to update.
        changes: The new values by attribute name. They must include `solution_version_arn`.
    """
    now = store.clock.timestamp()
    campaign.pending_changes = changes
    campaign.last_updated_date_time = now
    campaign.latest_campaign_update = CampaignUpdate(
        solution_version_arn=changes["solution_version_arn"], creation_date_time=now
    )
    begin(store, campaign, "update")


def _find_version(store: Store, arn: str) -> SolutionVersion:
    """Return the solution version for a solutionVersionArn in a request.

    An ARN that ends in `/$LATEST` selects the newest ACTIVE version or, if no version is ACTIVE, the newest version.

    Raises:
        ResourceNotFoundException: The solution or the version does not exist.
    """
    if not arn.endswith(LATEST):
        return find(store, SolutionVersion, arn)
    solution = find(store, Solution, arn.removesuffix(LATEST))
    latest = latest_active_version(store, solution.arn) or solution.latest_solution_version
    if latest is None:
        raise ResourceNotFoundException(messages.not_found(SolutionVersion.label(), arn))
    return find(store, SolutionVersion, latest.arn)


def _check_deployable(store: Store, version: SolutionVersion) -> None:
    """Check that a solution version and its solution are ACTIVE, or raise ResourceInUseException."""
    check_active(store, version, find(store, Solution, version.solution_arn))


def _check_sync(arn: str, requested: "CampaignConfigTypeDef") -> None:
    """Check that syncWithLatestSolutionVersion is used only with an ARN that ends in `/$LATEST`.

    Without this option, a campaign with an ARN that ends in `/$LATEST` deploys the newest version but does not follow
    later ones. Source: botocore model, `CampaignConfig`.

    Args:
        arn: The solutionVersionArn in the request.
        requested: The campaignConfig in the request.

    Raises:
        InvalidInputException: The option is set, but the ARN does not end in `/$LATEST`.
    """
    if requested.get(SYNC) and not arn.endswith(LATEST):
        raise InvalidInputException(SYNC_NEEDS_LATEST)


def _check_config(recipe: RecipeEntry, config: "CampaignConfigTypeDef") -> None:
    if not recipe.campaign:
        raise InvalidInputException(NO_CAMPAIGN.format(recipe=recipe.name))
    check_exploration(recipe, config.get("itemExplorationConfig"))
    if config.get("rankingInfluence") and not recipe.ranking_influence:
        raise InvalidInputException(f"Recipe {recipe.name} does not support rankingInfluence. Remove rankingInfluence.")


describe_campaign = describe_handler(Campaign)
_list = list_handler(Campaign)


@handler
def list_campaigns(store: Store, *, solution_arn: str | None = None, **paging: Any) -> Mapping[str, Any]:
    """Answer a ListCampaigns request.

    If the solutionArn is the ARN of a solution version, the campaigns of its solution are listed, as recorded on the
    real service.
    """
    if solution_arn is None:
        return cast("Mapping[str, Any]", _list(store, **paging))
    version = store.all(SolutionVersion).get(solution_arn)
    solution = solution_arn if version is None else version.solution_arn
    return cast("Mapping[str, Any]", _list(store, solution_arn=solution, **paging))


delete_campaign = delete_handler(Campaign)
