"""CPU time of a suite of tests that all import and train the same data, compared with a suite that does neither.

    python tests/benchmarks/suite.py [--tests 100] [--rounds 3] [--no-reuse]

Each test makes its own bucket, puts three files, imports them, trains a version, deploys it and asks for
recommendations, all through boto3. In the second suite, the functions that read files and fit models return a result
made before. The third suite shares one boto3 session between its tests, which shows what boto3's loading of service
models costs.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).parents[1]))

import boto3

from personalize_mock import mock_personalize
from personalize_mock.content_cache import CACHE
from personalize_mock.data import csv_rows
from personalize_mock.resources import shared_training
from personalize_mock.synthetic import SyntheticData, generate

ROLE = "arn:aws:iam::123456789012:role/any"
REGION = "us-east-1"


def wait(describe, **arn) -> None:
    while next(iter(describe(**arn).values()))["status"] != "ACTIVE":
        time.sleep(60)


def one_test(data: SyntheticData, session: boto3.Session | None = None, *, reuse: bool = True) -> float:
    """Run one test and return its CPU seconds."""
    before = time.process_time()
    with mock_personalize(reuse=reuse):
        make_client = (session or boto3).client
        s3, personalize, runtime = (make_client(name, region_name=REGION) for name in SERVICES)
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
    return time.process_time() - before


SERVICES = ("s3", "personalize", "personalize-runtime")


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


@contextmanager
def without_training_and_parsing(data: SyntheticData) -> Iterator[None]:
    """Let imports and trainings return results made before, without reading or fitting anything."""
    tables, models = {}, []
    read, train = csv_rows.read_tolerantly, shared_training.train

    def keep_table(files, schema, **options):
        tables[schema.dataset_type] = read(files, schema, **options)
        return tables[schema.dataset_type]

    def keep_model(*arguments, **options):
        models.append(train(*arguments, **options))
        return models[-1]

    with patch.object(csv_rows, "read_tolerantly", keep_table), patch.object(shared_training, "train", keep_model):
        one_test(data)
    with (
        patch.object(csv_rows, "read_tolerantly", lambda _, schema, **__: tables[schema.dataset_type]),
        patch.object(csv_rows, "check_first_part", lambda *_, **__: None),
        patch.object(shared_training, "train", lambda *_, **__: models[-1]),
    ):
        yield


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--tests", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-reuse", action="store_true")
    options = parser.parse_args()
    data = generate(users=100, items=80, interactions=2000)
    reuse = not options.no_reuse
    with mock_personalize():
        ratios, session = [], boto3.Session()  # moto must know it
    for _ in range(options.rounds):
        CACHE.clear()
        complete = [one_test(data, reuse=reuse) for _ in range(options.tests)]
        with without_training_and_parsing(data):
            stubbed = [one_test(data) for _ in range(options.tests)]
        shared = [one_test(data, session, reuse=reuse) for _ in range(options.tests)]
        ratios.append(sum(complete) / sum(stubbed))
        print(f"first test {complete[0]:.3f} s, the others {statistics.median(complete[1:]) * 1000:.1f} ms each")
        print(f"without training and parsing: {statistics.median(stubbed) * 1000:.1f} ms each")
        print(f"with one session of boto3 for all tests: {statistics.median(shared[1:]) * 1000:.1f} ms each")
        print(f"ratio of the sums over {options.tests} tests: {ratios[-1]:.3f}", flush=True)
    print(f"median ratio: {statistics.median(ratios):.3f}")


if __name__ == "__main__":
    main()
