"""A small test, from a CSV file of 5,000 interactions to a recommendation.

The floor is the sum of the parts that no mock can avoid: `mock_aws`, three clients, a bucket and a file in S3, nine
control calls to moto, reading the file with the csv module, one fit of implicit's ALS and one recommendation of
implicit. "Warm" is measured in one process, where each test imports and trains anew. "Cold" is measured in a new
process for each test, with all imports.
"""

import io
import json
import time
from collections.abc import Iterator
from functools import partial

from measure import Result, against, children_time, in_new_process, times
from report import main

TARGETS = {"warm": 2.0, "cold": 2.0}
USERS, ITEMS, EACH = 200, 300, 25
FIELDS = {"USER_ID": "string", "ITEM_ID": "string", "EVENT_TYPE": "string", "TIMESTAMP": "long"}
ITERATIONS = 7  # as in the recipe
RECIPE = "arn:aws:personalize:::recipe/aws-user-personalization"


def results() -> Iterator[Result]:
    """Yield the results of a warm and a cold process."""
    text = interactions()
    warm = times(
        {"floors": partial(floors, text), "whole": partial(without_cache, text), "again": partial(whole, text)}
    )
    yield against("warm", warm["whole"], warm["floors"], target=TARGETS["warm"])
    yield against("warm, after a test with the same data", warm["again"], warm["floors"])
    sides = ("floors", "whole")
    calls = {name: partial(in_new_process, "end_to_end", f"{name}(end_to_end.interactions())") for name in sides}
    cold = times(calls, rounds=7, clock=children_time)
    yield against("cold", cold["whole"], cold["floors"], target=TARGETS["cold"])


def interactions():
    """Return 5,000 interactions as CSV."""
    lines = [",".join(FIELDS)]
    for turn in range(EACH):
        for user in range(USERS):
            item = (user * 7 + turn * (1 + user % 5)) % ITEMS
            lines.append(f"u{user},i{item},Watch,{1_700_000_000 + 3600 * turn + user}")
    return "\n".join(lines) + "\n"


def put(text):
    import boto3

    s3 = boto3.client("s3", region_name="us-east-1")
    s3.create_bucket(Bucket="a-bucket")
    s3.put_object(Bucket="a-bucket", Key="interactions.csv", Body=text.encode())
    return s3


def whole(text):
    """Import, train, deploy and recommend."""
    import boto3

    from personalize_mock import mock_personalize

    with mock_personalize():
        put(text)
        personalize = boto3.client("personalize", region_name="us-east-1")
        runtime = boto3.client("personalize-runtime", region_name="us-east-1")
        fields = [{"name": name, "type": avro_type} for name, avro_type in FIELDS.items()]
        schema = {"type": "record", "name": "Interactions", "namespace": "n", "fields": fields, "version": "1.0"}
        schema_arn = personalize.create_schema(name="schema", schema=json.dumps(schema))["schemaArn"]
        group = personalize.create_dataset_group(name="group")["datasetGroupArn"]
        active(lambda: personalize.describe_dataset_group(datasetGroupArn=group)["datasetGroup"])
        dataset = personalize.create_dataset(
            name="d", datasetType="Interactions", datasetGroupArn=group, schemaArn=schema_arn
        )["datasetArn"]
        active(lambda: personalize.describe_dataset(datasetArn=dataset)["dataset"])
        job = personalize.create_dataset_import_job(
            jobName="job", datasetArn=dataset, dataSource={"dataLocation": "s3://a-bucket/interactions.csv"}
        )["datasetImportJobArn"]
        active(lambda: personalize.describe_dataset_import_job(datasetImportJobArn=job)["datasetImportJob"])
        solution = personalize.create_solution(name="s", datasetGroupArn=group, recipeArn=RECIPE)["solutionArn"]
        version = personalize.create_solution_version(solutionArn=solution)["solutionVersionArn"]
        active(lambda: personalize.describe_solution_version(solutionVersionArn=version)["solutionVersion"])
        campaign = personalize.create_campaign(name="c", solutionVersionArn=version)["campaignArn"]
        active(lambda: personalize.describe_campaign(campaignArn=campaign)["campaign"])
        return runtime.get_recommendations(campaignArn=campaign, userId="u1")


def active(describe):
    while describe()["status"] != "ACTIVE":
        time.sleep(60)


def without_cache(text):
    """Run the test with data that the process has not seen before."""
    from personalize_mock.content_cache import CACHE

    CACHE.clear()
    whole(text)


def floors(text):
    """Run the parts that cannot be avoided."""
    import boto3
    from moto import mock_aws

    with mock_aws():
        s3 = put(text)
        personalize = boto3.client("personalize", region_name="us-east-1")
        boto3.client("personalize-runtime", region_name="us-east-1")
        for number in range(8):
            personalize.create_schema(name=f"schema-{number}", schema="{}")
        body = s3.get_object(Bucket="a-bucket", Key="interactions.csv")["Body"].read()
        fit(body)
        personalize.list_schemas()


def fit(body):
    import csv

    import numpy as np
    from implicit.als import AlternatingLeastSquares
    from scipy.sparse import csr_matrix
    from threadpoolctl import threadpool_limits

    rows = list(csv.reader(io.StringIO(body.decode())))[1:]
    users, items = {}, {}
    user = np.array([users.setdefault(row[0], len(users)) for row in rows], dtype=np.int32)
    item = np.array([items.setdefault(row[1], len(items)) for row in rows], dtype=np.int32)
    matrix = csr_matrix((np.ones(len(rows)), (user, item)))
    with threadpool_limits(1, "blas"):
        model = AlternatingLeastSquares(
            factors=149, iterations=ITERATIONS, num_threads=1, random_state=0, dtype=np.float64
        )
        model.fit(matrix, show_progress=False)
    model.recommend(0, matrix[0], N=25)


if __name__ == "__main__":
    main(results)
