"""UpdateDataset: another schema, what becomes of the data, and who trains on its fields."""

import json
from datetime import timedelta

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
from putting import dataset as found
from putting import rows, store

from personalize_mock.resources.recommenders import Recommender
from personalize_mock.resources.solution_versions import SolutionVersion

ARN = f"arn:aws:personalize:us-east-1:{ACCOUNT}:dataset"
WIDER = {**ITEMS, "STARS": ["null", "int"], "MOOD": {"type": ["null", "string"], "categorical": True}}
NULL_IN_NEW = {"STARS": None, "MOOD": None}


def wider(mock, fields=WIDER, name="wider", kind="Items", **members):
    return a_schema(mock, kind, name=name, schema=avro_schema(kind, fields), **members)


def describe(arn):
    return client().describe_dataset(datasetArn=arn)["dataset"]


def replace_schema(dataset, schema):
    return client().update_dataset(datasetArn=dataset, schemaArn=schema)


def replaced(mock, dataset, schema):
    replace_schema(dataset, schema)
    return settle(mock, dataset)


def put_item(dataset, item, **properties):
    given = {"genres": "Crime", "price": 1, "creationTimestamp": START, **properties}
    request = {"datasetArn": dataset, "items": [{"itemId": item, "properties": json.dumps(given)}]}
    client("personalize-events").put_items(**request)


def contents(dataset):
    return {row["ITEM_ID"]: row for row in rows(found(dataset).contents.data)}


def test_updating_a_dataset_answers_its_arn_alone(mock, items):
    answer = replace_schema(items, wider(mock))
    assert [key for key in answer if key != "ResponseMetadata"] == ["datasetArn"]
    assert answer["datasetArn"] == items


def test_an_updated_dataset_goes_from_pending_through_in_progress_to_active(mock, items):
    replace_schema(items, wider(mock))
    states = ["UPDATE PENDING", "UPDATE IN_PROGRESS"]
    found_states = []
    while not found_states or found_states[-1] != "ACTIVE":
        shown = describe(items)
        found_states.append(shown["status"])
        assert shown["latestDatasetUpdate"]["status"] == shown["status"]
    assert found_states == [*states, "ACTIVE"]


def test_the_old_schema_is_shown_and_in_force_until_the_update_has_ended(mock, items):
    old, new = describe(items)["schemaArn"], wider(mock)
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
    replaced(mock, items, wider(mock))
    before = describe(items)["latestDatasetUpdate"]
    client().delete_dataset(datasetArn=items)
    assert describe(items)["latestDatasetUpdate"] == before


def test_what_was_imported_and_put_before_is_null_in_new_fields(mock, items):
    an_import_job(mock, items, items_csv(items=2))
    put_item(items, "put")
    before = contents(items)
    replaced(mock, items, wider(mock))
    assert contents(items) == {item: {**row, **NULL_IN_NEW} for item, row in before.items()}
    assert len(before) == 3


def test_imports_and_puts_after_an_update_have_the_new_fields(mock, items):
    an_import_job(mock, items, items_csv(items=2))
    replaced(mock, items, wider(mock))
    put_item(items, "put", stars=4, mood="Dark")
    text = f"{','.join(WIDER)}\ni1,Crime,2,0,5,Light\nnew,Crime,2,0,,\n"
    an_import_job(mock, items, text, importMode="INCREMENTAL")
    stars = {item: (row["STARS"], row["MOOD"]) for item, row in contents(items).items()}
    assert stars == {"i0": (None, None), "i1": (5, "Light"), "put": (4, "Dark"), "new": (None, None)}


def test_after_an_update_an_import_without_the_new_columns_fails(mock, items):
    replaced(mock, items, wider(mock))
    job = an_import_job(mock, items, items_csv(items=2))
    described = client().describe_dataset_import_job(datasetImportJobArn=job)["datasetImportJob"]
    assert described["failureReason"] == "Input CSV is missing the following columns:[STARS, MOOD]."


def test_the_new_schema_may_have_another_order(mock, items):
    an_import_job(mock, items, items_csv(items=2))
    put_item(items, "put", price=7)
    before = contents(items)
    replaced(mock, items, wider(mock, dict(reversed(WIDER.items()))))
    assert list(found(items).contents.data.columns) == list(reversed(WIDER))
    assert contents(items) == {item: {**row, **NULL_IN_NEW} for item, row in before.items()}


def test_an_empty_dataset_can_be_updated_and_an_updated_one_again(mock, items):
    replaced(mock, items, wider(mock))
    replaced(mock, items, wider(mock, {**WIDER, "NOTE": ["null", "string"]}, "widest"))
    put_item(items, "put", stars=4, note="new")
    assert contents(items)["put"]["NOTE"] == "new"
    assert contents(items)["put"]["STARS"] == 4


