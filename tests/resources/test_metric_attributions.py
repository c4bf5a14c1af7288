import pytest
from builders import (
    ACCOUNT,
    INTERACTIONS,
    ROLE,
    a_dataset,
    a_dataset_group,
    a_metric_attribution,
    a_schema,
    an_import_job,
    avro_schema,
    client,
    polled_statuses,
    put_object,
    refusal,
    settle,
)

COUNT = {"metricName": "watched", "eventType": "Watch", "expression": "SAMPLECOUNT()"}
ARN = f"arn:aws:personalize:us-east-1:{ACCOUNT}:metric-attribution/attribution"
NUMERIC = {**INTERACTIONS, "SECONDS": "int", "PLACE": "string", "PAID": "boolean"}


@pytest.fixture
def group(mock):
    group = a_dataset_group(mock)
    a_dataset(mock, group, schemaArn=a_schema(mock, schema=avro_schema("Interactions", NUMERIC)))
    return group


def create(group, *metrics, name="attribution", path=None, role=ROLE):
    destination = {} if path is None else {"s3DataDestination": {"path": path}}
    return client().create_metric_attribution(
        name=name,
        datasetGroupArn=group,
        metrics=list(metrics),
        metricsOutputConfig={"roleArn": role, **destination},
    )


def refused(group, *metrics, **members):
    return refusal(lambda: create(group, *metrics, **members))


def with_expression(expression):
    return {**COUNT, "expression": expression}


def describe(arn=ARN):
    return client().describe_metric_attribution(metricAttributionArn=arn)["metricAttribution"]


def listed(**members):
    return client().list_metric_attribution_metrics(**members)["metrics"]


def test_creating_an_attribution_answers_its_arn_only(group):
    answer = create(group, COUNT)
    answer.pop("ResponseMetadata")
    assert answer == {"metricAttributionArn": ARN}


def test_an_attribution_goes_from_pending_through_in_progress_to_active(group):
    create(group, COUNT)
    states = polled_statuses(client().describe_metric_attribution, metricAttributionArn=ARN)
    assert states == ["CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"]


def test_a_deletion_goes_from_pending_through_in_progress_to_removal(mock, group):
    a_metric_attribution(mock, group)
    client().delete_metric_attribution(metricAttributionArn=ARN)
    states = polled_statuses(client().describe_metric_attribution, metricAttributionArn=ARN)
    assert states == ["DELETE PENDING", "DELETE IN_PROGRESS", ""]
    assert client().list_metric_attributions()["metricAttributions"] == []


def test_a_description_has_no_metrics(mock, group):
    put_object("", "x", bucket="reports")
    create(group, COUNT, path="s3://reports/here/")
    assert describe() == {
        "name": "attribution",
        "metricAttributionArn": ARN,
        "datasetGroupArn": group,
        "metricsOutputConfig": {"roleArn": ROLE, "s3DataDestination": {"path": "s3://reports/here/"}},
        "status": "CREATE PENDING",
        "creationDateTime": mock.clock.now(),
        "lastUpdatedDateTime": mock.clock.now(),
    }


def test_attributions_are_listed_by_group(mock, group):
    other = a_dataset_group(mock, "other")
    a_dataset(mock, other)
    a_metric_attribution(mock, group)
    a_metric_attribution(mock, other, name="second")
    (entry,) = client().list_metric_attributions(datasetGroupArn=other)["metricAttributions"]
    assert list(entry) == ["name", "metricAttributionArn", "status", "creationDateTime", "lastUpdatedDateTime"]
    assert entry["name"] == "second"
    assert len(client().list_metric_attributions()["metricAttributions"]) == 2


def test_names_and_event_types_are_listed_as_they_were_sent(group):
    create(group, COUNT)
    assert listed() == [{"metricName": "watched", "eventType": "Watch", "expression": "SAMPLECOUNT()"}]


def test_metrics_are_listed_by_attribution_in_pages(mock, group):
    other = a_dataset_group(mock, "other")
    a_dataset(mock, other)
    create(group, *({**COUNT, "metricName": f"m{number}"} for number in range(5)))
    create(other, COUNT, name="second")
    pages = client().get_paginator("list_metric_attribution_metrics")
    result_pages = pages.paginate(metricAttributionArn=ARN, PaginationConfig={"PageSize": 2})
    names = [[metric["metricName"] for metric in page["metrics"]] for page in result_pages]
    assert names == [["m0", "m1"], ["m2", "m3"], ["m4"]]
    assert len(listed()) == 6


