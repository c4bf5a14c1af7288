"""A suite of 100 tests that all import and train the same data.

Each test makes its own bucket, puts three files, imports them, trains a version, deploys it and asks for
recommendations, all through boto3. The floor is the same suite with the functions that read files and fit models
replaced by ones that return a result made before. Tests of both suites alternate, and the ratio is that of the sums,
with the first test, which trains.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import boto3
from measure import Result, against, alone, process_time
from report import main

from personalize_mock import mock_personalize
from personalize_mock.content_cache import CACHE
from personalize_mock.data import csv_rows
from personalize_mock.resources import shared_training
from personalize_mock.synthetic import SyntheticData, generate

TARGETS = {"suite": 1.5}
TESTS = 100
ROLE = "arn:aws:iam::123456789012:role/any"
REGION = "us-east-1"
SERVICES = ("s3", "personalize", "personalize-runtime")


def wait(describe, **arn) -> None:
    """Sleep, in simulated time, until a resource is ACTIVE."""
    while next(iter(describe(**arn).values()))["status"] != "ACTIVE":
        time.sleep(60)


def one_test(data: SyntheticData) -> float:
    """Run one test and return its CPU seconds."""
    before = process_time()
    with mock_personalize():
        s3, personalize, runtime = (boto3.client(name, region_name=REGION) for name in SERVICES)
        s3.create_bucket(Bucket="films")
        group = personalize.create_dataset_group(name="films")["datasetGroupArn"]
        wait(personalize.describe_dataset_group, datasetGroupArn=group)
        for kind in ("interactions", "items", "users"):
            s3.put_object(Bucket="films", Key=f"{kind}.csv", Body=getattr(data, kind))
            import_dataset(personalize, group, kind, getattr(data, f"{kind}_schema"))
        arn = "arn:aws:personalize:::recipe/aws-user-personalization"
        solution = personalize.create_solution(name="films", datasetGroupArn=group, recipeArn=arn)["solutionArn"]
        version = personalize.create_solution_version(solutionArn=solution)["solutionVersionArn"]
        wait(personalize.describe_solution_version, solutionVersionArn=version)
        campaign = personalize.create_campaign(name="films", solutionVersionArn=version)["campaignArn"]
        wait(personalize.describe_campaign, campaignArn=campaign)
        assert runtime.get_recommendations(campaignArn=campaign, userId="u00001")["itemList"]
    return process_time() - before


def import_dataset(personalize, group: str, kind: str, schema: dict) -> None:
    """Import the file of a kind of data into a new dataset."""
    schema_arn = personalize.create_schema(name=kind, schema=json.dumps(schema))["schemaArn"]
    dataset = personalize.create_dataset(name=kind, schemaArn=schema_arn, datasetGroupArn=group, datasetType=kind)
    wait(personalize.describe_dataset, datasetArn=dataset["datasetArn"])
    job = personalize.create_dataset_import_job(
        jobName=kind,
        datasetArn=dataset["datasetArn"],
        dataSource={"dataLocation": f"s3://films/{kind}.csv"},
        roleArn=ROLE,
    )
    wait(personalize.describe_dataset_import_job, datasetImportJobArn=job["datasetImportJobArn"])


@dataclass(frozen=True)
class Recorded:
    """Results of the imports and the training of a test.

    Attributes:
        tables: The parsed files, by the type of their dataset.
        models: The models, in the order of their trainings.
    """

    tables: dict[str, Any] = field(default_factory=dict)
    models: list[Any] = field(default_factory=list)

    def record(self, data: SyntheticData) -> None:
        """Run a test and keep what its imports and its training return."""
        read, train = csv_rows.read_tolerantly, shared_training.train

        def keep_table(files, schema, **options):
            self.tables[schema.dataset_type] = read(files, schema, **options)
            return self.tables[schema.dataset_type]

        def keep_model(*arguments, **options):
            self.models.append(train(*arguments, **options))
            return self.models[-1]

        with patch.object(csv_rows, "read_tolerantly", keep_table), patch.object(shared_training, "train", keep_model):
            one_test(data)

    @contextmanager
    def replay(self) -> Iterator[None]:
        """Let imports and trainings return what was recorded, without reading or fitting anything."""
        with (
            patch.object(csv_rows, "read_tolerantly", lambda _, schema, **__: self.tables[schema.dataset_type]),
            patch.object(csv_rows, "check_first_part", lambda *_, **__: None),
            patch.object(shared_training, "train", lambda *_, **__: self.models[-1]),
        ):
            yield


def results() -> Iterator[Result]:
    """Yield the ratio of the suites, and the medians of their tests."""
    data, recorded = generate(users=100, items=80, interactions=2000), Recorded()
    recorded.record(data)
    CACHE.clear()
    complete, stubbed = [], []
    for _ in range(TESTS):
        complete.append(one_test(data))
        with recorded.replay():
            stubbed.append(one_test(data))
    yield Result(
        name=f"{TESTS} tests",
        measured=sum(complete),
        floor=sum(stubbed),
        ratio=sum(complete) / sum(stubbed),
        target=TARGETS["suite"],
    )
    yield alone("the first test, which trains", complete[:1])
    yield against("each of the other tests", complete[1:], stubbed[1:])


if __name__ == "__main__":
    main(results)
