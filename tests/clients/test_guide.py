"""Steps that the developer guide describes, from training to clean-up."""

import json
import time

import boto3
from botocore import xform_name
from builders import (
    START,
    a_campaign,
    a_dataset,
    a_dataset_group,
    a_domain_group_with_data,
    a_group_with_data,
    a_metric_attribution,
    a_recommender,
    a_solution,
    a_solution_version,
    a_trained_solution_version,
    an_event_tracker,
    an_export_job,
    client,
    settle,
)
from put_events import dataset, rows

HOUR = 60 * 60
RUNTIME = "personalize-runtime"
DELETION_ORDER = (
    "campaign",
    "recommender",
    "solution",
    "eventTracker",
    "metricAttribution",
    "filter",
    "dataset",
    "datasetGroup",
    "schema",
)


def test_listing_versions_waits_for_the_first_automatic_training(personalize_mock):
    group = a_group_with_data(personalize_mock)
    solution = a_solution(personalize_mock, group, "aws-user-personalization-v2", performAutoTraining=True)
    began, versions = time.time(), []
    while not versions and time.time() < began + 3 * HOUR:
        versions = boto3.client("personalize").list_solution_versions(solutionArn=solution)["solutionVersions"]
        if not versions:
            time.sleep(60)
    assert versions[0]["trainingType"] == "AUTOMATIC"
    assert time.time() - began <= HOUR + 60


def test_a_campaign_of_the_latest_version_returns_item_metadata(mock):
    version = a_trained_solution_version(mock, group=a_group_with_data(mock, "shop", "Interactions", "Items"))
    latest = {"syncWithLatestSolutionVersion": True, "enableMetadataWithRecommendations": True}
    campaign = a_campaign(mock, f"{version.rpartition('/')[0]}/$LATEST", minProvisionedTPS=1, campaignConfig=latest)
    request = {"userId": "u1", "numResults": 10, "metadataColumns": {"ITEMS": ["GENRES", "PRICE"]}}
    items = client(RUNTIME).get_recommendations(campaignArn=campaign, **request)["itemList"]
    assert [sorted(item["metadata"]) for item in items] == [["genres", "price"]] * 10


def test_put_records_may_have_numbers_as_strings(mock):
    group, events = a_dataset_group(mock), client("personalize-events")
    items, users = a_dataset(mock, group, "Items"), a_dataset(mock, group, "Users")
    item = json.dumps({"genres": "Comedy|War", "price": "3.5", "creationTimestamp": "1570003267"})
    user = json.dumps({"age": "35", "membership": "Free"})
    events.put_items(datasetArn=items, items=[{"itemId": "new", "properties": item}])
    events.put_users(datasetArn=users, users=[{"userId": "new", "properties": user}])
    assert exported(mock, items) == ["ITEM_ID,GENRES,PRICE,CREATION_TIMESTAMP", "new,Comedy|War,3.5,1570003267"]
    assert exported(mock, users) == ["USER_ID,AGE,MEMBERSHIP", "new,35,Free"]


def test_an_action_interactions_dataset_has_a_tracking_id(mock):
    arn = a_dataset(mock, a_dataset_group(mock), "Action_Interactions")
    tracking_id = client().describe_dataset(datasetArn=arn)["dataset"]["trackingId"]
    common = {"userId": "u1", "sessionId": "s1", "timestamp": START, "actionId": "new"}
    interactions = [{**common, "eventType": event_type} for event_type in ("Taken", "Not Taken")]
    client("personalize-events").put_action_interactions(trackingId=tracking_id, actionInteractions=interactions)
    assert [row["ACTION_ID"] for row in rows(dataset(arn).contents.data)] == ["new", "new"]


def test_events_with_the_same_event_id_are_all_seen_by_filters(mock):
    group = a_group_with_data(mock)
    seen = "EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ($EVENT_TYPE)"
    created = client().create_filter(name="seen", datasetGroupArn=group, filterExpression=seen)
    campaign = a_campaign(mock, a_trained_solution_version(mock, group=group))
    tracker = client().describe_event_tracker(eventTrackerArn=an_event_tracker(mock, group))["eventTracker"]
    request = {"campaignArn": campaign, "userId": "u1", "filterArn": settle(mock, created["filterArn"])}

    def recommended():
        answer = client(RUNTIME).get_recommendations(**request, filterValues={"EVENT_TYPE": '"like"'}, numResults=3)
        return [item["itemId"] for item in answer["itemList"]]

    first = recommended()
    for item in first:
        liked = {"eventId": "event1", "eventType": "like", "sentAt": str(START), "itemId": item}
        client("personalize-events").put_events(
            trackingId=tracker["trackingId"], userId="u1", sessionId="session1", eventList=[liked]
        )
    assert not set(recommended()) & set(first)


def test_all_resources_can_be_deleted_in_the_recommended_order(mock):
    group = a_group_with_data(mock, "shop", "Interactions", "Items", "Users")
    version = a_solution_version(mock, a_solution(mock, group))
    a_campaign(mock, version)
    a_recommender(mock, group=a_domain_group_with_data(mock))
    an_event_tracker(mock, group)
    a_metric_attribution(mock, group)
    client().create_filter(name="cheap", datasetGroupArn=group, filterExpression="INCLUDE ItemID WHERE Items.PRICE < 9")
    an_export_job(mock, client().list_datasets(datasetGroupArn=group)["datasets"][0]["datasetArn"])
    time.sleep(HOUR)
    for resource_type in DELETION_ORDER:
        arns = [entry[f"{resource_type}Arn"] for entry in listed(resource_type)]
        assert arns
        for arn in arns:
            getattr(client(), f"delete_{xform_name(resource_type)}")(**{f"{resource_type}Arn": arn})
        for arn in arns:
            wait_until_gone(resource_type, arn)
    assert [listed(resource_type) for resource_type in DELETION_ORDER] == [[]] * len(DELETION_ORDER)


def listed(resource_type):
    response = getattr(client(), f"list_{xform_name(resource_type)}s")()
    return next(value for value in response.values() if isinstance(value, list))


def wait_until_gone(resource_type, arn):
    describe = getattr(client(), f"describe_{xform_name(resource_type)}")
    try:
        while describe(**{f"{resource_type}Arn": arn}):
            time.sleep(60)
    except client().exceptions.ResourceNotFoundException:
        pass


def exported(mock, arn):
    """Export the put records of a dataset and return the lines of the file."""
    name = f"export-{arn.rpartition('/')[2].lower()}"
    an_export_job(mock, arn, jobName=name, ingestionMode="PUT")
    s3 = boto3.client("s3")
    (file,) = s3.list_objects_v2(Bucket="data", Prefix=f"out/{name}/")["Contents"]
    return s3.get_object(Bucket="data", Key=file["Key"])["Body"].read().decode().splitlines()
