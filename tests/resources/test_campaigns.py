from datetime import timedelta
from functools import partial

import pytest
from builders import (
    ACCOUNT,
    a_group_with_an_event,
    a_group_with_data,
    a_solution,
    a_solution_version,
    an_import_job,
    client,
    interactions_csv,
    polled_statuses,
    refusal,
    settle,
)

from personalize_mock import mock_personalize

ARN = f"arn:aws:personalize:us-east-1:{ACCOUNT}:campaign"


@pytest.fixture
def group(mock):
    return a_group_with_data(mock)


@pytest.fixture
def version(mock, group):
    return a_solution_version(mock, a_solution(mock, group, "aws-popularity-count"))


@pytest.fixture
def personal(mock, group):
    return a_solution_version(mock, a_solution(mock, group, name="personal"))


def create(version, name="campaign", **members):
    return client().create_campaign(name=name, solutionVersionArn=version, **members)["campaignArn"]


def describe(arn):
    return client().describe_campaign(campaignArn=arn)["campaign"]


def test_create_campaign_returns_only_the_arn(mock, version):
    answer = client().create_campaign(name="campaign", solutionVersionArn=version)
    answer.pop("ResponseMetadata")
    assert answer == {"campaignArn": f"{ARN}/campaign"}


def test_a_campaign_goes_from_pending_through_in_progress_to_active(mock, version):
    states = polled_statuses(client().describe_campaign, campaignArn=create(version))
    assert states == ["CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"]


def test_a_campaign_has_defaults_of_one_tps_and_an_empty_configuration(mock, version):
    arn = create(version)
    assert describe(arn) == {
        "name": "campaign",
        "campaignArn": arn,
        "solutionVersionArn": version,
        "minProvisionedTPS": 1,
        "campaignConfig": {},
        "status": "CREATE PENDING",
        "creationDateTime": mock.clock.now(),
        "lastUpdatedDateTime": mock.clock.now(),
    }


def test_the_last_updated_date_changes_when_the_campaign_becomes_active(mock, version):
    arn = create(version)
    before = describe(arn)
    after = describe(settle(mock, arn))
    assert after["creationDateTime"] == before["creationDateTime"]
    assert after["lastUpdatedDateTime"] - after["creationDateTime"] == timedelta(minutes=10)


def test_given_values_are_echoed(mock, personal):
    config = {
        "itemExplorationConfig": {"explorationWeight": "0.5", "explorationItemAgeCutOff": "30"},
        "enableMetadataWithRecommendations": True,
    }
    campaign = describe(create(personal, minProvisionedTPS=3, campaignConfig=config))
    assert (campaign["minProvisionedTPS"], campaign["campaignConfig"]) == (3, config)


def test_exploration_settings_are_refused_for_recipes_without_exploration(mock, version, personal):
    config = {"itemExplorationConfig": {"explorationWeight": "0.5"}}
    assert refusal(create, version=version, campaignConfig=config)[0] == "InvalidInputException"
    create(personal, campaignConfig=config)


@pytest.mark.parametrize(
    "exploration",
    [{"explorationWeight": "1.1"}, {"explorationWeight": "some"}, {"explorationItemAgeCutOff": "0"}, {"weight": "0.5"}],
    ids=str,
)
def test_invalid_exploration_settings_are_refused(mock, personal, exploration):
    config = {"itemExplorationConfig": exploration}
    assert refusal(create, version=personal, campaignConfig=config)[0] == "InvalidInputException"
    assert client().list_campaigns()["campaigns"] == []


def test_the_name_of_a_campaign_is_unique(mock, version):
    arn = create(version)
    expected = ("ResourceAlreadyExistsException", f"Another resource with Arn {arn} already exists.")
    assert refusal(create, version=version) == expected


def test_a_campaign_needs_a_version_and_not_a_solution(mock, version):
    solution = version.rpartition("/")[0]
    assert refusal(create, version=solution)[0] == "ResourceNotFoundException"
    assert refusal(create, version=f"{solution}/00000000")[0] == "ResourceNotFoundException"


