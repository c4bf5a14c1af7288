"""A batch inference job.

A random model of 64 factors recommends 25 of 10,000 items to each user, in one thread. The floor is the batch
`recommend` of implicit for the same users. The targets allow the ranking alone 0.7 of its users per second, and the
whole job twice its time: reading the input from S3, ranking, formatting lines, and writing the output to S3. "Memory"
is the peak of a process that runs a job of 50,000 lines; the floor is the peak with a tenth of the lines. Both are
measured once.
"""

import json
import resource
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import count

import boto3
import numpy as np
from campaigns import ACCOUNT, REGION, deploy_campaign
from measure import Result, against, alternate, in_new_process, seconds
from report import main
from serving import FACTORS, als_factors, implicit_lists, random_model
from threadpoolctl import threadpool_limits

from personalize_mock import active, mock_personalize
from personalize_mock.batch.job_runners import BLOCK_LINES
from personalize_mock.data.interaction_matrix import interaction_matrix
from personalize_mock.data.tables import Numbers, Strings, Table
from personalize_mock.recipes.base import Query, TrainingData
from personalize_mock.resources.datasets import Dataset
from personalize_mock.resources.solution_versions import SolutionVersion
from personalize_mock.resources.training_inputs import data_version

TARGETS = {"ranking": 1 / 0.7, "job": 2.0, "memory": 1.1}
SIZES = (10_000,)  # lines
ITEMS, USERS, HISTORY, RESULTS = 10_000, 2_000, 50, 25
FEW_LINES, MANY_LINES = 5_000, 50_000  # of the jobs whose memory is compared
ROLE = "arn:aws:iam::123456789012:role/r"


def results(sizes: Sequence[int] = SIZES) -> Iterator[Result]:
    """Yield the results for jobs with some numbers of lines."""
    few, many = (int(in_new_process("batch", f"print_peak({lines})")) for lines in (FEW_LINES, MANY_LINES))
    yield against(f"memory, {MANY_LINES:,} lines", [many], [few], target=TARGETS["memory"], unit="B")
    for lines in sizes:
        yield from one_size(lines)


def one_size(lines: int) -> Iterator[Result]:
    """Compare the ranking and the whole job with implicit."""
    with mock_personalize(minimum_interactions=0) as mock, threadpool_limits(1, "blas"):
        version, path, number = make_version(mock, ITEMS), put_lines(lines), count()
        model = version.fitted_model.model
        samples = {
            "implicit": partial(seconds, floor(lines, als_factors(model))),
            "ranking": partial(seconds, partial(in_blocks, model, lines)),
            "job": lambda: run(mock, job(mock, version, path, f"j{next(number)}")),
        }
        taken = alternate(samples, rounds=7)
    for name in ("ranking", "job"):
        yield against(f"{name}, {lines:,} users", taken[name], taken["implicit"], target=TARGETS[name])


def histories(items: int) -> np.ndarray:
    """Return the item indices of each user's history, shape (USERS, HISTORY)."""
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
    store = active.current_run().simulation.store(ACCOUNT, REGION)
    version = store.all(SolutionVersion)[arn]
    interactions, catalogue = tables(items)
    for dataset in store.all(Dataset).values():
        dataset.contents = dataset.contents.with_import(interactions, at=store.clock.timestamp())
    data = TrainingData(interactions=interaction_matrix(interactions, items=catalogue), interactions_table=interactions)
    # The random model counts as up to date, so no job refreshes it.
    request = replace(version.fitted_model.request, data_version=data_version(store, version.dataset_group_arn))
    version.fitted_model = replace(version.fitted_model, request=request, model=random_model(items), data=data)
    return version


def put_lines(lines: int) -> str:
    """Put the input file of a job and return its location."""
    text = "".join(json.dumps({"userId": f"u{number % USERS}"}) + "\n" for number in range(lines))
    boto3.client("s3", region_name=REGION).put_object(Bucket="a-bucket", Key="in/users.json", Body=text.encode())
    return "s3://a-bucket/in/users.json"


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
    took = seconds(lambda: mock.clock.jump_to(dues[-1].at + 3600))
    described = mock.call("DescribeBatchInferenceJob", batchInferenceJobArn=arn)["batchInferenceJob"]
    assert described["status"] == "ACTIVE", described
    return took


def floor(lines: int, factors: np.ndarray):
    """Return a task that makes implicit's lists for as many users."""
    vectors = np.random.default_rng(2).standard_normal((lines, FACTORS), dtype=np.float32)
    return implicit_lists(factors, vectors, histories(ITEMS)[np.arange(lines) % USERS])


def in_blocks(model, lines: int) -> None:
    """Rank for as many users, in blocks of the size that a job uses."""
    history = histories(ITEMS)
    for start in range(0, lines, BLOCK_LINES):
        queries = [Query(history=history[number % USERS]) for number in range(start, min(lines, start + BLOCK_LINES))]
        model.rank_each(queries, n=RESULTS, candidates=[None] * len(queries))


def print_peak(lines: int) -> None:
    """Print the peak of resident memory in bytes after a job. Must run in a process of its own."""
    with mock_personalize(minimum_interactions=0) as mock:
        run(mock, job(mock, make_version(mock, ITEMS), put_lines(lines), "j"))
    print(1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


if __name__ == "__main__":
    main(results, sizes=SIZES)
