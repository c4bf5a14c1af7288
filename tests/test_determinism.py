"""Tests that the same seed and calls give byte-identical responses. The tests also run this file as a program."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from builders import ROLE, avro_schema, client, interactions_csv, items_csv, put_object, recipe, settle

from personalize_mock import mock_personalize

CLOCK = "2024-05-01T00:00:00Z"


def responses(*, seed=0, clock=CLOCK, before=lambda: None):
    """Return all responses of a run from the first schema to recommendations, headers included, as JSON."""
    bodies = []
    with mock_personalize(seed=seed, clock=clock) as mock:
        before()

        def call(service, operation, **members):
            response = getattr(client(service), operation)(**members)
            bodies.append(json.dumps(response, default=str))
            return response

        run(mock, call)
        bodies.append(json.dumps([repr(transition) for transition in mock.journal.transitions()]))
    return bodies


def run(mock, call):
    def make(operation, member, **members):
        return settle(mock, call("personalize", operation, **members)[member])

    group = make("create_dataset_group", "datasetGroupArn", name="shop")
    for dataset_type, text in (("Interactions", interactions_csv()), ("Items", items_csv())):
        schema = call("personalize", "create_schema", name=dataset_type, schema=avro_schema(dataset_type))["schemaArn"]
        members = {
            "name": dataset_type,
            "schemaArn": schema,
            "datasetGroupArn": group,
            "datasetType": dataset_type,
        }
        dataset = make("create_dataset", "datasetArn", **members)
        source = {"dataLocation": put_object(text, f"{dataset_type}.csv")}
        job = {"jobName": dataset_type, "datasetArn": dataset, "dataSource": source, "roleArn": ROLE}
        make("create_dataset_import_job", "datasetImportJobArn", **job)
    for name, level in (("plain", None), ("objective", "MEDIUM")):
        objective = {"itemAttribute": "PRICE", "objectiveSensitivity": level}
        config = {"solutionConfig": {"optimizationObjective": objective}} if level else {}
        members = {"name": name, "datasetGroupArn": group, "recipeArn": recipe("aws-user-personalization"), **config}
        solution = make("create_solution", "solutionArn", **members, performAutoTraining=False)
        version = make("create_solution_version", "solutionVersionArn", solutionArn=solution)
        call("personalize", "get_solution_metrics", solutionVersionArn=version)
        campaign = make("create_campaign", "campaignArn", name=name, solutionVersionArn=version)
        for user in ("u0", "u1", "nobody"):
            call("personalize-runtime", "get_recommendations", campaignArn=campaign, userId=user, numResults=60)
        call("personalize", "describe_solution", solutionArn=solution)
        call("personalize", "describe_campaign", campaignArn=campaign)
    page = call("personalize", "list_solutions", maxResults=1)
    call("personalize", "list_solutions", maxResults=1, nextToken=page["nextToken"])


def make_unrelated_calls():
    """Make unrelated calls, in another region and in this one."""
    client(region="eu-west-1").create_dataset_group(name="shop")
    client().create_schema(name="noise", schema=avro_schema("Users"))


def arns(bodies):
    return [value for body in bodies[:-1] for key, value in json.loads(body).items() if key.endswith("Arn")]


def lists(bodies):
    return [json.loads(body)["itemList"] for body in bodies if '"itemList"' in body]


def metrics(bodies):
    return [json.loads(body)["metrics"] for body in bodies if '"metrics"' in body]


@pytest.fixture(scope="module")
def expected():
    return responses()


def test_the_same_calls_get_byte_identical_responses(expected):
    assert responses() == expected


def test_another_seed_gives_other_ids_and_other_scores(expected):
    other = responses(seed=1)
    versions, others = (
        [arn for arn in arns(bodies) if arn.count("/") == 2 and ":solution/" in arn] for bodies in (expected, other)
    )
    assert not set(versions) & set(others)
    assert lists(other) != lists(expected)
    ids, other_ids = (
        [json.loads(body)["recommendationId"] for body in bodies if "RID" in body] for bodies in (expected, other)
    )
    assert not set(ids) & set(other_ids)


def test_unrelated_calls_change_no_arn_and_no_model(expected):
    disturbed = responses(before=make_unrelated_calls)
    assert arns(disturbed) == arns(expected)
    assert lists(disturbed) == lists(expected)
    assert metrics(disturbed) == metrics(expected)


def test_the_time_changes_no_arn_and_no_model(expected):
    later = responses(clock="2031-01-01")
    assert arns(later) == arns(expected)
    assert lists(later) == lists(expected)
    assert metrics(later) == metrics(expected)


@pytest.mark.parametrize("hash_seed", ["1", "31337"])
def test_another_process_with_another_hash_seed_gets_the_same_responses(expected, hash_seed):
    root = Path(__file__).parents[1]
    path = os.pathsep.join([str(root), str(root / "tests")])
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": path, "OMP_NUM_THREADS": hash_seed[:1]}
    completed = subprocess.run([sys.executable, __file__], env=environment, capture_output=True, text=True, check=True)
    assert json.loads(completed.stdout) == expected


if __name__ == "__main__":
    sys.stdout.write(json.dumps(responses()))