def test_a_campaign_needs_an_active_version(mock):
    failed = a_solution_version(mock, a_solution(mock, a_group_with_an_event(mock), name="failing"))
    pending = client().create_solution_version(solutionArn=failed.rpartition("/")[0])["solutionVersionArn"]
    for arn in (failed, pending):
        assert refusal(create, version=arn)[0] == "ResourceInUseException"


def test_a_campaign_that_names_the_latest_version_deploys_it_and_does_not_follow_newer_ones(mock, version):
    newest = a_solution_version(mock, solution_of(version))
    campaign = settle(mock, create(f"{solution_of(version)}/$LATEST"))
    newer = a_solution_version(mock, solution_of(version))
    mock.clock.jump(3600)
    assert describe(campaign)["solutionVersionArn"] == newest
    assert "syncWithLatestSolutionVersion" not in describe(campaign).get("campaignConfig", {})
    client().update_campaign(campaignArn=campaign, solutionVersionArn=f"{solution_of(version)}/$LATEST")
    assert describe(settle(mock, campaign))["solutionVersionArn"] == newer


def test_a_following_campaign_names_the_latest_version(mock, version):
    newest = a_solution_version(mock, solution_of(version))
    campaign = describe(create(f"{solution_of(version)}/$LATEST", campaignConfig=FOLLOWING))
    assert campaign["solutionVersionArn"] == newest
    assert campaign["campaignConfig"] == FOLLOWING


def test_the_sixth_campaign_of_a_group_is_refused(mock, version):
    for number in range(5):
        create(version, f"campaign-{number}")
    code, message = refusal(create, version=version, name="campaign-5")
    assert code == "LimitExceededException"
    assert message == "More than 5 resources in ACTIVE state. Please delete some and try again."
    assert len(client().list_campaigns()["campaigns"]) == 5


def test_a_quota_can_be_raised():
    with mock_personalize(clock=0, quotas={"campaigns_per_group": 6}) as mock:
        version = a_solution_version(mock, a_solution(mock, a_group_with_data(mock), "aws-popularity-count"))
        for number in range(6):
            create(version, f"campaign-{number}")
        code, message = refusal(create, version=version, name="campaign-6")
        assert code == "LimitExceededException"
        assert message.startswith("More than 6 resources")


def test_campaigns_are_listed_by_solution(mock, version, personal):
    create(version, "popular")
    create(personal, "personal")
    (popular,) = client().list_campaigns(solutionArn=version.rpartition("/")[0])["campaigns"]
    assert list(popular) == ["name", "campaignArn", "status", "creationDateTime", "lastUpdatedDateTime"]
    assert popular["name"] == "popular"
    assert [campaign["name"] for campaign in client().list_campaigns()["campaigns"]] == ["popular", "personal"]


def test_a_deleted_campaign_goes_through_the_statuses_of_a_deletion_and_keeps_its_version(mock, version):
    arn = settle(mock, create(version))
    client().delete_campaign(campaignArn=arn)
    states = polled_statuses(client().describe_campaign, campaignArn=arn)
    assert states == ["DELETE PENDING", "DELETE IN_PROGRESS", ""]
    gone = ("ResourceNotFoundException", f"The given campaign does not exist: {arn}")
    for operation in ("describe_campaign", "delete_campaign", "update_campaign"):
        assert refusal(getattr(client(), operation), campaignArn=arn) == gone
    create(version)


def test_a_campaign_that_is_created_or_deleted_cannot_be_deleted(mock, version):
    arn = create(version)
    assert refusal(client().delete_campaign, campaignArn=arn)[0] == "ResourceInUseException"
    settle(mock, arn)
    client().delete_campaign(campaignArn=arn)
    assert refusal(client().delete_campaign, campaignArn=arn)[0] == "ResourceInUseException"


# UpdateCampaign.


@pytest.fixture
def campaign(mock, version):
    return settle(mock, create(version))


