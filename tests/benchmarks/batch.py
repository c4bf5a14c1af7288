"""Time and memory of a batch inference job, compared with implicit's batch `recommend` for the same users.

    python tests/benchmarks/batch.py [LINES [ITEMS]]

A random model of 64 factors recommends 25 of ITEMS items (10,000) to each of LINES users (100,000) with 50 events each.
The floor is implicit's `recommend` without liked items. Everything runs in one thread. The whole job is the time
between CREATE PENDING and ACTIVE: it reads from S3, ranks, formats lines and writes them. The memory is the peak
resident size of a process that runs a job of 10,000 lines, and of one that runs a job of 100,000 lines.
"""

import json
import resource
import subprocess
import sys
from dataclasses import replace
from time import perf_counter

import boto3
import numpy as np
from calls import deploy_campaign
from implicit.cpu.als import AlternatingLeastSquares
from measure import report, seconds
from scipy import sparse
from serving import FACTORS, random_model
from threadpoolctl import threadpool_limits

from personalize_mock import active, mock_personalize
from personalize_mock.batch.job_runners import BLOCK_LINES
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
    """Return the interactions of the users, and a catalogue."""
    ids = [f"i{number}" for number in range(items)]
    columns = {
        "USER_ID": Strings.from_values(f"u{number}" for number in range(USERS) for _ in range(HISTORY)),
        "ITEM_ID": Strings.from_values(ids[item] for item in histories(items).ravel()),
        "EVENT_TYPE": Strings.from_values("Watch" for _ in range(USERS * HISTORY)),
        "TIMESTAMP": Numbers(values=np.arange(USERS * HISTORY)),
    }
    catalogue = Table(columns={"ITEM_ID": Strings.from_values(ids)}, rows=items)
    return Table(columns=columns, rows=USERS * HISTORY), catalogue


def make_version(mock, items: int):
    """Return a solution version with a random model."""
    arn = mock.call("DescribeCampaign", campaignArn=deploy_campaign(mock))["campaign"]["solutionVersionArn"]
    store = active.current_run().simulation.store("123456789012", "us-east-1")
    version = store.all(SolutionVersion)[arn]
    interactions, catalogue = tables(items)
    for dataset in store.all(Dataset).values():
        dataset.contents = dataset.contents.with_import(interactions, at=store.clock.timestamp())
    data = TrainingData(interactions=interaction_matrix(interactions, items=catalogue), interactions_table=interactions)
    # The random model counts as up to date, so no job refreshes it.
    request = replace(version.fitted_model.request, data_version=data_version(store, version.dataset_group_arn))
    version.fitted_model = replace(version.fitted_model, request=request, model=random_model(items), data=data)
    return version


def put_lines(count: int, key: str = "in/users.json") -> str:
    text = "".join(json.dumps({"userId": f"u{number % USERS}"}) + "\n" for number in range(count))
    boto3.client("s3", region_name="us-east-1").put_object(Bucket="a-bucket", Key=key, Body=text.encode())
    return f"s3://a-bucket/{key}"


def job(mock, version, path: str, name: str) -> str:
    """Create a job. It stays pending until the clock moves."""
    return mock.call(
        "CreateBatchInferenceJob",
        jobName=name,
        solutionVersionArn=version.arn,
        jobInput={"s3DataSource": {"path": path}},
        jobOutput={"s3DataDestination": {"path": "s3://a-bucket/out/"}},
        roleArn=ROLE,
        numResults=RESULTS,
        batchInferenceJobConfig={"itemExplorationConfig": {"explorationWeight": "0"}},
    )["batchInferenceJobArn"]


def run(mock, arn: str) -> float:
    """Run a job to its end and return the seconds it took."""
    dues = [due for due in mock.clock.upcoming() if due.arn == arn]
    before = perf_counter()
    mock.clock.jump_to(dues[-1].at + 3600)
    took = perf_counter() - before
    described = mock.call("DescribeBatchInferenceJob", batchInferenceJobArn=arn)["batchInferenceJob"]
    assert described["status"] == "ACTIVE", described
    return took


def floor(lines: int, items: int, factors: np.ndarray):
    """Return a task that makes implicit's lists for as many users."""
    als = AlternatingLeastSquares(factors=FACTORS, num_threads=1)
    als.item_factors = factors
    users = np.arange(lines) % USERS
    als.user_factors = np.random.default_rng(2).standard_normal((lines, FACTORS), dtype=np.float32)
    liked = histories(items)[users].ravel()
    row = np.repeat(np.arange(lines), HISTORY)
    seen = sparse.csr_matrix((np.ones(len(row), np.float32), (row, liked)), shape=(lines, items))
    return lambda: als.recommend(np.arange(lines), seen, N=RESULTS)


def in_blocks(model, lines: int, items: int) -> None:
    """Rank for as many users, in blocks of the size that a job uses."""
    history = histories(items)
    for start in range(0, lines, BLOCK_LINES):
        queries = [Query(history=history[number % USERS]) for number in range(start, min(lines, start + BLOCK_LINES))]
        model.rank_each(queries, n=RESULTS, candidates=[None] * len(queries))


def times(lines: int, items: int) -> None:
    with mock_personalize(minimum_interactions=0) as mock, threadpool_limits(1, "blas"):
        version = make_version(mock, items)
        model, path = version.fitted_model.model, put_lines(lines)
        recommend = floor(lines, items, model.fold_in.factors)
        rounds = [
            {
                "implicit.recommend": seconds(recommend),
                "model part (rank_each)": seconds(lambda: in_blocks(model, lines, items)),
                "whole job": run(mock, job(mock, version, path, f"j{number}")),
            }
            for number in range(ROUNDS)
        ]
        report(f"{lines:,} users, {items:,} items", rounds, floor="implicit.recommend")


def memory(lines: int, items: int) -> None:
    """Print how much a job adds to the peak resident size. Must run in its own process."""
    with mock_personalize(minimum_interactions=0) as mock:
        version = make_version(mock, items)
        run(mock, job(mock, version, put_lines(2 * BLOCK_LINES, "warm/users.json"), "warm"))
        path = put_lines(lines)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        run(mock, job(mock, version, path, "j"))
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
