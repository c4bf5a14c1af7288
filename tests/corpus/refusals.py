"""What is refused or fails: malformed requests, what is not there or in use, faulty schemas and data, quotas."""

import json
from collections.abc import Mapping
from typing import Any

from corpus.shop import (
    CATEGORICAL,
    INTERACTION_FIELDS,
    ITEM_FIELDS,
    USER_FIELDS,
    Shop,
    a_campaign,
    a_filter,
    a_solution,
    a_tracker,
    add_dataset,
    avro_schema,
    csv_text,
    item_id,
    load,
    open_shop,
    tables,
    user_id,
)
from corpus.stage import ACCOUNT, BUCKET, REGION, ROLE, Stage, models, recipe

PREFIX = f"arn:aws:personalize:{REGION}:{ACCOUNT}"
MISSING = f"{PREFIX}:dataset-group/missing"
QUOTAS: Mapping[str, int] = {
    "active_dataset_groups": 2,
    "schemas": 2,
    "import_jobs_in_flight": 1,
    "batch_inference_jobs_in_flight": 1,
    "batch_segment_jobs_in_flight": 1,
    "data_deletion_jobs_pending": 1,
    "filters_per_group": 2,
    "solutions_per_group": 2,
    "solution_versions_in_flight": 1,
    "campaigns_per_group": 1,
    "recommenders_per_group": 1,
    "filter_fields": 2,
}
ODD_VALUES: Mapping[str, Any] = {"string": "!?", "integer": -1, "list": [], "map": {}, "structure": {}, "boolean": True}