def test_update_campaign_returns_only_the_arn(mock, campaign):
    answer = client().update_campaign(campaignArn=campaign, minProvisionedTPS=2)
    answer.pop("ResponseMetadata")
    assert answer == {"campaignArn": campaign}


def test_a_campaign_without_updates_shows_no_update(mock, campaign):
    assert "latestCampaignUpdate" not in describe(campaign)


def test_a_running_update_is_shown_beside_the_old_values(mock, campaign, version):
    newer = a_solution_version(mock, version.rpartition("/")[0])
    config = {"enableMetadataWithRecommendations": True}
    updated = mock.clock.now()
    before = describe(campaign)
    client().update_campaign(campaignArn=campaign, solutionVersionArn=newer, minProvisionedTPS=2, campaignConfig=config)
    running = describe(campaign)
    update = running.pop("latestCampaignUpdate")
    assert running == {**before, "lastUpdatedDateTime": updated}
    assert update == {
        "solutionVersionArn": newer,
        "status": "CREATE PENDING",
        "creationDateTime": updated,
        "lastUpdatedDateTime": updated,
    }
    states = []
    while not states or states[-1] != "ACTIVE":
        shown = describe(campaign)
        assert shown["status"] == "ACTIVE"
        states.append(shown["latestCampaignUpdate"]["status"])
    assert states == ["CREATE IN_PROGRESS", "ACTIVE"]
    assert (shown["solutionVersionArn"], shown["minProvisionedTPS"], shown["campaignConfig"]) == (newer, 2, config)
    assert shown["latestCampaignUpdate"]["creationDateTime"] == updated == shown["lastUpdatedDateTime"]
    assert shown["latestCampaignUpdate"]["lastUpdatedDateTime"] > updated


def test_an_update_keeps_the_members_that_it_does_not_name(mock, campaign, version):
    client().update_campaign(campaignArn=campaign, minProvisionedTPS=4)
    shown = describe(settle(mock, campaign))
    assert (shown["solutionVersionArn"], shown["minProvisionedTPS"]) == (version, 4)


def test_an_update_is_refused_during_an_update(mock, campaign):
    client().update_campaign(campaignArn=campaign, minProvisionedTPS=2)
    again = {"campaignArn": campaign, "minProvisionedTPS": 3}
    assert refusal(client().update_campaign, **again)[0] == "ResourceInUseException"
    settle(mock, campaign)
    client().update_campaign(**again)
    assert describe(settle(mock, campaign))["minProvisionedTPS"] == 3


@pytest.mark.parametrize("members", [{}, {"minProvisionedTPS": 1}, {"campaignConfig": {}}], ids=str)
def test_an_update_that_changes_nothing_is_refused(mock, campaign, version, members):
    for given in (members, {**members, "solutionVersionArn": version}):
        assert refusal(client().update_campaign, campaignArn=campaign, **given)[0] == "InvalidInputException"
    assert "latestCampaignUpdate" not in describe(campaign)


def test_a_campaign_that_is_not_active_cannot_be_updated(mock, version):
    arn = create(version)
    update = {"campaignArn": arn, "minProvisionedTPS": 2}
    assert refusal(client().update_campaign, **update)[0] == "ResourceInUseException"
    settle(mock, arn)
    client().delete_campaign(campaignArn=arn)
    assert refusal(client().update_campaign, **update)[0] == "ResourceInUseException"


def test_an_update_needs_an_active_version(mock, campaign, version):
    pending = client().create_solution_version(solutionArn=version.rpartition("/")[0])["solutionVersionArn"]
    update = {"campaignArn": campaign, "solutionVersionArn": pending}
    assert refusal(client().update_campaign, **update)[0] == "ResourceInUseException"
    assert "latestCampaignUpdate" not in describe(campaign)


def test_the_second_update_goes_through_all_statuses_too(mock, campaign):
    for tps in (2, 3):
        client().update_campaign(campaignArn=campaign, minProvisionedTPS=tps)
        states = []
        while not states or states[-1] != "ACTIVE":
            states.append(describe(campaign)["latestCampaignUpdate"]["status"])
        assert states == ["CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"]


