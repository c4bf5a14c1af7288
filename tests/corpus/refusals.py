"""What is refused or fails: malformed requests, what is not there or in use, faulty schemas and data, quotas."""

import json
from collections.abc import Mapping
from typing import Any

from corpus.shop import (
    CATEGORICAL,
    END,
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
        stage.try_call("CreateSchema", name=name, schema=schema)
        stage.try_call("CreateSchema", "of a domain", name=f"{name}-d", schema=schema, domain="VIDEO_ON_DEMAND")


def _malformed(stage: Stage) -> None:
    """Call every operation with nothing, with what is not there and with odd values."""
    for model in models().values():
        for operation in model.operation_names:
            members = model.operation_model(operation).input_shape.members
            required = model.operation_model(operation).input_shape.required_members
            if required:
                stage.try_call(operation, "with nothing")
            odd = {name: ODD_VALUES.get(shape.type_name, 0) for name, shape in members.items()}
            stage.try_call(operation, "with odd values", **odd)
            arns = [name for name in members if name.endswith("Arn") and name != "roleArn"]
            if arns and set(required) <= set(arns):
                stage.try_call(operation, "of what is missing", **dict.fromkeys(required or arns[:1], MISSING))
            if "nextToken" in members and not required:
                stage.try_call(operation, "with a wrong token", nextToken="unknown")
                stage.try_call(operation, "with a wrong size", maxResults=101)
    tags = [{"tagKey": str(number), "tagValue": ""} for number in range(51)]
    stage.try_call("CreateDatasetGroup", "with 51 tags", name="tagged", tags=tags)
    stage.try_call("CreateDatasetGroup", "with a tag twice", name="tagged", tags=[tags[0], tags[0]])
    stage.try_call("CreateDatasetGroup", "with a role", name="keyed", roleArn=ROLE)
    for operation in ("CreateDatasetGroup", "DescribeCampaign", "GetRecommendations"):
        stage.direct(operation, "with nothing")


def _conflicts(stage: Stage, shop: Shop, version: str, campaign: str) -> None:
    solution = version.rpartition("/")[0]
    schema = stage.describe(shop.datasets["Items"])["schemaArn"]
    stage.try_call("CreateDatasetGroup", "again", name="shop")
    stage.try_call("CreateSchema", "again", name="shop-items", schema=avro_schema("Items", ITEM_FIELDS))
    request = {"name": "second", "schemaArn": schema, "datasetGroupArn": shop.group}
    for kind in ("Items", "Users", "Films"):
        stage.try_call("CreateDataset", kind, datasetType=kind, **request)
    stage.try_call("CreateCampaign", "again", name="personal", solutionVersionArn=version)
    stage.try_call("CreateCampaign", "latest", name="latest", solutionVersionArn=f"{solution}/$LATEST")
    stage.try_call("CreateEventTracker", "second", name="second", datasetGroupArn=shop.group)
    stage.try_call("CreateSolution", "again", name="personal", datasetGroupArn=shop.group, recipeArn=recipe("aws-sims"))
    stage.try_call("DeleteSchema", "used", schemaArn=schema)
    stage.try_call("DeleteDatasetGroup", "used", datasetGroupArn=shop.group)
    stage.try_call("DeleteDataset", "used", datasetArn=shop.datasets["Items"])
    stage.try_call("DeleteSolution", "used", solutionArn=solution)
    running = stage.create("CreateSolutionVersion", "running", solutionArn=solution)
    stage.try_call("GetSolutionMetrics", "running", solutionVersionArn=running)
    stage.try_call("CreateCampaign", "running", name="early", solutionVersionArn=running)
    stage.try_call("DeleteSolution", "running", solutionArn=solution)
    stage.settle(running)
    stage.try_call("StopSolutionVersionCreation", "at rest", solutionVersionArn=running)
    group = stage.create("CreateDatasetGroup", name="pending")
    stage.try_call("CreateSolution", "pending", name="early", datasetGroupArn=group, recipeArn=recipe("aws-sims"))
    stage.try_call("DeleteDatasetGroup", "pending", datasetGroupArn=group)
    stage.settle(group)
    stage.try_call(
        "CreateDataset", "wrong schema", name="wrong", schemaArn=schema, datasetGroupArn=group, datasetType="Users"
    )
    recommender = {"name": "none", "datasetGroupArn": group, "recipeArn": recipe("aws-vod-top-picks")}
    stage.try_call("CreateRecommender", "no domain", **recommender)
    pending = stage.create("CreateCampaign", name="pending", solutionVersionArn=version)
    stage.try_call("GetRecommendations", "pending", campaignArn=pending, userId=user_id(1))
    stage.try_call("TagResource", "pending", resourceArn=pending, tags=[{"tagKey": "a", "tagValue": "b"}])
    stage.try_call("UpdateCampaign", "pending", campaignArn=pending, minProvisionedTPS=3)
    stage.try_call("DeleteCampaign", "pending", campaignArn=pending)
    stage.settle(pending)
    stage.call("DeleteCampaign", campaignArn=pending)
    stage.try_call("GetRecommendations", "going", campaignArn=pending, userId=user_id(1))
    stage.try_call("ListTagsForResource", "going", resourceArn=pending)
    stage.try_call("UpdateCampaign", "nothing", campaignArn=campaign)
    stage.try_call("UpdateSolution", "nothing", solutionArn=solution)


def _configs(stage: Stage, shop: Shop) -> None:
    for note, (name, config) in CONFIGS.items():
        request = {"name": "refused", "datasetGroupArn": shop.group, "recipeArn": recipe(name)}
        stage.try_call("CreateSolution", note, solutionConfig=config, **request)
    request = {"name": "refused", "datasetGroupArn": shop.group}
    stage.try_call("CreateSolution", "no recipe", **request)
    stage.try_call("CreateSolution", "unknown recipe", recipeArn=recipe("aws-none"), **request)
    stage.try_call("CreateSolution", "both", recipeArn=recipe("aws-sims"), performAutoML=True, **request)
    stage.try_call("CreateSolution", "search", recipeArn=recipe("aws-popularity-count"), performHPO=True, **request)
    stage.try_call("CreateSolution", "domain", recipeArn=recipe("aws-vod-top-picks"), **request)
    metric = {"autoMLConfig": {"metricName": "beauty"}}
    stage.try_call("CreateSolution", "metric", performAutoML=True, solutionConfig=metric, **request)
    incremental = {"performIncrementalUpdate": True, "recipeArn": recipe("aws-sims")}
    stage.try_call("CreateSolution", "incremental", **incremental, **request)


def _runtime(stage: Stage, campaign: str, tracking: str, shop: Shop) -> None:
    request = {"campaignArn": campaign, "userId": user_id(1)}
    for count in (0, -1, 501):
        stage.try_call("GetRecommendations", f"{count} results", numResults=count, **request)
    stage.try_call("GetRecommendations", "two sources", recommenderArn=campaign, **request)
    stage.try_call("GetRecommendations", "no source", userId=user_id(1))
    stage.try_call("GetRecommendations", "half a promotion", promotions=[{"name": "half"}], **request)
    stage.try_call("GetRecommendations", "unknown filter", filterArn=f"{PREFIX}:filter/none", **request)
    stage.try_call("GetRecommendations", "metadata off", metadataColumns={"ITEMS": ["TITLE"]}, **request)
    stage.try_call("GetPersonalizedRanking", "wrong recipe", inputList=[item_id(1)], **request)
    stage.try_call("GetActionRecommendations", "wrong recipe", **request)
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
        stage.try_call("PutEvents", note, trackingId=tracking, sessionId="s", userId="u", eventList=given)
    stage.try_call("PutEvents", "unknown tracker", trackingId="unknown", sessionId="s", eventList=[event])
    people: Mapping[str, str] = {"no json": "{", "no object": "[]", "text": '{"AGE": "old"}', "missing": '{"AGE": 3}'}
    for note, properties in people.items():
        users = [{"userId": "u", "properties": properties}]
        stage.try_call("PutUsers", note, datasetArn=shop.datasets["Users"], users=users)
    stage.try_call("PutUsers", "wrong dataset", datasetArn=shop.datasets["Items"], users=[{"userId": "u"}])
    stage.try_call("PutItems", "too many", datasetArn=shop.datasets["Items"], items=[{"itemId": "i"}] * 11)


def play_small_data(stage: Stage) -> None:
    """Import what cannot be imported, and train on too little."""
    group = stage.create_and_wait("CreateDatasetGroup", name="small")
    interactions = add_dataset(stage, group, "small", "Interactions", INTERACTION_FIELDS)
    items = add_dataset(stage, group, "small", "Items", ITEM_FIELDS)
    solution = {"name": "early", "datasetGroupArn": group, "recipeArn": recipe("aws-user-personalization")}
    stage.try_call("CreateSolution", "no data", **solution)
    event = {"itemId": item_id(1), "eventType": "Watch", "sentAt": END}
    tracking = a_tracker(stage, group)
    stage.call("PutEvents", trackingId=tracking, userId=user_id(1), sessionId="one", eventList=[event])
    solution = a_solution(stage, group, recipe("aws-user-personalization"), "early")
    stage.try_call("CreateSolutionVersion", "one event", solutionArn=solution)
    for name, text in IMPORTS.items():
        source = {"dataLocation": stage.put(text, f"in/{name}.csv")}
        request = {"jobName": name, "datasetArn": items, "dataSource": source, "roleArn": ROLE}
        answer = stage.try_call("CreateDatasetImportJob", name, **request)
        if "Error" not in answer:
            stage.settle(answer["datasetImportJobArn"])
    for name, location in {
        "nowhere": "s3://no-such-bucket/a.csv",
        "no-key": f"s3://{BUCKET}/none.csv",
        "no-path": "data.csv",
    }.items():
        request = {"jobName": name, "datasetArn": items, "dataSource": {"dataLocation": location}, "roleArn": ROLE}
        stage.try_call("CreateDatasetImportJob", **request)
    header, rows = list(INTERACTION_FIELDS), list(tables()["Interactions"].rows)
    lacking_rows: Mapping[str, list[Any]] = {
        "too-few": rows[:900],
        "few-users": [(user_id(1), *row[1:]) for row in rows[:1200]],
    }
    for name, some in lacking_rows.items():
        load(stage, interactions, csv_text(header, some), name)
        version = stage.create("CreateSolutionVersion", name, solutionArn=solution)
        stage.settle(version)
        stage.try_call("GetSolutionMetrics", name, solutionVersionArn=version)
        stage.try_call("CreateCampaign", name, name=name, solutionVersionArn=version)
    load(stage, interactions, csv_text(header, rows[:1100]), "enough")
    stage.train(solution, "enough")
    load(stage, interactions, csv_text(header, rows[:20]), "increment", importMode="INCREMENTAL")
    for name in ("aws-hrnn-coldstart", "aws-item-attribute-affinity", "aws-next-best-action"):
        lacking = a_solution(stage, group, recipe(name), name)
        answer = stage.try_call("CreateSolutionVersion", "lacking", solutionArn=lacking)
        if "Error" not in answer:
            stage.settle(answer["solutionVersionArn"])
    wild = stage.create("CreateDatasetGroup", name="video", domain="VIDEO_ON_DEMAND")
    stage.settle(wild)
    stage.try_call("CreateSchema", name="video", schema=avro_schema("Items", ITEM_FIELDS), domain="VIDEO_ON_DEMAND")
    request = {"name": "early", "datasetGroupArn": wild, "recipeArn": recipe("aws-vod-top-picks")}
    answer = stage.try_call("CreateRecommender", "no data", **request)
    if "Error" not in answer:
        stage.settle(answer["recommenderArn"])


def play_quotas(stage: Stage) -> None:
    """Make one more of everything than there may be."""
    text = tables()["Interactions"].text
    schema = avro_schema("Interactions", INTERACTION_FIELDS)
    group = stage.create_and_wait("CreateDatasetGroup", name="one")
    stage.create_and_wait("CreateDatasetGroup", name="two", domain="VIDEO_ON_DEMAND")
    stage.try_call("CreateDatasetGroup", name="three")
    dataset = add_dataset(stage, group, "one", "Interactions", INTERACTION_FIELDS)
    stage.create("CreateSchema", name="second", schema=schema)
    stage.try_call("CreateSchema", name="third", schema=schema)
    location = stage.put(text, "in/quotas.csv")
    request: dict[str, Any] = {"datasetArn": dataset, "dataSource": {"dataLocation": location}, "roleArn": ROLE}
    first = stage.create("CreateDatasetImportJob", jobName="first", **request)
    stage.try_call("CreateDatasetImportJob", jobName="second", **request)
    stage.settle(first)
    for number in range(3):
        expression = f'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("{number}")'
        stage.try_call("CreateFilter", name=f"f{number}", datasetGroupArn=group, filterExpression=expression)
    names = ("aws-popularity-count", "aws-item-affinity", "aws-sims")
    request = {"datasetGroupArn": group, "performAutoTraining": False}
    made = [stage.try_call("CreateSolution", name=name, recipeArn=recipe(name), **request) for name in names]
    first = stage.create("CreateSolutionVersion", solutionArn=made[0]["solutionArn"])
    stage.try_call("CreateSolutionVersion", "second", solutionArn=made[1]["solutionArn"])
    stage.settle(first)
    segments = stage.train(made[1]["solutionArn"])
    for number in range(2):
        stage.try_call("CreateCampaign", name=f"c{number}", solutionVersionArn=first)
    lines = stage.put('{"userId": "u001"}\n', "quota/in.json")
    for kind, version in (("Inference", first), ("Segment", segments)):
        for number in range(2):
            place = {"s3DataDestination": {"path": f"s3://{BUCKET}/quota/{kind}/"}}
            job = {"jobName": f"b{number}", "solutionVersionArn": version, "roleArn": ROLE, "jobOutput": place}
            stage.try_call(f"CreateBatch{kind}Job", jobInput={"s3DataSource": {"path": lines}}, **job)
    users = stage.put("USER_ID\nu001\n", "quota/users.csv")
    for number in range(2):
        job = {"jobName": f"d{number}", "datasetGroupArn": group, "roleArn": ROLE}
        stage.try_call("CreateDataDeletionJob", dataSource={"dataLocation": users}, **job)
    stage.jump(7200)
    stage.try_call("CreateDataDeletionJob", dataSource={"dataLocation": users}, **{**job, "jobName": "later"})
