"""Documented rules of campaigns and recommenders."""

from typing import Any

from stateful import samples
from stateful.model import Accepted, ExpectedErrors, Model, rule
from stateful.rules_data import Response, optional
from stateful.rules_training import has_data, latest_active
from stateful.timeline import ACTIVE, FAILED, ModelResource, creation, ending

LATEST = "/$LATEST"
SYNC = "syncWithLatestSolutionVersion"
Config = dict[str, Any]


def _served_version(model: Model, refuse: ExpectedErrors, arn: str, config: Config) -> ModelResource | None:
    """Return the version that a campaign serves, and expect an error if it is not ACTIVE."""
    solution = model.get("Solution", arn.removesuffix(LATEST))
    version = latest_active(model, arn.removesuffix(LATEST)) if arn.endswith(LATEST) else None
    if arn.endswith(LATEST):
        refuse("ResourceNotFound", when=solution is None)
        refuse("ResourceNotFound", "ResourceInUse", "InvalidInput", when=version is None)
    else:
        version = model.require(refuse, "SolutionVersion", arn)
        solution = None if version is None else model.get("Solution", version.shown["solutionArn"])
    refuse("ResourceInUse", when=solution and solution.status != ACTIVE)
    refuse("InvalidInput", when=version and version.shown["recipeArn"] == samples.AFFINITY)
    refuse("InvalidInput", when=config.get("itemExplorationConfig") or config.get("rankingInfluence"))
    return version


@rule("CreateCampaign")
def create_campaign(
    model: Model,
    refuse: ExpectedErrors,
    *,
    name: str,
    solution_version_arn: str,
    min_provisioned_tps: int = 1,
    campaign_config: Config | None = None,
) -> Accepted:
    config, arn = campaign_config or {}, model.arn("campaign", name)
    version = _served_version(model, refuse, solution_version_arn, config)
    refuse("InvalidInput", when=config.get(SYNC) and not solution_version_arn.endswith(LATEST))
    refuse("ResourceAlreadyExists", when=model.get("Campaign", arn))
    refuse("LimitExceeded", when=version and model.quota_reached("Campaign", version.shown["datasetGroupArn"]))

    def accepted(response: Response) -> None:
        assert response == {"campaignArn": arn}
        assert version is not None
        serving = {"solutionVersionArn": version.arn, "minProvisionedTPS": min_provisioned_tps}
        facts: dict[str, Any] = {"follow": lambda: _schedule_follow(model, model.resources["Campaign"][arn])}
        _set_solution(facts, version)
        shown = {"name": name, **serving, "campaignConfig": config}
        model.add("Campaign", arn, shown, facts, finish=facts["follow"])

    return accepted


def _set_solution(facts: dict[str, Any], version: ModelResource) -> None:
    facts["solutionArn"] = version.shown["solutionArn"]
    facts["datasetGroupArn"] = version.shown["datasetGroupArn"]


def _schedule_follow(model: Model, campaign: ModelResource) -> None:
    """Schedule the update of a campaign that follows the latest version."""

    def follow() -> None:
        version = latest_active(model, campaign.facts["solutionArn"])
        versions = list(model.resources["SolutionVersion"])
        newer = version and versions.index(version.arn) > versions.index(campaign.shown["solutionVersionArn"])
        if version and newer and campaign.status == ACTIVE and not campaign.changing:
            _begin_update(model, campaign, version, {})

    if campaign.shown["campaignConfig"].get(SYNC):
        model.schedule(campaign, "follow", 0, follow)


@rule("UpdateCampaign")
def update_campaign(
    model: Model,
    refuse: ExpectedErrors,
    *,
    campaign_arn: str,
    solution_version_arn: str | None = None,
    min_provisioned_tps: int | None = None,
    campaign_config: Config | None = None,
) -> Accepted:
    campaign = model.get("Campaign", campaign_arn)
    refuse("ResourceNotFound", when=campaign is None)
    if campaign is None:
        return lambda _: None
    refuse("ResourceInUse", when=campaign.changing or campaign.status not in (ACTIVE, FAILED))
    given = optional(minProvisionedTPS=min_provisioned_tps, campaignConfig=campaign_config)
    wanted = {name: campaign.shown[name] for name in ("minProvisionedTPS", "campaignConfig")} | given
    requested = solution_version_arn or campaign.shown["solutionVersionArn"]
    version = _served_version(model, refuse, requested, wanted["campaignConfig"])
    kept = solution_version_arn is None and campaign.shown["campaignConfig"].get(SYNC)
    refuse("InvalidInput", when=(campaign_config or {}).get(SYNC) and not kept and not requested.endswith(LATEST))
    same = version and {**wanted, "solutionVersionArn": version.arn}.items() <= campaign.shown.items()
    refuse("InvalidInput", when=same)

    def accepted(response: Response) -> None:
        assert response == {"campaignArn": campaign_arn}
        assert version is not None
        _begin_update(model, campaign, version, wanted)

    return accepted