def test_a_campaign_updated_to_another_group_protects_the_datasets_of_that_group(mock, campaign, group):
    another = a_group_with_data(mock, "another")
    version = a_solution_version(mock, a_solution(mock, another, "aws-popularity-count", name="elsewhere"))
    client().update_campaign(campaignArn=campaign, solutionVersionArn=version)
    settle(mock, campaign)
    (dataset,) = client().list_datasets(datasetGroupArn=another)["datasets"]
    assert refusal(client().delete_dataset, datasetArn=dataset["datasetArn"])[0] == "ResourceInUseException"
    (old,) = client().list_datasets(datasetGroupArn=group)["datasets"]
    client().delete_dataset(datasetArn=old["datasetArn"])


# syncWithLatestSolutionVersion.

FOLLOWING = {"syncWithLatestSolutionVersion": True}


@pytest.fixture
def follower(mock, version):
    return settle(mock, create(f"{solution_of(version)}/$LATEST", campaignConfig=FOLLOWING))


def solution_of(version):
    return version.rpartition("/")[0]


SYNC_REFUSED = "syncWithLatestSolutionVersion needs a solutionVersionArn that ends in /$LATEST."


def test_following_needs_the_latest_version_in_the_request(mock, version):
    assert refusal(create, version=version, campaignConfig=FOLLOWING) == ("InvalidInputException", SYNC_REFUSED)
    campaign = settle(mock, create(version))
    update = partial(client().update_campaign, campaignArn=campaign, campaignConfig=FOLLOWING)
    assert refusal(update) == refusal(update, solutionVersionArn=version) == ("InvalidInputException", SYNC_REFUSED)
    update(solutionVersionArn=f"{solution_of(version)}/$LATEST")
    assert describe(settle(mock, campaign))["campaignConfig"] == FOLLOWING


def test_a_following_campaign_can_be_updated_without_naming_the_latest_version(mock, follower):
    client().update_campaign(campaignArn=follower, campaignConfig=FOLLOWING, minProvisionedTPS=2)
    assert describe(settle(mock, follower))["minProvisionedTPS"] == 2


def test_a_following_campaign_is_updated_when_a_newer_version_becomes_active(mock, follower, version):
    newer = client().create_solution_version(solutionArn=solution_of(version))["solutionVersionArn"]
    mock.clock.jump(600)
    assert "latestCampaignUpdate" not in describe(follower)
    settle(mock, newer)
    started = mock.clock.now()
    shown = describe(follower)
    assert shown["solutionVersionArn"] == version
    assert shown["lastUpdatedDateTime"] == started
    assert shown["latestCampaignUpdate"] == {
        "solutionVersionArn": newer,
        "status": "CREATE PENDING",
        "creationDateTime": started,
        "lastUpdatedDateTime": started,
    }
    mock.clock.jump(timedelta(minutes=10) - timedelta(milliseconds=1))
    assert describe(follower)["solutionVersionArn"] == version
    mock.clock.jump(timedelta(milliseconds=1))
    shown = describe(follower)
    assert (shown["solutionVersionArn"], shown["latestCampaignUpdate"]["status"]) == (newer, "ACTIVE")
    assert (shown["campaignConfig"], shown["minProvisionedTPS"]) == (FOLLOWING, 1)


def test_the_old_version_serves_until_the_update_of_a_following_campaign_is_done(mock, group, follower, version):
    request = {"campaignArn": follower, "userId": "u0"}
    before = client("personalize-runtime").get_recommendations(**request)["itemList"]
    an_import_job(mock, f"{group.replace('dataset-group', 'dataset')}/INTERACTIONS", interactions_csv(items=40))
    a_solution_version(mock, solution_of(version))
    assert client("personalize-runtime").get_recommendations(**request)["itemList"] == before
    settle(mock, follower)
    assert client("personalize-runtime").get_recommendations(**request)["itemList"] != before


