"""What a batch inference job costs beyond implicit's own batch `recommend` for the same users; run by hand.

    python tests/benchmarks/batch.py [LINES [ITEMS]]

A version with a made-up model of 64 factors answers LINES users (100,000), of whom each has 50 events, from ITEMS items
(10,000), 25 for each. The floor is implicit's `recommend` with the liked items filtered, everything in one thread. The
whole job is what happens between CREATE PENDING and ACTIVE: reading from S3, the answers, their lines, and writing.
Then the memory: peak resident size of a process that does a job of 10,000 lines and of one that does 100,000.
"""

import json
import resource
import subprocess
import sys
from dataclasses import replace
from time import perf_counter

import boto3
import numpy as np
from calls import deployed
from implicit.cpu.als import AlternatingLeastSquares
from measure import report, seconds
from scipy import sparse
from serving import FACTORS, made_up
from threadpoolctl import threadpool_limits

from personalize_mock import mock as mock_module
from personalize_mock import mock_personalize
from personalize_mock.batch.job_runners import BLOCK
from personalize_mock.data.interaction_matrix import interaction_matrix
from personalize_mock.data.tables import Numbers, Strings, Table
from personalize_mock.recipes.base import Query, TrainingData
from personalize_mock.resources.datasets import Dataset
from personalize_mock.resources.solution_versions import SolutionVersion
from personalize_mock.resources.training_inputs import data_version

ROUNDS = 7
LINES, ITEMS, USERS, HISTORY, RESULTS = 100_000, 10_000, 2_000, 50, 25
MEMORY = (10_000, 100_000)
ROLE = "arn:aws:iam::123456789012:role/r"


def histories(items: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, items, (USERS, HISTORY), dtype=np.int32)


def tables(items: int) -> tuple[Table, Table]:
    """Interactions of the users, and a catalogue."""
    ids = [f"i{number}" for number in range(items)]
    columns = {
        "USER_ID": Strings.from_values(f"u{number}" for number in range(USERS) for _ in range(HISTORY)),
        "ITEM_ID": Strings.from_values(ids[item] for item in histories(items).ravel()),
        "EVENT_TYPE": Strings.from_values("Watch" for _ in range(USERS * HISTORY)),
        "TIMESTAMP": Numbers(values=np.arange(USERS * HISTORY)),
    }
    catalogue = Table(columns={"ITEM_ID": Strings.from_values(ids)}, rows=items)
    return Table(columns=columns, rows=USERS * HISTORY), catalogue


def version(mock, items: int):
    """A version with a made-up model."""
    arn = mock.call("DescribeCampaign", campaignArn=deployed(mock))["campaign"]["solutionVersionArn"]
    store = mock_module._run.simulation.store("123456789012", "us-east-1")
    made = store.all(SolutionVersion)[arn]
    interactions, catalogue = tables(items)
    for dataset in store.all(Dataset).values():
        dataset.contents = dataset.contents.with_import(interactions, at=store.clock.timestamp())
    data = TrainingData(interactions=interaction_matrix(interactions, items=catalogue), interactions_table=interactions)
    # The made-up model is up to date, so no job refreshes it.
    request = replace(made.fitted_model.request, data_version=data_version(store, made.dataset_group_arn))
    made.fitted_model = replace(made.fitted_model, request=request, model=made_up(items), data=data)
    return made


def put_lines(count: int, key: str = "in/users.json") -> str:
    text = "".join(json.dumps({"userId": f"u{number % USERS}"}) + "\n" for number in range(count))
    boto3.client("s3", region_name="us-east-1").put_object(Bucket="a-bucket", Key=key, Body=text.encode())
    return f"s3://a-bucket/{key}"


def job(mock, made, path: str, name: str) -> str:
    """Creates a job, which begins later."""
    return mock.call(
        "CreateBatchInferenceJob",
        jobName=name,
        solutionVersionArn=made.arn,
        jobInput={"s3DataSource": {"path": path}},
        jobOutput={"s3DataDestination": {"path": "s3://a-bucket/out/"}},
        roleArn=ROLE,
        numResults=RESULTS,
        batchInferenceJobConfig={"itemExplorationConfig": {"explorationWeight": "0"}},
    )["batchInferenceJobArn"]


def run(mock, arn: str) -> float:
    """Seconds of a job from CREATE PENDING to its end."""
    dues = [due for due in mock.clock.upcoming() if due.arn == arn]
    before = perf_counter()
    mock.clock.jump_to(dues[-1].at + 3600)
    took = perf_counter() - before
    found = mock.call("DescribeBatchInferenceJob", batchInferenceJobArn=arn)["batchInferenceJob"]
    assert found["status"] == "ACTIVE", found
    return took


def floor(lines: int, items: int, factors: np.ndarray):
    """Implicit's own lists for as many users."""
    als = AlternatingLeastSquares(factors=FACTORS, num_threads=1)
    als.item_factors = factors
    who = np.arange(lines) % USERS
    als.user_factors = np.random.default_rng(2).standard_normal((lines, FACTORS), dtype=np.float32)
    liked = histories(items)[who].ravel()
    row = np.repeat(np.arange(lines), HISTORY)
    seen = sparse.csr_matrix((np.ones(len(row), np.float32), (row, liked)), shape=(lines, items))
    return lambda: als.recommend(np.arange(lines), seen, N=RESULTS)


def in_blocks(model, lines: int, items: int) -> None:
    """The model's part: as many users, as many at once as a job takes."""
    found = histories(items)
    for start in range(0, lines, BLOCK):
        queries = [Query(history=found[number % USERS]) for number in range(start, min(lines, start + BLOCK))]
        model.rank_each(queries, n=RESULTS, candidates=[None] * len(queries))


def times(lines: int, items: int) -> None:
    with mock_personalize(minimum_interactions=0) as mock, threadpool_limits(1, "blas"):
        made = version(mock, items)
        model, path = made.fitted_model.model, put_lines(lines)
        recommend = floor(lines, items, model.fold_in.factors)
        rounds = [
            {
                "implicit.recommend": seconds(recommend),
                "model part (rank_each)": seconds(lambda: in_blocks(model, lines, items)),
                "whole job": run(mock, job(mock, made, path, f"j{number}")),
            }
            for number in range(ROUNDS)
        ]
        report(f"{lines:,} users, {items:,} items", rounds, floor="implicit.recommend")


def memory(lines: int, items: int) -> None:
    """Prints how much a job adds to the peak resident size; in a process of its own."""
    with mock_personalize(minimum_interactions=0) as mock:
        made = version(mock, items)
        run(mock, job(mock, made, put_lines(2 * BLOCK, "warm/users.json"), "warm"))
        path = put_lines(lines)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        run(mock, job(mock, made, path, "j"))
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"  {lines:>9,} lines: peak {after / 1024:6.0f} MB, of which the job {(after - before) / 1024:6.1f} MB")


def main(lines: int = LINES, items: int = ITEMS) -> None:
    print("Memory")  # before anything else: a process inherits the peak of the one that starts it
    for count in MEMORY:
        subprocess.run([sys.executable, __file__, "--memory", str(count), str(items)], check=True)
    times(lines, items)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--memory"]:
        memory(*map(int, sys.argv[2:]))
    else:
        main(*map(int, sys.argv[1:]))
