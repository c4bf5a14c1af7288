"""UpdateDataset: the new schema, the data under it, and trainings on the new fields."""

import json
from datetime import timedelta
from functools import partial

import pytest
from builders import (
    ACCOUNT,
    BUCKET,
    FIELDS,
    ITEMS,
    ROLE,
    START,
    USERS,
    a_campaign,
    a_dataset,
    a_dataset_group,
    a_group_with_data,
    a_recommender,
    a_schema,
    a_solution,
    a_solution_version,
    a_trained_solution_version,
    an_import_job,
    avro_schema,
    client,
    items_csv,
    put_object,
    refusal,
    settle,
)
from put_events import dataset as stored
from put_events import rows, store

from personalize_mock.resources.recommenders import Recommender
from personalize_mock.resources.solution_versions import SolutionVersion

ARN = f"arn:aws:personalize:us-east-1:{ACCOUNT}:dataset"
WIDER_FIELDS = {**ITEMS, "STARS": ["null", "int"], "MOOD": {"type": ["null", "string"], "categorical": True}}
NULL_IN_NEW = {"STARS": None, "MOOD": None}


def a_wider_schema(mock, fields=WIDER_FIELDS, name="wider", dataset_type="Items", **members):
    return a_schema(mock, dataset_type, name=name, schema=avro_schema(dataset_type, fields), **members)


def describe(arn):
    return client().describe_dataset(datasetArn=arn)["dataset"]


def replace_schema(dataset, schema):
    return client().update_dataset(datasetArn=dataset, schemaArn=schema)


def update(mock, dataset, schema):
    replace_schema(dataset, schema)
    return settle(mock, dataset)


def put_item(dataset, item, **properties):
    given = {"genres": "Crime", "price": 1, "creationTimestamp": START, **properties}
    request = {"datasetArn": dataset, "items": [{"itemId": item, "properties": json.dumps(given)}]}
    client("personalize-events").put_items(**request)


def stored_items(dataset):
    return {row["ITEM_ID"]: row for row in rows(stored(dataset).contents.data)}


def test_an_update_answers_the_arn_only(mock, items):
    answer = replace_schema(items, a_wider_schema(mock))
    assert [key for key in answer if key != "ResponseMetadata"] == ["datasetArn"]
    assert answer["datasetArn"] == items


def test_an_updated_dataset_goes_from_pending_through_in_progress_to_active(mock, items):
    replace_schema(items, a_wider_schema(mock))
    states = ["UPDATE PENDING", "UPDATE IN_PROGRESS"]
    shown_statuses = []
    while not shown_statuses or shown_statuses[-1] != "ACTIVE":
        shown = describe(items)
        shown_statuses.append(shown["status"])
        assert shown["latestDatasetUpdate"]["status"] == shown["status"]
    assert shown_statuses == [*states, "ACTIVE"]


def test_the_old_schema_is_in_force_until_the_update_ends(mock, items):
    old, new = describe(items)["schemaArn"], a_wider_schema(mock)
    began = mock.clock.now()
    replace_schema(items, new)
    mock.clock.jump(60)
    running = describe(items)
    assert (running["schemaArn"], running["latestDatasetUpdate"]["schemaArn"]) == (old, new)
    mock.clock.jump(60)
    ended = describe(items)
    assert ended["schemaArn"] == new
    assert ended["lastUpdatedDateTime"] - began == timedelta(seconds=108)
    assert ended["latestDatasetUpdate"] == {
        "schemaArn": new,
        "status": "ACTIVE",
        "creationDateTime": began,
        "lastUpdatedDateTime": ended["lastUpdatedDateTime"],
    }


def test_only_an_updated_dataset_shows_an_update(mock, items):
    assert "latestDatasetUpdate" not in describe(items)
    update(mock, items, a_wider_schema(mock))
    before = describe(items)["latestDatasetUpdate"]
    client().delete_dataset(datasetArn=items)
    assert describe(items)["latestDatasetUpdate"] == before


