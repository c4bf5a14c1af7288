"""Output of jobs: exports, metric attributions in CloudWatch and S3, and deletions followed by a training."""

from datetime import timedelta
from typing import Any

import boto3
from corpus.runtime_requests import KNOWN_USERS
from corpus.shop import (
    END,
    INCREMENT,
    Shop,
    a_campaign,
    a_solution,
    a_tracker,
    csv_text,
    item_id,
    load,
    open_shop,
    tables,
    user_id,
)
from corpus.stage import BUCKET, REGION, ROLE, Stage, recipe

NAMESPACE = "AWS/Personalize"
METRICS = [
    {"metricName": "watched", "eventType": "Watch", "expression": "SAMPLECOUNT()"},
    {"metricName": "paid", "eventType": "Watch", "expression": "SUM(Items.PRICE)"},
    {"metricName": "share", "eventType": "Watch", "expression": "SUM(Interactions.EVENT_VALUE)"},
]
MODES = ("PUT", "BULK", "ALL")


def play(stage: Stage) -> None:
    """Report, export, delete and train again."""
    shop = open_shop(stage)
    tracking = a_tracker(stage, shop.group)
    solution = a_solution(stage, shop.group, recipe("aws-user-personalization"), "personal")
    campaign = a_campaign(stage, stage.train(solution), "personal")
    attribution = _attribution(stage, shop.group)
    _events(stage, shop, tracking, campaign)
    _reports(stage, shop, attribution)
    _exports(stage, shop, "before")
    _deletion(stage, shop, solution, campaign)
    _exports(stage, shop, "after")
    _cloudwatch(stage)
    stage.delete(attribution)
    stage.call("ListMetricAttributions")


def _attribution(stage: Stage, group: str) -> str:
    output = {"roleArn": ROLE, "s3DataDestination": {"path": f"s3://{BUCKET}/reports/"}}
    request = {"name": "effects", "datasetGroupArn": group, "metricsOutputConfig": output}
    attribution = stage.create_and_wait("CreateMetricAttribution", metrics=METRICS[:2], **request)
    stage.create_and_wait("UpdateMetricAttribution", metricAttributionArn=attribution, addMetrics=METRICS[2:])
    stage.try_call("UpdateMetricAttribution", "again", metricAttributionArn=attribution, addMetrics=METRICS[2:])
    stage.call("ListMetricAttributionMetrics", metricAttributionArn=attribution)
    stage.pages("ListMetricAttributions", 1, datasetGroupArn=group)
    return attribution


def _events(stage: Stage, shop: Shop, tracking: str, campaign: str) -> None:
    shown = stage.call("GetRecommendations", campaignArn=campaign, userId=KNOWN_USERS[0], numResults=5)
    now = stage.mock.clock.now()
    event = {"eventType": "Watch", "sentAt": now, "eventValue": 0.5, "properties": '{"DEVICE": "tv"}'}
    for number, source in enumerate(("home", "search", None)):
        attributed = {} if source is None else {"metricAttribution": {"eventAttributionSource": source}}
        events = [{**event, **attributed, "itemId": item_id(number + turn)} for turn in range(3)]
        stage.call("PutEvents", trackingId=tracking, sessionId="s1", userId=user_id(number), eventList=events)
    of_list = {**event, "itemId": shown["itemList"][0]["itemId"], "recommendationId": shown["recommendationId"]}
    old = {**event, "itemId": item_id(9), "sentAt": now - timedelta(days=20)}
    stage.call(
        "PutEvents", "of a list", trackingId=tracking, sessionId="s2", userId=KNOWN_USERS[0], eventList=[of_list, old]
    )
    film = '{"TITLE": "The kiss", "GENRES": "Romance", "PRICE": 2, "CREATION_TIMESTAMP": 1719705600}'
    stage.call("PutItems", datasetArn=shop.datasets["Items"], items=[{"itemId": "p1", "properties": film}])
    person = '{"AGE": 44, "MEMBERSHIP": "Basic"}'
    stage.call("PutUsers", datasetArn=shop.datasets["Users"], users=[{"userId": "p1", "properties": person}])