def _begin_update(model: Model, campaign: ModelResource, version: ModelResource, wanted: Config) -> None:
    part = {"solutionVersionArn": version.arn, "creationDateTime": model.now}
    campaign.shown["latestCampaignUpdate"] = part
    campaign.shown["lastUpdatedDateTime"] = model.now
    campaign.facts["wantedSolutionArn"] = version.shown["solutionArn"]

    def apply() -> None:
        campaign.shown.update(wanted, solutionVersionArn=version.arn)
        _set_solution(campaign.facts, version)
        campaign.facts["wantedSolutionArn"] = None
        _schedule_follow(model, campaign)

    model.follow(campaign, creation(model.seconds("Campaign", ".update"), finish=apply), part)


@rule("CreateRecommender")
def create_recommender(
    model: Model,
    refuse: ExpectedErrors,
    *,
    name: str,
    dataset_group_arn: str,
    recipe_arn: str,
    recommender_config: Config | None = None,
) -> Accepted:
    group, arn = model.require(refuse, "DatasetGroup", dataset_group_arn), model.arn("recommender", name)
    other_domain = recipe_arn == samples.OTHER_DOMAIN_USE_CASE
    domain = samples.ECOMMERCE if other_domain else samples.USE_CASES.get(recipe_arn, ("none", ""))[0]
    refuse("ResourceNotFound", when=recipe_arn == samples.UNKNOWN_RECIPE)
    refuse("InvalidInput", when=group and group.facts["domain"] != domain and recipe_arn != samples.UNKNOWN_RECIPE)
    refuse("InvalidInput", when=(recommender_config or {}).get("itemExplorationConfig"))
    refuse("ResourceAlreadyExists", when=model.get("Recommender", arn))
    refuse("LimitExceeded", when=model.quota_reached("Recommender", dataset_group_arn))

    def accepted(response: Response) -> None:
        assert response == {"recommenderArn": arn}
        config = {"recommenderConfig": recommender_config or {}}
        shown = {"name": name, "datasetGroupArn": dataset_group_arn, "recipeArn": recipe_arn}
        model.add(
            "Recommender", arn, {**shown, **config}, run=lambda: other_domain or not has_data(model, dataset_group_arn)
        )

    return accepted


def _stable_recommender(model: Model, refuse: ExpectedErrors, arn: str, needed: str) -> ModelResource | None:
    recommender = model.get("Recommender", arn)
    refuse("ResourceNotFound", when=recommender is None)
    refuse("ResourceInUse", when=recommender and recommender.changing)
    refuse("InvalidInput", "ResourceInUse", when=recommender and recommender.status != needed)
    return recommender


@rule("UpdateRecommender")
def update_recommender(
    model: Model, refuse: ExpectedErrors, *, recommender_arn: str, recommender_config: Config
) -> Accepted:
    recommender = _stable_recommender(model, refuse, recommender_arn, ACTIVE)
    refuse("InvalidInput", when=recommender and recommender.shown["recommenderConfig"] == recommender_config)
    refuse("InvalidInput", when=recommender_config.get("itemExplorationConfig"))

    def accepted(response: Response) -> None:
        assert response == {"recommenderArn": recommender_arn}
        assert recommender is not None
        part = {"recommenderConfig": recommender_config, "creationDateTime": model.now}
        recommender.shown["latestRecommenderUpdate"] = part
        recommender.shown["lastUpdatedDateTime"] = model.now

        def apply() -> None:
            recommender.shown["recommenderConfig"] = recommender_config

        model.follow(recommender, creation(model.seconds("Recommender", ".update"), finish=apply), part)

    return accepted


@rule("StopRecommender")
def stop_recommender(model: Model, refuse: ExpectedErrors, *, recommender_arn: str) -> Accepted:
    return _switch(model, refuse, recommender_arn, "STOP", needed=ACTIVE, end="INACTIVE")


@rule("StartRecommender")
def start_recommender(model: Model, refuse: ExpectedErrors, *, recommender_arn: str) -> Accepted:
    return _switch(model, refuse, recommender_arn, "START", needed="INACTIVE", end=ACTIVE)


def _switch(model: Model, refuse: ExpectedErrors, arn: str, word: str, *, needed: str, end: str) -> Accepted:
    recommender = _stable_recommender(model, refuse, arn, needed)

    def accepted(response: Response) -> None:
        assert response == {"recommenderArn": arn}
        assert recommender is not None
        model.follow(recommender, ending(word, model.seconds("Recommender", f".{word.lower()}"), end))

    return accepted
