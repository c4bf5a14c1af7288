"""Tests that the mock has every quota of the service, or a reason why not."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import builders
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from contract.world import Request, World, minimal_request

from personalize_mock import events, mock_personalize
from personalize_mock.__main__ import main
from personalize_mock.batch import job_runners
from personalize_mock.data import schema_rules, value_rules
from personalize_mock.recipes.personal import hrnn_coldstart
from personalize_mock.resources import (
    batch_jobs,
    batch_segment_jobs,
    catalogue,
    data_deletion_jobs,
    metric_attributions,
    tags,
    training_inputs,
)
from personalize_mock.resources.core.crud import PAGE
from personalize_mock.resources.core.quotas import QUOTAS
from personalize_mock.runtime import request_checks
from personalize_mock.wire.model import operation_by_name

# By id in quotas.json: the name in QUOTAS, or the constant that is checked.
NAMES = {
    "active_dataset_groups": "active_dataset_groups",
    "schemas": "schemas",
    "solutions_per_group": "solutions_per_group",
    "campaigns_per_group": "campaigns_per_group",
    "recommenders": "recommenders",
    "recommenders_per_group": "recommenders_per_group",
    "filters_per_group": "filters_per_group",
    "import_jobs_in_flight": "import_jobs_in_flight",
    "batch_inference_in_flight": "batch_inference_jobs_in_flight",
    "batch_segment_in_flight": "batch_segment_jobs_in_flight",
    "solution_versions_in_flight": "solution_versions_in_flight",
    "data_deletion_pending": "data_deletion_jobs_pending",
    "filter_fields": "filter_fields",
    "filter_fields_group": "filter_fields_per_group",
    "filter_interactions": "filter_interactions",
    "filter_action_interactions": "filter_action_interactions",
    "attribution_sources": "attribution_sources",
    "interactions_types_plus_metadata": "event_types_and_columns",
}
GIGABYTE, MEGABYTE, KILOBYTE = 1 << 30, 1 << 20, 1 << 10


def _modelled(operation: str, *path: str) -> int | None:
    """Return the maximum of a request member in botocore's model, or None if the installed model lacks the member."""
    shape: Any = operation_by_name(operation).input
    for name in path:
        shape = getattr(shape, "member", None) if name == "*" else getattr(shape, "members", {}).get(name)
    return None if shape is None else shape.metadata.get("max")


def _queries(recipe: str) -> int | None:
    return catalogue.recipe(builders.recipe(recipe)).max_queries_per_input_file


FIXED: Mapping[str, float | None] = {
    "min_interactions_train": training_inputs.MINIMUM_INTERACTIONS,
    "min_users_train": training_inputs.MINIMUM_USERS,
    "interactions_metadata": schema_rules.INTERACTIONS_METADATA[1],
    "users_metadata": schema_rules.USERS_METADATA[1],
    "items_metadata": schema_rules.ITEMS_METADATA[1],
    "actions_metadata": schema_rules.ACTIONS_METADATA[1],
    "action_interactions_metadata": schema_rules.CUSTOM_RULES["ACTION_INTERACTIONS"].metadata[1],
    "id_length": value_rules.ID_LENGTH,
    "categorical_length": value_rules.STRING_LENGTH,
    "textual_length": value_rules.TEXTUAL_LENGTH,
    "schema_length": _modelled("CreateSchema", "schema"),
    "batch_PutEvents": _modelled("PutEvents", "eventList"),
    "batch_PutActionInteractions": _modelled("PutActionInteractions", "actionInteractions"),
    "batch_PutItems": _modelled("PutItems", "items"),
    "batch_PutUsers": _modelled("PutUsers", "users"),
    "batch_PutActions": _modelled("PutActions", "actions"),
    "event_size": events.EVENT_SIZE / KILOBYTE,
    "event_properties": _modelled("PutEvents", "eventList", "*", "properties"),
    "item_properties": _modelled("PutItems", "items", "*", "properties"),
    "user_properties": _modelled("PutUsers", "users", "*", "properties"),
    "impression_items": _modelled("PutEvents", "eventList", "*", "impression"),
    "metrics_per_attribution": metric_attributions.MAX_METRICS,
    "batch_inference_files": batch_jobs.MAX_FILES,
    "batch_segment_files": batch_jobs.MAX_FILES,
    "batch_inference_size": job_runners.MAX_BYTES / GIGABYTE,
    "batch_segment_size": job_runners.MAX_BYTES / GIGABYTE,
    "batch_inference_records": job_runners.MAX_LINES,
    "batch_theme_records": job_runners.MAX_THEME_LINES,
    "item_affinity_queries": _queries("aws-item-affinity"),
    "item_attribute_affinity_queries": _queries("aws-item-attribute-affinity"),
    "users_per_segment": batch_segment_jobs.MAX_USERS,
    "batch_num_results_default": batch_jobs.DEFAULT_RESULTS,
    "data_deletion_input": data_deletion_jobs.MAX_INPUT / MEGABYTE,
    "recs_max": request_checks.MAX_RESULTS,
    "recs_max_metadata": request_checks.MAX_RESULTS_WITH_METADATA,
    "rank_max": request_checks.MAX_RESULTS,
    "rank_max_metadata": request_checks.MAX_RESULTS_WITH_METADATA,
    "metadata_columns_per_request": request_checks.MAX_COLUMNS,
    "hrnn_coldstart_min": hrnn_coldstart.COLD_ITEMS[0],
    "hrnn_coldstart_max": hrnn_coldstart.COLD_ITEMS[-1],
    "tags_per_resource": tags.MAX_TAGS,
    "tag_key_length": _modelled("TagResource", "tags", "*", "tagKey"),
    "tag_value_length": _modelled("TagResource", "tags", "*", "tagValue"),
    "list_page": PAGE,
    "name_length": _modelled("CreateSolution", "name"),
}

