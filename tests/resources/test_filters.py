from datetime import timedelta

import pytest
from builders import (
    ACCOUNT,
    client,
    polled_statuses,
    refusal,
    settle,
)
from filtering.shop import a_group

from personalize_mock import active
from personalize_mock.filtering.compiled_filter import compile_expression
from personalize_mock.resources.filters import Filter

ARN = f"arn:aws:personalize:us-east-1:{ACCOUNT}:filter"
EXCLUDE_SEEN = 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")'


@pytest.fixture
def group(mock):
    return a_group(mock)


def create(group, expression=EXCLUDE_SEEN, name="filter", **members):
    request = {"name": name, "datasetGroupArn": group, "filterExpression": expression, **members}
    return client().create_filter(**request)["filterArn"]


def describe(arn):
    return client().describe_filter(filterArn=arn)["filter"]


def listed_filters(**members):
    return client().list_filters(**members)["Filters"]


def test_create_filter_returns_only_the_arn(mock, group):
    answer = client().create_filter(name="unseen", datasetGroupArn=group, filterExpression=EXCLUDE_SEEN)
    answer.pop("ResponseMetadata")
    assert answer == {"filterArn": f"{ARN}/unseen"}


def test_a_filter_goes_from_pending_through_in_progress_to_active(mock, group):
    statuses = polled_statuses(client().describe_filter, filterArn=create(group))
    assert statuses == ["CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"]


def test_describe_filter_shows_the_expression(mock, group):
    arn = create(group)
    assert describe(arn) == {
        "name": "filter",
        "filterArn": arn,
        "datasetGroupArn": group,
        "filterExpression": EXCLUDE_SEEN,
        "status": "CREATE PENDING",
        "creationDateTime": mock.clock.now(),
        "lastUpdatedDateTime": mock.clock.now(),
    }


def test_the_last_update_changes_when_the_filter_becomes_active(mock, group):
    arn = settle(mock, create(group))
    shown = describe(arn)
    assert shown["lastUpdatedDateTime"] - shown["creationDateTime"] == timedelta(minutes=1)


def test_list_filters_has_the_member_filters_in_upper_case_and_no_expressions(mock, group):
    create(group)
    other = create(a_group(mock, "other", ["Interactions"]), name="other")
    assert [entry["name"] for entry in listed_filters()] == ["filter", "other"]
    (entry,) = listed_filters(datasetGroupArn=describe(other)["datasetGroupArn"])
    assert set(entry) == {
        "name",
        "filterArn",
        "datasetGroupArn",
        "status",
        "creationDateTime",
        "lastUpdatedDateTime",
    }


def test_filters_are_listed_in_pages(mock, group):
    for number in range(3):
        create(group, name=f"filter-{number}")
    pages = client().get_paginator("list_filters").paginate(PaginationConfig={"PageSize": 2})
    assert [[entry["name"] for entry in page["Filters"]] for page in pages] == [["filter-0", "filter-1"], ["filter-2"]]


def test_the_name_of_a_filter_is_unique(mock, group):
    arn = create(group)
    expected = ("ResourceAlreadyExistsException", f"Another resource with Arn {arn} already exists.")
    assert refusal(create, group=group) == expected


def test_a_filter_needs_an_active_group(mock):
    missing = f"arn:aws:personalize:us-east-1:{ACCOUNT}:dataset-group/missing"
    assert refusal(create, group=missing)[0] == "ResourceNotFoundException"
    pending = client().create_dataset_group(name="pending")["datasetGroupArn"]
    assert refusal(create, group=pending) == (
        "InvalidInputException",
        f"Resource {pending} is not in ACTIVE state.",
    )


def test_a_filter_needs_the_datasets_of_its_fields(mock):
    group = a_group(mock, dataset_types=["Interactions"])
    message = refusal(create, group=group, expression="INCLUDE ItemID WHERE Items.PRICE > 3")[1]
    assert "needs a dataset of type ITEMS" in message
    create(group)


def test_the_31st_filter_of_a_group_is_rejected(mock, group):
    for number in range(30):
        create(group, name=f"filter-{number}")
    code, message = refusal(create, group=group, name="filter-30")
    assert code == "LimitExceededException"
    assert message == "More than 30 resources in ACTIVE state. Please delete some and try again."
    assert len(listed_filters()) == 30


def fields(*names):
    return " | ".join(f"EXCLUDE ItemID WHERE Items.{name} = 1" for name in names)


def test_the_filters_of_a_group_can_use_20_fields(mock, group):
    numbers = [f"F{number}" for number in range(1, 13)]
    create(group, fields(*numbers[:10]), "first")
    create(group, fields(*numbers[10:], "YEAR", "PRICE", "OUT_OF_STOCK", "NUMBER_OF_DOWNLOADS"), "second")
    create(group, fields(*numbers[5:12]), "again")
    create(group, 'EXCLUDE ItemID WHERE Items.BRAND IN ("a") OR Items.COLOR IN ("a") IF CurrentUser.AGE > 1', "third")
    third = "EXCLUDE ItemID WHERE Items.CREATION_TIMESTAMP > 1"
    arn = create(group, third, "twentieth")
    code, message = refusal(create, group=group, name="one-more")
    assert code == "LimitExceededException"
    assert "at most 20 different fields; with this one they use 21" in message
    client().delete_filter(filterArn=settle(mock, arn))
    settle(mock, arn)
    create(group, name="one-more")


def test_deleting_a_filter_goes_through_pending_and_in_progress(mock, group):
    arn = settle(mock, create(group))
    client().delete_filter(filterArn=arn)
    assert polled_statuses(client().describe_filter, filterArn=arn) == ["DELETE PENDING", "DELETE IN_PROGRESS", ""]
    gone = ("ResourceNotFoundException", f"The given filter does not exist: {arn}")
    assert refusal(client().delete_filter, filterArn=arn) == gone
    create(group)


def test_a_filter_cannot_be_deleted_while_its_status_is_moving(mock, group):
    assert refusal(client().delete_filter, filterArn=create(group))[0] == "ResourceInUseException"


def test_a_filter_blocks_the_deletion_of_its_group_and_the_datasets(mock):
    group = a_group(mock, dataset_types=["Interactions"])
    arn = settle(mock, create(group))
    dataset = f"arn:aws:personalize:us-east-1:{ACCOUNT}:dataset/shop/INTERACTIONS"
    assert refusal(client().delete_dataset, datasetArn=dataset)[0] == "ResourceInUseException"
    assert refusal(client().delete_dataset_group, datasetGroupArn=group)[0] == "ResourceInUseException"
    client().delete_filter(filterArn=arn)
    settle(mock, arn)
    client().delete_dataset(datasetArn=dataset)
    settle(mock, dataset)
    client().delete_dataset_group(datasetGroupArn=group)


def test_a_filter_is_compiled_once(mock, group):
    arn = create(group)
    made = active.current_run().simulation.store(ACCOUNT, "us-east-1").all(Filter)[arn]
    assert made.compiled is made.compiled
    assert made.compiled == compile_expression(made.parsed)
