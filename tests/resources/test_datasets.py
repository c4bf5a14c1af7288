import pytest
from builders import (
    ACCOUNT,
    BUCKET,
    FIELDS,
    INTERACTIONS,
    ROLE,
    START,
    a_campaign,
    a_dataset,
    a_dataset_group,
    a_schema,
    a_solution,
    a_solution_version,
    a_trained_solution_version,
    an_event_tracker,
    an_import_job,
    avro_schema,
    client,
    interactions_csv,
    polled_statuses,
    put_object,
    recipe,
    refusal,
    settle,
)

from personalize_mock import mock_personalize

ARN = f"arn:aws:personalize:us-east-1:{ACCOUNT}:dataset"


def create(mock, group, dataset_type="Interactions", **members):
    schema = members.pop("schemaArn", None) or a_schema(mock, dataset_type, name=f"schema-{len(mock.journal)}")
    request = {"name": "data", "schemaArn": schema, "datasetGroupArn": group, "datasetType": dataset_type}
    return client().create_dataset(**{**request, **members})


def describe(arn):
    return client().describe_dataset(datasetArn=arn)["dataset"]


@pytest.mark.parametrize("dataset_type", list(FIELDS))
def test_the_arn_of_a_dataset_contains_the_name_of_its_group_and_its_type(mock, dataset_type):
    group = a_dataset_group(mock, "shop")
    schema = a_schema(mock, dataset_type)
    answer = create(mock, group, dataset_type, schemaArn=schema, name="my-own-name")
    assert answer["datasetArn"] == f"{ARN}/shop/{dataset_type.upper()}"
    assert [key for key in answer if key != "ResponseMetadata"] == ["datasetArn"]


@pytest.mark.parametrize("spelling", ["Interactions", "INTERACTIONS", "interactions"])
def test_the_type_can_be_in_any_case_and_is_shown_in_upper_case(mock, spelling):
    group = a_dataset_group(mock)
    arn = create(mock, group, schemaArn=a_schema(mock), datasetType=spelling)["datasetArn"]
    assert describe(arn)["datasetType"] == "INTERACTIONS"


def test_a_dataset_goes_from_pending_through_in_progress_to_active(mock):
    arn = create(mock, a_dataset_group(mock))["datasetArn"]
    states = polled_statuses(client().describe_dataset, datasetArn=arn)
    assert states == ["CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"]


def test_a_description_repeats_the_request(mock):
    group, schema = a_dataset_group(mock), a_schema(mock)
    arn = create(mock, group, schemaArn=schema)["datasetArn"]
    dataset = describe(arn)
    assert dataset["creationDateTime"] == dataset["lastUpdatedDateTime"] == mock.clock.now()
    assert dataset == {
        "name": "data",
        "datasetArn": arn,
        "datasetGroupArn": group,
        "datasetType": "INTERACTIONS",
        "schemaArn": schema,
        "status": "CREATE PENDING",
        "creationDateTime": dataset["creationDateTime"],
        "lastUpdatedDateTime": dataset["creationDateTime"],
    }
    settle(mock, arn)
    assert describe(arn)["lastUpdatedDateTime"] == dataset["creationDateTime"]


def test_an_import_does_not_change_the_description(mock):
    arn = a_dataset(mock, a_dataset_group(mock))
    before = describe(arn)
    an_import_job(mock, arn)
    assert describe(arn) == before


def test_only_a_dataset_of_action_interactions_has_a_tracking_id(mock):
    group = a_dataset_group(mock)
    with_id = [
        dataset_type for dataset_type in FIELDS if "trackingId" in describe(a_dataset(mock, group, dataset_type))
    ]
    assert with_id == ["Action_Interactions"]


def test_a_group_can_have_one_dataset_of_each_type(mock):
    group = a_dataset_group(mock)
    arn = a_dataset(mock, group)
    code, message = refusal(create, mock=mock, group=group, name="another-name")
    assert (code, message) == ("ResourceAlreadyExistsException", f"Another resource with Arn {arn} already exists.")


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"datasetType": "Movies"}, "InvalidInputException"),
        ({"datasetType": "Items"}, "InvalidInputException"),
        ({"schemaArn": f"arn:aws:personalize:us-east-1:{ACCOUNT}:schema/none"}, "ResourceNotFoundException"),
        ({"datasetGroupArn": f"arn:aws:personalize:us-east-1:{ACCOUNT}:dataset-group/x"}, "ResourceNotFoundException"),
    ],
    ids=["unknown type", "schema of another type", "unknown schema", "unknown group"],
)
def test_an_invalid_dataset_is_refused(mock, members, code):
    group, schema = a_dataset_group(mock), a_schema(mock)
    assert refusal(create, mock=mock, group=group, **{"schemaArn": schema, **members})[0] == code
    assert client().list_datasets(datasetGroupArn=group)["datasets"] == []