# Quotas without a constant that could be compared.
INHERENT = {
    "datasets_per_type_per_group": "the ARN consists of group and type, so a second dataset has an existing ARN",
    "event_trackers_per_group": "the ARN depends on the group only, so a second tracker has an existing ARN",
    "metric_attributions_per_group": "a second attribution of a group is rejected",
    "items_textual": "a rule of the schema: test_one_field_of_text_and_one_item_name_are_the_most",
    "min_users_percent": "data.matrix.MINIMUM_SHARE: tests/data/test_matrix.py",
    "min_interactions_import": "the option minimum_interactions",
    "min_action_interactions_incremental": "the option minimum_interactions",
}

_RATE = "rates are per second, but calls take no simulated time"
_SIZE = "no test has that much data, and the service's reaction is not documented"
_CHOICE = "it is not documented which records the service considers"
NOT_LIMITED = {
    "runtime_tps": _RATE,
    "max_interactions_train": _SIZE,
    "max_interactions_train_v2": _SIZE,
    "max_items_train": _SIZE,
    "max_items_train_v2": _SIZE,
    "max_actions_train": _CHOICE,
    "max_action_interactions_train": _SIZE,
    "bulk_full_size": _SIZE,
    "bulk_incremental_size": _SIZE,
    "hrnn_users_items_size": _SIZE,
    "hrnn_sims_size": _SIZE,
}


@pytest.fixture(scope="module")
def rows() -> dict[str, Any]:
    """Return the service's table of quotas, by id."""
    table = json.loads(Path(__file__).with_name("quotas.json").read_text("utf-8"))
    return {row["id"]: row for row in table["quotas"]}


def test_every_quota_of_the_service_has_a_limit_or_a_reason(rows: dict[str, Any]):
    known = [*NAMES, *FIXED, *INHERENT, *NOT_LIMITED]

    assert sorted(known) == sorted(rows)


def test_limits_equal_those_of_the_service(rows: dict[str, Any]):
    ours = {**{row: QUOTAS[name].limit for row, name in NAMES.items()}, **FIXED}
    limits = {row: limit for row, limit in ours.items() if limit is not None}

    assert limits == {row: rows[row]["value"] for row in limits}


def test_scopes_equal_those_of_the_service(rows: dict[str, Any]):
    per = {"account+region": None, "dataset group": "dataset_group_arn"}
    counted = {row: QUOTAS[name] for row, name in NAMES.items() if QUOTAS[name].type_name}

    assert {row: quota.per for row, quota in counted.items()} == {row: per[rows[row]["scope"]] for row in counted}


def test_messages_equal_those_of_the_service(rows: dict[str, Any]):
    counted = {
        row: QUOTAS[name] for row, name in NAMES.items() if QUOTAS[name].type_name and rows[row].get("error_message")
    }

    assert {row: quota.message.format(limit=quota.limit) for row, quota in counted.items()} == {
        row: rows[row]["error_message"] for row in counted
    }


def test_every_quota_exists_in_the_service():
    assert sorted(NAMES.values()) == sorted(QUOTAS)


def test_the_command_line_lists_all_quotas(capsys: pytest.CaptureFixture[str]):
    assert main(["quotas"]) == 0

    printed = [line.split(maxsplit=2) for line in capsys.readouterr().out.splitlines()]
    assert [(name, int(limit)) for name, limit, _ in printed] == [(name, each.limit) for name, each in QUOTAS.items()]


