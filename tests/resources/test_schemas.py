import json

import pytest
from builders import ACCOUNT, INTERACTIONS, a_dataset, a_dataset_group, a_schema, avro_schema, client, refusal, settle

ARN = f"arn:aws:personalize:us-east-1:{ACCOUNT}:schema"


def test_create_schema_returns_only_the_arn(mock):
    answer = client().create_schema(name="interactions", schema=avro_schema())
    answer.pop("ResponseMetadata")
    assert answer == {"schemaArn": f"{ARN}/interactions"}


def test_describe_schema_shows_the_text_of_the_request(mock):
    text = json.dumps(json.loads(avro_schema()), indent=3) + "\n"
    schema = client().describe_schema(schemaArn=a_schema(mock, schema=text))["schema"]
    assert list(schema) == ["name", "schemaArn", "schema", "creationDateTime", "lastUpdatedDateTime"]
    assert schema["schema"] == text
    assert schema["creationDateTime"] == schema["lastUpdatedDateTime"] == mock.clock.now()


def test_only_domain_schemas_show_a_domain(mock):
    users = avro_schema("Users")
    a_schema(mock, name="custom", schema=users)
    a_schema(mock, name="shop", schema=users, domain="ECOMMERCE")
    custom, shop = client().list_schemas()["schemas"]
    assert list(custom) == ["name", "schemaArn", "creationDateTime", "lastUpdatedDateTime"]
    assert shop["domain"] == client().describe_schema(schemaArn=shop["schemaArn"])["schema"]["domain"] == "ECOMMERCE"


def test_the_name_of_a_schema_is_unique(mock):
    arn = a_schema(mock, name="interactions")
    code, message = refusal(client().create_schema, name="interactions", schema=avro_schema("Users"))
    assert (code, message) == ("ResourceAlreadyExistsException", f"Another resource with Arn {arn} already exists.")


def test_a_name_can_be_used_once_in_each_region(mock):
    for region in ("us-east-1", "eu-west-1"):
        answer = client(region=region).create_schema(name="interactions", schema=avro_schema())
        assert answer["schemaArn"].split(":")[3] == region
    assert len(client(region="eu-west-1").list_schemas()["schemas"]) == 1


@pytest.mark.parametrize(
    "schema",
    [
        "not JSON",
        avro_schema(fields={"USER_ID": "string", "ITEM_ID": "string"}),
        avro_schema(fields={**INTERACTIONS, "EVENT_TYPE": ["null", "string"]}),
        avro_schema("Users", {"USER_ID": "string"}),
        avro_schema("Movies", INTERACTIONS),
    ],
)
def test_an_invalid_schema_is_rejected_and_not_stored(mock, schema):
    code, message = refusal(client().create_schema, name="bad", schema=schema)
    assert code == "InvalidInputException"
    assert message.startswith("Schema is invalid: ")
    assert client().list_schemas()["schemas"] == []


def test_a_schema_longer_than_20000_characters_is_rejected(mock):
    schema = avro_schema() + " " * 20_000
    assert refusal(client().create_schema, name="long", schema=schema)[0] == "ValidationException"


@pytest.mark.parametrize("name", ["-begins-with-a-dash", "has a blank", "x" * 64])
def test_a_name_outside_the_pattern_is_rejected(mock, name):
    assert refusal(client().create_schema, name=name, schema=avro_schema())[0] == "ValidationException"


def test_the_501st_schema_is_rejected(mock):
    for number in range(500):
        mock.call("CreateSchema", name=f"schema-{number}", schema=avro_schema())
    code, message = refusal(client().create_schema, name="schema-500", schema=avro_schema())
    assert code == "LimitExceededException"
    assert message == "More than 500 resources in ACTIVE state. Please delete some and try again."
    assert len(list(client().get_paginator("list_schemas").paginate().search("schemas"))) == 500


def test_delete_schema_takes_effect_at_once(mock):
    arn = a_schema(mock)
    answer = client().delete_schema(schemaArn=arn)
    assert list(answer) == ["ResponseMetadata"]
    assert answer["ResponseMetadata"]["HTTPHeaders"]["content-length"] == "0"
    expected = ("ResourceNotFoundException", f"Resource Arn {arn} does not exist.")
    assert refusal(client().describe_schema, schemaArn=arn) == expected
    assert refusal(client().delete_schema, schemaArn=arn) == expected


def test_a_schema_cannot_be_deleted_while_a_dataset_uses_it(mock):
    schema = a_schema(mock)
    groups = [a_dataset_group(mock, name) for name in ("one", "two")]
    datasets = [a_dataset(mock, group, schemaArn=schema) for group in groups]
    for dataset in datasets:
        assert refusal(client().delete_schema, schemaArn=schema)[0] == "ResourceInUseException"
        client().delete_dataset(datasetArn=dataset)
        settle(mock, dataset)
    client().delete_schema(schemaArn=schema)
    assert client().list_schemas()["schemas"] == []
