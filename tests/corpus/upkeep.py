"""Upkeep: tags, other schemas of datasets, updates of campaigns, pages of lists, and the deletion of everything."""

import json

import boto3
from corpus.shop import (
    CATEGORICAL,
    ITEM_FIELDS,
    Shop,
    a_campaign,
    a_filter,
    a_solution,
    a_tracker,
    avro_schema,
    csv_text,
    item_id,
    load,
    open_shop,
    tables,
    user_id,
)
from corpus.stage import REGION, ROLE, Stage, recipe

TEAM = [{"tagKey": "team", "tagValue": "films"}]
WIDER = {**ITEM_FIELDS, "STARS": ["null", "int"], "MOOD": {**CATEGORICAL, "type": ["null", "string"]}}


def play(stage: Stage) -> None:
    """Keep a shop in order, and close it."""
    shop = open_shop(stage, tags=TEAM)
    solution = a_solution(stage, shop.group, recipe("aws-user-personalization"), "personal", tags=TEAM)
    version = stage.train(solution)
    campaign = a_campaign(stage, version, "personal")
    tracker = _arn_of_tracker(stage, shop)
    chosen = a_filter(stage, shop.group, "seen", 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")')
    output = {"roleArn": ROLE}
    request = {"name": "effects", "datasetGroupArn": shop.group, "metrics": [], "metricsOutputConfig": output}
    attribution = stage.create_and_wait("CreateMetricAttribution", **request)
    _tags(stage, (shop.group, shop.datasets["Items"], solution, version, campaign, tracker, chosen, attribution))
    _update_dataset(stage, shop, solution, campaign)
    _update_campaign(stage, campaign)
    _lists(stage, shop, solution)
    for arn in (campaign, chosen, tracker, attribution, solution):
        stage.delete(arn)
    for dataset in shop.datasets.values():
        schema = stage.describe(dataset)["schemaArn"]
        stage.call("DescribeSchema", schemaArn=schema)
        stage.delete(dataset)
        stage.call("DeleteSchema", schemaArn=schema)
    stage.delete(shop.group)
    _lists(stage, shop, solution)


def _arn_of_tracker(stage: Stage, shop: Shop) -> str:
    a_tracker(stage, shop.group)
    listed = stage.call("ListEventTrackers", datasetGroupArn=shop.group)["eventTrackers"]
    return str(listed[0]["eventTrackerArn"])


def _tags(stage: Stage, arns: tuple[str, ...]) -> None:
    for arn in arns:
        stage.try_call("ListTagsForResource", resourceArn=arn)
        more = [{"tagKey": "stage", "tagValue": "test"}, {"tagKey": "team", "tagValue": "series"}]
        stage.try_call("TagResource", resourceArn=arn, tags=more)
        stage.try_call("ListTagsForResource", "more", resourceArn=arn)
        stage.try_call("UntagResource", resourceArn=arn, tagKeys=["stage", "unknown"])
        stage.try_call("ListTagsForResource", "fewer", resourceArn=arn)
    client = boto3.client("resourcegroupstaggingapi", region_name=REGION)
    found = client.get_resources(TagFilters=[{"Key": "team"}])["ResourceTagMappingList"]
    stage.recording.add("tagged resources", sorted(found, key=lambda each: each["ResourceARN"]))


def _update_dataset(stage: Stage, shop: Shop, solution: str, campaign: str) -> None:
    items = shop.datasets["Items"]
    schema = stage.create("CreateSchema", name="wider", schema=avro_schema("Items", WIDER))
    narrow = {name: field for name, field in ITEM_FIELDS.items() if name != "YEAR"}
    narrower = stage.create("CreateSchema", name="narrower", schema=avro_schema("Items", narrow))
    stage.try_call("UpdateDataset", "narrower", datasetArn=items, schemaArn=narrower)
    stage.create("UpdateDataset", datasetArn=items, schemaArn=schema)
    stage.try_call("UpdateDataset", "at once again", datasetArn=items, schemaArn=schema)
    stage.try_call("DeleteSchema", "used", schemaArn=schema)
    stage.settle(items)
    rows = [(*row, index % 5, "merry") for index, row in enumerate(tables()["Items"].rows)]
    load(stage, items, csv_text(list(WIDER), rows), "wider")
    mood = a_filter(stage, shop.group, "mood", 'INCLUDE ItemID WHERE Items.MOOD IN ("merry") AND Items.STARS > 3')
    version = stage.train(solution, "wider")
    stage.create_and_wait("UpdateCampaign", campaignArn=campaign, solutionVersionArn=version)
    for user in (user_id(1), "stranger"):
        request = {"campaignArn": campaign, "userId": user, "numResults": 10}
        stage.try_call("GetRecommendations", "stars", filterArn=mood, **request)
    stage.delete(mood)
    properties = json.dumps({"TITLE": "x", "GENRES": "Drama", "PRICE": 1, "CREATION_TIMESTAMP": 0, "STARS": 4})
    stage.try_call("PutItems", "with stars", datasetArn=items, items=[{"itemId": item_id(1), "properties": properties}])
    newer = a_solution(stage, shop.group, recipe("aws-user-personalization"), "newer")
    stage.train(newer)
    stage.delete(newer)


def _update_campaign(stage: Stage, campaign: str) -> None:
    stage.create_and_wait("UpdateCampaign", "capacity", campaignArn=campaign, minProvisionedTPS=4)
    stage.try_call("UpdateCampaign", "nothing new", campaignArn=campaign, minProvisionedTPS=4)
    config = {"enableMetadataWithRecommendations": True, "itemExplorationConfig": {"explorationWeight": "0.9"}}
    stage.create("UpdateCampaign", "config", campaignArn=campaign, campaignConfig=config)
    stage.try_call("DeleteCampaign", "while it is updated", campaignArn=campaign)
    request = {"campaignArn": campaign, "userId": user_id(1), "numResults": 5}
    stage.try_call("GetRecommendations", "while it is updated", metadataColumns={"ITEMS": ["TITLE"]}, **request)
    stage.settle(campaign)
    stage.try_call("GetRecommendations", "with metadata", metadataColumns={"ITEMS": ["TITLE", "MOOD"]}, **request)


def _lists(stage: Stage, shop: Shop, solution: str) -> None:
    of_group = ("Datasets", "EventTrackers", "Filters", "MetricAttributions", "Recommenders", "Solutions")
    for kind in of_group:
        stage.try_call(f"List{kind}", datasetGroupArn=shop.group)
    for kind in (*of_group, "DatasetGroups", "Schemas", "Campaigns", "DatasetImportJobs", "DatasetExportJobs"):
        stage.try_call(f"List{kind}")
    for kind in ("Campaigns", "SolutionVersions"):
        stage.try_call(f"List{kind}", solutionArn=solution)
    stage.try_call("ListDatasetImportJobs", datasetArn=shop.datasets["Items"])
    stage.try_call("ListDatasetImportJobs", maxResults=2)
    stage.try_call("ListMetricAttributionMetrics")