def test_the_domains_of_schema_and_group_must_be_the_same(mock):
    shop, custom = a_dataset_group(mock, "shop", domain="ECOMMERCE"), a_dataset_group(mock, "custom")
    schemas = {
        shop: a_schema(mock, "Users", name="of-shops", domain="ECOMMERCE"),
        custom: a_schema(mock, "Users", name="of-nobody"),
    }
    wanted = {shop: "the domain ECOMMERCE", custom: "no domain"}
    for group, other in ((shop, custom), (custom, shop)):
        crossed = {"dataset_type": "Users", "schemaArn": schemas[other]}
        code, message = refusal(create, mock=mock, group=group, **crossed)
        assert code == "InvalidInputException"
        assert message.endswith(f"Provide a schema for {wanted[group]}.")
        create(mock, group, "Users", schemaArn=schemas[group])


@pytest.mark.parametrize("dataset_type", ["Actions", "Action_Interactions"])
def test_a_domain_group_cannot_have_action_datasets(mock, dataset_type):
    group = a_dataset_group(mock, domain="VIDEO_ON_DEMAND")
    assert refusal(create, mock=mock, group=group, dataset_type=dataset_type)[0] == "InvalidInputException"


def test_datasets_are_listed_by_group_with_the_type_in_upper_case(mock):
    one, two = a_dataset_group(mock, "one"), a_dataset_group(mock, "two")
    a_dataset(mock, one, "Items")
    a_dataset(mock, one, "Users")
    a_dataset(mock, two, "Items")
    listed = client().list_datasets(datasetGroupArn=one)["datasets"]
    assert [entry["datasetType"] for entry in listed] == ["ITEMS", "USERS"]
    keys = ["name", "datasetArn", "datasetType", "status", "creationDateTime", "lastUpdatedDateTime"]
    assert list(listed[0]) == keys
    assert len(client().list_datasets()["datasets"]) == 3


def test_an_unknown_group_has_no_datasets(mock):
    group = f"arn:aws:personalize:us-east-1:{ACCOUNT}:dataset-group/none"
    assert client().list_datasets(datasetGroupArn=group)["datasets"] == []


def test_a_deletion_goes_from_pending_through_in_progress_to_removal(mock):
    arn = a_dataset(mock, a_dataset_group(mock))
    client().delete_dataset(datasetArn=arn)
    states = polled_statuses(client().describe_dataset, datasetArn=arn)
    assert states == ["DELETE PENDING", "DELETE IN_PROGRESS", ""]
    expected = ("ResourceNotFoundException", f"The given dataset does not exist: {arn}")
    assert refusal(client().delete_dataset, datasetArn=arn) == expected


def test_a_dataset_can_be_made_again_and_is_empty(mock):
    group, schema = a_dataset_group(mock), a_schema(mock)
    arn = a_dataset(mock, group, schemaArn=schema)
    an_import_job(mock, arn)
    client().delete_dataset(datasetArn=arn)
    settle(mock, arn)
    settle(mock, create(mock, group, schemaArn=schema)["datasetArn"])
    location = put_object(interactions_csv())
    job = {"jobName": "more", "datasetArn": arn, "dataSource": {"dataLocation": location}, "roleArn": ROLE}
    assert refusal(client().create_dataset_import_job, importMode="INCREMENTAL", **job)[0] == "InvalidInputException"


def test_a_dataset_cannot_be_deleted_while_an_import_runs(mock):
    arn = a_dataset(mock, a_dataset_group(mock))
    put_object(interactions_csv())
    location = {"dataLocation": f"s3://{BUCKET}/interactions.csv"}
    client().create_dataset_import_job(jobName="job", datasetArn=arn, dataSource=location, roleArn=ROLE)
    assert refusal(client().delete_dataset, datasetArn=arn)[0] == "ResourceInUseException"


def test_a_dataset_cannot_be_deleted_while_its_group_trains(mock):
    group = a_dataset_group(mock)
    arn = a_dataset(mock, group)
    an_import_job(mock, arn)
    version = a_trained_solution_version(mock, "aws-popularity-count", group=group)
    solution = version.rpartition("/")[0]
    running = client().create_solution_version(solutionArn=solution)["solutionVersionArn"]
    assert refusal(client().delete_dataset, datasetArn=arn)[0] == "ResourceInUseException"
    settle(mock, running)
    client().delete_dataset(datasetArn=arn)


def test_a_dataset_cannot_be_deleted_while_a_campaign_serves_what_it_taught(mock):
    group = a_dataset_group(mock)
    arn = a_dataset(mock, group)
    an_import_job(mock, arn)
    campaign = a_campaign(mock, a_trained_solution_version(mock, "aws-popularity-count", group=group))
    assert refusal(client().delete_dataset, datasetArn=arn)[0] == "ResourceInUseException"
    client().delete_campaign(campaignArn=campaign)
    settle(mock, campaign)
    client().delete_dataset(datasetArn=arn)


def test_one_schema_can_serve_datasets_of_several_groups(mock):
    schema = client().create_schema(name="shared", schema=avro_schema())["schemaArn"]
    for name in ("one", "two"):
        assert describe(a_dataset(mock, a_dataset_group(mock, name), schemaArn=schema))["schemaArn"] == schema


