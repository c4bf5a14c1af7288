"""Refreshes of a campaign's model with new data, and automatic updates to the latest solution version.

Source: developer guide, "Deploying an Amazon Personalize solution version with a campaign" (2025).
"""

from personalize_mock.resources.campaigns import Campaign, begin_update
from personalize_mock.resources.core.effects import effect
from personalize_mock.resources.core.lifecycle import cancel_effect, is_moving, schedule_effect
from personalize_mock.resources.model_refresh import refresh_interval
from personalize_mock.resources.solution_version_training import refresh_model
from personalize_mock.resources.solution_versions import SolutionVersion, latest_active_version
from personalize_mock.simulation import Store


@effect(Campaign)
def apply_update(store: Store, campaign: Campaign) -> None:
    """Apply the values of a finished update to a campaign, and schedule refreshes that add new data to its model."""
    for name, value in campaign.pending_changes.items():
        setattr(campaign, name, value)
    campaign.pending_changes = {}
    serve(store, campaign)


@effect(Campaign)
def serve(store: Store, campaign: Campaign) -> None:
    """Schedule the next refresh of a campaign's model, and an immediate check for a newer solution version.

    A refresh adds new data to the model without training it again. It is scheduled only if the recipe supports it. A
    refresh that is already scheduled stays, unless the interval has changed. The check is scheduled only if the
    campaign deploys newer versions automatically.
    """
    version = store.all(SolutionVersion)[campaign.solution_version_arn]
    interval = refresh_interval(version.recipe, version.config)
    if interval is None:
        cancel_effect(store, campaign, "refresh")
    elif interval != campaign.refresh_interval:
        schedule_effect(store, campaign, "refresh", delay=interval)
    campaign.refresh_interval = interval
    schedule_following(store, campaign)


@effect(Campaign)
def schedule_following(store: Store, campaign: Campaign) -> None:
    """Schedule an immediate check for a newer solution version, if the campaign deploys newer ones automatically."""
    if campaign.follows_latest_version:
        schedule_effect(store, campaign, "follow_latest_version", delay=0)


@effect(Campaign)
def refresh(store: Store, campaign: Campaign) -> None:
    """Add new data to the model of an ACTIVE campaign, without training it again, and schedule the next refresh."""
    assert campaign.refresh_interval is not None  # noqa: S101  # a refresh is scheduled only with an interval
    schedule_effect(store, campaign, "refresh", delay=campaign.refresh_interval)
    if campaign.status == "ACTIVE":
        refresh_model(store, store.all(SolutionVersion)[campaign.solution_version_arn])


@effect(Campaign)
def follow_latest_version(store: Store, campaign: Campaign) -> None:
    """Start an update of a campaign to the latest ACTIVE version of its solution.

    Nothing happens if the campaign already serves this version or a newer one, is not ACTIVE, or is being updated.
    """
    latest = latest_active_version(store, campaign.solution_arn)
    if latest is None or latest.ordinal <= store.all(SolutionVersion)[campaign.solution_version_arn].ordinal:
        return
    if campaign.status == "ACTIVE" and not is_moving(campaign):
        begin_update(store, campaign, {"solution_version_arn": latest.arn})