def test_users_can_have_their_schema_replaced_too(mock):
    group = a_dataset_group(mock)
    users = a_dataset(mock, group, "Users")
    an_import_job(mock, users)
    replaced(mock, users, wider(mock, {**USERS, "LEVEL": ["null", "int"]}, kind="Users"))
    assert {row["LEVEL"] for row in rows(found(users).contents.data)} == {None}


def test_a_filter_of_a_new_field_can_be_made_and_sees_what_comes(mock):
    group = a_group_with_data(mock, "shop", "Interactions", "Items")
    items = f"{ARN}/shop/ITEMS"
    campaign = a_campaign(mock, a_trained_solution_version(mock, "aws-popularity-count", group=group))
    expression = {"name": "good", "datasetGroupArn": group, "filterExpression": "INCLUDE ItemID WHERE Items.STARS > 3"}
    assert refusal(client().create_filter, **expression)[0] == "InvalidInputException"
    replaced(mock, items, wider(mock))
    made = settle(mock, client().create_filter(**expression)["filterArn"])

    def recommended():
        runtime = client("personalize-runtime")
        answer = runtime.get_recommendations(campaignArn=campaign, userId="u1", filterArn=made, numResults=100)
        return [item["itemId"] for item in answer["itemList"]]

    assert recommended() == []
    put_item(items, "i5", stars=4)
    put_item(items, "i6", stars=3)
    assert recommended() == ["i5"]


@pytest.mark.parametrize("kind", ["Interactions", "Actions", "Action_Interactions"])
def test_only_items_and_users_can_have_their_schema_replaced(mock, kind):
    dataset = a_dataset(mock, a_dataset_group(mock), kind)
    schema = wider(mock, {**FIELDS[kind], "NOTE": ["null", "string"]}, kind=kind)
    code, message = refusal(replace_schema, dataset=dataset, schema=schema)
    assert (code, kind.upper() in message) == ("InvalidInputException", True)


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({**WIDER, "YEAR": "int"}, "YEAR"),
        ({name: field for name, field in WIDER.items() if name != "PRICE"}, "PRICE"),
        ({**WIDER, "PRICE": "double"}, "PRICE"),
        ({**WIDER, "PRICE": ["null", "float"]}, "PRICE"),
        ({**WIDER, "GENRES": "string"}, "GENRES"),
        ({**WIDER, "GENRES": {"type": "string", "textual": True}}, "GENRES"),
    ],
    ids=["new and not null", "dropped", "another type", "null now", "not categorical", "textual now"],
)
def test_a_new_schema_keeps_all_fields_as_they_are_and_its_own_may_be_null(mock, items, fields, word):
    code, message = refusal(replace_schema, dataset=items, schema=wider(mock, fields))
    assert (code, word in message) == ("InvalidInputException", True)
    assert describe(items)["status"] == "ACTIVE"


def test_the_schema_that_a_dataset_has_is_no_replacement(items):
    schema = describe(items)["schemaArn"]
    assert refusal(replace_schema, dataset=items, schema=schema)[0] == "InvalidInputException"


def test_a_schema_of_another_type_or_domain_is_no_replacement(mock, items):
    users = a_schema(mock, "Users")
    assert refusal(replace_schema, dataset=items, schema=users)[0] == "InvalidInputException"
    video = wider(mock, domain="VIDEO_ON_DEMAND")
    assert refusal(replace_schema, dataset=items, schema=video)[0] == "InvalidInputException"


def test_dataset_and_schema_of_an_update_must_be_there(mock, items):
    none = f"arn:aws:personalize:us-east-1:{ACCOUNT}:schema/none"
    assert refusal(replace_schema, dataset=items, schema=none)[0] == "ResourceNotFoundException"
    arn = f"{ARN}/none/ITEMS"
    expected = ("ResourceNotFoundException", f"The given dataset does not exist: {arn}")
    assert refusal(replace_schema, dataset=arn, schema=wider(mock)) == expected


def test_a_dataset_in_movement_cannot_be_updated(mock):
    schema, group = wider(mock), a_dataset_group(mock)
    request = {"name": "data", "schemaArn": a_schema(mock, "Items"), "datasetGroupArn": group, "datasetType": "Items"}
    arn = client().create_dataset(**request)["datasetArn"]
    assert refusal(replace_schema, dataset=arn, schema=schema)[0] == "ResourceInUseException"
    settle(mock, arn)
    replace_schema(arn, schema)
    assert refusal(replace_schema, dataset=arn, schema=schema)[0] == "ResourceInUseException"


def test_a_dataset_cannot_be_updated_while_an_import_runs(mock, items):
    schema = wider(mock)
    source = {"dataLocation": put_object(items_csv(), "items.csv")}
    job = client().create_dataset_import_job(jobName="job", datasetArn=items, dataSource=source, roleArn=ROLE)
    assert refusal(replace_schema, dataset=items, schema=schema)[0] == "ResourceInUseException"
    settle(mock, job["datasetImportJobArn"])
    replaced(mock, items, schema)
    assert len(contents(items)) == 60