def test_earlier_rows_are_null_in_new_fields(mock, items):
    an_import_job(mock, items, items_csv(items=2))
    put_item(items, "put")
    before = stored_items(items)
    update(mock, items, a_wider_schema(mock))
    assert stored_items(items) == {item: {**row, **NULL_IN_NEW} for item, row in before.items()}
    assert len(before) == 3


def test_later_imports_and_puts_fill_the_new_fields(mock, items):
    an_import_job(mock, items, items_csv(items=2))
    update(mock, items, a_wider_schema(mock))
    put_item(items, "put", stars=4, mood="Dark")
    text = f"{','.join(WIDER_FIELDS)}\ni1,Crime,2,0,5,Light\nnew,Crime,2,0,,\n"
    an_import_job(mock, items, text, importMode="INCREMENTAL")
    stars = {item: (row["STARS"], row["MOOD"]) for item, row in stored_items(items).items()}
    assert stars == {"i0": (None, None), "i1": (5, "Light"), "put": (4, "Dark"), "new": (None, None)}


def test_a_later_import_without_the_new_columns_is_refused(mock, items):
    update(mock, items, a_wider_schema(mock))
    code, text = refusal(partial(an_import_job, mock, items), text=items_csv(items=2))
    assert (code, text) == ("InvalidInputException", "Input csv is missing the following columns: [STARS, MOOD]")


def test_the_new_schema_can_have_another_order(mock, items):
    an_import_job(mock, items, items_csv(items=2))
    put_item(items, "put", price=7)
    before = stored_items(items)
    update(mock, items, a_wider_schema(mock, dict(reversed(WIDER_FIELDS.items()))))
    assert list(stored(items).contents.data.columns) == list(reversed(WIDER_FIELDS))
    assert stored_items(items) == {item: {**row, **NULL_IN_NEW} for item, row in before.items()}


def test_an_empty_dataset_can_be_updated_twice(mock, items):
    update(mock, items, a_wider_schema(mock))
    update(mock, items, a_wider_schema(mock, {**WIDER_FIELDS, "NOTE": ["null", "string"]}, "widest"))
    put_item(items, "put", stars=4, note="new")
    assert stored_items(items)["put"]["NOTE"] == "new"
    assert stored_items(items)["put"]["STARS"] == 4


def test_a_users_dataset_can_be_updated(mock):
    group = a_dataset_group(mock)
    users = a_dataset(mock, group, "Users")
    an_import_job(mock, users)
    update(mock, users, a_wider_schema(mock, {**USERS, "LEVEL": ["null", "int"]}, dataset_type="Users"))
    assert {row["LEVEL"] for row in rows(stored(users).contents.data)} == {None}


def test_filters_can_use_a_new_field_at_once(mock):
    group = a_group_with_data(mock, "shop", "Interactions", "Items")
    items = f"{ARN}/shop/ITEMS"
    campaign = a_campaign(mock, a_trained_solution_version(mock, "aws-popularity-count", group=group))
    expression = {"name": "good", "datasetGroupArn": group, "filterExpression": "INCLUDE ItemID WHERE Items.STARS > 3"}
    assert refusal(client().create_filter, **expression)[0] == "InvalidInputException"
    update(mock, items, a_wider_schema(mock))
    made = settle(mock, client().create_filter(**expression)["filterArn"])

    def recommended():
        runtime = client("personalize-runtime")
        answer = runtime.get_recommendations(campaignArn=campaign, userId="u1", filterArn=made, numResults=100)
        return [item["itemId"] for item in answer["itemList"]]

    assert recommended() == []
    put_item(items, "i5", stars=4)
    put_item(items, "i6", stars=3)
    assert recommended() == ["i5"]