COUNTED = {name: quota for name, quota in QUOTAS.items() if quota.type_name is not None}
STANDING_QUOTAS = [name for name, quota in COUNTED.items() if not (quota.running or quota.pending)]
RUNNING_QUOTAS = [name for name in COUNTED if name not in STANDING_QUOTAS]
_UNLIMITED = 1000


@pytest.fixture(scope="module")
def built() -> Iterator[World]:
    with mock_personalize(clock="2024-05-01T00:00:00Z", quotas=dict.fromkeys(COUNTED, _UNLIMITED)) as mock:
        yield World(mock)


@pytest.fixture
def world(built: World) -> Iterator[World]:
    with built.rolled_back():
        yield built


def creation(name: str) -> str:
    return f"Create{COUNTED[name].type_name}"


def create(world: World, name: str, **changed: Any) -> str:
    """Create a resource that a quota counts and return its ARN."""
    return str(next(iter(world.call(creation(name), **{**minimal_request(world, creation(name)), **changed}).values())))


def existing(world: World, name: str, request: Request) -> list[str]:
    """Return the ARNs of the resources that a quota counts together with a requested one."""
    listed = operation_by_name(f"List{COUNTED[name].type_name}s")
    assert listed is not None
    group = request.get("datasetGroupArn")
    scope = {"datasetGroupArn": group} if group and COUNTED[name].per else {}
    (entries,) = world.call(listed.name, **scope).values()
    return [entry[f"{COUNTED[name].type_name[0].lower()}{COUNTED[name].type_name[1:]}Arn"] for entry in entries]


def all_arns(world: World) -> set[str]:
    stores = world.simulation._stores.values()
    return {resource.arn for store in stores for resource in store.resources()}


def assert_rejected(world: World, name: str, request: Request) -> None:
    code, message = builders.refusal(partial(world.call, creation(name)), **request)
    limit = world.simulation.options.quotas[name]
    assert code == "LimitExceededException"
    assert message.startswith(f"More than {limit} resources")


@pytest.mark.parametrize("name", STANDING_QUOTAS)
def test_a_quota_limits_the_number_of_resources(world: World, name: str):
    request = minimal_request(world, creation(name))
    world.set_options(quotas={name: len(existing(world, name, request)) + 1})

    arn = next(iter(world.call(creation(name), **request).values()))
    before = world.snapshot()
    again = {**request, "name": world.new_name()}
    assert_rejected(world, name, again)

    assert world.snapshot() == before
    remove(world, name, builders.settle(world.mock, arn))
    world.call(creation(name), **again)


def remove(world: World, name: str, arn: str) -> None:
    type_name = str(COUNTED[name].type_name)
    world.call(f"Delete{type_name}", **{f"{type_name[0].lower()}{type_name[1:]}Arn": arn})
    builders.settle(world.mock, arn)


@pytest.mark.parametrize("name", RUNNING_QUOTAS)
def test_a_quota_limits_the_number_of_running_jobs(world: World, name: str):
    world.set_options(quotas={name: 2})
    first, _ = create(world, name), create(world, name)
    request = minimal_request(world, creation(name))
    before = world.snapshot()

    assert_rejected(world, name, request)

    assert world.snapshot() == before
    world.mock.clock.jump_to(min(builders.status_changes(world.mock, first)))  # IN_PROGRESS, which is no longer PENDING
    if COUNTED[name].running:
        assert_rejected(world, name, request)
        builders.settle(world.mock, first)
    world.call(creation(name), **request)


def a_version_in_another_group(world: World) -> str:
    group = builders.a_group_with_data(world.mock, world.new_name())
    solution = builders.a_solution(world.mock, group, "aws-popularity-count", name=world.new_name())
    return builders.a_solution_version(world.mock, solution)


IN_ANOTHER_GROUP: Mapping[str, Callable[[World], Request]] = {
    "campaigns_per_group": lambda w: {"solutionVersionArn": a_version_in_another_group(w)},
    "data_deletion_jobs_pending": lambda w: {"datasetGroupArn": builders.a_dataset_group(w.mock, w.new_name())},
    "filters_per_group": lambda w: {
        "datasetGroupArn": minimal_request(w, "CreateMetricAttribution")["datasetGroupArn"]
    },
    "recommenders_per_group": lambda w: {"datasetGroupArn": builders.a_domain_group_with_data(w.mock, w.new_name())},
    "solutions_per_group": lambda w: {"datasetGroupArn": builders.a_group_with_data(w.mock, w.new_name())},
}