def _reports(stage: Stage, shop: Shop, attribution: str) -> None:
    header = list(tables()["Interactions"].fields)
    rows = [
        (user_id(row % 120), item_id(row % 149), "Watch", 0.25, END + 70 * row, "tv", ("home", "search", "")[row % 3])
        for row in range(INCREMENT + 1)
    ]
    interactions = shop.datasets["Interactions"]
    more = {"importMode": "INCREMENTAL", "publishAttributionMetricsToS3": True}
    load(stage, interactions, csv_text(header, rows), "reported", **more)
    load(stage, interactions, csv_text(header, rows[1:]), "unreported", importMode="INCREMENTAL")
    stage.record_objects("reports/")
    stage.create_and_wait("UpdateMetricAttribution", metricAttributionArn=attribution, removeMetrics=["paid"])
    stage.call("ListMetricAttributionMetrics", "fewer", metricAttributionArn=attribution)


def _exports(stage: Stage, shop: Shop, note: str) -> None:
    for kind, dataset in shop.datasets.items():
        for mode in MODES:
            name = f"{kind.lower()}-{mode.lower()}-{note}"
            output = {"s3DataDestination": {"path": f"s3://{BUCKET}/out/{name}/"}}
            request: dict[str, Any] = {"jobName": name, "datasetArn": dataset, "roleArn": ROLE, "jobOutput": output}
            stage.create_and_wait("CreateDatasetExportJob", ingestionMode=mode, **request)
            stage.record_objects(f"out/{name}/")
    stage.pages("ListDatasetExportJobs", 4, datasetArn=shop.datasets["Items"])


def _deletion(stage: Stage, shop: Shop, solution: str, campaign: str) -> None:
    gone = [KNOWN_USERS[0], user_id(0), user_id(1), "nobody"]
    location = stage.put("USER_ID\n" + "\n".join(gone), "gone/users.csv")
    request = {"jobName": "gone", "datasetGroupArn": shop.group, "roleArn": ROLE}
    stage.create_and_wait("CreateDataDeletionJob", dataSource={"dataLocation": location}, **request)
    broken = stage.put("NAME\nx\n", "broken/users.csv")
    stage.create_and_wait(
        "CreateDataDeletionJob", **{**request, "jobName": "broken"}, dataSource={"dataLocation": broken}
    )
    stage.pages("ListDataDeletionJobs", 1, datasetGroupArn=shop.group)
    for note in ("model as before", "model trained again"):
        for user in (KNOWN_USERS[0], KNOWN_USERS[1], user_id(0)):
            stage.call("GetRecommendations", note, campaignArn=campaign, userId=user, numResults=10)
        if note == "model as before":
            version = stage.train(solution, "without them")
            stage.create_and_wait("UpdateCampaign", campaignArn=campaign, solutionVersionArn=version)


def _cloudwatch(stage: Stage) -> None:
    client = boto3.client("cloudwatch", region_name=REGION)
    listed = client.list_metrics(Namespace=NAMESPACE)["Metrics"]
    metrics = sorted(
        (each["MetricName"], sorted((d["Name"], d["Value"]) for d in each["Dimensions"])) for each in listed
    )
    stage.recording.add("CloudWatch, metrics", metrics)
    end = stage.mock.clock.now() + timedelta(days=1)
    for name, dimensions in metrics:
        found = client.get_metric_statistics(
            Namespace=NAMESPACE,
            MetricName=name,
            Dimensions=[{"Name": key, "Value": value} for key, value in dimensions],
            StartTime=end - timedelta(days=5),
            EndTime=end,
            Period=86_400,
            Statistics=["Sum", "Average", "Minimum", "Maximum", "SampleCount"],
        )["Datapoints"]
        points = sorted(found, key=lambda point: point["Timestamp"])
        stage.recording.add(f"CloudWatch, {name} {' '.join(value[-40:] for _, value in dimensions)}", points)