SCHEMAS: Mapping[str, str] = {
    "no-json": "{",
    "empty": "{}",
    "list": "[]",
    "no-record": '{"type": "string"}',
    "no-user": avro_schema("Interactions", {"ITEM_ID": "string", "TIMESTAMP": "long"}),
    "wrong-type": avro_schema("Interactions", {**INTERACTION_FIELDS, "TIMESTAMP": "string"}),
    "unknown-type": avro_schema("Interactions", {**INTERACTION_FIELDS, "MORE": "bytes"}),
    "null-id": avro_schema("Interactions", {**INTERACTION_FIELDS, "USER_ID": ["null", "string"]}),
    "no-metadata": avro_schema("Items", {"ITEM_ID": "string"}),
    "unknown-kind": avro_schema("Films", ITEM_FIELDS),
    "categorical-int": avro_schema("Users", {**USER_FIELDS, "AGE": {"type": "int", "categorical": True}}),
    "two-texts": avro_schema("Items", {**ITEM_FIELDS, "MORE": {"type": "string", "textual": True}}),
    "two-names": avro_schema("Items", {**ITEM_FIELDS, "MORE": {"type": "string", "itemName": True}}),
    "bad-name": avro_schema("Items", {**ITEM_FIELDS, "A B": "string"}),
    "much": avro_schema("Interactions", {**INTERACTION_FIELDS, **{f"F{number}": CATEGORICAL for number in range(9)}}),
}
_HEADER = list(ITEM_FIELDS)
_ROW = ("i1", "Title", "Drama", "1.5", "1700000000", "Text", "1999")
IMPORTS: Mapping[str, str | bytes] = {
    "empty": "",
    "header-only": csv_text(_HEADER, []),
    "missing-column": csv_text(_HEADER[:-4], [_ROW[:-4]]),
    "more-columns": csv_text([*_HEADER, "EXTRA"], [(*_ROW, "x")]),
    "other-order": csv_text(_HEADER[::-1], [_ROW[::-1]]),
    "no-number": csv_text(_HEADER, [("i1", "Title", "Drama", "dear", *_ROW[4:])]),
    "no-id": csv_text(_HEADER, [("", *_ROW[1:])]),
    "empty-genres": csv_text(_HEADER, [("i1", "Title", "", *_ROW[3:])]),
    "short-row": csv_text(_HEADER, [_ROW, _ROW[:3]]),
    "long-row": csv_text(_HEADER, [(*_ROW, "x")]),
    "long-id": csv_text(_HEADER, [("i" * 300, *_ROW[1:])]),
    "no-utf-8": b"ITEM_ID,TITLE\n\xff\xfe\n",
    "twice": csv_text(_HEADER, [_ROW, ("i1", "Again", *_ROW[2:])]),
    "bad-time": csv_text(_HEADER, [(*_ROW[:4], "yesterday", *_ROW[5:])]),
    "milliseconds": csv_text(_HEADER, [(*_ROW[:4], "1700000000000", *_ROW[5:])]),
    "good": csv_text(_HEADER, [_ROW]),
}
CONFIGS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "foreign parameter": ("aws-sims", {"algorithmHyperParameters": {"hidden_dimension": "40"}}),
    "too great": ("aws-user-personalization", {"algorithmHyperParameters": {"hidden_dimension": "4000"}}),
    "no number": ("aws-user-personalization", {"algorithmHyperParameters": {"bptt": "many"}}),
    "no threshold": ("aws-user-personalization", {"eventValueThreshold": "high"}),
    "threshold of texts": ("aws-semantic-similarity", {"eventValueThreshold": "1"}),
    "unknown attribute": ("aws-user-personalization", {"optimizationObjective": {"itemAttribute": "COLOUR"}}),
    "nullable attribute": ("aws-user-personalization", {"optimizationObjective": {"itemAttribute": "YEAR"}}),
    "text attribute": ("aws-user-personalization", {"optimizationObjective": {"itemAttribute": "GENRES"}}),
    "no attribute": ("aws-user-personalization", {"optimizationObjective": {"objectiveSensitivity": "LOW"}}),
    "objective of sims": ("aws-sims", {"optimizationObjective": {"itemAttribute": "PRICE"}}),
    "rare training": ("aws-sims", {"autoTrainingConfig": {"schedulingExpression": "rate(31 days)"}}),
    "bad schedule": ("aws-sims", {"autoTrainingConfig": {"schedulingExpression": "cron(0 0)"}}),
    "unknown column": ("aws-sims", {"trainingDataConfig": {"excludedDatasetColumns": {"Items": ["COLOUR"]}}}),
    "events of sims": ("aws-sims", {"eventsConfig": {"eventParametersList": [{"eventType": "Watch"}]}}),
    "twice an event": (
        "aws-user-personalization-v2",
        {"eventsConfig": {"eventParametersList": [{"eventType": "Watch"}, {"eventType": "Watch"}]}},
    ),
    "percentiles": (
        "aws-sims",
        {
            "featureTransformationParameters": {
                "min_user_history_length_percentile": "0.9",
                "max_user_history_length_percentile": "0.1",
            }
        },
    ),
    "range of nothing": (
        "aws-sims",
        {
            "hpoConfig": {
                "algorithmHyperParameterRanges": {
                    "integerHyperParameterRanges": [{"name": "min_cointeraction_count", "minValue": 9, "maxValue": 2}]
                }
            }
        },
    ),
    "many jobs": ("aws-sims", {"hpoConfig": {"hpoResourceConfig": {"maxNumberOfTrainingJobs": "41"}}}),
}