def test_a_page_has_at_most_the_ten_metrics_of_the_output_shape(mock, group):
    other = a_dataset_group(mock, "other")
    a_dataset(mock, other)
    create(group, *({**COUNT, "metricName": f"m{number}"} for number in range(10)))
    create(other, COUNT, name="second")
    for request in ({}, {"maxResults": 100}):
        first = client().list_metric_attribution_metrics(**request)
        second = client().list_metric_attribution_metrics(**request, nextToken=first["nextToken"])
        assert [len(page["metrics"]) for page in (first, second)] == [10, 1]
        assert "nextToken" not in second


def test_an_unknown_attribution_has_no_metrics(mock):
    assert listed(metricAttributionArn=ARN) == []


# Requests.


@pytest.mark.parametrize(
    "expression",
    [
        "SAMPLECOUNT()",
        "samplecount( )",
        "SUM(Interactions.SECONDS)",
        "sum( INTERACTIONS . seconds )",
        "SUM(Interactions.TIMESTAMP)",
        "SUM(Items.PRICE)",
        "SUM(ITEMS.PRICE)",
    ],
)
def test_counts_and_sums_of_numeric_columns_are_accepted(mock, group, expression):
    a_dataset(mock, group, "Items")
    create(group, with_expression(expression))
    assert [metric["expression"] for metric in listed()] == [expression]


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "COUNT()",
        "SUM()",
        "SUM(SECONDS)",
        "SUM(Interactions.NONE)",
        "SUM(Interactions.PLACE)",
        "SUM(Interactions.PAID)",
        "SUM(Users.AGE)",
        "SUM(Items.PRICE)",  # there are no items
        "SUM(Interactions.SECONDS) + 1",
        "SAMPLECOUNT(Interactions.SECONDS)",
    ],
)
def test_other_expressions_are_refused(group, expression):
    assert refused(group, with_expression(expression))[0] == "InvalidInputException"
    assert client().list_metric_attributions()["metricAttributions"] == []


def test_the_message_names_the_column(group):
    text = "The expression SUM(Interactions.PLACE) is not valid. The column PLACE is not numeric. Use a numeric column."
    assert refused(group, with_expression("SUM(Interactions.PLACE)")) == ("InvalidInputException", text)


def test_an_attribution_needs_a_column_of_event_types(mock):
    group = a_dataset_group(mock)
    text = f"Dataset group {group} has no Interactions dataset. Create one whose schema has the field EVENT_TYPE."
    assert refused(group, COUNT) == ("InvalidInputException", text)
    fields = {name: type_ for name, type_ in INTERACTIONS.items() if name != "EVENT_TYPE"}
    dataset = a_dataset(mock, group, schemaArn=a_schema(mock, schema=avro_schema("Interactions", fields)))
    code, text = refused(group, COUNT)
    assert (code, text[: text.index(",")]) == (
        "InvalidInputException",
        f"The schema of dataset {dataset} has no field EVENT_TYPE",
    )


def test_an_attribution_can_have_ten_metrics(group):
    metrics = [{**COUNT, "metricName": f"m{number}"} for number in range(11)]
    assert refused(group, *metrics)[0] == "ValidationException"
    create(group, *metrics[:10])


def test_metric_names_must_differ_without_regard_to_case(group):
    assert refused(group, COUNT, {**COUNT, "metricName": "Watched"})[0] == "InvalidInputException"


def test_a_group_can_have_one_attribution(mock, group):
    create(group, COUNT)
    expected = ("ResourceAlreadyExistsException", f"Another resource with Arn {ARN} already exists.")
    assert refused(group, COUNT, name="second") == expected


def test_a_name_can_be_used_once(mock, group):
    create(group, COUNT)
    other = a_dataset_group(mock, "other")
    a_dataset(mock, other)
    assert refused(other, COUNT)[0] == "ResourceAlreadyExistsException"


def test_the_group_must_be_active(mock):
    missing = f"arn:aws:personalize:us-east-1:{ACCOUNT}:dataset-group/none"
    assert refused(missing, COUNT) == (
        "ResourceNotFoundException",
        f"The given dataset group does not exist: {missing}",
    )
    pending = client().create_dataset_group(name="new")["datasetGroupArn"]
    assert refused(pending, COUNT)[0] == "ResourceInUseException"


def test_a_role_of_another_account_cannot_be_passed(group):
    assert refused(group, COUNT, role="arn:aws:iam::999999999999:role/theirs")[0] == "AccessDeniedException"


@pytest.mark.parametrize("path", ["s3://nobodys-bucket/x", "s3:///x"])
def test_the_bucket_of_reports_must_exist(group, path):
    assert refused(group, COUNT, path=path)[0] == "InvalidInputException"