def test_other_campaigns_keep_their_version(mock, campaign, version):
    a_solution_version(mock, solution_of(version))
    mock.clock.jump(10_000)
    assert describe(campaign)["solutionVersionArn"] == version
    assert "latestCampaignUpdate" not in describe(campaign)


def test_a_version_of_another_solution_is_not_followed(mock, follower, version, personal):
    mock.clock.jump(10_000)
    assert describe(follower)["solutionVersionArn"] == version


def test_a_stopped_version_is_not_followed(mock, follower, version):
    stopped = client().create_solution_version(solutionArn=solution_of(version))["solutionVersionArn"]
    client().stop_solution_version_creation(solutionVersionArn=stopped)
    mock.clock.jump(10_000)
    assert "latestCampaignUpdate" not in describe(follower)


def test_a_campaign_follows_automatic_versions(mock, group):
    solution = a_solution(mock, group, "aws-popularity-count", name="scheduled", performAutoTraining=True)
    first = a_solution_version(mock, solution)
    follower = settle(mock, create(f"{solution}/$LATEST", campaignConfig=FOLLOWING))
    an_import_job(mock, f"{group.replace('dataset-group', 'dataset')}/INTERACTIONS", interactions_csv(users=60))
    mock.clock.jump(timedelta(days=9))
    followed = describe(follower)["solutionVersionArn"]
    assert followed != first
    described = client().describe_solution_version(solutionVersionArn=followed)["solutionVersion"]
    assert described["trainingType"] == "AUTOMATIC"


def test_a_version_that_becomes_active_while_the_campaign_is_created_is_followed_afterwards(mock, version):
    newer = client().create_solution_version(solutionArn=solution_of(version))["solutionVersionArn"]
    mock.clock.jump(timedelta(minutes=39))
    follower = create(f"{solution_of(version)}/$LATEST", campaignConfig=FOLLOWING)
    settle(mock, newer)
    assert describe(follower)["status"] == "CREATE PENDING"
    mock.clock.jump(timedelta(minutes=9))
    shown = describe(follower)
    assert (shown["status"], shown["solutionVersionArn"]) == ("ACTIVE", version)
    assert shown["latestCampaignUpdate"]["creationDateTime"] == mock.clock.now()
    settle(mock, follower)
    assert describe(follower)["solutionVersionArn"] == newer


def test_a_version_that_becomes_active_during_an_update_is_followed_afterwards(mock, follower, version):
    newer = client().create_solution_version(solutionArn=solution_of(version))["solutionVersionArn"]
    mock.clock.jump(timedelta(minutes=39))
    client().update_campaign(campaignArn=follower, minProvisionedTPS=2)
    settle(mock, newer)
    assert describe(follower)["latestCampaignUpdate"]["solutionVersionArn"] == version
    settle(mock, follower)
    shown = describe(follower)
    assert (shown["solutionVersionArn"], shown["minProvisionedTPS"]) == (newer, 2)


def test_a_campaign_that_begins_to_follow_deploys_the_latest_version(mock, campaign, version):
    newer = a_solution_version(mock, solution_of(version))
    latest = f"{solution_of(version)}/$LATEST"
    client().update_campaign(campaignArn=campaign, solutionVersionArn=latest, campaignConfig=FOLLOWING)
    settle(mock, campaign)
    assert describe(campaign)["solutionVersionArn"] == newer


def test_following_works_without_durations():
    no_durations = dict.fromkeys(("campaign", "campaign.update", "solution-version:aws-popularity-count"), 0.0)
    with mock_personalize(clock=0, durations=no_durations) as mock:
        solution = a_solution(mock, a_group_with_data(mock), "aws-popularity-count")
        a_solution_version(mock, solution)
        follower = create(f"{solution}/$LATEST", campaignConfig=FOLLOWING)
        newer = client().create_solution_version(solutionArn=solution)["solutionVersionArn"]
        assert describe(follower)["solutionVersionArn"] == newer