@pytest.mark.parametrize("dataset_type", ["Interactions", "Actions", "Action_Interactions"])
def test_only_items_and_users_datasets_can_be_updated(mock, dataset_type):
    dataset = a_dataset(mock, a_dataset_group(mock), dataset_type)
    schema = a_wider_schema(mock, {**FIELDS[dataset_type], "NOTE": ["null", "string"]}, dataset_type=dataset_type)
    code, message = refusal(replace_schema, dataset=dataset, schema=schema)
    assert (code, dataset_type.upper() in message) == ("InvalidInputException", True)


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({**WIDER_FIELDS, "YEAR": "int"}, "YEAR"),
        ({name: field for name, field in WIDER_FIELDS.items() if name != "PRICE"}, "PRICE"),
        ({**WIDER_FIELDS, "PRICE": "double"}, "PRICE"),
        ({**WIDER_FIELDS, "PRICE": ["null", "float"]}, "PRICE"),
        ({**WIDER_FIELDS, "GENRES": "string"}, "GENRES"),
        ({**WIDER_FIELDS, "GENRES": {"type": "string", "textual": True}}, "GENRES"),
    ],
    ids=["new and not null", "dropped", "another type", "null now", "not categorical", "textual now"],
)
def test_a_new_schema_must_keep_all_fields_and_allow_null_in_new_ones(mock, items, fields, word):
    code, message = refusal(replace_schema, dataset=items, schema=a_wider_schema(mock, fields))
    assert (code, word in message) == ("InvalidInputException", True)
    assert describe(items)["status"] == "ACTIVE"


def test_the_current_schema_is_refused(items):
    schema = describe(items)["schemaArn"]
    assert refusal(replace_schema, dataset=items, schema=schema)[0] == "InvalidInputException"


def test_a_schema_of_another_type_or_domain_is_refused(mock, items):
    users = a_schema(mock, "Users")
    assert refusal(replace_schema, dataset=items, schema=users)[0] == "InvalidInputException"
    video = a_wider_schema(mock, domain="VIDEO_ON_DEMAND")
    assert refusal(replace_schema, dataset=items, schema=video)[0] == "InvalidInputException"


def test_dataset_and_schema_of_an_update_must_exist(mock, items):
    none = f"arn:aws:personalize:us-east-1:{ACCOUNT}:schema/none"
    assert refusal(replace_schema, dataset=items, schema=none)[0] == "ResourceNotFoundException"
    arn = f"{ARN}/none/ITEMS"
    expected = ("ResourceNotFoundException", f"The given dataset does not exist: {arn}")
    assert refusal(replace_schema, dataset=arn, schema=a_wider_schema(mock)) == expected


def test_a_dataset_must_be_active_to_be_updated(mock):
    schema, group = a_wider_schema(mock), a_dataset_group(mock)
    request = {"name": "data", "schemaArn": a_schema(mock, "Items"), "datasetGroupArn": group, "datasetType": "Items"}
    arn = client().create_dataset(**request)["datasetArn"]
    assert refusal(replace_schema, dataset=arn, schema=schema)[0] == "ResourceInUseException"
    settle(mock, arn)
    replace_schema(arn, schema)
    assert refusal(replace_schema, dataset=arn, schema=schema)[0] == "ResourceInUseException"


def test_a_dataset_cannot_be_updated_during_an_import(mock, items):
    schema = a_wider_schema(mock)
    source = {"dataLocation": put_object(items_csv(), "items.csv")}
    job = client().create_dataset_import_job(jobName="job", datasetArn=items, dataSource=source, roleArn=ROLE)
    assert refusal(replace_schema, dataset=items, schema=schema)[0] == "ResourceInUseException"
    settle(mock, job["datasetImportJobArn"])
    update(mock, items, schema)
    assert len(stored_items(items)) == 60


def test_a_dataset_cannot_be_used_during_an_update(mock, items):
    replace_schema(items, a_wider_schema(mock))
    source, output = {"dataLocation": put_object(items_csv())}, {"s3DataDestination": {"path": f"s3://{BUCKET}/"}}
    job = {"jobName": "job", "datasetArn": items, "roleArn": ROLE}
    codes = [
        refusal(client().create_dataset_import_job, dataSource=source, **job)[0],
        refusal(client().create_dataset_export_job, jobOutput=output, **job)[0],
        refusal(client().delete_dataset, datasetArn=items)[0],
        refusal(put_item, dataset=items, item="i")[0],
    ]
    assert codes == ["ResourceInUseException"] * 4