def test_a_group_with_an_attribution_cannot_be_deleted(mock, group):
    a_metric_attribution(mock, group)
    assert refusal(client().delete_dataset_group, datasetGroupArn=group)[0] == "ResourceInUseException"


# Updates.


def update(**members):
    return client().update_metric_attribution(metricAttributionArn=ARN, **members)


def test_an_update_takes_effect_at_once(mock, group):
    a_metric_attribution(mock, group)
    mock.clock.jump(60)
    answer = update(addMetrics=[{**COUNT, "metricName": "more"}])
    assert answer["metricAttributionArn"] == ARN
    assert describe()["status"] == "ACTIVE"
    assert describe()["lastUpdatedDateTime"] == mock.clock.now()
    assert [metric["metricName"] for metric in listed()] == ["watched", "more"]


def test_metrics_are_removed_by_name_in_any_case(mock, group):
    a_metric_attribution(mock, group)
    update(removeMetrics=["Watched"])
    assert listed() == []


def test_metrics_are_removed_before_others_are_added(mock, group):
    a_metric_attribution(mock, group, metrics=[{**COUNT, "metricName": f"m{number}"} for number in range(10)])
    new = {**COUNT, "metricName": "new"}
    assert refusal(update, addMetrics=[new])[0] == "InvalidInputException"
    update(addMetrics=[new], removeMetrics=["m3"])
    assert len(listed()) == 10
    update(addMetrics=[{**COUNT, "metricName": "m9", "eventType": "Buy"}], removeMetrics=["m9"])
    assert listed()[-1] == {"metricName": "m9", "eventType": "Buy", "expression": "SAMPLECOUNT()"}


def test_an_existing_metric_name_cannot_be_added(mock, group):
    a_metric_attribution(mock, group)
    expected = (
        "ResourceAlreadyExistsException",
        f"Metric attribution {ARN} already has a metric named WATCHED. Use another name.",
    )
    assert refusal(update, addMetrics=[{**COUNT, "metricName": "Watched"}]) == expected


def test_an_unknown_metric_cannot_be_removed(mock, group):
    a_metric_attribution(mock, group)
    assert refusal(update, removeMetrics=["none"])[0] == "InvalidInputException"


def test_a_refused_update_changes_nothing(mock, group):
    a_metric_attribution(mock, group)
    bad = with_expression("SUM(Interactions.NONE)")
    assert refusal(update, removeMetrics=["watched"], addMetrics=[bad])[0] == "InvalidInputException"
    assert len(listed()) == 1


def test_the_output_can_be_changed(mock, group):
    a_metric_attribution(mock, group)
    assert refusal(update, metricsOutputConfig={"roleArn": ROLE, "s3DataDestination": {"path": "s3://none/x"}})[0] == (
        "InvalidInputException"
    )
    put_object("", "x", bucket="reports")
    config = {"roleArn": ROLE, "s3DataDestination": {"path": "s3://reports/x"}}
    update(metricsOutputConfig=config)
    assert describe()["metricsOutputConfig"] == config


def test_an_update_needs_an_active_attribution_and_a_change(mock, group):
    assert refusal(update, addMetrics=[COUNT])[0] == "ResourceNotFoundException"
    create(group, COUNT)
    assert refusal(update, addMetrics=[COUNT])[0] == "ResourceInUseException"
    settle(mock, ARN)
    assert refusal(update)[0] == "InvalidInputException"
    assert refusal(client().update_metric_attribution, addMetrics=[COUNT])[0] == "InvalidInputException"


def test_an_import_with_a_report_needs_an_attribution_with_a_path(mock, group):
    dataset = client().list_datasets(datasetGroupArn=group)["datasets"][0]["datasetArn"]
    a_metric_attribution(mock, group)
    code, message = refusal(lambda: an_import_job(mock, dataset, "", publishAttributionMetricsToS3=True))
    assert code == "InvalidInputException"
    assert message.startswith(f"No ACTIVE metric attribution with a path in S3 measures dataset {dataset}.")


def test_a_dataset_cannot_be_deleted_while_its_group_has_an_attribution(mock, group):
    arn = a_metric_attribution(mock, group)
    dataset = group.replace("dataset-group", "dataset") + "/INTERACTIONS"
    assert refusal(client().delete_dataset, datasetArn=dataset)[0] == "ResourceInUseException"
    client().delete_metric_attribution(metricAttributionArn=arn)
    mock.clock.jump(3600)
    client().delete_dataset(datasetArn=dataset)