def test_all_quotas_per_group_are_tested_with_another_group():
    assert set(IN_ANOTHER_GROUP) == {name for name, quota in COUNTED.items() if quota.per}


@pytest.mark.parametrize("name", IN_ANOTHER_GROUP)
def test_another_group_has_its_own_quota(world: World, name: str):
    other = IN_ANOTHER_GROUP[name](world)
    world.set_options(quotas={name: 1})
    request = minimal_request(world, creation(name))
    if COUNTED[name].pending:
        create(world, name)

    assert_rejected(world, name, request)
    create(world, name, **other)


@pytest.mark.parametrize("place", [{"account": "111122223333"}, {"region": "eu-west-1"}])
def test_another_account_or_region_has_its_own_quota(world: World, place: dict[str, str]):
    world.set_options(quotas={"schemas": 1, "active_dataset_groups": 1})
    for name in ("schemas", "active_dataset_groups"):
        request = minimal_request(world, creation(name))
        assert_rejected(world, name, request)
        world.call(creation(name), **request, **place)


@pytest.mark.parametrize("name", COUNTED)
def test_rejected_retries_create_nothing(world: World, name: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("time.sleep", lambda _: None)
    retrying = boto3.client("personalize", config=Config(retries={"mode": "standard"}))  # the default of boto3
    request = minimal_request(world, creation(name))
    world.set_options(quotas={name: 0})
    before, calls = all_arns(world), len(world.mock.journal.calls(creation(name)))

    with pytest.raises(retrying.exceptions.LimitExceededException) as error:
        getattr(retrying, f"create_{_snake(str(COUNTED[name].type_name))}")(**request)

    assert all_arns(world) == before
    attempts = len(world.mock.journal.calls(creation(name))) - calls
    assert attempts == error.value.response["ResponseMetadata"]["RetryAttempts"] + 1 > 1


def _snake(type_name: str) -> str:
    operation = operation_by_name(f"Create{type_name}")
    assert operation is not None
    return operation.function.removeprefix("create_")


@pytest.mark.parametrize(("fields", "error"), [(2, None), (1, "InvalidInputException")])
def test_a_quota_limits_the_fields_of_a_filter(world: World, fields: int, error: str | None):
    world.set_options(quotas={"filter_fields": fields})
    expression = 'INCLUDE ItemID WHERE Items.PRICE > 1 AND Items.GENRES IN ("Drama")'
    request = {**minimal_request(world, "CreateFilter"), "filterExpression": expression}

    with nullcontext() if error is None else pytest.raises(ClientError, match=error):
        world.call("CreateFilter", **request)


def test_a_quota_limits_the_fields_of_all_filters_of_a_group(world: World):
    world.set_options(quotas={"filter_fields_per_group": 1})
    request = minimal_request(world, "CreateFilter")
    another = {**request, "filterExpression": "INCLUDE ItemID WHERE Items.PRICE > 1"}

    assert builders.refusal(partial(world.call, "CreateFilter"), **another)[0] == "LimitExceededException"
    world.call("CreateFilter", **request)


@pytest.mark.parametrize("considered", [1, 3])
def test_a_quota_limits_the_interactions_that_a_filter_considers(world: World, considered: int):
    world.set_options(quotas={"filter_interactions": considered})
    seen = {f"i{(3 * 2 + turn) % 30}" for turn in range(20)}  # of u2, as `interactions_csv` has it
    request = {"campaignArn": world.arns["campaignArn"], "userId": "u2", "numResults": 500}

    response = world.call("GetRecommendations", **request, filterArn=world.arns["filterArn"])

    assert len(seen - {entry["itemId"] for entry in response["itemList"]}) == considered


@pytest.mark.parametrize(("mode", "status"), [("FULL", "ACTIVE"), ("INCREMENTAL", "CREATE FAILED")])
def test_only_incremental_imports_of_action_interactions_have_a_minimum(world: World, mode: str, status: str):
    group = builders.a_dataset_group(world.mock, world.new_name())
    dataset = builders.a_dataset(world.mock, group, "Action_Interactions")
    text = "USER_ID,ACTION_ID,EVENT_TYPE,TIMESTAMP\nu1,a1,Taken,0\n"
    builders.an_import_job(world.mock, dataset, text, jobName=world.new_name())

    job = builders.an_import_job(world.mock, dataset, text, jobName=world.new_name(), importMode=mode)

    described = world.call("DescribeDatasetImportJob", datasetImportJobArn=job)["datasetImportJob"]
    assert described["status"] == status