def play(stage: Stage) -> None:
    """Ask for what is refused."""
    _malformed(stage)
    shop = open_shop(stage)
    version = stage.train(a_solution(stage, shop.group, recipe("aws-user-personalization"), "personal"))
    campaign = a_campaign(stage, version, "personal")
    tracking = a_tracker(stage, shop.group)
    a_filter(stage, shop.group, "seen", 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")')
    _conflicts(stage, shop, version, campaign)
    _configs(stage, shop)
    _runtime(stage, campaign, tracking, shop)
    for name, schema in SCHEMAS.items():
        stage.tried("CreateSchema", name=name, schema=schema)
        stage.tried("CreateSchema", "of a domain", name=f"{name}-d", schema=schema, domain="VIDEO_ON_DEMAND")


def _malformed(stage: Stage) -> None:
    """Call every operation with nothing, with what is not there and with odd values."""
    for model in models().values():
        for operation in model.operation_names:
            members = model.operation_model(operation).input_shape.members
            required = model.operation_model(operation).input_shape.required_members
            if required:
                stage.tried(operation, "with nothing")
            odd = {name: ODD_VALUES.get(shape.type_name, 0) for name, shape in members.items()}
            stage.tried(operation, "with odd values", **odd)
            arns = [name for name in members if name.endswith("Arn") and name != "roleArn"]
            if arns and set(required) <= set(arns):
                stage.tried(operation, "of what is missing", **dict.fromkeys(required or arns[:1], MISSING))
            if "nextToken" in members and not required:
                stage.tried(operation, "with a wrong token", nextToken="nobodys")
                stage.tried(operation, "with a wrong size", maxResults=101)
    tags = [{"tagKey": str(number), "tagValue": ""} for number in range(51)]
    stage.tried("CreateDatasetGroup", "with 51 tags", name="tagged", tags=tags)
    stage.tried("CreateDatasetGroup", "with a tag twice", name="tagged", tags=[tags[0], tags[0]])
    stage.tried("CreateDatasetGroup", "with a role", name="keyed", roleArn=ROLE)
    for operation in ("CreateDatasetGroup", "DescribeCampaign", "GetRecommendations"):
        stage.direct(operation, "with nothing")


def _conflicts(stage: Stage, shop: Shop, version: str, campaign: str) -> None:
    solution = version.rpartition("/")[0]
    schema = stage.look(shop.datasets["Items"])["schemaArn"]
    stage.tried("CreateDatasetGroup", "again", name="shop")
    stage.tried("CreateSchema", "again", name="shop-items", schema=avro_schema("Items", ITEM_FIELDS))
    request = {"name": "second", "schemaArn": schema, "datasetGroupArn": shop.group}
    for kind in ("Items", "Users", "Films"):
        stage.tried("CreateDataset", kind, datasetType=kind, **request)
    stage.tried("CreateCampaign", "again", name="personal", solutionVersionArn=version)
    stage.tried("CreateCampaign", "latest", name="latest", solutionVersionArn=f"{solution}/$LATEST")
    stage.tried("CreateEventTracker", "second", name="second", datasetGroupArn=shop.group)
    stage.tried("CreateSolution", "again", name="personal", datasetGroupArn=shop.group, recipeArn=recipe("aws-sims"))
    stage.tried("DeleteSchema", "used", schemaArn=schema)
    stage.tried("DeleteDatasetGroup", "used", datasetGroupArn=shop.group)
    stage.tried("DeleteDataset", "used", datasetArn=shop.datasets["Items"])
    stage.tried("DeleteSolution", "used", solutionArn=solution)
    running = stage.start("CreateSolutionVersion", "running", solutionArn=solution)
    stage.tried("GetSolutionMetrics", "running", solutionVersionArn=running)
    stage.tried("CreateCampaign", "running", name="early", solutionVersionArn=running)
    stage.tried("DeleteSolution", "running", solutionArn=solution)
    stage.settle(running)
    stage.tried("StopSolutionVersionCreation", "at rest", solutionVersionArn=running)
    group = stage.start("CreateDatasetGroup", name="pending")
    stage.tried("CreateSolution", "pending", name="early", datasetGroupArn=group, recipeArn=recipe("aws-sims"))
    stage.tried("DeleteDatasetGroup", "pending", datasetGroupArn=group)
    stage.settle(group)
    stage.tried(
        "CreateDataset", "wrong schema", name="wrong", schemaArn=schema, datasetGroupArn=group, datasetType="Users"
    )
    recommender = {"name": "none", "datasetGroupArn": group, "recipeArn": recipe("aws-vod-top-picks")}
    stage.tried("CreateRecommender", "no domain", **recommender)
    pending = stage.start("CreateCampaign", name="pending", solutionVersionArn=version)
    stage.tried("GetRecommendations", "pending", campaignArn=pending, userId=user_id(1))
    stage.tried("TagResource", "pending", resourceArn=pending, tags=[{"tagKey": "a", "tagValue": "b"}])
    stage.tried("UpdateCampaign", "pending", campaignArn=pending, minProvisionedTPS=3)
    stage.tried("DeleteCampaign", "pending", campaignArn=pending)
    stage.settle(pending)
    stage.ask("DeleteCampaign", campaignArn=pending)
    stage.tried("GetRecommendations", "going", campaignArn=pending, userId=user_id(1))
    stage.tried("ListTagsForResource", "going", resourceArn=pending)
    stage.tried("UpdateCampaign", "nothing", campaignArn=campaign)
    stage.tried("UpdateSolution", "nothing", solutionArn=solution)


def _configs(stage: Stage, shop: Shop) -> None:
    for note, (name, config) in CONFIGS.items():
        request = {"name": "refused", "datasetGroupArn": shop.group, "recipeArn": recipe(name)}
        stage.tried("CreateSolution", note, solutionConfig=config, **request)
    request = {"name": "refused", "datasetGroupArn": shop.group}
    stage.tried("CreateSolution", "no recipe", **request)
    stage.tried("CreateSolution", "unknown recipe", recipeArn=recipe("aws-none"), **request)
    stage.tried("CreateSolution", "both", recipeArn=recipe("aws-sims"), performAutoML=True, **request)
    stage.tried("CreateSolution", "search", recipeArn=recipe("aws-popularity-count"), performHPO=True, **request)
    stage.tried("CreateSolution", "domain", recipeArn=recipe("aws-vod-top-picks"), **request)
    metric = {"autoMLConfig": {"metricName": "beauty"}}
    stage.tried("CreateSolution", "metric", performAutoML=True, solutionConfig=metric, **request)
    incremental = {"performIncrementalUpdate": True, "recipeArn": recipe("aws-sims")}
    stage.tried("CreateSolution", "incremental", **incremental, **request)


def _runtime(stage: Stage, campaign: str, tracking: str, shop: Shop) -> None:
    request = {"campaignArn": campaign, "userId": user_id(1)}
    for count in (0, -1, 501):
        stage.tried("GetRecommendations", f"{count} results", numResults=count, **request)
    stage.tried("GetRecommendations", "two sources", recommenderArn=campaign, **request)
    stage.tried("GetRecommendations", "no source", userId=user_id(1))
    stage.tried("GetRecommendations", "half a promotion", promotions=[{"name": "half"}], **request)
    stage.tried("GetRecommendations", "unknown filter", filterArn=f"{PREFIX}:filter/none", **request)
    stage.tried("GetRecommendations", "metadata off", metadataColumns={"ITEMS": ["TITLE"]}, **request)
    stage.tried("GetPersonalizedRanking", "wrong recipe", inputList=[item_id(1)], **request)
    stage.tried("GetActionRecommendations", "wrong recipe", **request)
    now = stage.mock.clock.now()
    event = {"eventType": "Watch", "itemId": item_id(1), "sentAt": now}
    events: Mapping[str, list[dict[str, Any]]] = {
        "none": [],
        "eleven": [event] * 11,
        "long": [{**event, "properties": json.dumps({"DEVICE": "x" * 11_000})}],
        "device of numbers": [{**event, "properties": '{"DEVICE": 3}'}],
        "no device": [event],
    }
    for note, given in events.items():
        stage.tried("PutEvents", note, trackingId=tracking, sessionId="s", userId="u", eventList=given)
    stage.tried("PutEvents", "unknown tracker", trackingId="nobodys", sessionId="s", eventList=[event])
    people: Mapping[str, str] = {"no json": "{", "no object": "[]", "text": '{"AGE": "old"}', "missing": '{"AGE": 3}'}
    for note, properties in people.items():
        users = [{"userId": "u", "properties": properties}]
        stage.tried("PutUsers", note, datasetArn=shop.datasets["Users"], users=users)
    stage.tried("PutUsers", "wrong dataset", datasetArn=shop.datasets["Items"], users=[{"userId": "u"}])
    stage.tried("PutItems", "too many", datasetArn=shop.datasets["Items"], items=[{"itemId": "i"}] * 11)


def play_small_data(stage: Stage) -> None:
    """Import what cannot be imported, and train on too little."""
    group = stage.make("CreateDatasetGroup", name="small")
    interactions = add_dataset(stage, group, "small", "Interactions", INTERACTION_FIELDS)
    items = add_dataset(stage, group, "small", "Items", ITEM_FIELDS)
    solution = a_solution(stage, group, recipe("aws-user-personalization"), "early")
    stage.tried("CreateSolutionVersion", "no data", solutionArn=solution)
    for name, text in IMPORTS.items():
        load(stage, items, text, name)
    for name, location in {
        "nowhere": "s3://no-such-bucket/a.csv",
        "no-key": f"s3://{BUCKET}/none.csv",
        "no-path": "data.csv",
    }.items():
        request = {"jobName": name, "datasetArn": items, "dataSource": {"dataLocation": location}, "roleArn": ROLE}
        stage.tried("CreateDatasetImportJob", **request)
    header, rows = list(INTERACTION_FIELDS), list(tables()["Interactions"].rows)
    lacking_rows: Mapping[str, list[Any]] = {
        "too-few": rows[:900],
        "few-users": [(user_id(1), *row[1:]) for row in rows[:1200]],
    }
    for name, some in lacking_rows.items():
        load(stage, interactions, csv_text(header, some), name)
        version = stage.start("CreateSolutionVersion", name, solutionArn=solution)
        stage.settle(version)
        stage.tried("GetSolutionMetrics", name, solutionVersionArn=version)
        stage.tried("CreateCampaign", name, name=name, solutionVersionArn=version)
    load(stage, interactions, csv_text(header, rows[:1100]), "enough")
    stage.train(solution, "enough")
    load(stage, interactions, csv_text(header, rows[:20]), "increment", importMode="INCREMENTAL")
    for name in ("aws-hrnn-coldstart", "aws-item-attribute-affinity", "aws-next-best-action"):
        lacking = a_solution(stage, group, recipe(name), name)
        answer = stage.tried("CreateSolutionVersion", "lacking", solutionArn=lacking)
        if "Error" not in answer:
            stage.settle(answer["solutionVersionArn"])
    wild = stage.start("CreateDatasetGroup", name="video", domain="VIDEO_ON_DEMAND")
    stage.settle(wild)
    stage.tried("CreateSchema", name="video", schema=avro_schema("Items", ITEM_FIELDS), domain="VIDEO_ON_DEMAND")
    request = {"name": "early", "datasetGroupArn": wild, "recipeArn": recipe("aws-vod-top-picks")}
    answer = stage.tried("CreateRecommender", "no data", **request)
    if "Error" not in answer:
        stage.settle(answer["recommenderArn"])


def play_quotas(stage: Stage) -> None:
    """Make one more of everything than there may be."""
    text = tables()["Interactions"].text
    schema = avro_schema("Interactions", INTERACTION_FIELDS)
    group = stage.make("CreateDatasetGroup", name="one")
    stage.make("CreateDatasetGroup", name="two", domain="VIDEO_ON_DEMAND")
    stage.tried("CreateDatasetGroup", name="three")
    dataset = add_dataset(stage, group, "one", "Interactions", INTERACTION_FIELDS)
    stage.start("CreateSchema", name="second", schema=schema)
    stage.tried("CreateSchema", name="third", schema=schema)
    location = stage.put(text, "in/quotas.csv")
    request: dict[str, Any] = {"datasetArn": dataset, "dataSource": {"dataLocation": location}, "roleArn": ROLE}
    first = stage.start("CreateDatasetImportJob", jobName="first", **request)
    stage.tried("CreateDatasetImportJob", jobName="second", **request)
    stage.settle(first)
    for number in range(3):
        expression = f'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("{number}")'
        stage.tried("CreateFilter", name=f"f{number}", datasetGroupArn=group, filterExpression=expression)
    names = ("aws-popularity-count", "aws-item-affinity", "aws-sims")
    request = {"datasetGroupArn": group, "performAutoTraining": False}
    made = [stage.tried("CreateSolution", name=name, recipeArn=recipe(name), **request) for name in names]
    first = stage.start("CreateSolutionVersion", solutionArn=made[0]["solutionArn"])
    stage.tried("CreateSolutionVersion", "second", solutionArn=made[1]["solutionArn"])
    stage.settle(first)
    segments = stage.train(made[1]["solutionArn"])
    for number in range(2):
        stage.tried("CreateCampaign", name=f"c{number}", solutionVersionArn=first)
    lines = stage.put('{"userId": "u001"}\n', "quota/in.json")
    for kind, version in (("Inference", first), ("Segment", segments)):
        for number in range(2):
            place = {"s3DataDestination": {"path": f"s3://{BUCKET}/quota/{kind}/"}}
            job = {"jobName": f"b{number}", "solutionVersionArn": version, "roleArn": ROLE, "jobOutput": place}
            stage.tried(f"CreateBatch{kind}Job", jobInput={"s3DataSource": {"path": lines}}, **job)
    users = stage.put("USER_ID\nu001\n", "quota/users.csv")
    for number in range(2):
        job = {"jobName": f"d{number}", "datasetGroupArn": group, "roleArn": ROLE}
        stage.tried("CreateDataDeletionJob", dataSource={"dataLocation": users}, **job)
    stage.jump(7200)
    stage.tried("CreateDataDeletionJob", dataSource={"dataLocation": users}, **{**job, "jobName": "later"})