# Interactions.


def test_an_import_does_not_move_the_date_of_its_dataset(mock):
    arn = a_dataset(mock, a_dataset_group(mock))
    created = describe(arn)["creationDateTime"]
    mock.clock.jump(3600)
    an_import_job(mock, arn)
    assert describe(arn)["lastUpdatedDateTime"] == describe(arn)["creationDateTime"] == created


@pytest.mark.parametrize("event_value", ["int", "string", "float", ["null", "int"], ["string", "null"]], ids=str)
def test_an_event_value_of_a_custom_group_may_be_a_float_an_int_or_a_string(mock, event_value):
    """Imported to ACTIVE in 2019. A solution uses values from a threshold on, and ignores texts that are no numbers."""
    group = a_dataset_group(mock)
    schema = a_schema(mock, schema=avro_schema(fields={**INTERACTIONS, "EVENT_VALUE": event_value}))
    rows = interactions_csv().splitlines()
    rows = [rows[0] + ",EVENT_VALUE", *(f"{row},{4 if ',i1,' in row else 2}" for row in rows[1:])]
    an_import_job(mock, a_dataset(mock, group, schemaArn=schema), "\n".join(rows))
    put_event_value(mock, group, 5)
    config = {"eventValueThreshold": "3"}
    with_threshold = client().create_solution(
        name="threshold",
        datasetGroupArn=group,
        recipeArn=recipe("aws-popularity-count"),
        eventType="Watch",
        solutionConfig=config,
    )["solutionArn"]
    version = client().describe_solution_version(solutionVersionArn=a_solution_version(mock, with_threshold))
    assert "fewer than 1000 interactions" in version["solutionVersion"]["failureReason"]
    campaign = a_campaign(mock, a_solution_version(mock, a_solution(mock, group, "aws-user-personalization")))
    put_event_value(mock, group, 4)
    answer = client("personalize-runtime").get_recommendations(campaignArn=campaign, userId="u0")
    assert len(answer["itemList"]) == 25


@pytest.mark.parametrize("domain", ["ECOMMERCE", "VIDEO_ON_DEMAND"])
def test_an_event_value_of_a_domain_group_is_a_float(mock, domain):
    text = avro_schema(fields={**INTERACTIONS, "EVENT_VALUE": "int"})
    assert refusal(client().create_schema, name="schema", schema=text, domain=domain)[0] == "InvalidInputException"


def put_event_value(mock, group, value):
    trackers = mock.call("ListEventTrackers", datasetGroupArn=group)["eventTrackers"]
    arn = trackers[0]["eventTrackerArn"] if trackers else an_event_tracker(mock, group)
    tracking_id = mock.call("DescribeEventTracker", eventTrackerArn=arn)["eventTracker"]["trackingId"]
    event = {"eventType": "Watch", "itemId": "i2", "sentAt": START, "eventValue": value}
    mock.call("PutEvents", trackingId=tracking_id, sessionId="s", userId="u0", eventList=[event])


# The quota of event types and columns.


def test_event_types_and_optional_columns_are_at_most_ten(mock):
    """One column, EVENT_TYPE, leaves nine event types."""
    group = a_dataset_group(mock)
    dataset = a_dataset(mock, group)
    nine, ten = (
        "".join(interactions_csv(event_type=f"T{kind}", each=3, users=40).partition("\n")[2] for kind in range(count))
        for count in (9, 10)
    )
    header = ",".join(INTERACTIONS) + "\n"
    failed = client().describe_dataset_import_job(datasetImportJobArn=an_import_job(mock, dataset, header + ten))
    reason = failed["datasetImportJob"]["failureReason"]
    assert "10 distinct event types and 1 optional columns, in total more than 10" in reason
    an_import_job(mock, dataset, header + nine)
    assert len(mock.call("ListDatasetImportJobs")["datasetImportJobs"]) == 2
    tracking_id = mock.call("DescribeEventTracker", eventTrackerArn=an_event_tracker(mock, group))["eventTracker"]
    members = {"trackingId": tracking_id["trackingId"], "sessionId": "s", "userId": "u0"}
    known, unknown = ({"eventType": kind, "itemId": "i2", "sentAt": START} for kind in ("T8", "T9"))
    put_events = client("personalize-events").put_events
    put_events(**members, eventList=[known])
    code, text = refusal(put_events, **members, eventList=[known, unknown])
    assert (code, "10 distinct event types" in text) == ("InvalidInputException", True)


def test_the_quota_of_event_types_can_be_raised():
    with mock_personalize(clock=0, quotas={"event_types_and_columns": 2}) as mock:
        dataset = a_dataset(mock, a_dataset_group(mock))
        both = interactions_csv(event_type="A") + interactions_csv(event_type="B").partition("\n")[2]
        statuses = [
            client().describe_dataset_import_job(datasetImportJobArn=an_import_job(mock, dataset, text))
            for text in (interactions_csv(), both)
        ]
        assert [status["datasetImportJob"]["status"] for status in statuses] == ["ACTIVE", "CREATE FAILED"]