def test_while_a_dataset_is_updated_nothing_can_be_imported_put_or_exported(mock, items):
    replace_schema(items, wider(mock))
    source, output = {"dataLocation": put_object(items_csv())}, {"s3DataDestination": {"path": f"s3://{BUCKET}/"}}
    job = {"jobName": "job", "datasetArn": items, "roleArn": ROLE}
    codes = [
        refusal(client().create_dataset_import_job, dataSource=source, **job)[0],
        refusal(client().create_dataset_export_job, jobOutput=output, **job)[0],
        refusal(client().delete_dataset, datasetArn=items)[0],
        refusal(put_item, dataset=items, item="i")[0],
    ]
    assert codes == ["ResourceInUseException"] * 4


def test_schemas_are_kept_while_an_update_leads_to_them(mock, items):
    old, new = describe(items)["schemaArn"], wider(mock)
    replace_schema(items, new)
    for schema in (old, new):
        assert refusal(client().delete_schema, schemaArn=schema)[0] == "ResourceInUseException"
    settle(mock, items)
    client().delete_schema(schemaArn=old)
    assert refusal(client().delete_schema, schemaArn=new)[0] == "ResourceInUseException"


# What is trained on after an update.


def items_trained_on(arn, kind=SolutionVersion):
    return [field.name for field in store().all(kind)[arn].fitted_model.data.items.fields]


OLD = ["GENRES", "PRICE", "CREATION_TIMESTAMP"]
NEW = [*OLD, "STARS", "MOOD"]


def test_a_solution_that_was_there_leaves_new_fields_out_and_a_new_one_takes_them(mock):
    group = a_group_with_data(mock, "shop", "Interactions", "Items")
    before = a_solution(mock, group, name="before")
    replaced(mock, f"{ARN}/shop/ITEMS", wider(mock))
    after = a_solution(mock, group, name="after")
    excluded = {"trainingDataConfig": {"excludedDatasetColumns": {"ITEMS": ["MOOD"]}}}
    chosen = a_solution(mock, group, name="chosen", solutionConfig=excluded)
    assert items_trained_on(a_solution_version(mock, before)) == OLD
    assert items_trained_on(a_solution_version(mock, after)) == NEW
    assert items_trained_on(a_solution_version(mock, chosen)) == NEW[:-1]


def test_a_solution_that_was_there_before_its_datasets_leaves_out_what_they_gained(mock):
    group = a_dataset_group(mock)
    solution = a_solution(mock, group)
    for kind in ("Interactions", "Items"):
        an_import_job(mock, a_dataset(mock, group, kind))
    replaced(mock, f"{ARN}/shop/ITEMS", wider(mock))
    assert items_trained_on(a_solution_version(mock, solution)) == OLD


def test_a_recommender_takes_new_fields_once_it_is_told_which_columns_to_train_on(mock):
    group = a_dataset_group(mock, "cinema", domain="VIDEO_ON_DEMAND")
    for kind in ("Interactions", "Items"):
        made = a_schema(mock, kind, name=kind, domain="VIDEO_ON_DEMAND")
        an_import_job(mock, a_dataset(mock, group, kind, schemaArn=made))
    arn = a_recommender(mock, "aws-vod-top-picks", group=group)
    assert items_trained_on(arn, Recommender) == OLD
    replaced(mock, f"{ARN}/cinema/ITEMS", wider(mock, domain="VIDEO_ON_DEMAND"))
    mock.clock.jump(timedelta(days=7))
    assert items_trained_on(arn, Recommender) == OLD
    columns = {"trainingDataConfig": {"excludedDatasetColumns": {"ITEMS": ["PRICE"]}}}
    client().update_recommender(recommenderArn=arn, recommenderConfig=columns)
    settle(mock, arn)
    assert items_trained_on(arn, Recommender) == [name for name in NEW if name != "PRICE"]
    mock.clock.jump(timedelta(days=7))
    assert items_trained_on(arn, Recommender) == [name for name in NEW if name != "PRICE"]


def test_a_replaced_schema_alone_is_no_news_to_what_serves(mock):
    group = a_group_with_data(mock, "shop", "Interactions", "Items")
    version = a_trained_solution_version(mock, "aws-user-personalization-v2", group=group)
    a_campaign(mock, version)
    trained = store().all(SolutionVersion)[version].fitted_model
    replaced(mock, f"{ARN}/shop/ITEMS", wider(mock))
    mock.clock.jump(timedelta(hours=3))
    assert store().all(SolutionVersion)[version].fitted_model is trained
    put_item(f"{ARN}/shop/ITEMS", "new", stars=5)
    mock.clock.jump(timedelta(hours=3))
    updated = store().all(SolutionVersion)[version].fitted_model
    assert updated.ids.index("new") >= 0
    assert [field.name for field in updated.data.items.fields] == OLD
