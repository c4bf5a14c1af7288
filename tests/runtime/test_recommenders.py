"""GetRecommendations of recommenders: the ten use cases."""

import pytest
from builders import a_domain_group_with_data, a_recommender, an_event_tracker, client, settle

from personalize_mock import mock_personalize
from personalize_mock.resources import catalogue

USE_CASES = {entry.name: entry for entry in catalogue.recipes() if entry.domain is not None}
DOMAINS = ("ECOMMERCE", "VIDEO_ON_DEMAND")


class Domains:
    """A mock with a domain dataset group per domain. Recommenders are created when a test first uses them."""

    def __init__(self, mock):
        self.mock = mock
        self.runtime = client("personalize-runtime")
        self.groups = {
            domain: a_domain_group_with_data(mock, domain.lower(), "Interactions", "Items", "Users", domain=domain)
            for domain in DOMAINS
        }
        self._recommenders = {}

    def recommender(self, recipe, **config):
        key = (recipe, *config)
        if key not in self._recommenders:
            group = self.groups[USE_CASES[recipe].domain]
            name = f"recommender-{len(self._recommenders)}"
            self._recommenders[key] = a_recommender(self.mock, recipe, group=group, name=name, recommenderConfig=config)
        return self._recommenders[key]

    def recommend(self, recipe, *, config=None, **members):
        arn = self.recommender(recipe, **(config or {}))
        ids = {"userId": "u1", "itemId": "i3"}
        required = {name: value for name, value in ids.items() if name in USE_CASES[recipe].required_ids}
        return self.runtime.get_recommendations(recommenderArn=arn, **{**required, **members})["itemList"]

    def ids(self, recipe, **members):
        return [item["itemId"] for item in self.recommend(recipe, **members)]


@pytest.fixture(scope="module")
def domains():
    with mock_personalize(clock="2024-05-01", quotas={"recommenders_per_group": 20}) as mock:
        yield Domains(mock)


@pytest.mark.parametrize("recipe", USE_CASES)
def test_every_use_case_answers_without_scores(domains, recipe):
    items = domains.recommend(recipe, numResults=10)
    assert items
    assert all(list(item) == ["itemId"] for item in items)


@pytest.mark.parametrize("recipe", [name for name, entry in USE_CASES.items() if entry.required_ids])
def test_required_ids_must_be_provided(domains, recipe):
    arn = domains.recommender(recipe)
    with pytest.raises(domains.runtime.exceptions.InvalidInputException, match=USE_CASES[recipe].required_ids[0]):
        domains.runtime.get_recommendations(recommenderArn=arn)


@pytest.mark.parametrize("recipe", [name for name, entry in USE_CASES.items() if entry.automatic_filter_event])
def test_items_that_the_user_purchased_or_watched_are_filtered_automatically(domains, recipe):
    entry = USE_CASES[recipe]
    tracker = an_event_tracker_of(domains, entry.domain)
    first = domains.ids(recipe, userId="u3", numResults=3)
    client("personalize-events").put_events(
        trackingId=tracker,
        sessionId="s",
        userId="u3",
        eventList=[{"eventType": entry.automatic_filter_event, "itemId": first[0], "sentAt": domains.mock.clock.now()}],
    )
    assert first[0] not in domains.ids(recipe, userId="u3", numResults=100)


def an_event_tracker_of(domains, domain):
    group = domains.groups[domain]
    listed = domains.mock.call("ListEventTrackers", datasetGroupArn=group)["eventTrackers"]
    arn = listed[0]["eventTrackerArn"] if listed else an_event_tracker(domains.mock, group)
    return domains.mock.call("DescribeEventTracker", eventTrackerArn=arn)["eventTracker"]["trackingId"]


def test_a_filter_applies_in_addition(domains):
    response = domains.mock.call(
        "CreateFilter",
        name="drama",
        datasetGroupArn=domains.groups["VIDEO_ON_DEMAND"],
        filterExpression='INCLUDE ItemID WHERE Items.GENRES IN ("Drama")',
    )
    arn = settle(domains.mock, response["filterArn"])
    unfiltered = domains.ids("aws-vod-top-picks", numResults=100)
    filtered = domains.ids("aws-vod-top-picks", numResults=100, filterArn=arn)
    assert set(filtered) < set(unfiltered)


def test_metadata_is_returned_if_enabled(domains):
    enabled = {"enableMetadataWithRecommendations": True}
    items = domains.recommend(
        "aws-vod-most-popular", config=enabled, metadataColumns={"ITEMS": ["GENRES"]}, numResults=3
    )
    assert all(list(item) == ["itemId", "metadata"] for item in items)


def test_a_stopped_recommender_is_not_active(domains):
    arn = domains.recommender("aws-vod-trending-now")
    domains.mock.call("StopRecommender", recommenderArn=arn)
    with pytest.raises(domains.runtime.exceptions.InvalidInputException, match="does not exist or is not active yet"):
        domains.runtime.get_recommendations(recommenderArn=arn)
    settle(domains.mock, arn)
    domains.mock.call("StartRecommender", recommenderArn=arn)
    settle(domains.mock, arn)
    assert domains.ids("aws-vod-trending-now")


def test_campaign_and_recommender_together_are_refused(domains):
    arn = domains.recommender("aws-vod-most-popular")
    with pytest.raises(domains.runtime.exceptions.InvalidInputException, match="either"):
        domains.runtime.get_recommendations(recommenderArn=arn, campaignArn=arn, userId="u1")