def test_schemas_of_a_running_update_cannot_be_deleted(mock, items):
    old, new = describe(items)["schemaArn"], a_wider_schema(mock)
    replace_schema(items, new)
    for schema in (old, new):
        assert refusal(client().delete_schema, schemaArn=schema)[0] == "ResourceInUseException"
    settle(mock, items)
    client().delete_schema(schemaArn=old)
    assert refusal(client().delete_schema, schemaArn=new)[0] == "ResourceInUseException"


# Trainings after an update.


def items_trained_on(arn, resource_type=SolutionVersion):
    return [field.name for field in store().all(resource_type)[arn].fitted_model.data.items.fields]


OLD = ["GENRES", "PRICE", "CREATION_TIMESTAMP"]
NEW = [*OLD, "STARS", "MOOD"]


def test_new_solutions_train_on_new_fields_and_existing_ones_do_not(mock):
    group = a_group_with_data(mock, "shop", "Interactions", "Items")
    before = a_solution(mock, group, name="before")
    update(mock, f"{ARN}/shop/ITEMS", a_wider_schema(mock))
    after = a_solution(mock, group, name="after")
    excluded = {"trainingDataConfig": {"excludedDatasetColumns": {"ITEMS": ["MOOD"]}}}
    chosen = a_solution(mock, group, name="chosen", solutionConfig=excluded)
    assert items_trained_on(a_solution_version(mock, before)) == OLD
    assert items_trained_on(a_solution_version(mock, after)) == NEW
    assert items_trained_on(a_solution_version(mock, chosen)) == NEW[:-1]


def test_a_solution_older_than_its_items_does_not_train_on_new_fields(mock):
    group = a_group_with_data(mock)
    solution = a_solution(mock, group)
    an_import_job(mock, a_dataset(mock, group, "Items"))
    update(mock, f"{ARN}/shop/ITEMS", a_wider_schema(mock))
    assert items_trained_on(a_solution_version(mock, solution)) == OLD


def test_a_recommender_trains_on_new_fields_after_an_update_of_its_columns(mock):
    group = a_dataset_group(mock, "cinema", domain="VIDEO_ON_DEMAND")
    for dataset_type in ("Interactions", "Items"):
        made = a_schema(mock, dataset_type, name=dataset_type, domain="VIDEO_ON_DEMAND")
        an_import_job(mock, a_dataset(mock, group, dataset_type, schemaArn=made))
    arn = a_recommender(mock, "aws-vod-top-picks", group=group)
    assert items_trained_on(arn, Recommender) == OLD
    update(mock, f"{ARN}/cinema/ITEMS", a_wider_schema(mock, domain="VIDEO_ON_DEMAND"))
    mock.clock.jump(timedelta(days=7))
    assert items_trained_on(arn, Recommender) == OLD
    columns = {"trainingDataConfig": {"excludedDatasetColumns": {"ITEMS": ["PRICE"]}}}
    client().update_recommender(recommenderArn=arn, recommenderConfig=columns)
    settle(mock, arn)
    assert items_trained_on(arn, Recommender) == [name for name in NEW if name != "PRICE"]
    mock.clock.jump(timedelta(days=7))
    assert items_trained_on(arn, Recommender) == [name for name in NEW if name != "PRICE"]


def test_an_update_of_the_schema_alone_does_not_update_models(mock):
    group = a_group_with_data(mock, "shop", "Interactions", "Items")
    version = a_trained_solution_version(mock, "aws-user-personalization-v2", group=group)
    a_campaign(mock, version)
    trained = store().all(SolutionVersion)[version].fitted_model
    update(mock, f"{ARN}/shop/ITEMS", a_wider_schema(mock))
    mock.clock.jump(timedelta(hours=3))
    assert store().all(SolutionVersion)[version].fitted_model is trained
    put_item(f"{ARN}/shop/ITEMS", "new", stars=5)
    mock.clock.jump(timedelta(hours=3))
    updated = store().all(SolutionVersion)[version].fitted_model
    assert updated.ids.index("new") >= 0
    assert [field.name for field in updated.data.items.fields] == OLD
