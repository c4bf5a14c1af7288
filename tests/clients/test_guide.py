"""What code does that was written after the developer guide: steps of its pages, from training to clean-up."""

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
from putting import dataset, rows

HOUR = 60 * 60
RUNTIME = "personalize-runtime"
DELETED_IN_ORDER = (
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


def test_the_first_automatic_training_is_waited_for_by_listing_versions(personalize_mock):
    group = a_group_with_data(personalize_mock)
    solution = a_solution(personalize_mock, group, "aws-user-personalization-v2", performAutoTraining=True)
    began, versions = time.time(), []
    while not versions and time.time() < began + 3 * HOUR:
        versions = boto3.client("personalize").list_solution_versions(solutionArn=solution)["solutionVersions"]
        if not versions:
            time.sleep(60)
    assert versions[0]["trainingType"] == "AUTOMATIC"
    assert time.time() - began <= HOUR + 60


def test_a_campaign_of_the_latest_version_shows_what_items_are_like(mock):
    version = a_trained_solution_version(mock, group=a_group_with_data(mock, "shop", "Interactions", "Items"))
    latest = {"syncWithLatestSolutionVersion": True, "enableMetadataWithRecommendations": True}
    campaign = a_campaign(mock, f"{version.rpartition('/')[0]}/$LATEST", minProvisionedTPS=1, campaignConfig=latest)
    asked = {"userId": "u1", "numResults": 10, "metadataColumns": {"ITEMS": ["GENRES", "PRICE"]}}
    items = client(RUNTIME).get_recommendations(campaignArn=campaign, **asked)["itemList"]
    assert [sorted(item["metadata"]) for item in items] == [["genres", "price"]] * 10


def test_records_put_one_by_one_may_quote_their_numbers(mock):
    group, events = a_dataset_group(mock), client("personalize-events")
    items, users = a_dataset(mock, group, "Items"), a_dataset(mock, group, "Users")
    item = json.dumps({"genres": "Comedy|War", "price": "3.5", "creationTimestamp": "1570003267"})
    user = json.dumps({"age": "35", "membership": "Free"})
    events.put_items(datasetArn=items, items=[{"itemId": "new", "properties": item}])
    events.put_users(datasetArn=users, users=[{"userId": "new", "properties": user}])
    assert exported(mock, items) == ["ITEM_ID,GENRES,PRICE,CREATION_TIMESTAMP", "new,Comedy|War,3.5,1570003267"]
    assert exported(mock, users) == ["USER_ID,AGE,MEMBERSHIP", "new,35,Free"]


def test_the_tracker_of_action_interactions_is_found_in_their_dataset(mock):
    arn = a_dataset(mock, a_dataset_group(mock), "Action_Interactions")
    tracking_id = client().describe_dataset(datasetArn=arn)["dataset"]["trackingId"]
    done = {"userId": "u1", "sessionId": "s1", "timestamp": START, "actionId": "new"}
    interactions = [{**done, "eventType": event_type} for event_type in ("Taken", "Not Taken")]
    client("personalize-events").put_action_interactions(trackingId=tracking_id, actionInteractions=interactions)
    assert [row["ACTION_ID"] for row in rows(dataset(arn).contents.data)] == ["new", "new"]


def test_events_that_all_bear_the_id_of_the_example_are_filtered_by_each(mock):
    group = a_group_with_data(mock)
    seen = "EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ($EVENT_TYPE)"
    made = client().create_filter(name="seen", datasetGroupArn=group, filterExpression=seen)
    campaign = a_campaign(mock, a_trained_solution_version(mock, group=group))
    tracker = client().describe_event_tracker(eventTrackerArn=an_event_tracker(mock, group))["eventTracker"]
    asked = {"campaignArn": campaign, "userId": "u1", "filterArn": settle(mock, made["filterArn"])}

    def recommended():
        answer = client(RUNTIME).get_recommendations(**asked, filterValues={"EVENT_TYPE": '"like"'}, numResults=3)
        return [item["itemId"] for item in answer["itemList"]]

    first = recommended()
    for item in first:
        liked = {"eventId": "event1", "eventType": "like", "sentAt": str(START), "itemId": item}
        client("personalize-events").put_events(
            trackingId=tracker["trackingId"], userId="u1", sessionId="session1", eventList=[liked]
        )
    assert not set(recommended()) & set(first)


def test_everything_is_deleted_in_the_order_that_is_recommended(mock):
    group = a_group_with_data(mock, "shop", "Interactions", "Items", "Users")
    version = a_solution_version(mock, a_solution(mock, group))
    a_campaign(mock, version)
    a_recommender(mock, group=a_domain_group_with_data(mock))
    an_event_tracker(mock, group)
    a_metric_attribution(mock, group)
    client().create_filter(name="cheap", datasetGroupArn=group, filterExpression="INCLUDE ItemID WHERE Items.PRICE < 9")
    an_export_job(mock, client().list_datasets(datasetGroupArn=group)["datasets"][0]["datasetArn"])
    time.sleep(HOUR)
    for kind in DELETED_IN_ORDER:
        arns = [each[f"{kind}Arn"] for each in listed(kind)]
        assert arns
        for arn in arns:
            getattr(client(), f"delete_{xform_name(kind)}")(**{f"{kind}Arn": arn})
        for arn in arns:
            wait_until_gone(kind, arn)
    assert [listed(kind) for kind in DELETED_IN_ORDER] == [[]] * len(DELETED_IN_ORDER)


def listed(kind):
    found = getattr(client(), f"list_{xform_name(kind)}s")()
    return next(value for value in found.values() if isinstance(value, list))


def wait_until_gone(kind, arn):
    describe = getattr(client(), f"describe_{xform_name(kind)}")
    try:
        while describe(**{f"{kind}Arn": arn}):
            time.sleep(60)
    except client().exceptions.ResourceNotFoundException:
        pass


def exported(mock, arn):
    name = f"export-{arn.rpartition('/')[2].lower()}"
    an_export_job(mock, arn, jobName=name, ingestionMode="PUT")
    s3 = boto3.client("s3")
    (found,) = s3.list_objects_v2(Bucket="data", Prefix=f"out/{name}/")["Contents"]
    return s3.get_object(Bucket="data", Key=found["Key"])["Body"].read().decode().splitlines()
